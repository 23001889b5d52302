/** AES-NI and PCLMULQDQ, and the same with VEX. Intel SDM Vol. 2, by instruction name. */
import type { Builder, Vec } from '../builder.ts';
import { asImm } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import type { Operand } from './operand.ts';
import { readVector, vex, writeVector, writeWide } from './vector.ts';

type Defs = readonly InstructionDef[];

/** DEST := compute(first, second, imm). */
const binary = (mnemonic: string, opcode: string, compute: (b: Builder, x: Vec, y: Vec, imm: number) => Vec, hasImm = false): Defs => {
  const [ib, operand, read] = hasImm ? [' ib', ', imm8', ' r'] : ['', '', ''];
  const immOf = (imm: Operand | undefined) => (imm ? Number(asImm(imm).value) : 0);
  return [
    instruction({
      mnemonic,
      encodings: [[`${opcode} /r${ib}`, `xmm, xmm/m128${operand}`]],
      access: `rw r${read}`,
      emit(b, { ops: [dst, src, imm] }) {
        writeVector(b, dst, compute(b, readVector(b, dst), readVector(b, src), immOf(imm)));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${vex(128, opcode)} /r${ib}`, `xmm, vx, xmm/m128${operand}`]],
      access: `w r r${read}`,
      emit(b, { ops: [dst, x, y, imm] }) {
        writeWide(b, dst, { low: compute(b, readVector(b, x), readVector(b, y, false), immOf(imm)), high: undefined });
      },
    }),
  ];
}; // biome-ignore format: a long list
/** DEST := compute(SRC, imm). */
const unary = (mnemonic: string, opcode: string, compute: (b: Builder, x: Vec, imm: number) => Vec, hasImm = false): Defs => {
  const [ib, operand, read] = hasImm ? [' ib', ', imm8', ' r'] : ['', '', ''];
  return [opcode, vex(128, opcode)].map((code, i) =>
    instruction({
      mnemonic: i === 0 ? mnemonic : `v${mnemonic}`,
      encodings: [[`${code} /r${ib}`, `xmm, xmm/m128${operand}`]],
      access: `w r${read}`,
      emit(b, { ops: [dst, src, imm] }) {
        const low = compute(b, readVector(b, src, i === 0), imm ? Number(asImm(imm).value) : 0);
        if (i === 0) writeVector(b, dst, low);
        else writeWide(b, dst, { low, high: undefined });
      },
    }),
  );
}; // biome-ignore format: a long list

/** One round each; the second operand is the round's key. */
export const ROUNDS: readonly Defs[] = [
  binary('aesenc', '66 0F 38 DC', (b, x, y) => b.callRuntime('aesEncrypt', x, y)),
  binary('aesenclast', '66 0F 38 DD', (b, x, y) => b.callRuntime('aesEncryptLast', x, y)),
  binary('aesdec', '66 0F 38 DE', (b, x, y) => b.callRuntime('aesDecrypt', x, y)),
  binary('aesdeclast', '66 0F 38 DF', (b, x, y) => b.callRuntime('aesDecryptLast', x, y)),
];

/** AESIMC: InvMixColumns. */
export const AESIMC = unary('aesimc', '66 0F 38 DB', (b, x) => b.callRuntime('aesUnmix', x));

/** AESKEYGENASSIST: lanes 1 and 3 substituted, as they are and turned by a byte with the round's constant. */
export const AESKEYGENASSIST = unary(
  'aeskeygenassist',
  '66 0F 3A DF',
  (b, x, imm) => {
    const substituted = b.callRuntime('aesSubstitute', x);
    const placed = b.shuffle(substituted, substituted, [4, 5, 6, 7, 5, 6, 7, 4, 12, 13, 14, 15, 13, 14, 15, 12]);
    const constant = BigInt(imm) << 32n;
    return b.vec('v128.xor', placed, b.vecConst(constant, constant));
  },
  true,
);

/** PCLMULQDQ: the carry-less product of one half of each operand, which bits 0 and 4 of the immediate name. */
export const PCLMULQDQ = binary(
  'pclmulqdq',
  '66 0F 3A 44',
  (b, x, y, imm) => {
    const half = (v: Vec, n: number) => b.vec('i64x2.extract_lane', v, n & 1);
    return b.callRuntime('carrylessProduct', half(x, imm), half(y, imm >> 4));
  },
  true,
);
