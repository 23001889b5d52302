/** Every instruction there is. Adding a family means adding its file here. */
import * as aes from './aes.ts';
import * as arith from './arith.ts';
import * as avx from './avx.ts';
import * as bits from './bits.ts';
import * as bmi from './bmi.ts';
import * as branch from './branch.ts';
import type { InstructionDef } from './define.ts';
import * as fma from './fma.ts';
import * as gather from './gather.ts';
import * as logic from './logic.ts';
import * as mmx from './mmx.ts';
import * as mmxConvert from './mmx-convert.ts';
import * as mov from './mov.ts';
import * as muldiv from './muldiv.ts';
import * as segment from './segment.ts';
import * as sha from './sha.ts';
import * as shift from './shift.ts';
import * as sseConvert from './sse-convert.ts';
import * as sseFloat from './sse-float.ts';
import * as sseInteger from './sse-integer.ts';
import * as sseMove from './sse-move.ts';
import * as sseState from './sse-state.ts';
import * as sse41 from './sse41.ts';
import * as sse42 from './sse42.ts';
import * as ssse3 from './ssse3.ts';
import * as stack from './stack.ts';
import * as string from './string.ts';
import * as system from './system.ts';
import * as x87 from './x87.ts';
import * as x87Control from './x87-control.ts';
import * as x87Transcendental from './x87-transcendental.ts';
import * as xsave from './xsave.ts';

/** A bundle evaluates a family when one of its instructions is first met: build.ts makes a `require` of each. */
const FAMILIES: readonly (() => object)[] = [
  () => arith, () => logic, () => shift, () => muldiv, () => mov, () => segment, () => stack, () => branch, () => string,
  () => bits, () => bmi, () => system, () => sseMove, () => sseInteger, () => sseFloat, () => sseConvert, () => sseState,
  () => xsave, () => ssse3, () => sse41, () => sse42, () => aes, () => sha, () => avx, () => gather, () => fma, () => mmx, () => mmxConvert, () => x87, () => x87Control, () => x87Transcendental,
]; // biome-ignore format: a list

const isDef = (value: unknown): value is InstructionDef =>
  typeof value === 'object' && value !== null && 'encodings' in value && 'emit' in value;

const loaded: (readonly InstructionDef[])[] = [];

/** A family's records, by the names of its exports. */
export function recordsOf(family: number): readonly InstructionDef[] {
  return (loaded[family] ??= Object.entries(FAMILIES[family]())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, value]) => (Array.isArray(value) ? value.flat() : [value]))
    .filter(isDef));
}

/** Every record there is, family by family. */
export const allRecords = (): readonly InstructionDef[] => FAMILIES.flatMap((_, family) => recordsOf(family));

export const FAMILY_COUNT: number = FAMILIES.length;
