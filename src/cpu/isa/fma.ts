/** FMA: products and sums with one rounding. Intel SDM Vol. 2C, "VFMADD132PD" and those after it. */
import type { Builder, Vec } from '../builder.ts';
import { type Packed, packedMultiplyAdd, type Vecs } from '../float/operations.ts';
import { type InstructionDef, instruction } from './define.ts';
import { fromVecs, toVecs } from './float-forms.ts';
import { readVector, readWide, splat64, vex, withLowLane, writeWide } from './vector.ts';

/** Which of the three operands are multiplied, and which is added, by their numbers in the name. */
const ORDERS = { 132: [0, 2, 1], 213: [1, 0, 2], 231: [1, 2, 0] } as const;
type Order = keyof typeof ORDERS;
/** Signs that change: of the product, and of the even and the odd lanes of what is added. */
interface Kind {
  readonly name: string;
  readonly product: boolean;
  readonly even: boolean;
  readonly odd: boolean;
  /** The opcode of the packed form with 132; the scalar one follows, if there is one. */
  readonly opcode: number;
  readonly hasScalar: boolean;
}
const KINDS: readonly Kind[] = [
  { name: 'vfmaddsub', product: false, even: true, odd: false, opcode: 0x96, hasScalar: false },
  { name: 'vfmsubadd', product: false, even: false, odd: true, opcode: 0x97, hasScalar: false },
  { name: 'vfmadd', product: false, even: false, odd: false, opcode: 0x98, hasScalar: true },
  { name: 'vfmsub', product: false, even: true, odd: true, opcode: 0x9a, hasScalar: true },
  { name: 'vfnmadd', product: true, even: false, odd: false, opcode: 0x9c, hasScalar: true },
  { name: 'vfnmsub', product: true, even: true, odd: true, opcode: 0x9e, hasScalar: true },
]; // biome-ignore format: a table

/** The sign bits of the even lanes, of the odd ones, or of both. */
function signs(b: Builder, shape: Packed, even: boolean, odd: boolean): Vec {
  const of = (is: boolean, bit: bigint) => (is ? 1n << bit : 0n);
  if (shape === 'f32x4') return splat64(b, of(even, 31n) | of(odd, 63n));
  return b.vecConst(of(even, 63n), of(odd, 63n));
}
/** x with other signs, but for NaNs. */
function negated(b: Builder, shape: Packed, x: Vecs, even: boolean, odd: boolean): Vecs {
  if (!even && !odd) return x;
  return x.map((one) => b.vec('v128.xor', one, b.vec('v128.and', signs(b, shape, even, odd), b.vec(`${shape}.eq`, one, one)))); // biome-ignore format: one line
}

function fused(b: Builder, { product, even, odd }: Kind, shape: Packed, order: Order, operands: readonly Vecs[], lanes?: 1): Vecs {
  const [x, y, z] = ORDERS[order].map((n) => operands[n]);
  return packedMultiplyAdd(b, shape, negated(b, shape, x, product, product), y, negated(b, shape, z, even, odd), lanes);
} // biome-ignore format: a long line

const ORDER_OPCODES = { 132: 0, 213: 0x10, 231: 0x20 } as const;
function forms(kind: Kind, order: Order, shape: Packed): readonly InstructionDef[] {
  const [letter, w, bits] = shape === 'f32x4' ? (['s', 'W0', 32] as const) : (['d', 'W1', 64] as const);
  const code = (offset: number) =>
    `66 0F 38 ${(kind.opcode + ORDER_OPCODES[order] + offset).toString(16).toUpperCase()}`;
  const packed = instruction({
    mnemonic: `${kind.name}${order}p${letter}`,
    encodings: [[`${vex(128, code(0), w)} /r`, 'xmm, vx, xmm/m128'], [`${vex(256, code(0), w)} /r`, 'ymm, vy, ymm/m256']], // biome-ignore format: as in the manual
    access: 'rw r r',
    emit(b, { ops }) {
      const operands = ops.map((operand) => toVecs(readWide(b, operand)));
      writeWide(b, ops[0], fromVecs(fused(b, kind, shape, order, operands)));
    },
  });
  if (!kind.hasScalar) return [packed];
  const scalar = instruction({
    mnemonic: `${kind.name}${order}s${letter}`,
    encodings: [[`${vex('LIG', code(1), w)} /r`, `xmm, vx, xmm/m${bits}`]],
    access: 'rw r r',
    emit(b, { ops }) {
      const operands = ops.map((operand) => [readVector(b, operand)]);
      const [result] = fused(b, kind, shape, order, operands, 1);
      writeWide(b, ops[0], { low: withLowLane(b, bits === 32 ? 4 : 8, operands[0][0], result), high: undefined });
    },
  });
  return [packed, scalar];
}
export const FUSED: readonly InstructionDef[] = KINDS.flatMap((kind) =>
  ([132, 213, 231] as const).flatMap((order) => [...forms(kind, order, 'f32x4'), ...forms(kind, order, 'f64x2')]),
);
