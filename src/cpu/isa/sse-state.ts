/**
 * MXCSR, FXSAVE and FXRSTOR. Intel SDM Vol. 1, "MXCSR Control and Status Register" and "FXSAVE and FXRSTOR
 * Instructions". In the image the x87 registers begin with ST0; in the state, with R0: isa/x87-common.ts.
 */
import type { Builder, Val } from '../builder.ts';
import { asMem, bit } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { requireAligned } from './vector.ts';

/** Bits that software may set: all that are not reserved, DAZ among them. */
const MXCSR_MASK = 0xffff;
export const requireMxcsr = (b: Builder, value: Val): void =>
  b.raiseIf(b.ne(32, b.shrU(32, value, b.const(32, 16)), b.const(32, 0)), 'GP', 0);

/** LDMXCSR: MXCSR := SRC; #GP for its reserved bits. STMXCSR: DEST := MXCSR. */
export const MXCSR_MOVES: readonly InstructionDef[] = ['', 'v'].flatMap((v) => {
  const opening = v === '' ? 'NP 0F' : 'VEX.LZ.0F.WIG';
  return [
    instruction({
      mnemonic: `${v}ldmxcsr`,
      encodings: [[`${opening} AE /2`, 'm32']],
      access: 'r',
      emit(b, { ops: [src] }) {
        const value = b.read(src);
        requireMxcsr(b, value);
        b.setMxcsr(value);
      },
    }),
    instruction({
      mnemonic: `${v}stmxcsr`,
      encodings: [[`${opening} AE /3`, 'm32']],
      access: 'w',
      emit(b, { ops: [dst] }) {
        b.write(dst, b.mxcsr());
      },
    }),
  ];
});

/** Offsets in the image. */
const AT_MXCSR_MASK = 28, AT_REGISTERS = 32, BYTES = 512; // biome-ignore format: one line
export const AT_MXCSR = 24, AT_XMM = 160; // biome-ignore format: one line
/** The address of an offset in an image. */
export type ImageAt = (offset: number) => Val;

/** The instruction and the data pointer: of 32 bits with a selector, which processors no longer keep, or of 64 bits. */
const POINTERS = [8, 16];
const pointer = (b: Builder, width: 32 | 64, value: Val): Val =>
  width === 64 ? value : b.and(64, value, b.const(64, 0xffff_ffff));
/** What is kept of the instruction pointer: 57 bits, sign-extended. */
const canonical = (b: Builder, value: Val): Val => b.shrS(64, b.shl(64, value, b.const(32, 7)), b.const(32, 7));
/** Of the first eight bytes: the opcode has eleven bits. */
const HEAD_MASK = 0x07ff_ffff_ffff_ffffn;

const stackTop = (b: Builder, head: Val): Val =>
  b.and(32, b.shrU(32, b.trunc(64, 32, head), b.const(32, 27)), b.const(32, 7));

/** The halves of eight registers, beginning with those of register `by`, width 32. */
function turned(b: Builder, halves: readonly Val[], by: Val): readonly Val[] {
  let now = halves;
  for (const step of [1, 2, 4]) {
    const turns = bit(b, 32, by, Math.log2(step));
    const before = now;
    now = now.map((one, i) => b.select(64, turns, before[(i + 2 * step) % 16], one));
  }
  return now;
}

/** The image's x87 part := the state. */
export function storeX87(b: Builder, at: ImageAt, width: 32 | 64): void {
  b.store(64, at(0), b.readX87(0));
  for (const offset of POINTERS) b.store(64, at(offset), pointer(b, width, b.readX87(offset)));
  const registers = Array.from({ length: 16 }, (_, i) => b.readX87(AT_REGISTERS + 8 * i));
  for (const [i, half] of turned(b, registers, stackTop(b, b.readX87(0))).entries())
    b.store(64, at(AT_REGISTERS + 8 * i), half);
}
export function storeMxcsr(b: Builder, at: ImageAt): void {
  b.store(32, at(AT_MXCSR), b.mxcsr());
  b.store(32, at(AT_MXCSR_MASK), b.const(32, MXCSR_MASK));
}
export const loadMxcsr = (b: Builder, at: ImageAt): Val => b.load(32, at(AT_MXCSR));
/** The state := the image's x87 part, once the returned function is called. */
export function loadX87(b: Builder, at: ImageAt, width: 32 | 64): () => void {
  const head = b.and(64, b.load(64, at(0)), b.const(64, HEAD_MASK));
  const pointers = POINTERS.map((offset) => pointer(b, width, b.load(64, at(offset))));
  const stack = Array.from({ length: 16 }, (_, i) => {
    const half = b.load(64, at(AT_REGISTERS + 8 * i));
    return (i & 1) === 0 ? half : b.and(64, half, b.const(64, 0xffff)); // a register has 80 bits
  });
  return () => {
    b.writeX87(0, head);
    for (const [i, value] of pointers.entries()) b.writeX87(POINTERS[i], i === 0 ? canonical(b, value) : value);
    const up = b.and(32, b.neg(32, stackTop(b, head)), b.const(32, 7));
    for (const [i, half] of turned(b, stack, up).entries()) b.writeX87(AT_REGISTERS + 8 * i, half);
  };
}
/** Offsets of all of the x87 state. */
export const X87_WORDS: readonly number[] = [
  0,
  ...POINTERS,
  ...Array.from({ length: 16 }, (_, i) => AT_REGISTERS + 8 * i),
];

/** FXSAVE, FXSAVE64: 464 of the 512 bytes of DEST := x87 state, MXCSR and its mask, XMM registers. */
const save = (mnemonic: string, opcode: string, width: 32 | 64): InstructionDef =>
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
      storeX87(b, at, width);
      storeMxcsr(b, at);
      for (let n = 0; n < 16; n++) b.storeVec(at(AT_XMM + 16 * n), b.readXmm(n));
    },
  });
/** FXRSTOR, FXRSTOR64: the same from SRC; #GP if it sets a reserved bit of MXCSR. */
const restore = (mnemonic: string, opcode: string, width: 32 | 64): InstructionDef =>
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
      const mxcsr = loadMxcsr(b, at);
      requireMxcsr(b, mxcsr);
      const writeX87 = loadX87(b, at, width);
      for (let n = 0; n < 16; n++) b.writeXmm(n, b.loadVec(128, at(AT_XMM + 16 * n)));
      writeX87();
      b.setMxcsr(mxcsr);
    },
  });
export const IMAGES: readonly InstructionDef[] = [
  save('fxsave', 'NP 0F AE /0', 32),
  save('fxsave64', 'NP REX.W 0F AE /0', 64),
  restore('fxrstor', 'NP 0F AE /1', 32),
  restore('fxrstor64', 'NP REX.W 0F AE /1', 64),
];
