/** Bitwise logic. Intel SDM Vol. 2, by instruction name. AF, which the manual leaves undefined, becomes 0. */
import type { Builder, Val, Width } from '../builder.ts';
import { arithmeticEncodings } from './arith.ts';
import { instruction } from './define.ts';

const logic = (mnemonic: string, base: number, n: number, compute: (b: Builder, width: Width, x: Val, y: Val) => Val) =>
  instruction({
    mnemonic,
    encodings: arithmeticEncodings(base, n, true),
    access: 'rw r',
    flags: { writes: 'oszapc', undefined: 'a' },
    emit(b, { ops: [dst, src], width }) {
      const result = compute(b, width, b.read(dst), b.read(src));
      b.write(dst, result);
      b.flagsAfterLogic(width, result);
    },
  });

export const OR = logic('or', 0x08, 1, (b, width, x, y) => b.or(width, x, y));
export const AND = logic('and', 0x20, 4, (b, width, x, y) => b.and(width, x, y));
export const XOR = logic('xor', 0x30, 6, (b, width, x, y) => b.xor(width, x, y));

/** TEST: flags of DEST and SRC. F6 /1 and F7 /1 do the same as /0. */
export const TEST = instruction({
  mnemonic: 'test',
  encodings: [
    ['84 /r', 'r/m8, r8'], ['85 /r', 'r/m, r'], ['A8 ib', 'AL, imm8'], ['A9 iz', 'rAX, imm'],
    ['F6 /0 ib', 'r/m8, imm8'], ['F7 /0 iz', 'r/m, imm'], ['F6 /1 ib', 'r/m8, imm8'], ['F7 /1 iz', 'r/m, imm'],
  ], // biome-ignore format: as in the manual
  access: 'r r',
  flags: { writes: 'oszapc', undefined: 'a' },
  emit(b, { ops: [x, y], width }) {
    b.flagsAfterLogic(width, b.and(width, b.read(x), b.read(y)));
  },
});

/** NOT: DEST := NOT DEST; no flags. */
export const NOT = instruction({
  mnemonic: 'not',
  encodings: [['F6 /2', 'r/m8', 'LOCK'], ['F7 /2', 'r/m', 'LOCK']], // biome-ignore format: as in the manual
  access: 'rw',
  emit(b, { ops: [dst], width }) {
    b.write(dst, b.not(width, b.read(dst)));
  },
});
