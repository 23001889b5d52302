/** `info float` as gdb prints it: the registers by their place, then the words with their bits. */
import { hex } from '../../base/ints.ts';
import { describeFloat } from '../expression/float-text.ts';
import { I387_EXT } from '../expression/types.ts';
import { integerOfBytes } from '../expression/values.ts';
import type { X87State } from '../inspect/x87.ts';

const TAG_NAMES = { valid: 'Valid', zero: 'Zero', special: 'Special', empty: 'Empty' } as const;
const PRECISIONS = {
  '24 bits': 'Single Precision (24-bits)',
  '53 bits': 'Double Precision (53-bits)',
  '64 bits': 'Extended Precision (64-bits)',
  reserved: 'Reserved',
} as const;
const ROUNDINGS: Readonly<Record<string, string>> = {
  nearest: 'Round to nearest', down: 'Round down', up: 'Round up', 'towards zero': 'Round toward zero',
}; // biome-ignore format: a table

export function describeX87(state: X87State): string {
  const byPlace = [...state.stack].sort((a, b) => b.physical - a.physical);
  const lines = byPlace.map(({ physical, index, tag, bytes }) => {
    const mark = index === 0 ? '=>' : '  ';
    const raw = hex(integerOfBytes(bytes, false), 20);
    const value = describeFloat(I387_EXT, bytes);
    const shown = tag === 'empty' ? '' : ` ${value.startsWith('-') ? '' : '+'}${value}`;
    return `${mark}R${physical}: ${TAG_NAMES[tag].padEnd(7)} ${raw}${shown}`;
  });
  const low = (address: bigint): string => `0x00:${hex(address & 0xffff_ffffn, 8)}`;
  return `${[
    ...lines,
    '',
    `${'Status Word:'.padEnd(21)}${hex(state.status, 4)}  ${[...state.exceptions, ...state.conditions].map((name) => ` ${name}`).join('')}`.trimEnd(),
    `${' '.repeat(23)}TOP: ${state.top}`,
    `${'Control Word:'.padEnd(21)}${hex(state.control, 4)}  ${state.masks.map((name) => ` ${name}`).join('')}`.trimEnd(),
    `${' '.repeat(23)}PC: ${PRECISIONS[state.precision]}`,
    `${' '.repeat(23)}RC: ${ROUNDINGS[state.rounding]}`,
    `${'Tag Word:'.padEnd(21)}${hex(state.tagWord, 4)}`,
    `${'Instruction Pointer:'.padEnd(21)}${low(state.instruction)}`,
    `${'Operand Pointer:'.padEnd(21)}${low(state.operand)}`,
    `${'Opcode:'.padEnd(21)}${hex(state.opcode === 0 ? 0 : state.opcode | 0xd800, 4)}`,
  ].join('\n')}\n`;
}
