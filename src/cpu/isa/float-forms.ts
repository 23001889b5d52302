/** Forms that floating-point instructions share: packed and scalar, as SSE has them and with VEX. */
import type { Builder, Float, Vec } from '../builder.ts';
import type { Packed, Vecs } from '../float/operations.ts';
import { asImm } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import type { Operand } from './operand.ts';
import { readVector, readWide, vex, type Wide, withLowLane, writeVector, writeWide } from './vector.ts';

export type Defs = readonly InstructionDef[];

/** Lowest lane as a number. */
export const lowF32 = (b: Builder, x: Vec): Float<32> => b.vec('f32x4.extract_lane', x, 0);
export const lowF64 = (b: Builder, x: Vec): Float<64> => b.vec('f64x2.extract_lane', x, 0);
/** x with another number as its lowest lane. */
export const withF32 = (b: Builder, x: Vec, low: Float<32>): Vec => b.vec('f32x4.replace_lane', x, 0, low);
export const withF64 = (b: Builder, x: Vec, low: Float<64>): Vec => b.vec('f64x2.replace_lane', x, 0, low);

export const toVecs = ({ low, high }: Wide): Vecs => (high === undefined ? [low] : [low, high]);
export const fromVecs = ([low, high]: Vecs): Wide => ({ low, high });

/** Operand column's end, and its access: of a form with an immediate byte. */
const IMMEDIATE = { ib: ' ib', operand: ', imm8', read: ' r' };
const NO_IMMEDIATE = { ib: '', operand: '', read: '' };
const immediateOf = (imm: Operand | undefined): number => (imm === undefined ? 0 : Number(asImm(imm).value));

/** DEST := compute(first, second, imm), all lanes together, so that they raise one exception. */
export function packedForms(
  mnemonic: string,
  opcode: string,
  compute: (b: Builder, x: Vecs, y: Vecs, imm: number) => Vecs,
  hasImm = false,
  lengths: readonly (128 | 256)[] = [128, 256],
): Defs {
  const { ib, operand, read } = hasImm ? IMMEDIATE : NO_IMMEDIATE;
  return [
    instruction({
      mnemonic,
      encodings: [[`${opcode} /r${ib}`, `xmm, xmm/m128${operand}`]],
      access: `rw r${read}`,
      emit(b, { ops: [dst, src, imm] }) {
        const [result] = compute(b, [readVector(b, dst)], [readVector(b, src)], immediateOf(imm));
        writeVector(b, dst, result);
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: lengths.map((length) => {
        const n = length === 128 ? 'x' : 'y';
        return [`${vex(length, opcode)} /r${ib}`, `${n}mm, v${n}, ${n}mm/m${length}${operand}`];
      }),
      access: `w r r${read}`,
      emit(b, { ops: [dst, first, second, imm] }) {
        const [x, y] = [toVecs(readWide(b, first)), toVecs(readWide(b, second))];
        writeWide(b, dst, fromVecs(compute(b, x, y, immediateOf(imm))));
      },
    }),
  ];
}

/** DEST := compute(SRC, imm). */
export function packedUnaryForms(
  mnemonic: string,
  opcode: string,
  compute: (b: Builder, x: Vecs, imm: number) => Vecs,
  hasImm = false,
): Defs {
  const { ib, operand, read } = hasImm ? IMMEDIATE : NO_IMMEDIATE;
  return [
    instruction({
      mnemonic,
      encodings: [[`${opcode} /r${ib}`, `xmm, xmm/m128${operand}`]],
      access: `w r${read}`,
      emit(b, { ops: [dst, src, imm] }) {
        writeVector(b, dst, compute(b, [readVector(b, src)], immediateOf(imm))[0]);
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [
        [`${vex(128, opcode)} /r${ib}`, `xmm, xmm/m128${operand}`], [`${vex(256, opcode)} /r${ib}`, `ymm, ymm/m256${operand}`],
      ], // biome-ignore format: as in the manual
      access: `w r${read}`,
      emit(b, { ops: [dst, src, imm] }) {
        writeWide(b, dst, fromVecs(compute(b, toVecs(readWide(b, src)), immediateOf(imm))));
      },
    }),
  ];
}

/** The lowest lane := compute(first, second, imm), whose other lanes do not count; those of DEST are the first source's. */
export function scalarForms(
  mnemonic: string,
  bits: 32 | 64,
  opcode: string,
  compute: (b: Builder, x: Vec, y: Vec, imm: number) => Vec,
  hasImm = false,
): Defs {
  const { ib, operand, read } = hasImm ? IMMEDIATE : NO_IMMEDIATE;
  const merged = (b: Builder, x: Vec, result: Vec) => withLowLane(b, bits === 32 ? 4 : 8, x, result);
  return [
    instruction({
      mnemonic,
      encodings: [[`${opcode} /r${ib}`, `xmm, xmm/m${bits}${operand}`]],
      access: `rw r${read}`,
      emit(b, { ops: [dst, src, imm] }) {
        const [x, y] = [readVector(b, dst), readVector(b, src)];
        writeVector(b, dst, merged(b, x, compute(b, x, y, immediateOf(imm))));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${vex('LIG', opcode)} /r${ib}`, `xmm, vx, xmm/m${bits}${operand}`]],
      access: `w r r${read}`,
      emit(b, { ops: [dst, first, second, imm] }) {
        const [x, y] = [readVector(b, first), readVector(b, second)];
        writeWide(b, dst, { low: merged(b, x, compute(b, x, y, immediateOf(imm))), high: undefined });
      },
    }),
  ];
}

/** Prefixes of the four forms, by name. */
export const PREFIX = { ps: 'NP', pd: '66', ss: 'F3', sd: 'F2' } as const;
export type Suffix = keyof typeof PREFIX;
export const shapeOf = (suffix: Suffix): Packed => (suffix.endsWith('s') ? 'f32x4' : 'f64x2');
