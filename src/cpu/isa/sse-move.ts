/** Moves of XMM registers: SSE and SSE2. Intel SDM Vol. 2, by instruction name. */
import type { Vec } from '../builder.ts';
import { asImm, asMem, asReg } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { asXmm, lanes, readVector, withLowLane, writeVector, zeroVector } from './vector.ts';

/** All 128 bits, both ways. */
const whole = (mnemonic: string, load: string, store: string, isAligned: boolean): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${load} /r`, 'xmm, xmm/m128'], [`${store} /r`, 'xmm/m128, xmm']], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, readVector(b, src, isAligned), isAligned);
    },
  });

/** MOVAPS, MOVAPD, MOVDQA: memory is aligned. MOVUPS, MOVUPD, MOVDQU: anywhere. */
export const WHOLE: readonly InstructionDef[] = [
  whole('movaps', 'NP 0F 28', 'NP 0F 29', true),
  whole('movapd', '66 0F 28', '66 0F 29', true),
  whole('movdqa', '66 0F 6F', '66 0F 7F', true),
  whole('movups', 'NP 0F 10', 'NP 0F 11', false),
  whole('movupd', '66 0F 10', '66 0F 11', false),
  whole('movdqu', 'F3 0F 6F', 'F3 0F 7F', false),
];

/** Stores with a hint for the caches. */
const nonTemporal = (mnemonic: string, opcode: string): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, 'm128, xmm']],
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, readVector(b, src));
    },
  });
export const NON_TEMPORAL: readonly InstructionDef[] = [
  nonTemporal('movntps', 'NP 0F 2B'),
  nonTemporal('movntpd', '66 0F 2B'),
  nonTemporal('movntdq', '66 0F E7'),
];

/** MOVSS, MOVSD: the lowest lane; from memory, the rest becomes zero; between registers it stays. */
const scalar = (mnemonic: string, bits: 32 | 64, prefix: string): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${prefix} 0F 10 /r`, `xmm, xmm/m${bits}`], [`${prefix} 0F 11 /r`, `xmm/m${bits}, xmm`]], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      const value = readVector(b, src);
      if (dst.kind === 'xmm')
        b.writeXmm(
          dst.reg,
          src.kind === 'mem' ? value : withLowLane(b, bits === 32 ? 4 : 8, b.readXmm(dst.reg), value),
        );
      else if (bits === 32) b.store(32, b.address(asMem(dst)), b.vec('i32x4.extract_lane', value, 0));
      else b.store(64, b.address(asMem(dst)), b.vec('i64x2.extract_lane', value, 0));
    },
  });
export const MOVSS = scalar('movss', 32, 'F3');
export const MOVSD = scalar('movsd', 64, 'F2');

/** MOVD: between a general register or memory and the lowest 32 bits; the rest of a vector register becomes zero. */
export const MOVD = instruction({
  mnemonic: 'movd',
  encodings: [['66 0F 6E /r', 'xmm, r/m32'], ['66 0F 7E /r', 'r/m32, xmm']], // biome-ignore format: as in the manual
  access: 'w r',
  emit(b, { ops: [dst, src] }) {
    if (src.kind === 'xmm') b.write(dst, b.vec('i32x4.extract_lane', b.readXmm(src.reg), 0));
    else if (src.kind === 'mem') b.writeXmm(asXmm(dst).reg, readVector(b, src));
    else b.writeXmm(asXmm(dst).reg, b.vec('i32x4.replace_lane', zeroVector(b), 0, b.read(src)));
  },
});

/** MOVQ: as MOVD, with 64 bits; also between vector registers. */
export const MOVQ = instruction({
  mnemonic: 'movq',
  encodings: [
    ['66 REX.W 0F 6E /r', 'xmm, r/m64'], ['66 REX.W 0F 7E /r', 'r/m64, xmm'], ['F3 0F 7E /r', 'xmm, xmm/m64'], ['66 0F D6 /r', 'xmm/m64, xmm'],
  ], // biome-ignore format: as in the manual
  access: 'w r',
  emit(b, { ops: [dst, src] }) {
    if (dst.kind === 'xmm' && src.kind === 'mem') return b.writeXmm(dst.reg, readVector(b, src));
    const value = src.kind === 'xmm' ? b.vec('i64x2.extract_lane', b.readXmm(src.reg), 0) : b.read(src);
    if (dst.kind === 'xmm') b.writeXmm(dst.reg, b.vec('i64x2.replace_lane', zeroVector(b), 0, value));
    else b.write(dst, value);
  },
});

/** MOVLPS, MOVLPD, MOVHPS, MOVHPD: one half of the register from and to memory. */
const half = (mnemonic: string, n: 0 | 1, load: string, store: string): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${load} /r`, 'xmm, m64'], [`${store} /r`, 'm64, xmm']], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      if (dst.kind === 'xmm') b.writeXmm(dst.reg, b.vec('i64x2.replace_lane', b.readXmm(dst.reg), n, b.read(src)));
      else b.write(dst, b.vec('i64x2.extract_lane', b.readXmm(asXmm(src).reg), n));
    },
  });
export const HALVES: readonly InstructionDef[] = [
  half('movlps', 0, 'NP 0F 12', 'NP 0F 13'),
  half('movlpd', 0, '66 0F 12', '66 0F 13'),
  half('movhps', 1, 'NP 0F 16', 'NP 0F 17'),
  half('movhpd', 1, '66 0F 16', '66 0F 17'),
];

/** MOVHLPS: low half of DEST := high half of SRC. */
export const MOVHLPS = instruction({
  mnemonic: 'movhlps',
  encodings: [['NP 0F 12 /r', 'xmm, rmx']],
  access: 'rw r',
  emit(b, { ops: [dst, src] }) {
    writeVector(b, dst, b.shuffle(readVector(b, src), readVector(b, dst), lanes(8, 1, 3)));
  },
});

/** MOVLHPS: high half of DEST := low half of SRC. */
export const MOVLHPS = instruction({
  mnemonic: 'movlhps',
  encodings: [['NP 0F 16 /r', 'xmm, rmx']],
  access: 'rw r',
  emit(b, { ops: [dst, src] }) {
    writeVector(b, dst, b.shuffle(readVector(b, dst), readVector(b, src), lanes(8, 0, 2)));
  },
});

/** The top bits of all lanes as a number. */
const mask = (
  mnemonic: string,
  opcode: string,
  register: 'r32' | 'ry',
  op: 'i8x16.bitmask' | 'i32x4.bitmask' | 'i64x2.bitmask',
): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, `${register}, rmx`]],
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      b.write(dst, b.zext(32, asReg(dst).width, b.vec(op, readVector(b, src))));
    },
  });
export const MASKS: readonly InstructionDef[] = [
  mask('pmovmskb', '66 0F D7', 'r32', 'i8x16.bitmask'),
  mask('movmskps', 'NP 0F 50', 'ry', 'i32x4.bitmask'),
  mask('movmskpd', '66 0F 50', 'ry', 'i64x2.bitmask'),
];

/** PINSRW: one lane of 16 bits := the low bits of SRC. */
export const PINSRW = instruction({
  mnemonic: 'pinsrw',
  encodings: [['66 0F C4 /r ib', 'xmm, ry/m16, imm8']],
  access: 'rw r r',
  emit(b, { ops: [dst, src, imm] }) {
    const lane = Number(asImm(imm).value & 7n);
    const value = src.kind === 'reg' ? b.readReg(32, src.reg) : b.read(src);
    writeVector(b, dst, b.vec('i16x8.replace_lane', readVector(b, dst), lane, value));
  },
});

/** PEXTRW: DEST := one lane of 16 bits, zero-extended. */
export const PEXTRW = instruction({
  mnemonic: 'pextrw',
  encodings: [['66 0F C5 /r ib', 'ry, rmx, imm8']],
  access: 'w r r',
  emit(b, { ops: [dst, src, imm], width }) {
    const value = b.vec('i16x8.extract_lane_u', readVector(b, src), Number(asImm(imm).value & 7n));
    b.write(dst, b.zext(32, width, value));
  },
});

/**
 * MASKMOVDQU: stores the bytes of the first operand where the second one's have their top bit set. Processors
 * check the upper half of the memory operand, then the lower one.
 */
export const MASKMOVDQU = instruction({
  mnemonic: 'maskmovdqu',
  encodings: [['66 0F F7 /r', 'xmm, rmx, [ds:rDI]']],
  access: 'r r rw',
  emit(b, { ops: [src, selector, dst] }) {
    const selected: Vec = b.vec('i8x16.shr_s', readVector(b, selector), b.const(32, 7));
    const value = readVector(b, src);
    const address = b.address(asMem(dst));
    // Whatever the mask says.
    for (const half of [8, 0]) b.probe(b.add(64, address, b.const(64, half)), 8);
    b.storeVec(address, b.vec('v128.bitselect', value, b.loadVec(128, address), selected));
  },
});
