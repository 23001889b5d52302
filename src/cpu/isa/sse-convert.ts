/**
 * Conversions between integers and floating-point numbers: SSE and SSE2. Intel SDM Vol. 2, by instruction name. What an
 * integer cannot hold becomes the "integer indefinite", the lowest negative number.
 */
import type { Builder, Float, Vec } from '../builder.ts';
import { ROUND_BY_MXCSR } from '../float/lanes.ts';
import {
  packedDemote,
  packedFromIntegers,
  packedPromote,
  packedToIntegers,
  scalarDemote,
  scalarFromInteger,
  scalarPromote,
  scalarToInteger,
  TRUNCATE,
} from '../float/operations.ts';
import { asReg } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { lowF32, lowF64, withF32, withF64 } from './sse-float.ts';
import { asXmm, readVector, writeVector } from './vector.ts';

const define = (mnemonic: string, encodings: InstructionDef['encodings'], emit: InstructionDef['emit']) =>
  instruction({ mnemonic, encodings, access: 'w r', emit });

/** CVTSI2SS, CVTSI2SD: the lowest lane of DEST := SRC. */
export const FROM_INTEGER: readonly InstructionDef[] = [
  define('cvtsi2ss', [['F3 REX.W 0F 2A /r', 'xmm, r/m64'], ['F3 0F 2A /r', 'xmm, r/m32']], (b, { ops: [dst, src], width }) => {
    const number = scalarFromInteger(b, 'f32', width as 32 | 64, b.read(src)) as Float<32>;
    writeVector(b, dst, withF32(b, readVector(b, dst), number));
  }),
  define('cvtsi2sd', [['F2 REX.W 0F 2A /r', 'xmm, r/m64'], ['F2 0F 2A /r', 'xmm, r/m32']], (b, { ops: [dst, src], width }) => {
    const number = scalarFromInteger(b, 'f64', width as 32 | 64, b.read(src)) as Float<64>;
    writeVector(b, dst, withF64(b, readVector(b, dst), number));
  }),
]; // biome-ignore format: as in the manual

/** CVT(T)SS2SI, CVT(T)SD2SI. With a T they truncate, else they round. */
const toInteger = (mnemonic: string, bits: 32 | 64, opcode: string, rounding: number): InstructionDef =>
  define(mnemonic, [[`${bits === 32 ? 'F3' : 'F2'} 0F ${opcode} /r`, `ry, xmm/m${bits}`]], (b, { ops: [dst, src] }) => {
    const width = asReg(dst).width as 32 | 64;
    const x = readVector(b, src);
    const [type, low] = bits === 32 ? (['f32', lowF32(b, x)] as const) : (['f64', lowF64(b, x)] as const);
    b.write(dst, scalarToInteger(b, type, width, low, rounding));
  });
export const TO_INTEGER: readonly InstructionDef[] = [
  toInteger('cvttss2si', 32, '2C', TRUNCATE),
  toInteger('cvttsd2si', 64, '2C', TRUNCATE),
  toInteger('cvtss2si', 32, '2D', ROUND_BY_MXCSR),
  toInteger('cvtsd2si', 64, '2D', ROUND_BY_MXCSR),
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
export const PACKED: readonly InstructionDef[] = [
  packed('cvtdq2ps', 'NP 0F 5B', 'xmm/m128', (b, x) => packedFromIntegers(b, 'f32x4', [x])[0]),
  packed('cvtdq2pd', 'F3 0F E6', 'xmm/m64', (b, x) => packedFromIntegers(b, 'f64x2', [x])[0]),
  packed('cvtps2pd', 'NP 0F 5A', 'xmm/m64', (b, x) => packedPromote(b, x, 1)[0]),
  packed('cvtpd2ps', '66 0F 5A', 'xmm/m128', (b, x) => packedDemote(b, [x])),
  packed('cvtps2dq', '66 0F 5B', 'xmm/m128', (b, x) => packedToIntegers(b, 'f32x4', [x], ROUND_BY_MXCSR)[0]),
  packed('cvttps2dq', 'F3 0F 5B', 'xmm/m128', (b, x) => packedToIntegers(b, 'f32x4', [x], TRUNCATE)[0]),
  packed('cvtpd2dq', 'F2 0F E6', 'xmm/m128', (b, x) => packedToIntegers(b, 'f64x2', [x], ROUND_BY_MXCSR)[0]),
  packed('cvttpd2dq', '66 0F E6', 'xmm/m128', (b, x) => packedToIntegers(b, 'f64x2', [x], TRUNCATE)[0]),
];

/** CVTSS2SD, CVTSD2SS: the lowest lane; the rest of DEST stays. */
export const CVTSS2SD = define('cvtss2sd', [['F3 0F 5A /r', 'xmm, xmm/m32']], (b, { ops: [dst, src] }) => {
  const number = scalarPromote(b, lowF32(b, readVector(b, src)));
  writeVector(b, dst, withF64(b, readVector(b, dst), number));
});
export const CVTSD2SS = define('cvtsd2ss', [['F2 0F 5A /r', 'xmm, xmm/m64']], (b, { ops: [dst, src] }) => {
  const number = scalarDemote(b, lowF64(b, readVector(b, src)));
  writeVector(b, dst, withF32(b, readVector(b, dst), number));
});
