/** What the benchmarks have in common: a program timed, numbers and tables. */
import { spawnSync } from 'node:child_process';

export const TIMEOUT_MS = 120_000;

/** Wall time and standard output; no output when it did not exit with 0. */
export function runOnce([file, ...args]: string[]): { seconds: number; output: string | undefined } {
  const start = process.hrtime.bigint();
  const { status, stdout } = spawnSync(file, args, { timeout: TIMEOUT_MS, encoding: 'utf8' });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { seconds, output: status === 0 ? stdout : undefined };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function fixed(x: number | undefined, digits: number): string {
  return x === undefined ? '-' : x.toFixed(digits);
}

/** Prints rows of cells, the first of them the heading, in columns; as Markdown if wanted. */
export function printTable([header, ...lines]: readonly (readonly string[])[], markdown: boolean): void {
  const widths = header.map((_, i) => Math.max(...[header, ...lines].map((line) => line[i].length)));
  const show = (line: readonly string[]): string => {
    const cells = line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    return markdown ? `| ${cells.join(' | ')} |` : cells.join('  ').trimEnd();
  };
  console.log(show(header));
  console.log(show(widths.map((width, i) => (markdown && i > 0 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))));
  for (const line of lines) console.log(show(line));
}
