/**
 * The general registers in two columns; what has changed since the last stop is bold and has a `*`. Flags as letters. Below
 * them, what registers with addresses lead to.
 */
import { hex } from '../../base/ints.ts';
import { REG_NAMES, type RegName } from '../../cpu/state.ts';
import type { Registers } from '../../debug/inspect/registers.ts';
import { type Line, line, printable, type Span } from '../text.ts';
import type { View } from '../view.ts';

/** In the order people know them: the legacy ones as pairs, then r8 to r15. */
const PAIRS: readonly (readonly [RegName, RegName])[] = [
  ['rax', 'rbx'], ['rcx', 'rdx'], ['rsi', 'rdi'], ['rbp', 'rsp'], ['r8', 'r9'], ['r10', 'r11'], ['r12', 'r13'],
  ['r14', 'r15'],
]; // biome-ignore format: a table

/** As a letter where the flag is set in upper case. */
const FLAGS = [['o', 11], ['d', 10], ['i', 9], ['s', 7], ['z', 6], ['a', 4], ['p', 2], ['c', 0]] as const; // biome-ignore format: one line

export function registersPane(
  now: Registers | undefined,
  before: Registers | undefined,
  pointers: View['pointers'],
  width: number,
  height: number,
): Line[] {
  if (now === undefined) return [line('no registers: the thread has ended', { dim: true })];
  const isChanged = (name: RegName): boolean => before !== undefined && before.general[name] !== now.general[name];
  const cell = (name: RegName): Span => ({
    text: `${name.padEnd(3)} ${now.general[name].toString(16).padStart(16, '0')}${isChanged(name) ? '*' : ' '}`,
    bold: isChanged(name),
  });
  const rip: Span = {
    text: `rip ${hex(now.rip).slice(2).padStart(16, '0')}${before !== undefined && before.rip !== now.rip ? '*' : ' '}`,
    bold: before !== undefined && before.rip !== now.rip,
  };
  const flags: Line = [rip, { text: ' ' }, ...flagSpans(now.rflags, before?.rflags)];
  const notes = pointers.map(({ register, note }): Line => [{ text: `${register.padEnd(3)} -> ${printable(note)}` }]);
  // One column of registers where two do not fit.
  if (width < 43) {
    const changed = REG_NAMES.filter(isChanged);
    const rest = PAIRS.flat().filter((name) => !changed.includes(name));
    const order = height >= 18 ? PAIRS.flat() : [...changed, ...rest];
    const single = order.map((name) => [cell(name)]);
    return [[rip], flagSpans(now.rflags, before?.rflags), ...single, ...notes];
  }
  return [flags, ...PAIRS.map(([a, b]) => [cell(a), { text: ' ' }, cell(b)]), ...notes];
}

/** `o d I s Z a P c`; a flag that has changed is followed by `*`. */
export function flagSpans(now: number, before: number | undefined): Span[] {
  return FLAGS.map(([letter, bit]) => {
    const isSet = (now >> bit) & 1;
    const isChanged = before !== undefined && ((before ^ now) >> bit) & 1;
    return { text: `${isSet ? letter.toUpperCase() : letter}${isChanged ? '*' : ' '}`, bold: isChanged === 1 };
  });
}
