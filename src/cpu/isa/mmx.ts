/**
 * MMX, and what SSE, SSE2 and SSSE3 added to it. Intel SDM Vol. 2, by instruction name; Vol. 1, "Compatibility with x87
 * FPU Architecture": the MMX registers are the significands of the x87 registers R0 to R7, whatever the top of the
 * stack. An MMX instruction reports a pending x87 exception first, makes the top 0 and all registers valid, and gives
 * those that it writes an exponent of ones. The conversions are in isa/mmx-convert.ts.
 */
import { invariant } from '../../base/invariant.ts';
import type { Builder, Val, Vec } from '../builder.ts';
import type { VectorOp } from '../wasm/vector-ops.ts';
import { asImm, asMem } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { LANEWISE_OPS } from './lanewise.ts';
import type { MmOperand, Operand } from './operand.ts';
import { asXmm, lanes, readVector, zeroVector } from './vector.ts';
import { raisePending, registerOffset, X87_HEAD } from './x87-common.ts';

function asMm(operand: Operand): MmOperand {
  invariant(operand.kind === 'mm', 'MMX register expected');
  return operand;
}

/** Fields of the first eight bytes: the stack's top in the status word, and the abridged tag word. */
const TOP = 0x3800n << 16n;
const TOP_AND_TAGS = TOP | (0xffn << 32n);
const ALL_VALID = 0xffn << 32n;

/** After everything that can fault: the top becomes 0 and all registers valid. */
export function enterMmx(b: Builder, head: Val): void {
  const rest = b.and(64, head, b.const(64, ~TOP_AND_TAGS));
  b.writeX87(X87_HEAD, b.or(64, rest, b.const(64, ALL_VALID)));
}

/** A source operand: a register or 64 or 32 bits of memory, as 64 bits. */
export function readMm(b: Builder, operand: Operand): Val {
  if (operand.kind === 'mm') return b.readX87(registerOffset(operand.reg));
  const value = b.read(operand);
  return asMem(operand).width === 32 ? b.zext(32, 64, value) : value;
}
/** Only after `enterMmx`. */
export function writeMm(b: Builder, operand: Operand, value: Val): void {
  const at = registerOffset(asMm(operand).reg);
  b.writeX87(at, value);
  b.writeX87(at + 8, b.const(64, 0xffff));
}

/** 64 bits in the low half, zeros above; and back. */
const wide = (b: Builder, x: Val): Vec => b.vec('i64x2.replace_lane', zeroVector(b), 0, x);
const pair = (b: Builder, low: Val, high: Val): Vec => b.vec('i64x2.replace_lane', b.vec('i64x2.splat', low), 1, high);
const narrow = (b: Builder, x: Vec): Val => b.vec('i64x2.extract_lane', x, 0);

type Compute = (b: Builder, x: Val, y: Val, imm: number) => Val;

/** DEST := compute(DEST, SRC[, imm8]). */
const define = (mnemonic: string, encodings: InstructionDef['encodings'], compute: Compute, access = 'rw r') =>
  instruction({
    mnemonic,
    encodings,
    access,
    emit(b, { ops: [dst, src, imm] }) {
      const head = raisePending(b);
      const x = readMm(b, dst);
      const y = readMm(b, src);
      const result = compute(b, x, y, imm === undefined ? 0 : Number(asImm(imm).value));
      enterMmx(b, head);
      writeMm(b, dst, result);
    },
  });
const packed = (mnemonic: string, opcode: string, compute: Compute): InstructionDef =>
  define(mnemonic, [[`NP 0F ${opcode} /r`, 'mm, mm/m64']], compute);
const onVectors =
  (compute: (b: Builder, x: Vec, y: Vec) => Vec): Compute =>
  (b, x, y) =>
    narrow(b, compute(b, wide(b, x), wide(b, y)));
const lanewise = (mnemonic: string, opcode: string, op: VectorOp): InstructionDef =>
  packed(mnemonic, opcode, onVectors((b, x, y) => (b.vec as (op: string, x: Vec, y: Vec) => Vec)(op, x, y))); // biome-ignore format: one line

/** Lane by lane, each as the WebAssembly operation has it. */
export const LANEWISE: readonly InstructionDef[] = LANEWISE_OPS.map(([mnemonic, opcode, op]) =>
  lanewise(mnemonic, opcode, op),
);

/** On all 64 bits. PANDN inverts the first operand. */
export const WHOLE: readonly InstructionDef[] = [
  packed('paddq', 'D4', (b, x, y) => b.add(64, x, y)),
  packed('psubq', 'FB', (b, x, y) => b.sub(64, x, y)),
  packed('pand', 'DB', (b, x, y) => b.and(64, x, y)),
  packed('pandn', 'DF', (b, x, y) => b.and(64, b.not(64, x), y)),
  packed('por', 'EB', (b, x, y) => b.or(64, x, y)),
  packed('pxor', 'EF', (b, x, y) => b.xor(64, x, y)),
  packed('pmuludq', 'F4', (b, x, y) => {
    const low = (v: Val) => b.and(64, v, b.const(64, 0xffff_ffff));
    return b.mul(64, low(x), low(y));
  }),
];

/** Lanes of DEST, then of SRC, each made half as wide with saturation. */
const pack = (
  mnemonic: string,
  opcode: string,
  op: 'i8x16.narrow_i16x8_s' | 'i8x16.narrow_i16x8_u' | 'i16x8.narrow_i32x4_s',
) =>
  packed(mnemonic, opcode, (b, x, y) => {
    const both = pair(b, x, y);
    return narrow(b, b.vec(op, both, both));
  });
export const PACKS: readonly InstructionDef[] = [
  pack('packsswb', '63', 'i8x16.narrow_i16x8_s'),
  pack('packuswb', '67', 'i8x16.narrow_i16x8_u'),
  pack('packssdw', '6B', 'i16x8.narrow_i32x4_s'),
];

/** The lanes of one half of both operands, alternating. */
const unpack = (mnemonic: string, opcode: string, bytes: 1 | 2 | 4, half: 0 | 1): InstructionDef => {
  const count = 8 / bytes;
  const first = Array.from({ length: count / 2 }, (_, i) => (half * count) / 2 + i);
  const order = first.flatMap((n) => [n, n + 16 / bytes]);
  const operand = half === 0 ? 'mm/m32' : 'mm/m64';
  return define(mnemonic, [[`NP 0F ${opcode} /r`, `mm, ${operand}`]], (b, x, y) =>
    narrow(b, b.shuffle(wide(b, x), wide(b, y), lanes(bytes, ...order, ...order))),
  );
};
export const UNPACK: readonly InstructionDef[] = [
  unpack('punpcklbw', '60', 1, 0),
  unpack('punpcklwd', '61', 2, 0),
  unpack('punpckldq', '62', 4, 0),
  unpack('punpckhbw', '68', 1, 1),
  unpack('punpckhwd', '69', 2, 1),
  unpack('punpckhdq', '6A', 4, 1),
];

/** The upper halves of the products of 16 bits. */
const highProducts = (mnemonic: string, opcode: string, op: 'i32x4.extmul_low_i16x8_s' | 'i32x4.extmul_low_i16x8_u') =>
  packed(
    mnemonic,
    opcode,
    onVectors((b, x, y) => {
      const products = b.vec(op, x, y);
      return b.shuffle(products, products, lanes(2, 1, 3, 5, 7, 1, 3, 5, 7));
    }),
  );
export const PMULHW = highProducts('pmulhw', 'E5', 'i32x4.extmul_low_i16x8_s');
export const PMULHUW = highProducts('pmulhuw', 'E4', 'i32x4.extmul_low_i16x8_u');

/** PSADBW: the sum of the absolute differences of the eight bytes. */
export const PSADBW = packed(
  'psadbw',
  'F6',
  onVectors((b, x, y) => {
    const differences = b.vec('i8x16.sub', b.vec('i8x16.max_u', x, y), b.vec('i8x16.min_u', x, y));
    const fours = b.vec('i32x4.extadd_pairwise_i16x8_u', b.vec('i16x8.extadd_pairwise_i8x16_u', differences));
    const second = b.vec('i64x2.shr_u', fours, b.const(32, 32));
    return b.vec('i64x2.add', b.vec('v128.and', fours, b.vecConst(0xffff_ffffn, 0n)), second);
  }),
);

/** PSHUFW: each word of the result by two bits of the immediate. */
export const PSHUFW = define(
  'pshufw',
  [['NP 0F 70 /r ib', 'mm, mm/m64, imm8']],
  (b, _x, y, imm) => {
    const order = [0, 2, 4, 6].map((shift) => (imm >> shift) & 3);
    const words = wide(b, y);
    return narrow(b, b.shuffle(words, words, lanes(2, ...order, ...order)));
  },
  'w r r',
);

type ShiftOp =
  | 'i16x8.shl' | 'i32x4.shl' | 'i16x8.shr_u' | 'i32x4.shr_u' | 'i16x8.shr_s' | 'i32x4.shr_s' | 'i64x2.shl' | 'i64x2.shr_u'; // biome-ignore format: a list

/** The count is an immediate, or all of the source. Counts from the lane's width on shift everything out, or leave copies of the sign. */
const shift = (mnemonic: string, opcode: string, group: string, op: ShiftOp): InstructionDef => {
  const bits = Number(/\d+/.exec(op)![0]);
  return instruction({
    mnemonic,
    encodings: [[`NP 0F ${opcode} /r`, 'mm, mm/m64'], [`NP 0F ${group} ib`, 'mm, imm8']], // biome-ignore format: as in the manual
    access: 'rw r',
    emit(b, { ops: [dst, src] }) {
      const head = raisePending(b);
      const x = readMm(b, dst);
      const count = src.kind === 'imm' ? b.const(64, src.value) : readMm(b, src);
      const fits = b.ltU(64, count, b.const(64, bits));
      const most = b.select(32, fits, b.trunc(64, 32, count), b.const(32, bits - 1));
      const shifted = narrow(b, b.vec(op, wide(b, x), most));
      enterMmx(b, head);
      writeMm(b, dst, op.endsWith('shr_s') ? shifted : b.select(64, fits, shifted, b.const(64, 0)));
    },
  });
};
export const SHIFTS: readonly InstructionDef[] = [
  shift('psllw', 'F1', '71 /6', 'i16x8.shl'),
  shift('pslld', 'F2', '72 /6', 'i32x4.shl'),
  shift('psllq', 'F3', '73 /6', 'i64x2.shl'),
  shift('psrlw', 'D1', '71 /2', 'i16x8.shr_u'),
  shift('psrld', 'D2', '72 /2', 'i32x4.shr_u'),
  shift('psrlq', 'D3', '73 /2', 'i64x2.shr_u'),
  shift('psraw', 'E1', '71 /4', 'i16x8.shr_s'),
  shift('psrad', 'E2', '72 /4', 'i32x4.shr_s'),
];

// ---- SSSE3 -----------------------------------------------------------------------------------------------------------

/** Neighbours of DEST, then of SRC, added or subtracted. */
const horizontal = (
  mnemonic: string,
  opcode: string,
  bytes: 2 | 4,
  op: 'i16x8.add' | 'i32x4.add' | 'i16x8.add_sat_s' | 'i16x8.sub' | 'i32x4.sub' | 'i16x8.sub_sat_s',
) =>
  packed(mnemonic, `38 ${opcode}`, (b, x, y) => {
    const both = pair(b, x, y);
    const every = (first: 0 | 1) => {
      const order = Array.from({ length: 8 / bytes }, (_, i) => 2 * i + first);
      return b.shuffle(both, both, lanes(bytes, ...order, ...order));
    };
    return narrow(b, b.vec(op, every(0), every(1)));
  });
export const HORIZONTAL: readonly InstructionDef[] = [
  horizontal('phaddw', '01', 2, 'i16x8.add'),
  horizontal('phaddd', '02', 4, 'i32x4.add'),
  horizontal('phaddsw', '03', 2, 'i16x8.add_sat_s'),
  horizontal('phsubw', '05', 2, 'i16x8.sub'),
  horizontal('phsubd', '06', 4, 'i32x4.sub'),
  horizontal('phsubsw', '07', 2, 'i16x8.sub_sat_s'),
];

/** PSHUFB: bytes of DEST by the low bits of SRC's, or zero by its top bit. */
export const PSHUFB = packed(
  'pshufb',
  '38 00',
  onVectors((b, x, y) => b.vec('i8x16.swizzle', x, b.vec('v128.and', y, b.vecConst(0x8787_8787_8787_8787n, 0n)))),
);

/** PMADDUBSW: bytes of DEST, unsigned, times those of SRC, signed; neighbours added with saturation. */
export const PMADDUBSW = packed(
  'pmaddubsw',
  '38 04',
  onVectors((b, x, y) => {
    const even = (v: Vec) => b.shuffle(v, zeroVector(b), [0, 16, 2, 16, 4, 16, 6, 16, ...new Array(8).fill(16)]);
    const odd = (v: Vec) => b.vec('i16x8.shr_u', v, b.const(32, 8));
    const signed = (v: Vec) => b.vec('i16x8.shr_s', b.vec('i16x8.shl', v, b.const(32, 8)), b.const(32, 8));
    const first = b.vec('i16x8.mul', even(x), signed(y));
    return b.vec('i16x8.add_sat_s', first, b.vec('i16x8.mul', odd(x), b.vec('i16x8.shr_s', y, b.const(32, 8))));
  }),
);

/** PMULHRSW: products of 16 bits, rounded to their bits 30 to 15. */
export const PMULHRSW = packed(
  'pmulhrsw',
  '38 0B',
  onVectors((b, x, y) => {
    const products = b.vec('i32x4.extmul_low_i16x8_s', x, y);
    const half = b.vecConst(0x0000_4000_0000_4000n, 0x0000_4000_0000_4000n);
    const rounded = b.vec('i32x4.shr_u', b.vec('i32x4.add', products, half), b.const(32, 15));
    return b.shuffle(rounded, rounded, lanes(2, 0, 2, 4, 6, 0, 2, 4, 6));
  }),
);

type Lane = 'i8x16' | 'i16x8' | 'i32x4';
const negated = (b: Builder, lane: Lane, x: Vec): Vec => b.vec(`${lane}.sub`, zeroVector(b), x);
const isBelowZero = (b: Builder, lane: Lane, x: Vec): Vec => b.vec(`${lane}.gt_s`, zeroVector(b), x);

/** DEST times the sign of SRC: -1, 0 or 1. */
const sign = (mnemonic: string, opcode: string, lane: Lane): InstructionDef =>
  packed(
    mnemonic,
    `38 ${opcode}`,
    onVectors((b, x, y) => {
      const value = b.vec('v128.bitselect', negated(b, lane, x), x, isBelowZero(b, lane, y));
      return b.vec('v128.andnot', value, b.vec(`${lane}.eq`, y, zeroVector(b)));
    }),
  );
/** DEST := the absolute value of SRC; the lowest number stays. */
const absolute = (mnemonic: string, opcode: string, lane: Lane): InstructionDef =>
  define(
    mnemonic,
    [[`NP 0F 38 ${opcode} /r`, 'mm, mm/m64']],
    onVectors((b, _x, y) => b.vec('v128.bitselect', negated(b, lane, y), y, isBelowZero(b, lane, y))),
    'w r',
  );
export const SIGNS: readonly InstructionDef[] = [
  sign('psignb', '08', 'i8x16'),
  sign('psignw', '09', 'i16x8'),
  sign('psignd', '0A', 'i32x4'),
  absolute('pabsb', '1C', 'i8x16'),
  absolute('pabsw', '1D', 'i16x8'),
  absolute('pabsd', '1E', 'i32x4'),
];

/** PALIGNR: eight bytes of DEST:SRC, from a byte on that the immediate names. */
export const PALIGNR = define(
  'palignr',
  [['NP 0F 3A 0F /r ib', 'mm, mm/m64, imm8']],
  (b, x, y, imm) => {
    const from = Array.from({ length: 16 }, (_, i) => (i < 8 && i + imm < 16 ? i + imm : 16));
    return narrow(b, b.shuffle(pair(b, y, x), zeroVector(b), from));
  },
  'rw r r',
);

// ---- moves -----------------------------------------------------------------------------------------------------------

/**
 * An instruction that reports pending exceptions and enters MMX mode around `move`. When its store faults, the top
 * has been made 0 already, as processors have it.
 */
const moving = (
  mnemonic: string,
  encodings: InstructionDef['encodings'],
  access: string,
  move: (b: Builder, ops: readonly Operand[], enter: () => void) => void,
) =>
  instruction({
    mnemonic,
    encodings,
    access,
    emit(b, { ops }) {
      const head = raisePending(b);
      if (ops[0].kind === 'mem') b.writeX87(X87_HEAD, b.and(64, head, b.const(64, ~TOP)));
      move(b, ops, () => enterMmx(b, head));
    },
  });

/** MOVD: between a general register or memory and the low 32 bits; the rest of the register becomes zero. */
export const MOVD = moving(
  'movd',
  [['NP 0F 6E /r', 'mm, r/m32'], ['NP 0F 7E /r', 'r/m32, mm']],
  'w r',
  (b, [dst, src], enter) => {
    const value = src.kind === 'mm' ? b.trunc(64, 32, readMm(b, src)) : b.read(src);
    if (dst.kind !== 'mm') b.write(dst, value);
    enter();
    if (dst.kind === 'mm') writeMm(b, dst, b.zext(32, 64, value));
  },
); // biome-ignore format: as in the manual

/** MOVQ: 64 bits. MOVNTQ: with a hint for the caches. */
const whole = (mnemonic: string, encodings: InstructionDef['encodings']) =>
  moving(mnemonic, encodings, 'w r', (b, [dst, src], enter) => {
    const value = src.kind === 'reg' ? b.read(src) : readMm(b, src);
    if (dst.kind !== 'mm') b.write(dst, value);
    enter();
    if (dst.kind === 'mm') writeMm(b, dst, value);
  });
export const MOVQ = whole('movq', [
  ['NP REX.W 0F 6E /r', 'mm, r/m64'], ['NP REX.W 0F 7E /r', 'r/m64, mm'], ['NP 0F 6F /r', 'mm, mm/m64'], ['NP 0F 7F /r', 'mm/m64, mm'],
]); // biome-ignore format: as in the manual
export const MOVNTQ = whole('movntq', [['NP 0F E7 /r', 'm64, mm']]);

/** MOVDQ2Q: DEST := the low half of an XMM register. MOVQ2DQ: the other way, with zeros above. */
export const MOVDQ2Q = moving('movdq2q', [['F2 0F D6 /r', 'mm, rmx']], 'w r', (b, [dst, src], enter) => {
  const value = b.vec('i64x2.extract_lane', readVector(b, src), 0);
  enter();
  writeMm(b, dst, value);
});
export const MOVQ2DQ = moving('movq2dq', [['F3 0F D6 /r', 'xmm, rmm']], 'w r', (b, [dst, src], enter) => {
  b.writeXmm(asXmm(dst).reg, wide(b, readMm(b, src)));
  enter();
});

/** PMOVMSKB: the top bits of all bytes. */
export const PMOVMSKB = moving('pmovmskb', [['NP 0F D7 /r', 'r32, rmm']], 'w r', (b, [dst, src], enter) => {
  b.write(dst, b.vec('i8x16.bitmask', wide(b, readMm(b, src))));
  enter();
});

/** PINSRW: one word := the low bits of SRC. PEXTRW: DEST := one word. */
export const PINSRW = moving('pinsrw', [['NP 0F C4 /r ib', 'mm, r32/m16, imm8']], 'rw r r', (b, [dst, src, imm], enter) => {
  const shift = 16n * (asImm(imm).value & 3n);
  const value = src.kind === 'reg' ? b.readReg(16, src.reg) : b.read(src);
  const kept = b.and(64, readMm(b, dst), b.const(64, ~(0xffffn << shift)));
  enter();
  writeMm(b, dst, b.or(64, kept, b.shl(64, b.zext(16, 64, value), b.const(32, shift))));
}); // biome-ignore format: one line
export const PEXTRW = moving('pextrw', [['NP 0F C5 /r ib', 'r32, rmm, imm8']], 'w r r', (b, [dst, src, imm], enter) => {
  const shifted = b.shrU(64, readMm(b, src), b.const(32, 16n * (asImm(imm).value & 3n)));
  b.write(dst, b.and(32, b.trunc(64, 32, shifted), b.const(32, 0xffff)));
  enter();
}); // biome-ignore format: one line

/** MASKMOVQ: stores the bytes of the first operand where the second one's have their top bit set. */
export const MASKMOVQ = moving('maskmovq', [['NP 0F F7 /r', 'mm, rmm, [ds:rDI]']], 'r r rw', (b, ops, enter) => {
  const [src, selector, dst] = ops;
  const selected = narrow(b, b.vec('i8x16.shr_s', wide(b, readMm(b, selector)), b.const(32, 7)));
  const value = readMm(b, src);
  const address = b.address(asMem(dst));
  // Processors do this even if the store faults.
  enter();
  const old = b.loadForStore(64, address);
  b.store(64, address, b.or(64, b.and(64, value, selected), b.and(64, old, b.not(64, selected))));
});

/** EMMS: all registers become empty. FEMMS was AMD's. */
export const EMMS = instruction({
  mnemonic: 'emms',
  encodings: [['NP 0F 77', '']],
  access: '',
  emit(b) {
    const head = raisePending(b);
    b.writeX87(X87_HEAD, b.and(64, head, b.const(64, ~TOP_AND_TAGS)));
  },
});
