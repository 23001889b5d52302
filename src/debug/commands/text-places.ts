/** Where a task is, and why it has stopped, in gdb's lines. */
import { hex } from '../../base/ints.ts';
import { unreachable } from '../../base/invariant.ts';
import type { Place, StopHead } from './output.ts';

/**
 * `#1  0x00000000004010e3 in twice () at state.asm:68`, and, for 'both', the source line below it. 'line' of a stop
 * within one function is the source line alone, with the address where it is not the first of the line.
 */
export function describePlace(place: Place, level: number | undefined, style: 'line' | 'both' | 'source'): string {
  const { source } = place;
  if (style === 'source' && source !== undefined) return describeSource(place, !source.isStart);
  const number = level === undefined ? '' : `#${level}`.padEnd(4);
  return `${number}${describeWhere(place)}\n${style === 'line' || source === undefined ? '' : describeSource(place, false)}`;
}

/** `0x00000000004010e3 in twice () at state.asm:68`; without the address at the beginning of a line. */
export function describeWhere({ address, symbol, source }: Place): string {
  const where = source === undefined ? '' : ` at ${source.file}:${source.line}`;
  const inner = `${symbol ?? '??'} ()${where}`;
  return source?.isStart ? inner : `${hex(address, 16)} in ${inner}`;
}

function describeSource({ address, source }: Place, withAddress: boolean): string {
  const { line, file, text } = source!;
  const shown = text === undefined ? `${line}\tin ${file}` : `${line}\t${text}`;
  return withAddress ? `${hex(address, 16)}\t${shown}\n` : `${shown}\n`;
}

export function describeHead(head: StopHead): string {
  switch (head.kind) {
    case 'none':
      return '';
    case 'message':
      return `${head.text}\n`;
    case 'breakpoint':
      return `\n${head.isTemporary ? 'Temporary breakpoint' : 'Breakpoint'} ${head.number}, `;
    case 'catchpoint':
      return `\n${head.isTemporary ? 'Temporary catchpoint' : 'Catchpoint'} ${head.number} (${head.what}), `;
    case 'signal':
      return `\nProgram received signal ${head.name}, ${head.text}.\n`;
    case 'watchpoint': {
      const values = [
        head.value === undefined ? undefined : `Value = ${head.value}`,
        head.before === undefined ? undefined : `Old value = ${head.before}`,
        head.after === undefined ? undefined : `New value = ${head.after}`,
        head.by,
      ].filter((line) => line !== undefined);
      return `\n${head.title} ${head.number}: ${head.expression}\n\n${values.map((line) => `${line}\n`).join('')}`;
    }
    default:
      unreachable(head);
  }
}
