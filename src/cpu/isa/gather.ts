/**
 * Gathers: lanes loaded from an address each, where the mask is negative. A lane that has been loaded clears its part of
 * the mask, so that a fault in the middle leaves the instruction restartable; what else a fault leaves is as processors
 * have it. Intel SDM Vol. 2C, "VPGATHERDD".
 */
import type { Bool, Builder, Val, Vec } from '../builder.ts';
import { selectedLanes, withLane } from './avx.ts';
import { asMem, linear } from './common.ts';
import { type Encoding, type InstructionDef, instruction } from './define.ts';
import type { MemOperand } from './operand.ts';
import { asXmm, readWide, vex, zeroVector } from './vector.ts';

/** Addresses by number. */
function indexes(b: Builder, memory: MemOperand, bits: 32 | 64): (i: number) => Val {
  const reg = memory.vectorIndex?.reg ?? 0;
  const offset = b.offset(memory);
  return (i) => {
    const perHalf = 128 / bits;
    const half = i < perHalf ? b.readXmm(reg) : b.readYmmHigh(reg);
    const index =
      bits === 32
        ? b.sext(32, 64, b.vec('i32x4.extract_lane', half, i % perHalf))
        : b.vec('i64x2.extract_lane', half, i % perHalf);
    return linear(b, memory, b.add(64, offset, b.shl(64, index, b.const(32, Math.log2(memory.scale)))));
  };
}

const anyOf = (b: Builder, all: readonly Bool[]): Bool => all.reduce((x, y) => b.boolOr(x, y));

/** `indexBits`: 32 or 64; as many lanes as both the destination and the indexes have. */
const gather = (mnemonic: string, opcode: string, w: 'W0' | 'W1', indexBits: 32 | 64, encodings: readonly (readonly [128 | 256, string])[]): InstructionDef =>
  instruction({
    mnemonic,
    encodings: encodings.map(([length, operands]): Encoding => [`${vex(length, `66 0F 38 ${opcode}`, w)} /r`, operands]),
    access: 'rw r rw',
    emit(b, { ops: [dst, src, mask] }) {
      const memory = asMem(src);
      const [to, by] = [asXmm(dst), asXmm(mask)];
      const bits = w === 'W0' ? 32 : 64;
      const perHalf = 128 / bits;
      const count = Math.min((to.isYmm ? 256 : 128) / bits, (memory.vectorIndex?.isYmm ? 256 : 128) / indexBits);
      const isWide = by.isYmm || memory.vectorIndex?.isYmm === true;
      const masked = readWide(b, mask);
      const selected = selectedLanes(b, masked, bits);
      const addressOf = indexes(b, memory, indexBits);
      const zero = zeroVector(b);
      // Whatever happens: all of a lane is like its sign, and what is beyond VEX.L's length is zero.
      b.if(anyOf(b, selected), () => {
        const signs = (half: Vec) => b.vec(bits === 32 ? 'i32x4.shr_s' : 'i64x2.shr_s', half, b.const(32, bits - 1));
        b.writeXmm(by.reg, signs(masked.low));
        b.writeYmmHigh(by.reg, isWide ? signs(b.readYmmHigh(by.reg)) : zero);
      });
      for (let i = 0; i < count; i++) {
        const [lane, isLow] = [i % perHalf, i < perHalf];
        b.if(selected[i], () => {
          const value = b.load(bits, addressOf(i));
          const done = b.const(bits, 0);
          if (isLow) {
            b.writeXmm(to.reg, withLane(b, bits, b.readXmm(to.reg), lane, value));
            b.writeXmm(by.reg, withLane(b, bits, b.readXmm(by.reg), lane, done));
          } else {
            b.writeYmmHigh(to.reg, withLane(b, bits, b.readYmmHigh(to.reg), lane, value));
            b.writeYmmHigh(by.reg, withLane(b, bits, b.readYmmHigh(by.reg), lane, done));
          }
          if (!isWide) b.writeYmmHigh(to.reg, zero);
        });
      }
      if (count * bits < 128) b.writeXmm(to.reg, b.vec('i64x2.replace_lane', b.readXmm(to.reg), 1, b.const(64, 0)));
      if (count * bits <= 128) b.writeYmmHigh(to.reg, zero);
      b.writeXmm(by.reg, zero);
      b.writeYmmHigh(by.reg, zero);
    },
  }); // biome-ignore format: a long list
const DWORDS: readonly (readonly [128 | 256, string])[] = [[128, 'xmm, vm32x, vx'], [256, 'ymm, vm32y, vy']]; // biome-ignore format: a list
const DWORDS_BY_QWORDS: readonly (readonly [128 | 256, string])[] = [[128, 'xmm, vm64x, vx'], [256, 'xmm, vm64y, vx']]; // biome-ignore format: a list
const QWORDS_BY_DWORDS: readonly (readonly [128 | 256, string])[] = [[128, 'xmm, vm32x, vx'], [256, 'ymm, vm32x, vy']]; // biome-ignore format: a list
const QWORDS: readonly (readonly [128 | 256, string])[] = [[128, 'xmm, vm64x, vx'], [256, 'ymm, vm64y, vy']]; // biome-ignore format: a list
export const GATHERS: readonly InstructionDef[] = [
  gather('vpgatherdd', '90', 'W0', 32, DWORDS),
  gather('vpgatherqd', '91', 'W0', 64, DWORDS_BY_QWORDS),
  gather('vpgatherdq', '90', 'W1', 32, QWORDS_BY_DWORDS),
  gather('vpgatherqq', '91', 'W1', 64, QWORDS),
  gather('vgatherdps', '92', 'W0', 32, DWORDS),
  gather('vgatherqps', '93', 'W0', 64, DWORDS_BY_QWORDS),
  gather('vgatherdpd', '92', 'W1', 32, QWORDS_BY_DWORDS),
  gather('vgatherqpd', '93', 'W1', 64, QWORDS),
];
