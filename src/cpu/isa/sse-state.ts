/**
 * MXCSR, FXSAVE and FXRSTOR. Intel SDM Vol. 1, "MXCSR Control and Status Register" and "FXSAVE and FXRSTOR
 * Instructions". The x87 part of the state is kept in the layout of the FXSAVE image.
 */
import type { Builder, Val } from '../builder.ts';
import { asMem } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { requireAligned } from './vector.ts';

/** Bits that software may set: all that are not reserved, DAZ among them. */
const MXCSR_MASK = 0xffff;
const requireMxcsr = (b: Builder, value: Val): void =>
  b.raiseIf(b.ne(32, b.shrU(32, value, b.const(32, 16)), b.const(32, 0)), 'GP', 0);

/** LDMXCSR: MXCSR := SRC; #GP for its reserved bits. */
export const LDMXCSR = instruction({
  mnemonic: 'ldmxcsr',
  encodings: [['NP 0F AE /2', 'm32']],
  access: 'r',
  emit(b, { ops: [src] }) {
    const value = b.read(src);
    requireMxcsr(b, value);
    b.setMxcsr(value);
  },
});

/** STMXCSR: DEST := MXCSR. */
export const STMXCSR = instruction({
  mnemonic: 'stmxcsr',
  encodings: [['NP 0F AE /3', 'm32']],
  access: 'w',
  emit(b, { ops: [dst] }) {
    b.write(dst, b.mxcsr());
  },
});

/** Offsets in the image. */
const AT_MXCSR = 24, AT_MXCSR_MASK = 28, AT_REGISTERS = 32, AT_XMM = 160, BYTES = 512; // biome-ignore format: one line

/** FXSAVE, FXSAVE64: 464 of the 512 bytes of DEST := x87 state, MXCSR and its mask, XMM registers. */
const save = (mnemonic: string, opcode: string): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[opcode, 'm4096']],
    access: 'w',
    emit(b, { ops: [dst] }) {
      const address = b.address(asMem(dst));
      const at = (offset: number) => b.add(64, address, b.const(64, offset));
      requireAligned(b, address);
      // Processors begin with the last byte.
      for (const offset of [BYTES - 1, 0]) b.probe(at(offset), 1);
      for (let offset = 0; offset < AT_XMM; offset += 8)
        if (offset !== AT_MXCSR) b.store(64, at(offset), b.readX87(offset));
      b.store(32, at(AT_MXCSR), b.mxcsr());
      b.store(32, at(AT_MXCSR_MASK), b.const(32, MXCSR_MASK));
      for (let n = 0; n < 16; n++) b.storeVec(at(AT_XMM + 16 * n), b.readXmm(n));
    },
  });
/** FXRSTOR, FXRSTOR64: the same from SRC; #GP if it sets a reserved bit of MXCSR. */
const restore = (mnemonic: string, opcode: string): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[opcode, 'm4096']],
    access: 'r',
    emit(b, { ops: [src] }) {
      const address = b.address(asMem(src));
      const at = (offset: number) => b.add(64, address, b.const(64, offset));
      requireAligned(b, address);
      b.load(8, at(BYTES - 1));
      b.load(8, address);
      const mxcsr = b.load(32, at(AT_MXCSR));
      requireMxcsr(b, mxcsr);
      const x87: [offset: number, value: Val][] = [];
      for (let offset = 0; offset < AT_XMM; offset += 8) {
        if (offset === AT_MXCSR) continue;
        const value = b.load(64, at(offset));
        // A register has 80 bits.
        const isUpper = offset >= AT_REGISTERS && (offset & 8) !== 0;
        x87.push([offset, isUpper ? b.and(64, value, b.const(64, 0xffff)) : value]);
      }
      for (let n = 0; n < 16; n++) b.writeXmm(n, b.loadVec(128, at(AT_XMM + 16 * n)));
      for (const [offset, value] of x87) b.writeX87(offset, value);
      b.setMxcsr(mxcsr);
    },
  });
export const IMAGES: readonly InstructionDef[] = [
  save('fxsave', 'NP 0F AE /0'),
  save('fxsave64', 'NP REX.W 0F AE /0'),
  restore('fxrstor', 'NP 0F AE /1'),
  restore('fxrstor64', 'NP REX.W 0F AE /1'),
];
