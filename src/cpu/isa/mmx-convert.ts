/**
 * Conversions between MMX registers and floating-point numbers in XMM registers: SSE and SSE2. Intel SDM Vol. 2, by
 * instruction name. Those from memory to an XMM register use no MMX state; the others enter MMX mode even if they end in
 * #XM, as processors have it.
 */
import type { Builder, Val, Vec } from '../builder.ts';
import { ROUND_BY_MXCSR } from '../float/lanes.ts';
import { packedFromIntegers, packedToIntegers, TRUNCATE } from '../float/operations.ts';
import { type InstructionDef, instruction } from './define.ts';
import { enterMmx, readMm, writeMm } from './mmx.ts';
import { asXmm, lanes, readVector, zeroVector } from './vector.ts';
import { raisePending } from './x87-common.ts';

const inLowHalf = (b: Builder, x: Val): Vec => b.vec('i64x2.replace_lane', zeroVector(b), 0, x);

const fromIntegers = (
  mnemonic: string,
  opcode: string,
  convert: (b: Builder, x: Vec, old: Vec) => Vec,
): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, 'xmm, mm/m64']],
    access: 'rw r',
    emit(b, { ops: [dst, src] }) {
      const head = src.kind === 'mm' ? raisePending(b) : undefined;
      const { reg } = asXmm(dst);
      const x = inLowHalf(b, readMm(b, src));
      if (head !== undefined) enterMmx(b, head);
      b.writeXmm(reg, convert(b, x, b.readXmm(reg)));
    },
  });
/** CVTPI2PS: the low half of DEST. CVTPI2PD: all of it. */
export const FROM_INTEGERS: readonly InstructionDef[] = [
  fromIntegers('cvtpi2ps', 'NP 0F 2A', (b, x, old) =>
    b.shuffle(packedFromIntegers(b, 'f32x4', [x])[0], old, lanes(8, 0, 3)),
  ),
  fromIntegers('cvtpi2pd', '66 0F 2A', (b, x) => packedFromIntegers(b, 'f64x2', [x])[0]),
];

/** CVT(T)PS2PI, CVT(T)PD2PI. With a T they truncate, else they round. */
const toIntegers = (mnemonic: string, opcode: string, type: 'f32x4' | 'f64x2', rounding: number): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, type === 'f32x4' ? 'mm, xmm/m64' : 'mm, xmm/m128']],
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      const head = raisePending(b);
      const x = readVector(b, src);
      // Two numbers: zeros raise nothing.
      const two = type === 'f32x4' ? b.shuffle(x, zeroVector(b), lanes(8, 0, 2)) : x;
      enterMmx(b, head);
      const [result] = packedToIntegers(b, type, [two], rounding);
      writeMm(b, dst, b.vec('i64x2.extract_lane', result, 0));
    },
  });
export const TO_INTEGERS: readonly InstructionDef[] = [
  toIntegers('cvttps2pi', 'NP 0F 2C', 'f32x4', TRUNCATE),
  toIntegers('cvttpd2pi', '66 0F 2C', 'f64x2', TRUNCATE),
  toIntegers('cvtps2pi', 'NP 0F 2D', 'f32x4', ROUND_BY_MXCSR),
  toIntegers('cvtpd2pi', '66 0F 2D', 'f64x2', ROUND_BY_MXCSR),
];
