/**
 * Conversions between integers and floating-point numbers: SSE and SSE2. Intel SDM Vol. 2, by instruction name. What an
 * integer cannot hold becomes the "integer indefinite", the lowest negative number. Left out: as in isa/sse-float.ts.
 */
import type { Builder, Val, Vec } from '../builder.ts';
import { asReg } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { lowF32, lowF64, MISSING_MXCSR } from './sse-float.ts';
import { asXmm, lanes, readVector, splat32, splat64, withLowLane, writeVector } from './vector.ts';

const define = (mnemonic: string, encodings: InstructionDef['encodings'], emit: InstructionDef['emit']) =>
  instruction({ mnemonic, encodings, access: 'w r', support: MISSING_MXCSR, emit });

/** CVTSI2SS, CVTSI2SD: the lowest lane of DEST := SRC. */
export const FROM_INTEGER: readonly InstructionDef[] = [
  define('cvtsi2ss', [['F3 REX.W 0F 2A /r', 'xmm, r/m64'], ['F3 0F 2A /r', 'xmm, r/m32']], (b, { ops: [dst, src], width }) => {
    const value = b.read(src);
    const number = width === 64 ? b.vec('f32.convert_i64_s', value) : b.vec('f32.convert_i32_s', value);
    writeVector(b, dst, b.vec('f32x4.replace_lane', readVector(b, dst), 0, number));
  }),
  define('cvtsi2sd', [['F2 REX.W 0F 2A /r', 'xmm, r/m64'], ['F2 0F 2A /r', 'xmm, r/m32']], (b, { ops: [dst, src], width }) => {
    const value = b.read(src);
    const number = width === 64 ? b.vec('f64.convert_i64_s', value) : b.vec('f64.convert_i32_s', value);
    writeVector(b, dst, b.vec('f64x2.replace_lane', readVector(b, dst), 0, number));
  }),
]; // biome-ignore format: as in the manual

const F32_2_31 = 0x4f00_0000, F32_2_63 = 0x5f00_0000; // biome-ignore format: one line
const F64_2_31 = 0x41e0_0000_0000_0000n, F64_2_63 = 0x43e0_0000_0000_0000n; // biome-ignore format: one line

/** WebAssembly's conversion leaves the indefinite for what is too low already: what is left are NaNs and what is too high. */
function toInteger32(b: Builder, width: 32 | 64, source: Vec, rounds: boolean): Val {
  const low = lowF32(b, source);
  const x = rounds ? b.vec('f32.nearest', low) : low;
  const limit = b.vec('f32.reinterpret_i32', b.const(32, width === 64 ? F32_2_63 : F32_2_31));
  const value = width === 64 ? b.vec('i64.trunc_sat_f32_s', x) : b.vec('i32.trunc_sat_f32_s', x);
  return b.select(width, b.vec('f32.lt', x, limit), value, b.const(width, 1n << BigInt(width - 1)));
}
function toInteger64(b: Builder, width: 32 | 64, source: Vec, rounds: boolean): Val {
  const low = lowF64(b, source);
  const x = rounds ? b.vec('f64.nearest', low) : low;
  const limit = b.vec('f64.reinterpret_i64', b.const(64, width === 64 ? F64_2_63 : F64_2_31));
  const value = width === 64 ? b.vec('i64.trunc_sat_f64_s', x) : b.vec('i32.trunc_sat_f64_s', x);
  return b.select(width, b.vec('f64.lt', x, limit), value, b.const(width, 1n << BigInt(width - 1)));
}
/** CVT(T)SS2SI, CVT(T)SD2SI. With a T they truncate, else they round. */
const toInteger = (mnemonic: string, bits: 32 | 64, opcode: string, rounds: boolean): InstructionDef =>
  define(mnemonic, [[`${bits === 32 ? 'F3' : 'F2'} 0F ${opcode} /r`, `ry, xmm/m${bits}`]], (b, { ops: [dst, src] }) => {
    const width = asReg(dst).width as 32 | 64;
    b.write(dst, (bits === 32 ? toInteger32 : toInteger64)(b, width, readVector(b, src), rounds));
  });
export const TO_INTEGER: readonly InstructionDef[] = [
  toInteger('cvttss2si', 32, '2C', false),
  toInteger('cvttsd2si', 64, '2C', false),
  toInteger('cvtss2si', 32, '2D', true),
  toInteger('cvtsd2si', 64, '2D', true),
];

/** DEST := convert(SRC), all lanes. */
const packed = (
  mnemonic: string,
  opcode: string,
  source: string,
  convert: (b: Builder, x: Vec) => Vec,
): InstructionDef =>
  define(mnemonic, [[`${opcode} /r`, `xmm, ${source}`]], (b, { ops: [dst, src] }) => {
    b.writeXmm(asXmm(dst).reg, convert(b, readVector(b, src)));
  });
const promote = (b: Builder, x: Vec): Vec => b.exactNan('promote', b.vec('f64x2.promote_low_f32x4', x), x);
const demote = (b: Builder, x: Vec): Vec => b.exactNan('demote', b.vec('f32x4.demote_f64x2_zero', x), x);

function fromSingles(b: Builder, x: Vec): Vec {
  const fits = b.vec('f32x4.lt', x, splat32(b, BigInt(F32_2_31)));
  return b.vec('v128.bitselect', b.vec('i32x4.trunc_sat_f32x4_s', x), splat32(b, 0x8000_0000n), fits);
}
/** To the two low lanes; the others become zero. */
function fromDoubles(b: Builder, x: Vec): Vec {
  const fits = b.vec('f64x2.lt', x, splat64(b, F64_2_31));
  const inLow = b.shuffle(fits, fits, lanes(4, 0, 2, 0, 2));
  const indefinite = b.vecConst(0x8000_0000_8000_0000n, 0n);
  return b.vec('v128.bitselect', b.vec('i32x4.trunc_sat_f64x2_s_zero', x), indefinite, inLow);
}
export const PACKED: readonly InstructionDef[] = [
  packed('cvtdq2ps', 'NP 0F 5B', 'xmm/m128', (b, x) => b.vec('f32x4.convert_i32x4_s', x)),
  packed('cvtdq2pd', 'F3 0F E6', 'xmm/m64', (b, x) => b.vec('f64x2.convert_low_i32x4_s', x)),
  packed('cvtps2pd', 'NP 0F 5A', 'xmm/m64', promote),
  packed('cvtpd2ps', '66 0F 5A', 'xmm/m128', demote),
  packed('cvtps2dq', '66 0F 5B', 'xmm/m128', (b, x) => fromSingles(b, b.vec('f32x4.nearest', x))),
  packed('cvttps2dq', 'F3 0F 5B', 'xmm/m128', fromSingles),
  packed('cvtpd2dq', 'F2 0F E6', 'xmm/m128', (b, x) => fromDoubles(b, b.vec('f64x2.nearest', x))),
  packed('cvttpd2dq', '66 0F E6', 'xmm/m128', fromDoubles),
];

/** CVTSS2SD, CVTSD2SS: the lowest lane; the rest of DEST stays. */
export const CVTSS2SD = define('cvtss2sd', [['F3 0F 5A /r', 'xmm, xmm/m32']], (b, { ops: [dst, src] }) => {
  writeVector(b, dst, withLowLane(b, 8, readVector(b, dst), promote(b, readVector(b, src))));
});
export const CVTSD2SS = define('cvtsd2ss', [['F2 0F 5A /r', 'xmm, xmm/m64']], (b, { ops: [dst, src] }) => {
  writeVector(b, dst, withLowLane(b, 4, readVector(b, dst), demote(b, readVector(b, src))));
});
