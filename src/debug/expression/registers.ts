/**
 * Registers as gdb types them: `$rax` a long, `$eax` an int, `$rip` a pointer to code, `$xmm0` a union of vectors,
 * `$eflags` a set of flags, `$st0` 80 bits. Each is a range of a few banks of bytes, so that a part needs no code.
 */

import { REG_NAMES, type RegName } from '../../cpu/state.ts';
import { RFLAGS_BITS } from '../inspect/registers.ts';
import { MXCSR_BITS } from '../inspect/vectors.ts';
import {
  arrayOf,
  BFLOAT16,
  CODE_POINTER,
  type CType,
  DATA_POINTER,
  DOUBLE,
  FLOAT,
  type FlagsType,
  HALF,
  I387_EXT,
  INT8,
  INT16,
  INT32,
  INT64,
  INT128,
  UINT128,
} from './types.ts';
import { Value } from './values.ts';

/** What a task's registers are, as bytes; made when asked for. */
export interface RegisterBanks {
  /** The sixteen general registers by encoding, then RIP, RFLAGS, FS base, GS base: eight bytes each. */
  readonly general: () => Uint8Array;
  /** CS, SS, DS, ES, FS, GS: four bytes each. */
  readonly segments: () => Uint8Array;
  /** Sixteen of 32 bytes. */
  readonly vectors: () => Uint8Array;
  readonly mxcsr: () => Uint8Array;
  /** ST(0) to ST(7), ten bytes each. */
  readonly x87: () => Uint8Array;
  /** fctrl, fstat, ftag, fiseg, fioff, foseg, fooff, fop: four bytes each, as gdb has them. */
  readonly x87Control: () => Uint8Array;
}

export interface RegisterRecord {
  readonly name: string;
  readonly type: CType;
  readonly bank: keyof RegisterBanks;
  readonly offset: number;
  readonly size: number;
  readonly group: 'general' | 'float' | 'vector' | 'part';
}

const flags = (name: string, bits: readonly { readonly name: string; readonly bit: number }[]): FlagsType => ({
  kind: 'flags',
  name,
  size: 4,
  bits: bits.map((one) => [one.bit, one.name]),
});
const EFLAGS = flags('i386_eflags', RFLAGS_BITS);
const MXCSR = flags('i386_mxcsr', MXCSR_BITS);

const member = (name: string, element: CType, count: number) => ({ name, type: arrayOf(element, count) });
const XMM: CType = {
  kind: 'union',
  name: 'vec128',
  size: 16,
  members: [
    member('v8_bfloat16', BFLOAT16, 8),
    member('v8_half', HALF, 8),
    member('v4_float', FLOAT, 4),
    member('v2_double', DOUBLE, 2),
    member('v16_int8', INT8, 16),
    member('v8_int16', INT16, 8),
    member('v4_int32', INT32, 4),
    member('v2_int64', INT64, 2),
    { name: 'uint128', type: UINT128 },
  ],
};
const YMM: CType = {
  kind: 'union',
  name: 'vec256',
  size: 32,
  members: [
    member('v16_bfloat16', BFLOAT16, 16),
    member('v16_half', HALF, 16),
    member('v8_float', FLOAT, 8),
    member('v4_double', DOUBLE, 4),
    member('v32_int8', INT8, 32),
    member('v16_int16', INT16, 16),
    member('v8_int32', INT32, 8),
    member('v4_int64', INT64, 4),
    member('v2_int128', INT128, 2),
  ],
};

/** gdb's order of `info registers`. */
const GENERAL: readonly RegName[] = ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']; // biome-ignore format: one line
const X87_CONTROL = ['fctrl', 'fstat', 'ftag', 'fiseg', 'fioff', 'foseg', 'fooff', 'fop'];
const SEGMENTS = ['cs', 'ss', 'ds', 'es', 'fs', 'gs'];
const LEGACY = new Set<RegName>(['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp']);

function general(name: RegName): RegisterRecord {
  const type = name === 'rbp' || name === 'rsp' ? DATA_POINTER : INT64;
  const offset = REG_NAMES.indexOf(name) * 8;
  return { name, type, bank: 'general', offset, size: 8, group: 'general' };
}

/** `eax`, `ax`, `al`, `ah`; `r8d`, `r8w`, `r8l`; `sil`. */
function parts(name: RegName): RegisterRecord[] {
  const { offset } = general(name);
  const part = (text: string, type: CType, size: number, at = 0): RegisterRecord => ({
    name: text,
    type,
    bank: 'general',
    offset: offset + at,
    size,
    group: 'part',
  });
  if (!LEGACY.has(name)) return [part(`${name}d`, INT32, 4), part(`${name}w`, INT16, 2), part(`${name}l`, INT8, 1)];
  const short = name.slice(1);
  const hasHigh = short.endsWith('x');
  const low = hasHigh ? `${short[0]}l` : `${short}l`;
  return [
    part(`e${short}`, INT32, 4),
    part(short, INT16, 2),
    part(low, INT8, 1),
    ...(hasHigh ? [part(`${short[0]}h`, INT8, 1, 1)] : []),
  ];
}

const row = (
  names: readonly string[],
  type: CType,
  bank: keyof RegisterBanks,
  size: number,
  stride: number,
  group: RegisterRecord['group'],
  first = 0,
): RegisterRecord[] => names.map((name, i) => ({ name, type, bank, offset: first + i * stride, size, group }));
const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** In gdb's order, the parts at the end. */
export const REGISTERS: readonly RegisterRecord[] = [
  ...GENERAL.map(general),
  ...row(['rip'], CODE_POINTER, 'general', 8, 8, 'general', 128),
  ...row(['eflags'], EFLAGS, 'general', 4, 8, 'general', 136),
  ...row(SEGMENTS, INT32, 'segments', 4, 4, 'general'),
  ...row(['fs_base', 'gs_base'], INT64, 'general', 8, 8, 'general', 144),
  ...row(numbered('st', 8), I387_EXT, 'x87', 10, 10, 'float'),
  ...row(X87_CONTROL, INT32, 'x87Control', 4, 4, 'float'),
  ...row(numbered('xmm', 16), XMM, 'vectors', 16, 32, 'vector'),
  ...row(['mxcsr'], MXCSR, 'mxcsr', 4, 4, 'vector'),
  ...row(numbered('ymm', 16), YMM, 'vectors', 32, 32, 'vector'),
  ...GENERAL.flatMap(parts),
];

/** Names for the same register on any machine. */
const STANDARD: Readonly<Record<string, string>> = { pc: 'rip', sp: 'rsp', fp: 'rbp', ps: 'eflags', rflags: 'eflags' };
const BY_NAME: ReadonlyMap<string, RegisterRecord> = new Map(REGISTERS.map((record) => [record.name, record]));

export const REGISTER_NAMES: readonly string[] = [...BY_NAME.keys(), ...Object.keys(STANDARD)];

/** By gdb's name, or `pc`, `sp`, `fp`, `ps`. */
export const findRegister = (name: string): RegisterRecord | undefined => BY_NAME.get(STANDARD[name] ?? name);

/** `$sp` and `$pc` are pointers whatever the register's own type is. */
export function registerValue(record: RegisterRecord, banks: RegisterBanks): Value {
  const { type, bank, offset, size, name } = record;
  return new Value(type, () => banks[bank]().slice(offset, offset + size), { kind: 'register', name });
}
