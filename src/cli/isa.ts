/** The instruction sets as text: a summary, which README shows, and every encoding. */
import type { EncodingEntry, FeatureSummary } from '../cpu/isa/inventory.ts';

/** One line for each feature, and their sum, as a table in Markdown. */
export function summaryTable(summary: readonly FeatureSummary[]): string {
  const columns = ['known', 'implemented', 'privileged', 'missing'] as const;
  const sum = (column: (typeof columns)[number]) => summary.reduce((total, row) => total + row[column], 0);
  const rows = summary.map((row) => [row.feature, ...columns.map((column) => String(row[column]))]);
  const all = [['feature', ...columns], ...rows, ['all', ...columns.map((column) => String(sum(column)))]];
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |\n`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |\n`;
  return all.map((row, i) => line(row) + (i === 0 ? rule : '')).join('');
}

/** The summary, then all encodings under their feature's name. */
export function describeIsa(entries: readonly EncodingEntry[], summary: readonly FeatureSummary[]): string {
  const sections = summary.map(({ feature }) => {
    const rows = entries.filter((entry) => entry.feature === feature).map(rowOf);
    const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i].length)));
    const lines = rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
    return `\n${feature}\n${lines.join('\n')}\n`;
  });
  return summaryTable(summary) + sections.join('');
}

function rowOf({ mnemonic, opcode, operands, support, note }: EncodingEntry): string[] {
  const text = support === 'privileged' ? 'privileged: #GP' : support === 'missing' ? `missing: ${note}` : '';
  return [opcode, mnemonic, operands, text || (note ? `without: ${note}` : '')];
}
