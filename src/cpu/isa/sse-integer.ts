/** Integer arithmetic, shifts and shuffles on vector registers: SSE2, and the same with VEX. Intel SDM Vol. 2, by instruction name. */
import type { Builder, Val, Vec } from '../builder.ts';
import type { VectorOp } from '../wasm/vector-ops.ts';
import { asImm } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { LANEWISE_OPS } from './lanewise.ts';
import type { Operand } from './operand.ts';
import { binaryForms, lanes, mapWide, readVector, readWide, splat64, unaryForms, vex, writeVector, writeWide, zeroVector } from './vector.ts'; // biome-ignore format: a long list

/** Operations on two vectors. */
type BinaryOp = { [K in VectorOp]: K extends `f${string}` ? never : K }[VectorOp] &
  ('v128.and' | 'v128.or' | 'v128.xor' | `i${string}`);
type Compute = (b: Builder, x: Vec, y: Vec) => Vec;

/** DEST := compute(DEST, SRC), and with VEX. */
export const packed = (mnemonic: string, opcode: string, compute: Compute): readonly InstructionDef[] =>
  binaryForms(mnemonic, opcode, compute);
const lanewise = (mnemonic: string, opcode: string, op: BinaryOp): readonly InstructionDef[] =>
  packed(mnemonic, `66 0F ${opcode}`, (b, x, y) => (b.vec as (op: string, x: Vec, y: Vec) => Vec)(op, x, y));

/** Lane by lane, each as the WebAssembly operation has it. */
export const LANEWISE: readonly (readonly InstructionDef[])[] = [
  ...LANEWISE_OPS.map(([mnemonic, opcode, op]) => lanewise(mnemonic, opcode, op)),
  lanewise('paddq', 'D4', 'i64x2.add'),
  lanewise('psubq', 'FB', 'i64x2.sub'),
  lanewise('packsswb', '63', 'i8x16.narrow_i16x8_s'),
  lanewise('packuswb', '67', 'i8x16.narrow_i16x8_u'),
  lanewise('packssdw', '6B', 'i16x8.narrow_i32x4_s'),
];

const OPERATIONS = {
  and: (b, x, y) => b.vec('v128.and', x, y),
  /** The first operand is the one inverted. */
  andn: (b, x, y) => b.vec('v128.andnot', y, x),
  or: (b, x, y) => b.vec('v128.or', x, y),
  xor: (b, x, y) => b.vec('v128.xor', x, y),
} satisfies Record<string, Compute>;

/** The usual way to make a zero. */
const isZeroing = (operation: keyof typeof OPERATIONS, x: Operand, y: Operand): boolean =>
  operation === 'xor' && x.kind === 'xmm' && y.kind === 'xmm' && x.reg === y.reg;

function bitwise(mnemonic: string, opcode: string, operation: keyof typeof OPERATIONS): readonly InstructionDef[] {
  const [legacy, withVex] = packed(mnemonic, opcode, OPERATIONS[operation]);
  return [
    instruction({
      ...legacy,
      emit(b, insn) {
        const [dst, src] = insn.ops;
        if (isZeroing(operation, dst, src)) writeVector(b, dst, zeroVector(b));
        else legacy.emit(b, insn);
      },
    }),
    instruction({
      ...withVex,
      emit(b, insn) {
        const [dst, x, y] = insn.ops;
        if (isZeroing(operation, x, y)) writeWide(b, dst, { low: zeroVector(b), high: undefined });
        else withVex.emit(b, insn);
      },
    }),
  ];
}
export const BITWISE: readonly (readonly InstructionDef[])[] = [
  bitwise('pand', '66 0F DB', 'and'),
  bitwise('pandn', '66 0F DF', 'andn'),
  bitwise('por', '66 0F EB', 'or'),
  bitwise('pxor', '66 0F EF', 'xor'),
  bitwise('andps', 'NP 0F 54', 'and'),
  bitwise('andpd', '66 0F 54', 'and'),
  bitwise('andnps', 'NP 0F 55', 'andn'),
  bitwise('andnpd', '66 0F 55', 'andn'),
  bitwise('orps', 'NP 0F 56', 'or'),
  bitwise('orpd', '66 0F 56', 'or'),
  bitwise('xorps', 'NP 0F 57', 'xor'),
  bitwise('xorpd', '66 0F 57', 'xor'),
];

/** The upper halves of the eight products. */
const highProducts = (sign: 's' | 'u') =>
  packed(sign === 's' ? 'pmulhw' : 'pmulhuw', sign === 's' ? '66 0F E5' : '66 0F E4', (b, x, y) =>
    b.shuffle(
      b.vec(`i32x4.extmul_low_i16x8_${sign}`, x, y),
      b.vec(`i32x4.extmul_high_i16x8_${sign}`, x, y),
      lanes(2, 1, 3, 5, 7, 9, 11, 13, 15),
    ),
  );
export const PMULHW = highProducts('s');
export const PMULHUW = highProducts('u');

/** PMULUDQ: 64-bit products of lanes 0 and 2 of 32 bits. */
export const PMULUDQ = packed('pmuludq', '66 0F F4', (b, x, y) => {
  const even = (v: Vec) => b.shuffle(v, v, lanes(4, 0, 2, 0, 2));
  return b.vec('i64x2.extmul_low_i32x4_u', even(x), even(y));
});

/** PSADBW: in each half, the sum of the absolute differences of its eight bytes. */
export const PSADBW = packed('psadbw', '66 0F F6', (b, x, y) => {
  const differences = b.vec('i8x16.sub', b.vec('i8x16.max_u', x, y), b.vec('i8x16.min_u', x, y));
  const fours = b.vec('i32x4.extadd_pairwise_i16x8_u', b.vec('i16x8.extadd_pairwise_i8x16_u', differences));
  const low = b.vec('v128.and', fours, splat64(b, 0xffff_ffffn));
  return b.vec('i64x2.add', low, b.vec('i64x2.shr_u', fours, b.const(32, 32)));
});

/** The lanes of one half of both operands, alternating. */
const unpack = (mnemonic: string, opcode: string, bytes: number, half: 0 | 1): readonly InstructionDef[] => {
  const count = 16 / bytes;
  const order = Array.from({ length: count / 2 }, (_, i) => (half * count) / 2 + i);
  return packed(mnemonic, opcode, (b, x, y) => b.shuffle(x, y, lanes(bytes, ...order.flatMap((n) => [n, n + count]))));
};
export const UNPACK: readonly (readonly InstructionDef[])[] = [
  unpack('punpcklbw', '66 0F 60', 1, 0),
  unpack('punpcklwd', '66 0F 61', 2, 0),
  unpack('punpckldq', '66 0F 62', 4, 0),
  unpack('punpcklqdq', '66 0F 6C', 8, 0),
  unpack('punpckhbw', '66 0F 68', 1, 1),
  unpack('punpckhwd', '66 0F 69', 2, 1),
  unpack('punpckhdq', '66 0F 6A', 4, 1),
  unpack('punpckhqdq', '66 0F 6D', 8, 1),
  unpack('unpcklps', 'NP 0F 14', 4, 0),
  unpack('unpcklpd', '66 0F 14', 8, 0),
  unpack('unpckhps', 'NP 0F 15', 4, 1),
  unpack('unpckhpd', '66 0F 15', 8, 1),
];

/** Lane `i` of the result by the immediate. */
const order = (bytes: number, laneOf: (i: number) => number): number[] =>
  lanes(bytes, ...Array.from({ length: 16 / bytes }, (_, i) => laneOf(i)));
const pair = (imm: number, i: number): number => (imm >> (2 * (i & 3))) & 3;
const shuffle1 = (mnemonic: string, opcode: string, bytes: number, laneOf: (i: number, imm: number) => number) =>
  unaryForms(
    mnemonic,
    opcode,
    (b, x, imm) =>
      b.shuffle(
        x,
        x,
        order(bytes, (i) => laneOf(i, imm)),
      ),
    { imm: true },
  );
export const SHUFFLES: readonly (readonly InstructionDef[])[] = [
  shuffle1('pshufd', '66 0F 70', 4, (i, imm) => pair(imm, i)),
  shuffle1('pshuflw', 'F2 0F 70', 2, (i, imm) => (i < 4 ? pair(imm, i) : i)),
  shuffle1('pshufhw', 'F3 0F 70', 2, (i, imm) => (i < 4 ? i : 4 + pair(imm, i))),
  binaryForms(
    'shufps',
    'NP 0F C6',
    (b, x, y, imm) =>
      b.shuffle(
        x,
        y,
        order(4, (i) => (i < 2 ? 0 : 4) + pair(imm, i)),
      ),
    { imm: true },
  ),
  // Two bits of the immediate for each half.
  binaryForms(
    'shufpd',
    '66 0F C6',
    (b, x, y, imm, half) =>
      b.shuffle(
        x,
        y,
        order(8, (i) => 2 * i + ((imm >> (2 * half + i)) & 1)),
      ),
    { imm: true },
  ),
];

type ShiftOp =
  | 'i16x8.shl' | 'i32x4.shl' | 'i64x2.shl' | 'i16x8.shr_u' | 'i32x4.shr_u' | 'i64x2.shr_u' | 'i16x8.shr_s' | 'i32x4.shr_s'; // biome-ignore format: a list

const bitsOf = (op: ShiftOp): number => (op.startsWith('i16') ? 16 : op.startsWith('i32') ? 32 : 64);

/** Counts from the lane's width on shift everything out, or leave copies of the sign. */
function shifter(b: Builder, op: ShiftOp, count: Val): (x: Vec) => Vec {
  const bits = bitsOf(op);
  const fits = b.ltU(64, count, b.const(64, bits));
  const low = b.trunc(64, 32, count);
  const limited = op.endsWith('shr_s') ? b.select(32, fits, low, b.const(32, bits - 1)) : low;
  return (x) => {
    const result = b.vec(op, x, limited);
    return op.endsWith('shr_s') ? result : b.selectVec(fits, result, zeroVector(b));
  };
}
function shiftedBy(b: Builder, op: ShiftOp, x: Vec, count: number): Vec {
  const bits = bitsOf(op);
  if (count >= bits && !op.endsWith('shr_s')) return zeroVector(b);
  return b.vec(op, x, b.const(32, Math.min(count, bits - 1)));
}
/** By an immediate, or by the low 64 bits of the source operand. */
function shiftOf(b: Builder, op: ShiftOp, count: Operand, isAligned: boolean): (x: Vec) => Vec {
  if (count.kind === 'imm') return (x) => shiftedBy(b, op, x, Number(count.value));
  return shifter(b, op, b.vec('i64x2.extract_lane', readVector(b, count, isAligned), 0));
}

const shift = (mnemonic: string, opcode: string, group: string, op: ShiftOp): readonly InstructionDef[] => [
  instruction({
    mnemonic,
    encodings: [[`66 0F ${opcode} /r`, 'xmm, xmm/m128'], [`66 0F ${group} ib`, 'xmm, imm8']], // biome-ignore format: as in the manual
    access: 'rw r',
    emit(b, { ops: [dst, count] }) {
      const by = shiftOf(b, op, count, true);
      writeVector(b, dst, by(readVector(b, dst)));
    },
  }),
  instruction({
    mnemonic: `v${mnemonic}`,
    encodings: [
      [`${vex(128, `66 0F ${opcode}`)} /r`, 'xmm, vx, xmm/m128'], [`${vex(256, `66 0F ${opcode}`)} /r`, 'ymm, vy, xmm/m128'],
      [`${vex(128, `66 0F ${group}`)} ib`, 'vx, rmx, imm8'], [`${vex(256, `66 0F ${group}`)} ib`, 'vy, rmy, imm8'],
    ], // biome-ignore format: as in the manual
    access: 'w r r',
    emit(b, { ops: [dst, src, count] }) {
      const by = shiftOf(b, op, count, false);
      writeWide(b, dst, mapWide(readWide(b, src), by));
    },
  }),
];
export const SHIFTS: readonly (readonly InstructionDef[])[] = [
  shift('psllw', 'F1', '71 /6', 'i16x8.shl'),
  shift('pslld', 'F2', '72 /6', 'i32x4.shl'),
  shift('psllq', 'F3', '73 /6', 'i64x2.shl'),
  shift('psrlw', 'D1', '71 /2', 'i16x8.shr_u'),
  shift('psrld', 'D2', '72 /2', 'i32x4.shr_u'),
  shift('psrlq', 'D3', '73 /2', 'i64x2.shr_u'),
  shift('psraw', 'E1', '71 /4', 'i16x8.shr_s'),
  shift('psrad', 'E2', '72 /4', 'i32x4.shr_s'),
];

/** PSLLDQ, PSRLDQ: 128 bits by bytes. */
function byteShift(mnemonic: string, group: string, direction: 1 | -1): readonly InstructionDef[] {
  const shifted = (b: Builder, x: Vec, imm: Operand): Vec => {
    const count = direction * Math.min(16, Number(asImm(imm).value));
    const bytes = Array.from({ length: 16 }, (_, i) => (i - count >= 0 && i - count < 16 ? i - count : 16));
    return b.shuffle(x, zeroVector(b), bytes);
  };
  return [
    instruction({
      mnemonic,
      encodings: [[`66 0F ${group} ib`, 'xmm, imm8']],
      access: 'rw r',
      emit(b, { ops: [dst, imm] }) {
        writeVector(b, dst, shifted(b, readVector(b, dst), imm));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${vex(128, `66 0F ${group}`)} ib`, 'vx, rmx, imm8'], [`${vex(256, `66 0F ${group}`)} ib`, 'vy, rmy, imm8']], // biome-ignore format: as in the manual
      access: 'w r r',
      emit(b, { ops: [dst, src, imm] }) {
        writeWide(
          b,
          dst,
          mapWide(readWide(b, src), (x) => shifted(b, x, imm)),
        );
      },
    }),
  ];
}
export const PSLLDQ = byteShift('pslldq', '73 /7', 1);
export const PSRLDQ = byteShift('psrldq', '73 /3', -1);
