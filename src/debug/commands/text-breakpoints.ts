/** `info breakpoints` and `info watchpoints` in gdb's columns. */
import { hex } from '../../base/ints.ts';
import type { BreakpointRow } from './output.ts';

export function describeBreakpoints(rows: readonly BreakpointRow[], only: 'all' | 'watchpoints'): string {
  if (rows.length === 0) return only === 'all' ? 'No breakpoints or watchpoints.\n' : 'No watchpoints.\n';
  const width = Math.max(14, ...rows.map(({ type }) => type.length));
  const head = `Num     ${'Type'.padEnd(width)} Disp Enb ${'Address'.padEnd(18)} What\n`;
  return head + rows.map((row) => describeRow(row, width)).join('');
}

function describeRow(row: BreakpointRow, width: number): string {
  const { number, type, disposition, enabled, address, what, condition, thread, hits, ignoreCount, lines } = row;
  const place = (address === undefined ? '' : hex(address, 16)).padEnd(18);
  const first = `${String(number).padEnd(7)} ${type.padEnd(width)} ${disposition.padEnd(4)} ${enabled ? 'y' : 'n'}   ${place} ${what}`;
  const noun = type === 'catchpoint' ? 'catchpoint' : 'breakpoint';
  return [
    first.trimEnd(),
    condition === undefined ? undefined : `\tstop only if ${condition}`,
    thread === undefined ? undefined : `\tstop only in thread ${thread}`,
    hits === 0 ? undefined : `\t${noun} already hit ${hits} time${hits === 1 ? '' : 's'}`,
    ignoreCount === 0 ? undefined : `\tignore next ${ignoreCount} hits`,
    ...lines.map((text) => `        ${text}`),
  ]
    .filter((line) => line !== undefined)
    .map((line) => `${line}\n`)
    .join('');
}
