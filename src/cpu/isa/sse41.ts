/** SSE4.1 on integers and bits, PCMPGTQ of SSE4.2, and the same with VEX. Intel SDM Vol. 2, by instruction name. */
import type { Builder, Vec } from '../builder.ts';
import type { VectorOp } from '../wasm/vector-ops.ts';
import { asMem } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import type { Operand } from './operand.ts';
import { packed } from './sse-integer.ts';
import { asXmm, binaryForms, lanes, readVector, readWide, vex, type Wide, writeVector, writeWide, zeroVector } from './vector.ts'; // biome-ignore format: a long list

type Defs = readonly InstructionDef[];

type BinaryOp = {
  [K in VectorOp]: K extends `i${string}.${'min' | 'max' | 'mul' | 'eq' | 'gt' | 'narrow'}${string}` ? K : never;
}[VectorOp];
const lanewise = (mnemonic: string, opcode: string, op: BinaryOp): Defs =>
  packed(mnemonic, `66 0F 38 ${opcode}`, (b, x, y) => b.vec(op as 'i32x4.mul', x, y));
export const LANEWISE: readonly Defs[] = [
  lanewise('pcmpeqq', '29', 'i64x2.eq'),
  lanewise('pcmpgtq', '37', 'i64x2.gt_s'),
  lanewise('packusdw', '2B', 'i16x8.narrow_i32x4_u'),
  lanewise('pminsb', '38', 'i8x16.min_s'),
  lanewise('pminsd', '39', 'i32x4.min_s'),
  lanewise('pminuw', '3A', 'i16x8.min_u'),
  lanewise('pminud', '3B', 'i32x4.min_u'),
  lanewise('pmaxsb', '3C', 'i8x16.max_s'),
  lanewise('pmaxsd', '3D', 'i32x4.max_s'),
  lanewise('pmaxuw', '3E', 'i16x8.max_u'),
  lanewise('pmaxud', '3F', 'i32x4.max_u'),
  lanewise('pmulld', '40', 'i32x4.mul'),
];

/** PMULDQ: 64-bit products of the signed lanes 0 and 2 of 32 bits. */
export const PMULDQ = packed('pmuldq', '66 0F 38 28', (b, x, y) => {
  const even = (v: Vec) => b.shuffle(v, v, lanes(4, 0, 2, 0, 2));
  return b.vec('i64x2.extmul_low_i32x4_s', even(x), even(y));
});

// ---- blends ----------------------------------------------------------------------------------------------------------

/** Lanes by bits of the immediate; `perHalf` of them for each half, all of them for both if it is 0. */
const blend = (mnemonic: string, opcode: string, bytes: number, perHalf: number): Defs =>
  binaryForms(
    mnemonic,
    opcode,
    (b, x, y, imm, half) => {
      const count = 16 / bytes;
      const bits = imm >> (perHalf * half);
      return b.shuffle(
        x,
        y,
        lanes(bytes, ...Array.from({ length: count }, (_, i) => ((bits >> i) & 1 ? count + i : i))),
      );
    },
    { imm: true },
  );
export const BLENDS: readonly Defs[] = [
  blend('blendps', '66 0F 3A 0C', 4, 4),
  blend('blendpd', '66 0F 3A 0D', 8, 2),
  blend('pblendw', '66 0F 3A 0E', 2, 0),
];

type SignOp = 'i8x16.shr_s' | 'i32x4.shr_s' | 'i64x2.shr_s';
/** Lanes of SRC where the selector's are negative: XMM0's, with VEX those of a register by number. */
function blendBy(mnemonic: string, opcode: string, vexOpcode: string, op: SignOp): Defs {
  const bits = op === 'i8x16.shr_s' ? 8 : op === 'i32x4.shr_s' ? 32 : 64;
  const select = (b: Builder, x: Vec, y: Vec, selector: Vec) =>
    b.vec('v128.bitselect', y, x, b.vec(op, selector, b.const(32, bits - 1)));
  return [
    instruction({
      mnemonic,
      encodings: [[`66 0F 38 ${opcode} /r`, 'xmm, xmm/m128, XMM0']],
      access: 'rw r r',
      emit(b, { ops: [dst, src, selector] }) {
        writeVector(b, dst, select(b, readVector(b, dst), readVector(b, src), readVector(b, selector)));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [
        [`${vex(128, `66 0F 3A ${vexOpcode}`, 'W0')} /r`, 'xmm, vx, xmm/m128, xmm4'],
        [`${vex(256, `66 0F 3A ${vexOpcode}`, 'W0')} /r`, 'ymm, vy, ymm/m256, ymm4'],
      ],
      access: 'w r r r',
      emit(b, { ops: [dst, first, second, third] }) {
        const [x, y, z] = [readWide(b, first), readWide(b, second), readWide(b, third)];
        const high = x.high && y.high && z.high && select(b, x.high, y.high, z.high);
        writeWide(b, dst, { low: select(b, x.low, y.low, z.low), high });
      },
    }),
  ];
}
export const VARIABLE_BLENDS: readonly Defs[] = [
  blendBy('pblendvb', '10', '4C', 'i8x16.shr_s'),
  blendBy('blendvps', '14', '4A', 'i32x4.shr_s'),
  blendBy('blendvpd', '15', '4B', 'i64x2.shr_s'),
];

// ---- extensions ------------------------------------------------------------------------------------------------------

type Shape = 'i8x16' | 'i16x8' | 'i32x4' | 'i64x2';
const SHAPES: readonly Shape[] = ['i8x16', 'i16x8', 'i32x4', 'i64x2'];

/** The lanes from `first` on, of 8 << `from` bits, as lanes of 8 << `to` bits. */
function extended(b: Builder, x: Vec, sign: 's' | 'u', from: number, to: number, first: number): Vec {
  const bytes = 1 << from;
  let result =
    first === 0
      ? x
      : b.shuffle(
          x,
          x,
          Array.from({ length: 16 }, (_, i) => (i + first * bytes) & 15),
        );
  for (let n = from; n < to; n++)
    result = b.vec(`${SHAPES[n + 1]}.extend_low_${SHAPES[n]}_${sign}` as 'i16x8.extend_low_i8x16_s', result);
  return result;
}
/** As many bits of memory as there are, in the low lanes. */
function readNarrow(b: Builder, operand: Operand): Vec {
  if (operand.kind === 'xmm' || asMem(operand).width !== 16) return readVector(b, operand, false);
  return b.vec('i32x4.replace_lane', zeroVector(b), 0, b.load(16, b.address(asMem(operand))));
}
/** PMOVSXBW ... PMOVZXDQ: the low lanes of SRC, each in a wider lane. */
function extension(sign: 's' | 'u', from: number, to: number, opcode: number): Defs {
  const mnemonic = `pmov${sign === 's' ? 's' : 'z'}x${'bwdq'[from]}${'bwdq'[to]}`;
  const bits = 128 >> (to - from);
  const code = `66 0F 38 ${((sign === 's' ? 0x20 : 0x30) + opcode).toString(16).toUpperCase()}`;
  const count = 16 >> to;
  return [
    instruction({
      mnemonic,
      encodings: [[`${code} /r`, `xmm, xmm/m${bits}`]],
      access: 'w r',
      emit(b, { ops: [dst, src] }) {
        writeVector(b, dst, extended(b, readNarrow(b, src), sign, from, to, 0));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${vex(128, code)} /r`, `xmm, xmm/m${bits}`], [`${vex(256, code)} /r`, `ymm, xmm/m${2 * bits}`]], // biome-ignore format: as in the manual
      access: 'w r',
      emit(b, { ops: [dst, src] }) {
        const x = readNarrow(b, src);
        const high = asXmm(dst).isYmm ? extended(b, x, sign, from, to, count) : undefined;
        writeWide(b, dst, { low: extended(b, x, sign, from, to, 0), high });
      },
    }),
  ];
}
const PAIRS: readonly (readonly [from: number, to: number])[] = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]; // biome-ignore format: a list
export const EXTENSIONS: readonly Defs[] = (['s', 'u'] as const).flatMap((sign) =>
  PAIRS.map(([from, to], i) => extension(sign, from, to, i)),
);

// ---- the rest --------------------------------------------------------------------------------------------------------

/** PHMINPOSUW: the lowest of eight unsigned lanes, and its number; the first one of those alike. */
function lowest(b: Builder, x: Vec): Vec {
  const half = (n: 0 | 1) => {
    const values = b.vec(n === 0 ? 'i32x4.extend_low_i16x8_u' : 'i32x4.extend_high_i16x8_u', x);
    const numbers = n === 0 ? b.vecConst(0x1_0000_0000n, 0x3_0000_0002n) : b.vecConst(0x5_0000_0004n, 0x7_0000_0006n);
    return b.vec('v128.or', b.vec('i32x4.shl', values, b.const(32, 16)), numbers);
  };
  const four = b.vec('i32x4.min_u', half(0), half(1));
  const two = b.vec('i32x4.min_u', four, b.shuffle(four, four, lanes(4, 2, 3, 0, 1)));
  const one = b.vec('i32x4.min_u', two, b.shuffle(two, two, lanes(4, 1, 0, 3, 2)));
  return b.shuffle(one, zeroVector(b), [2, 3, 0, 1, ...new Array<number>(12).fill(16)]);
}
export const PHMINPOSUW: Defs = ['66 0F 38 41', vex(128, '66 0F 38 41')].map((opcode, i) =>
  instruction({
    mnemonic: i === 0 ? 'phminposuw' : 'vphminposuw',
    encodings: [[`${opcode} /r`, 'xmm, xmm/m128']],
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      if (i === 0) writeVector(b, dst, lowest(b, readVector(b, src)));
      else writeWide(b, dst, { low: lowest(b, readVector(b, src, false)), high: undefined });
    },
  }),
);

/** MPSADBW: sums of the absolute differences of four bytes of SRC and the four from each of eight places of DEST on. */
export const MPSADBW = binaryForms(
  'mpsadbw',
  '66 0F 3A 42',
  (b, x, y, imm, half) => {
    const bits = imm >> (3 * half);
    const [fromX, fromY] = [4 * ((bits >> 2) & 1), 4 * (bits & 3)];
    const zero = zeroVector(b);
    const words = (v: Vec, numberOf: (i: number) => number) =>
      b.shuffle(
        v,
        zero,
        Array.from({ length: 16 }, (_, i) => (i & 1 ? 16 : numberOf(i >> 1))),
      );
    const difference = (k: number) => {
      const moving = words(x, (i) => fromX + i + k);
      return b.vec('i16x8.abs', b.vec('i16x8.sub', moving, words(y, () => fromY + k))); // biome-ignore format: one line
    };
    const [p, q, r, s] = [0, 1, 2, 3].map(difference);
    return b.vec('i16x8.add', b.vec('i16x8.add', p, q), b.vec('i16x8.add', r, s));
  },
  { imm: true },
);

const anyOf = (b: Builder, { low, high }: Wide) => b.vec('v128.any_true', high ? b.vec('v128.or', low, high) : low);
/** ZF: no bit of SRC is in DEST; CF: every one is. `signs`: of the sign bits alone. */
function test(b: Builder, dst: Operand, src: Operand, signs: 32 | 64 | undefined, isAligned: boolean): void {
  const [x, y] = [readWide(b, dst), readWide(b, src, isAligned)];
  const masked = (v: Vec) => {
    if (signs === undefined) return v;
    const mask = signs === 32 ? 0x8000_0000_8000_0000n : 1n << 63n;
    return b.vec('v128.and', v, b.vecConst(mask, mask));
  };
  const with2 = (op: 'v128.and' | 'v128.andnot'): Wide => ({
    low: masked(b.vec(op, y.low, x.low)),
    high: x.high && y.high && masked(b.vec(op, y.high, x.high)),
  });
  const no = b.const(32, 0);
  const z = b.boolNot(anyOf(b, with2('v128.and')));
  b.setFlags({ o: no, s: no, z, a: no, p: no, c: b.boolNot(anyOf(b, with2('v128.andnot'))) });
}
const tests = (mnemonic: string, opcode: string, w: 'W0' | 'WIG', signs: 32 | 64 | undefined): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${vex(128, opcode, w)} /r`, 'xmm, xmm/m128'], [`${vex(256, opcode, w)} /r`, 'ymm, ymm/m256']], // biome-ignore format: as in the manual
    access: 'r r',
    flags: { writes: 'oszapc' },
    emit(b, { ops: [dst, src] }) {
      test(b, dst, src, signs, false);
    },
  });
export const TESTS: readonly InstructionDef[] = [
  instruction({
    mnemonic: 'ptest',
    encodings: [['66 0F 38 17 /r', 'xmm, xmm/m128']],
    access: 'r r',
    flags: { writes: 'oszapc' },
    emit(b, { ops: [dst, src] }) {
      test(b, dst, src, undefined, true);
    },
  }),
  tests('vptest', '66 0F 38 17', 'WIG', undefined),
  tests('vtestps', '66 0F 38 0E', 'W0', 32),
  tests('vtestpd', '66 0F 38 0F', 'W0', 64),
];
