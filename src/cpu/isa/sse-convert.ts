/**
 * Conversions between integers and floating-point numbers: SSE, SSE2 and F16C, and with VEX. Intel SDM Vol. 2, by instruction name. What an
 * integer cannot hold becomes the "integer indefinite", the lowest negative number.
 */
import type { Builder, Float, Vec } from '../builder.ts';
import { ROUND_BY_MXCSR } from '../float/lanes.ts';
import {
  packedDemote,
  packedDemoteToHalves,
  packedFromIntegers,
  packedPromote,
  packedPromoteHalves,
  packedToIntegers,
  scalarDemote,
  scalarFromInteger,
  scalarPromote,
  scalarToInteger,
  TRUNCATE,
  type Vecs,
} from '../float/operations.ts';
import { asImm, asMem, asReg } from './common.ts';
import { type Encoding, instruction } from './define.ts';
import { type Defs, fromVecs, lowF32, lowF64, toVecs, withF32, withF64 } from './float-forms.ts';
import type { Operand } from './operand.ts';
import { asXmm, readVector, readWide, vex, writeVector, writeWide } from './vector.ts';

/** CVTSI2SS, CVTSI2SD: the lowest lane := SRC; with VEX the others are those of a first source. */
function fromInteger(mnemonic: string, prefix: 'F3' | 'F2'): Defs {
  const converted = (b: Builder, width: number, x: Vec, src: Operand): Vec =>
    prefix === 'F3'
      ? withF32(b, x, scalarFromInteger(b, 'f32', width as 32 | 64, b.read(src)) as Float<32>)
      : withF64(b, x, scalarFromInteger(b, 'f64', width as 32 | 64, b.read(src)) as Float<64>);
  const code = `${prefix} 0F 2A`;
  return [
    instruction({
      mnemonic,
      encodings: [[`${prefix} REX.W 0F 2A /r`, 'xmm, r/m64'], [`${code} /r`, 'xmm, r/m32']], // biome-ignore format: as in the manual
      access: 'rw r',
      emit(b, { ops: [dst, src], width }) {
        writeVector(b, dst, converted(b, width, readVector(b, dst), src));
      },
    }),
    ...([64, 32] as const).map((width) =>
      instruction({
        mnemonic: `v${mnemonic}`,
        encodings: [[`${vex('LIG', code, width === 64 ? 'W1' : 'W0')} /r`, `xmm, vx, r/m${width}`]],
        access: 'w r r',
        emit(b, { ops: [dst, first, src] }) {
          writeWide(b, dst, { low: converted(b, width, readVector(b, first), src), high: undefined });
        },
      }),
    ),
  ];
}
export const FROM_INTEGER: readonly Defs[] = [fromInteger('cvtsi2ss', 'F3'), fromInteger('cvtsi2sd', 'F2')];

/** CVT(T)SS2SI, CVT(T)SD2SI. With a T they truncate, else they round. */
function toInteger(mnemonic: string, bits: 32 | 64, opcode: string, rounding: number): Defs {
  const code = `${bits === 32 ? 'F3' : 'F2'} 0F ${opcode}`;
  return [code, vex('LIG', code)].map((column, i) =>
    instruction({
      mnemonic: i === 0 ? mnemonic : `v${mnemonic}`,
      encodings: [[`${column} /r`, `ry, xmm/m${bits}`]],
      access: 'w r',
      emit(b, { ops: [dst, src] }) {
        const width = asReg(dst).width as 32 | 64;
        const x = readVector(b, src);
        const [type, low] = bits === 32 ? (['f32', lowF32(b, x)] as const) : (['f64', lowF64(b, x)] as const);
        b.write(dst, scalarToInteger(b, type, width, low, rounding));
      },
    }),
  );
}
export const TO_INTEGER: readonly Defs[] = [
  toInteger('cvttss2si', 32, '2C', TRUNCATE),
  toInteger('cvttsd2si', 64, '2C', TRUNCATE),
  toInteger('cvtss2si', 32, '2D', ROUND_BY_MXCSR),
  toInteger('cvtsd2si', 64, '2D', ROUND_BY_MXCSR),
];

/** All lanes; `parts` is how many Vecs there are to be. */
type Convert = (b: Builder, x: Vecs, parts: 1 | 2) => Vecs;
/**
 * DEST := convert(SRC). The operands with VEX.L = 1 follow from how the sizes of lanes differ: `widens`, the source has
 * half as many bits; `narrows`, the destination has.
 */
function packed(mnemonic: string, opcode: string, kind: 'same' | 'widens' | 'narrows', convert: Convert): Defs {
  const source = kind === 'widens' ? 'xmm/m64' : 'xmm/m128';
  const wide = kind === 'same' ? 'ymm, ymm/m256' : kind === 'widens' ? 'ymm, xmm/m128' : 'xmm, ymm/m256';
  return [
    instruction({
      mnemonic,
      encodings: [[`${opcode} /r`, `xmm, ${source}`]],
      access: 'w r',
      emit(b, { ops: [dst, src] }) {
        writeVector(b, dst, convert(b, [readVector(b, src)], 1)[0]);
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [
        [`${vex(128, opcode)} /r`, `xmm, ${source}`],
        [`${vex(256, opcode)} /r`, wide],
      ] as readonly Encoding[],
      access: 'w r',
      emit(b, { ops: [dst, src] }) {
        const x = toVecs(readWide(b, src));
        writeWide(b, dst, fromVecs(convert(b, x, asXmm(dst).isYmm ? 2 : 1)));
      },
    }),
  ];
}
/** Two low lanes of 32 bits, and the two after them. */
const lowPairs = (b: Builder, [x]: Vecs, parts: 1 | 2): Vecs =>
  parts === 1 ? [x] : [x, b.shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7])];
export const PACKED: readonly Defs[] = [
  packed('cvtdq2ps', 'NP 0F 5B', 'same', (b, x) => packedFromIntegers(b, 'f32x4', x)),
  packed('cvtdq2pd', 'F3 0F E6', 'widens', (b, x, parts) => packedFromIntegers(b, 'f64x2', lowPairs(b, x, parts))),
  packed('cvtps2pd', 'NP 0F 5A', 'widens', (b, [x], parts) => packedPromote(b, x, parts)),
  packed('cvtpd2ps', '66 0F 5A', 'narrows', (b, x) => [packedDemote(b, x)]),
  packed('cvtps2dq', '66 0F 5B', 'same', (b, x) => packedToIntegers(b, 'f32x4', x, ROUND_BY_MXCSR)),
  packed('cvttps2dq', 'F3 0F 5B', 'same', (b, x) => packedToIntegers(b, 'f32x4', x, TRUNCATE)),
  packed('cvtpd2dq', 'F2 0F E6', 'narrows', (b, x) => packedToIntegers(b, 'f64x2', x, ROUND_BY_MXCSR)),
  packed('cvttpd2dq', '66 0F E6', 'narrows', (b, x) => packedToIntegers(b, 'f64x2', x, TRUNCATE)),
];

/** CVTSS2SD, CVTSD2SS: the lowest lane; the rest of DEST stays, or is the first source's. */
export const CVTSS2SD = mixed('cvtss2sd', 32, 'F3 0F 5A', (b, x, y) => withF64(b, x, scalarPromote(b, lowF32(b, y))));
export const CVTSD2SS = mixed('cvtsd2ss', 64, 'F2 0F 5A', (b, x, y) => withF32(b, x, scalarDemote(b, lowF64(b, y))));
function mixed(mnemonic: string, bits: 32 | 64, code: string, convert: (b: Builder, x: Vec, y: Vec) => Vec): Defs {
  return [
    instruction({
      mnemonic,
      encodings: [[`${code} /r`, `xmm, xmm/m${bits}`]],
      access: 'rw r',
      emit(b, { ops: [dst, src] }) {
        writeVector(b, dst, convert(b, readVector(b, dst), readVector(b, src)));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${vex('LIG', code)} /r`, `xmm, vx, xmm/m${bits}`]],
      access: 'w r r',
      emit(b, { ops: [dst, first, src] }) {
        writeWide(b, dst, { low: convert(b, readVector(b, first), readVector(b, src)), high: undefined });
      },
    }),
  ];
}

/** VCVTPH2PS, VCVTPS2PH: numbers of 16 bits, in memory and in the lower lanes. The immediate rounds as ROUNDPS's does. */
export const F16C: Defs = [
  instruction({
    mnemonic: 'vcvtph2ps',
    encodings: [[`${vex(128, '66 0F 38 13', 'W0')} /r`, 'xmm, xmm/m64'], [`${vex(256, '66 0F 38 13', 'W0')} /r`, 'ymm, xmm/m128']], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeWide(b, dst, fromVecs(packedPromoteHalves(b, readVector(b, src, false), asXmm(dst).isYmm ? 2 : 1)));
    },
  }),
  instruction({
    mnemonic: 'vcvtps2ph',
    encodings: [[`${vex(128, '66 0F 3A 1D', 'W0')} /r ib`, 'xmm/m64, xmm, imm8'], [`${vex(256, '66 0F 3A 1D', 'W0')} /r ib`, 'xmm/m128, ymm, imm8']], // biome-ignore format: as in the manual
    access: 'w r r',
    emit(b, { ops: [dst, src, imm] }) {
      const x = toVecs(readWide(b, src));
      // Before the store: on processors, too, its exceptions stay where the store faults.
      const halves = packedDemoteToHalves(b, x, Number(asImm(imm).value));
      if (dst.kind === 'xmm') writeWide(b, dst, { low: halves, high: undefined });
      else if (x.length === 2) b.storeVec(b.address(asMem(dst)), halves);
      else b.store(64, b.address(asMem(dst)), b.vec('i64x2.extract_lane', halves, 0));
    },
  }),
];
