/**
 * What AVX and AVX2 have beside the VEX forms of older instructions: broadcasts, permutations, halves, masked moves,
 * shifts by vectors. Gathers are in isa/gather.ts. Intel SDM Vol. 2, by instruction name.
 */
import type { Bool, Builder, Val, Vec } from '../builder.ts';
import { asImm, asMem } from './common.ts';
import { type Encoding, type InstructionDef, instruction } from './define.ts';
import type { Operand } from './operand.ts';
import { asXmm, lanes, readVector, readWide, splat32, vex, type Wide, writeVector, writeWide, zeroVector } from './vector.ts'; // biome-ignore format: a long list

const define = (mnemonic: string, encodings: readonly Encoding[], access: string, emit: InstructionDef['emit']) =>
  instruction({ mnemonic, encodings, access, emit });

// ---- broadcasts ------------------------------------------------------------------------------------------------------

type Splat = 'i8x16.splat' | 'i16x8.splat' | 'i32x4.splat' | 'i64x2.splat';
function broadcastOf(b: Builder, bits: number, src: Operand): Vec {
  const op = `i${bits}x${128 / bits}.splat` as Splat;
  if (src.kind === 'mem') return b.vec(op, b.load(bits as 8 | 16 | 32 | 64, b.address(src)));
  const x = readVector(b, src);
  return b.shuffle(x, x, lanes(bits / 8, ...new Array<number>(128 / bits).fill(0)));
}
/** VBROADCASTSS, VBROADCASTSD, VPBROADCAST: every lane := the lowest one of SRC. */
const broadcast = (mnemonic: string, opcode: string, lengths: readonly (128 | 256)[], bits: number, sources: readonly string[]) =>
  define(
    mnemonic,
    lengths.flatMap((length) =>
      sources.map((source): Encoding => [`${vex(length, `66 0F 38 ${opcode}`, 'W0')} /r`, `${length === 128 ? 'x' : 'y'}mm, ${source}`]),
    ),
    'w r',
    (b, { ops: [dst, src] }) => {
      const all = broadcastOf(b, bits, src);
      writeWide(b, dst, { low: all, high: asXmm(dst).isYmm ? all : undefined });
    },
  ); // biome-ignore format: a long list
// The first two had only memory in AVX.
export const BROADCASTS: readonly InstructionDef[] = [
  broadcast('vbroadcastss', '18', [128, 256], 32, ['m32', 'rmx']),
  broadcast('vbroadcastsd', '19', [256], 64, ['m64', 'rmx']),
  broadcast('vpbroadcastb', '78', [128, 256], 8, ['xmm/m8']),
  broadcast('vpbroadcastw', '79', [128, 256], 16, ['xmm/m16']),
  broadcast('vpbroadcastd', '58', [128, 256], 32, ['xmm/m32']),
  broadcast('vpbroadcastq', '59', [128, 256], 64, ['xmm/m64']),
];

/** VBROADCASTF128, VBROADCASTI128: both halves := SRC. */
const broadcastHalf = (mnemonic: string, opcode: string) =>
  define(mnemonic, [[`${vex(256, `66 0F 38 ${opcode}`, 'W0')} /r`, 'ymm, m128']], 'w r', (b, { ops: [dst, src] }) => {
    const half = readVector(b, src, false);
    writeWide(b, dst, { low: half, high: half });
  });
export const BROADCAST_HALVES: readonly InstructionDef[] = [
  broadcastHalf('vbroadcastf128', '1A'),
  broadcastHalf('vbroadcasti128', '5A'),
];

// ---- halves ----------------------------------------------------------------------------------------------------------

const upperOf = (b: Builder, { high }: Wide): Vec => high ?? zeroVector(b);
/** VEXTRACTF128, VEXTRACTI128: DEST := a half of SRC. */
const extractHalf = (mnemonic: string, opcode: string) =>
  define(
    mnemonic,
    [[`${vex(256, `66 0F 3A ${opcode}`, 'W0')} /r ib`, 'xmm/m128, ymm, imm8']],
    'w r r',
    (b, { ops: [dst, src, imm] }) => {
      const x = readWide(b, src);
      const half = asImm(imm).value & 1n ? upperOf(b, x) : x.low;
      if (dst.kind === 'xmm') writeWide(b, dst, { low: half, high: undefined });
      else writeVector(b, dst, half, false);
    },
  );
/** VINSERTF128, VINSERTI128: DEST := the first source, with a half from the second. */
const insertHalf = (mnemonic: string, opcode: string) =>
  define(
    mnemonic,
    [[`${vex(256, `66 0F 3A ${opcode}`, 'W0')} /r ib`, 'ymm, vy, xmm/m128, imm8']],
    'w r r r',
    (b, { ops: [dst, first, second, imm] }) => {
      const x = readWide(b, first);
      const half = readVector(b, second, false);
      writeWide(b, dst, asImm(imm).value & 1n ? { low: x.low, high: half } : { low: half, high: upperOf(b, x) });
    },
  );
/** VPERM2F128, VPERM2I128: each half := one of the four of both sources, or zero. */
const permuteHalves = (mnemonic: string, opcode: string) =>
  define(
    mnemonic,
    [[`${vex(256, `66 0F 3A ${opcode}`, 'W0')} /r ib`, 'ymm, vy, ymm/m256, imm8']],
    'w r r r',
    (b, { ops: [dst, first, second, imm] }) => {
      const [x, y] = [readWide(b, first), readWide(b, second)];
      const control = Number(asImm(imm).value);
      const pick = (bits: number) =>
        bits & 8 ? zeroVector(b) : [x.low, upperOf(b, x), y.low, upperOf(b, y)][bits & 3];
      writeWide(b, dst, { low: pick(control), high: pick(control >> 4) });
    },
  );
export const HALVES: readonly InstructionDef[] = [
  extractHalf('vextractf128', '19'),
  extractHalf('vextracti128', '39'),
  insertHalf('vinsertf128', '18'),
  insertHalf('vinserti128', '38'),
  permuteHalves('vperm2f128', '06'),
  permuteHalves('vperm2i128', '46'),
];

// ---- permutations ----------------------------------------------------------------------------------------------------

const FORMS3 = (opcode: string, w: 'W0' | 'W1'): readonly Encoding[] => [
  [`${vex(128, opcode, w)} /r`, 'xmm, vx, xmm/m128'], [`${vex(256, opcode, w)} /r`, 'ymm, vy, ymm/m256'],
]; // biome-ignore format: as in the manual
/** DEST := compute(first, second), half by half. */
const binary = (mnemonic: string, opcode: string, w: 'W0' | 'W1', compute: (b: Builder, x: Vec, y: Vec) => Vec) =>
  define(mnemonic, FORMS3(opcode, w), 'w r r', (b, { ops: [dst, first, second] }) => {
    const [x, y] = [readWide(b, first), readWide(b, second)];
    writeWide(b, dst, { low: compute(b, x.low, y.low), high: x.high && y.high && compute(b, x.high, y.high) });
  });

/** Numbers of lanes of 32 bits as those of their bytes. */
const bytesOfLanes = (b: Builder, numbers: Vec): Vec =>
  b.vec('i32x4.add', b.vec('i32x4.mul', numbers, splat32(b, 0x0404_0404n)), splat32(b, 0x0302_0100n));
/** VPERMILPS, VPERMILPD by a vector: lanes of the same half by their numbers. */
export const PERMUTE_IN_HALVES: readonly InstructionDef[] = [
  binary('vpermilps', '66 0F 38 0C', 'W0', (b, x, y) =>
    b.vec('i8x16.swizzle', x, bytesOfLanes(b, b.vec('v128.and', y, splat32(b, 3n)))),
  ),
  binary('vpermilpd', '66 0F 38 0D', 'W0', (b, x, y) => {
    // Bit 1 of each lane.
    const isUpper = b.vec('i64x2.shr_s', b.vec('i64x2.shl', y, b.const(32, 62)), b.const(32, 63));
    return b.vec('v128.bitselect', b.shuffle(x, x, lanes(8, 1, 1)), b.shuffle(x, x, lanes(8, 0, 0)), isUpper);
  }),
];

/** The same by an immediate: 32-bit lanes by the same bits in both halves, 64-bit ones by two bits for each half. */
const permuteImm = (mnemonic: string, opcode: string, laneOf: (i: number, imm: number, half: 0 | 1) => number, count: number) =>
  define(
    mnemonic,
    [[`${vex(128, opcode, 'W0')} /r ib`, 'xmm, xmm/m128, imm8'], [`${vex(256, opcode, 'W0')} /r ib`, 'ymm, ymm/m256, imm8']],
    'w r r',
    (b, { ops: [dst, src, imm] }) => {
      const x = readWide(b, src);
      const permuted = (v: Vec, half: 0 | 1) =>
        b.shuffle(v, v, lanes(16 / count, ...Array.from({ length: count }, (_, i) => laneOf(i, Number(asImm(imm).value), half))));
      writeWide(b, dst, { low: permuted(x.low, 0), high: x.high && permuted(x.high, 1) });
    },
  ); // biome-ignore format: long lists
export const PERMUTE_BY_IMMEDIATE: readonly InstructionDef[] = [
  permuteImm('vpermilps', '66 0F 3A 04', (i, imm) => (imm >> (2 * i)) & 3, 4),
  permuteImm('vpermilpd', '66 0F 3A 05', (i, imm, half) => (imm >> (2 * half + i)) & 1, 2),
];

/** VPERMD, VPERMPS: lanes of all 256 bits of the second source, by the numbers in the first. */
const permuteAcross = (mnemonic: string, opcode: string) =>
  define(mnemonic, [[`${vex(256, `66 0F 38 ${opcode}`, 'W0')} /r`, 'ymm, vy, ymm/m256']], 'w r r', (b, { ops: [dst, first, second] }) => {
    const [numbers, x] = [readWide(b, first), readWide(b, second)];
    const permuted = (control: Vec) => {
      const bytes = bytesOfLanes(b, b.vec('v128.and', control, splat32(b, 7n)));
      const beyond = b.vec('v128.xor', bytes, splat32(b, 0x1010_1010n));
      return b.vec('v128.or', b.vec('i8x16.swizzle', x.low, bytes), b.vec('i8x16.swizzle', upperOf(b, x), beyond));
    };
    writeWide(b, dst, { low: permuted(numbers.low), high: permuted(upperOf(b, numbers)) });
  }); // biome-ignore format: a long list
/** VPERMQ, VPERMPD: lanes of 64 bits, by two bits each of the immediate. */
const permuteQuads = (mnemonic: string, opcode: string) =>
  define(
    mnemonic,
    [[`${vex(256, `66 0F 3A ${opcode}`, 'W1')} /r ib`, 'ymm, ymm/m256, imm8']],
    'w r r',
    (b, { ops: [dst, src, imm] }) => {
      const x = readWide(b, src);
      const numbers = Array.from({ length: 4 }, (_, i) => (Number(asImm(imm).value) >> (2 * i)) & 3);
      const pick = (from: number) => b.shuffle(x.low, upperOf(b, x), lanes(8, numbers[from], numbers[from + 1]));
      writeWide(b, dst, { low: pick(0), high: pick(2) });
    },
  );
export const PERMUTE_ACROSS: readonly InstructionDef[] = [
  permuteAcross('vpermd', '36'),
  permuteAcross('vpermps', '16'),
  permuteQuads('vpermq', '00'),
  permuteQuads('vpermpd', '01'),
];

/** VPBLENDD: lanes by bits of the immediate, four for each half. */
export const VPBLENDD = define(
  'vpblendd',
  [[`${vex(128, '66 0F 3A 02', 'W0')} /r ib`, 'xmm, vx, xmm/m128, imm8'], [`${vex(256, '66 0F 3A 02', 'W0')} /r ib`, 'ymm, vy, ymm/m256, imm8']],
  'w r r r',
  (b, { ops: [dst, first, second, imm] }) => {
    const [x, y] = [readWide(b, first), readWide(b, second)];
    const blended = (p: Vec, q: Vec, bits: number) =>
      b.shuffle(p, q, lanes(4, ...[0, 1, 2, 3].map((i) => ((bits >> i) & 1 ? 4 + i : i))));
    const bits = Number(asImm(imm).value);
    writeWide(b, dst, { low: blended(x.low, y.low, bits), high: x.high && y.high && blended(x.high, y.high, bits >> 4) });
  },
); // biome-ignore format: long lists

// ---- shifts by vectors -----------------------------------------------------------------------------------------------

type ShiftKind = 'shl' | 'shrU' | 'shrS';
/** One lane; counts from the width on shift everything out, or leave copies of the sign. */
function shiftLane(b: Builder, kind: ShiftKind, width: 32 | 64, x: Val, count: Val): Val {
  const fits = b.ltU(width, count, b.const(width, width));
  const narrow = width === 64 ? b.trunc(64, 32, count) : count;
  if (kind === 'shrS') return b.shrS(width, x, b.select(32, fits, narrow, b.const(32, width - 1)));
  const within = b.and(32, narrow, b.const(32, width - 1));
  return b.select(width, fits, b[kind](width, x, within), b.const(width, 0));
}
const shiftByVector = (mnemonic: string, opcode: string, w: 'W0' | 'W1', kind: ShiftKind) =>
  binary(mnemonic, `66 0F 38 ${opcode}`, w, (b, x, y) => {
    let result = zeroVector(b);
    for (let i = 0; i < (w === 'W0' ? 4 : 2); i++) {
      if (w === 'W0') {
        const lane = (v: Vec) => b.vec('i32x4.extract_lane', v, i);
        result = b.vec('i32x4.replace_lane', result, i, shiftLane(b, kind, 32, lane(x), lane(y)));
      } else {
        const lane = (v: Vec) => b.vec('i64x2.extract_lane', v, i);
        result = b.vec('i64x2.replace_lane', result, i, shiftLane(b, kind, 64, lane(x), lane(y)));
      }
    }
    return result;
  });
export const SHIFTS: readonly InstructionDef[] = [
  shiftByVector('vpsllvd', '47', 'W0', 'shl'),
  shiftByVector('vpsllvq', '47', 'W1', 'shl'),
  shiftByVector('vpsrlvd', '45', 'W0', 'shrU'),
  shiftByVector('vpsrlvq', '45', 'W1', 'shrU'),
  shiftByVector('vpsravd', '46', 'W0', 'shrS'),
];

// ---- masked moves ----------------------------------------------------------------------------------------------------

/** For each lane of the mask, whether it is negative. */
export function selectedLanes(b: Builder, { low, high }: Wide, bits: 32 | 64): Bool[] {
  const count = 128 / bits;
  return [low, high].flatMap((half) => {
    if (half === undefined) return [];
    const signs = b.vec(bits === 32 ? 'i32x4.bitmask' : 'i64x2.bitmask', half);
    return Array.from(
      { length: count },
      (_, i) => b.and(32, b.shrU(32, signs, b.const(32, i)), b.const(32, 1)) as Bool,
    );
  });
}
const laneOf = (b: Builder, bits: 32 | 64, { low, high }: Wide, i: number): Val => {
  const count = 128 / bits;
  const half = i < count || high === undefined ? low : high;
  return bits === 32 ? b.vec('i32x4.extract_lane', half, i % count) : b.vec('i64x2.extract_lane', half, i % count);
};
/** x with one lane replaced. */
export const withLane = (b: Builder, bits: 32 | 64, x: Vec, i: number, value: Val): Vec =>
  bits === 32 ? b.vec('i32x4.replace_lane', x, i, value) : b.vec('i64x2.replace_lane', x, i, value);

/** Processors check the first byte that is to be stored, then the last one. */
function probeEnds(b: Builder, address: Val, selected: readonly Bool[], bits: number): void {
  const bytes = bits / 8;
  const noneOf = (others: readonly Bool[], is: Bool) =>
    others.reduce((alone, one) => b.boolAnd(alone, b.boolNot(one)), is);
  for (const [i, is] of selected.entries())
    b.if(noneOf(selected.slice(0, i), is), () => b.probe(b.add(64, address, b.const(64, i * bytes)), 1));
  for (const [i, is] of selected.entries())
    b.if(noneOf(selected.slice(i + 1), is), () => b.probe(b.add(64, address, b.const(64, (i + 1) * bytes - 1)), 1));
}

/** VMASKMOVPS and its kin: lanes of memory where the mask is negative; the others are not touched, or are zero. */
function maskedMove(mnemonic: string, bits: 32 | 64, load: string, store: string, w: 'W0' | 'W1'): readonly InstructionDef[] {
  const at = (b: Builder, address: Val, i: number) => b.add(64, address, b.const(64, (i * bits) / 8));
  return [
    define(
      mnemonic,
      [[`${vex(128, load, w)} /r`, 'xmm, vx, m128'], [`${vex(256, load, w)} /r`, 'ymm, vy, m256']],
      'w r r',
      (b, { ops: [dst, mask, src] }) => {
        const address = b.address(asMem(src));
        const selected = selectedLanes(b, readWide(b, mask), bits);
        const count = 128 / bits;
        const half = (first: number) => {
          let result = zeroVector(b);
          for (let i = 0; i < count; i++)
            result = withLane(b, bits, result, i, b.loadIf(selected[first + i], bits, at(b, address, first + i)));
          return result;
        };
        writeWide(b, dst, { low: half(0), high: selected.length > count ? half(count) : undefined });
      },
    ),
    define(
      mnemonic,
      [[`${vex(128, store, w)} /r`, 'm128, vx, xmm'], [`${vex(256, store, w)} /r`, 'm256, vy, ymm']],
      'w r r',
      (b, { ops: [dst, mask, src] }) => {
        const address = b.address(asMem(dst));
        const selected = selectedLanes(b, readWide(b, mask), bits);
        const values = readWide(b, src);
        probeEnds(b, address, selected, bits);
        for (const [i, is] of selected.entries())
          b.if(is, () => b.store(bits, at(b, address, i), laneOf(b, bits, values, i)));
      },
    ),
  ];
} // biome-ignore format: long lists
export const MASKED_MOVES: readonly (readonly InstructionDef[])[] = [
  maskedMove('vmaskmovps', 32, '66 0F 38 2C', '66 0F 38 2E', 'W0'),
  maskedMove('vmaskmovpd', 64, '66 0F 38 2D', '66 0F 38 2F', 'W0'),
  maskedMove('vpmaskmovd', 32, '66 0F 38 8C', '66 0F 38 8E', 'W0'),
  maskedMove('vpmaskmovq', 64, '66 0F 38 8C', '66 0F 38 8E', 'W1'),
];

// ---- all registers ---------------------------------------------------------------------------------------------------

/** VZEROUPPER: bits 255:128 of every register := 0. */
export const VZEROUPPER = define('vzeroupper', [['VEX.128.0F.WIG 77', '']], '', (b) => {
  for (let n = 0; n < 16; n++) b.writeYmmHigh(n, zeroVector(b));
});
/** VZEROALL: every register := 0. */
export const VZEROALL = define('vzeroall', [['VEX.256.0F.WIG 77', '']], '', (b) => {
  for (let n = 0; n < 16; n++) {
    b.writeXmm(n, zeroVector(b));
    b.writeYmmHigh(n, zeroVector(b));
  }
});
