/** SSE3's moves and SSSE3 on XMM registers, and the same with VEX. Intel SDM Vol. 2, by instruction name. */
import type { Builder, Vec } from '../builder.ts';
import type { VectorOp } from '../wasm/vector-ops.ts';
import { type InstructionDef, instruction } from './define.ts';
import { packed } from './sse-integer.ts';
import { binaryForms, lanes, mapWide, readVector, readWide, splat8, splat16, unaryForms, vex, writeVector, writeWide, zeroVector } from './vector.ts'; // biome-ignore format: a long list

type Defs = readonly InstructionDef[];

/** MOVSHDUP, MOVSLDUP: the odd or even lanes of 32 bits, twice. */
export const DUPLICATES: readonly Defs[] = [
  unaryForms('movshdup', 'F3 0F 16', (b, x) => b.shuffle(x, x, lanes(4, 1, 1, 3, 3))),
  unaryForms('movsldup', 'F3 0F 12', (b, x) => b.shuffle(x, x, lanes(4, 0, 0, 2, 2))),
];

/** MOVDDUP: the low half, twice; of 128 bits of memory only the low half is read. */
const duplicateLow = (b: Builder, x: Vec): Vec => b.shuffle(x, x, lanes(8, 0, 0));
export const MOVDDUP: Defs = [
  instruction({
    mnemonic: 'movddup',
    encodings: [['F2 0F 12 /r', 'xmm, xmm/m64']],
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, duplicateLow(b, readVector(b, src)));
    },
  }),
  instruction({
    mnemonic: 'vmovddup',
    encodings: [[`${vex(128, 'F2 0F 12')} /r`, 'xmm, xmm/m64'], [`${vex(256, 'F2 0F 12')} /r`, 'ymm, ymm/m256']], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeWide(
        b,
        dst,
        mapWide(readWide(b, src), (x) => duplicateLow(b, x)),
      );
    },
  }),
];

/** PSHUFB: bytes of DEST by number, zero where the number is negative. */
export const PSHUFB = packed('pshufb', '66 0F 38 00', (b, x, y) =>
  b.vec('i8x16.swizzle', x, b.vec('v128.and', y, splat8(b, 0x8fn))),
);

type Horizontal = 'i16x8.add' | 'i32x4.add' | 'i16x8.add_sat_s' | 'i16x8.sub' | 'i32x4.sub' | 'i16x8.sub_sat_s';
/** Neighbouring lanes of DEST, then of SRC. */
const horizontal = (mnemonic: string, opcode: string, op: Horizontal): Defs => {
  const bytes = op.startsWith('i16') ? 2 : 4;
  const every = (first: 0 | 1) => lanes(bytes, ...Array.from({ length: 16 / bytes }, (_, i) => 2 * i + first));
  return packed(mnemonic, `66 0F 38 ${opcode}`, (b, x, y) => b.vec(op, b.shuffle(x, y, every(0)), b.shuffle(x, y, every(1)))); // biome-ignore format: one line
};
export const HORIZONTALS: readonly Defs[] = [
  horizontal('phaddw', '01', 'i16x8.add'),
  horizontal('phaddd', '02', 'i32x4.add'),
  horizontal('phaddsw', '03', 'i16x8.add_sat_s'),
  horizontal('phsubw', '05', 'i16x8.sub'),
  horizontal('phsubd', '06', 'i32x4.sub'),
  horizontal('phsubsw', '07', 'i16x8.sub_sat_s'),
];

/** PMADDUBSW: products of unsigned bytes of DEST and signed ones of SRC, added in pairs. */
export const PMADDUBSW = packed('pmaddubsw', '66 0F 38 04', (b, x, y) => {
  const eight = b.const(32, 8);
  const even = b.vec('i16x8.mul', b.vec('v128.and', x, splat16(b, 0xffn)), b.vec('i16x8.shr_s', b.vec('i16x8.shl', y, eight), eight)); // biome-ignore format: one line
  const odd = b.vec('i16x8.mul', b.vec('i16x8.shr_u', x, eight), b.vec('i16x8.shr_s', y, eight));
  return b.vec('i16x8.add_sat_s', even, odd);
});

/** PMULHRSW: bits 30:15 of the products, rounded. Only -1 * -1 leaves what WebAssembly has for it. */
export const PMULHRSW = packed('pmulhrsw', '66 0F 38 0B', (b, x, y) => {
  const lowest = splat16(b, 0x8000n);
  const both = b.vec('v128.and', b.vec('i16x8.eq', x, lowest), b.vec('i16x8.eq', y, lowest));
  return b.vec('v128.xor', b.vec('i16x8.q15mulr_sat_s', x, y), both);
});

/** PSIGNB, PSIGNW, PSIGND: lanes of DEST, with their sign changed where SRC is negative, and zero where it is zero. */
const sign = (mnemonic: string, opcode: string, shape: 'i8x16' | 'i16x8' | 'i32x4'): Defs =>
  packed(mnemonic, `66 0F 38 ${opcode}`, (b, x, y) => {
    const zero = zeroVector(b);
    const negative = b.vec(`${shape}.gt_s`, zero, y);
    const negated = b.vec(`${shape}.sub`, b.vec('v128.xor', x, negative), negative);
    return b.vec('v128.andnot', negated, b.vec(`${shape}.eq`, y, zero));
  });
export const SIGNS: readonly Defs[] = [
  sign('psignb', '08', 'i8x16'),
  sign('psignw', '09', 'i16x8'),
  sign('psignd', '0A', 'i32x4'),
];

const absolute = (mnemonic: string, opcode: string, op: VectorOp & `${string}.abs`): Defs =>
  unaryForms(mnemonic, `66 0F 38 ${opcode}`, (b, x) => b.vec(op as 'i8x16.abs', x));
export const ABSOLUTES: readonly Defs[] = [
  absolute('pabsb', '1C', 'i8x16.abs'),
  absolute('pabsw', '1D', 'i16x8.abs'),
  absolute('pabsd', '1E', 'i32x4.abs'),
];

/** PALIGNR: sixteen bytes of DEST:SRC from the number of the immediate on. */
export const PALIGNR = binaryForms(
  'palignr',
  '66 0F 3A 0F',
  (b, x, y, imm) => {
    const bytes = (from: number) => Array.from({ length: 16 }, (_, i) => Math.min(from + i, 16 + 15));
    if (imm >= 32) return zeroVector(b);
    return imm < 16 ? b.shuffle(y, x, bytes(imm)) : b.shuffle(x, zeroVector(b), bytes(imm - 16));
  },
  { imm: true },
);
