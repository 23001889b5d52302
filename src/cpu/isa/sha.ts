/** SHA extensions. Intel SDM Vol. 2B, by instruction name; FIPS 180-4. Lanes count from the lowest. */
import type { Builder, Val, Vec } from '../builder.ts';
import { asImm } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { lanes, readVector, writeVector, zeroVector } from './vector.ts';

const lane = (b: Builder, x: Vec, i: number): Val => b.vec('i32x4.extract_lane', x, i);
const ofLanes = (b: Builder, values: readonly Val[]): Vec =>
  values.reduce((x: Vec, value, i) => b.vec('i32x4.replace_lane', x, i, value), zeroVector(b));
const add = (b: Builder, first: Val, ...others: Val[]): Val => others.reduce((sum, x) => b.add(32, sum, x), first);
const rotl = (b: Builder, x: Val, count: number): Val => b.rotl(32, x, b.const(32, count));
const xor = (b: Builder, first: Val, ...others: Val[]): Val => others.reduce((sum, x) => b.xor(32, sum, x), first);
/** Of x where the bit of `choice` is set, else of y. */
const choose = (b: Builder, choice: Val, x: Val, y: Val): Val => b.xor(32, y, b.and(32, choice, b.xor(32, x, y)));
const majority = (b: Builder, x: Val, y: Val, z: Val): Val => b.or(32, b.and(32, x, y), b.and(32, z, b.or(32, x, y)));

const sha = (mnemonic: string, opcode: string, operands: string, compute: (b: Builder, x: Vec, y: Vec, imm: number) => Vec): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[opcode, `xmm, xmm/m128${operands}`]],
    access: 'rw r r',
    emit(b, { ops: [dst, src, imm] }) {
      const control = imm?.kind === 'imm' ? Number(asImm(imm).value) : 0;
      writeVector(b, dst, compute(b, readVector(b, dst), readVector(b, src), control));
    },
  }); // biome-ignore format: a long list

const SHA1_CONSTANTS = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];
/** SHA1RNDS4: four rounds on A, B, C, D (lanes 3 to 0); SRC holds the words, E added to the first one. */
export const SHA1RNDS4 = sha('sha1rnds4', 'NP 0F 3A CC /r ib', ', imm8', (b, x, y, imm) => {
  const kind = imm & 3;
  const mix = (p: Val, q: Val, r: Val) =>
    kind === 0 ? choose(b, p, q, r) : kind === 2 ? majority(b, p, q, r) : xor(b, p, q, r);
  let [p, q, r, s] = [3, 2, 1, 0].map((i) => lane(b, x, i));
  let e: Val = b.const(32, 0);
  for (let round = 0; round < 4; round++) {
    const next = add(b, mix(q, r, s), rotl(b, p, 5), lane(b, y, 3 - round), e, b.const(32, SHA1_CONSTANTS[kind]));
    [p, q, r, s, e] = [next, p, rotl(b, q, 30), r, s];
  }
  return ofLanes(b, [s, r, q, p]);
});
/** SHA1NEXTE: SRC, with E of four rounds ago added to its first word. */
export const SHA1NEXTE = sha('sha1nexte', 'NP 0F 38 C8 /r', '', (b, x, y) =>
  b.vec('i32x4.replace_lane', y, 3, b.add(32, lane(b, y, 3), rotl(b, lane(b, x, 3), 30))),
);
export const SHA1MSG1 = sha('sha1msg1', 'NP 0F 38 C9 /r', '', (b, x, y) =>
  b.vec('v128.xor', x, b.shuffle(y, x, lanes(8, 1, 2))),
);
export const SHA1MSG2 = sha('sha1msg2', 'NP 0F 38 CA /r', '', (b, x, y) => {
  const word = (i: number, other: Val) => rotl(b, b.xor(32, lane(b, x, i), other), 1);
  const first = word(3, lane(b, y, 2));
  return ofLanes(b, [word(0, first), word(1, lane(b, y, 0)), word(2, lane(b, y, 1)), first]);
});

/** Three rotations, or two and a shift, xored. */
const sigma = (b: Builder, x: Val, p: number, q: number, r: number, shifts = false): Val =>
  xor(b, rotl(b, x, 32 - p), rotl(b, x, 32 - q), shifts ? b.shrU(32, x, b.const(32, r)) : rotl(b, x, 32 - r));
/** SHA256RNDS2: two rounds on A, B, E, F (SRC) and C, D, G, H (DEST), lanes 3 to 0 each; XMM0 holds the words with constants. */
export const SHA256RNDS2 = sha('sha256rnds2', 'NP 0F 38 CB /r', ', XMM0', (b, x, y) => {
  const words = b.readXmm(0);
  let [a0, b0, e0, f0] = [3, 2, 1, 0].map((i) => lane(b, y, i));
  let [c0, d0, g0, h0] = [3, 2, 1, 0].map((i) => lane(b, x, i));
  for (let round = 0; round < 2; round++) {
    const sum = add(b, choose(b, e0, f0, g0), sigma(b, e0, 6, 11, 25), lane(b, words, round), h0);
    const next = add(b, sum, majority(b, a0, b0, c0), sigma(b, a0, 2, 13, 22));
    [a0, b0, c0, d0, e0, f0, g0, h0] = [next, a0, b0, c0, b.add(32, sum, d0), e0, f0, g0];
  }
  return ofLanes(b, [f0, e0, b0, a0]);
});
export const SHA256MSG1 = sha('sha256msg1', 'NP 0F 38 CC /r', '', (b, x, y) => {
  const word = (i: number) => (i < 4 ? lane(b, x, i) : lane(b, y, 0));
  return ofLanes(b, [0, 1, 2, 3].map((i) => b.add(32, word(i), sigma(b, word(i + 1), 7, 18, 3, true)))); // biome-ignore format: one line
});
export const SHA256MSG2 = sha('sha256msg2', 'NP 0F 38 CD /r', '', (b, x, y) => {
  const word = (i: number, before: Val) => b.add(32, lane(b, x, i), sigma(b, before, 17, 19, 10, true));
  const [first, second] = [word(0, lane(b, y, 2)), word(1, lane(b, y, 3))];
  return ofLanes(b, [first, second, word(2, first), word(3, second)]);
});
