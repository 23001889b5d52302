/** Stack instructions. The stack pointer is always 64 bits wide; data are 64 bits, or 16 with 66. Intel SDM Vol. 2, by name. */
import type { Builder, Val, Width } from '../builder.ts';
import { RBP, RSP } from '../state.ts';
import { asImm } from './common.ts';
import { instruction } from './define.ts';
import type { Operand } from './operand.ts';
import { loadSegment, selectorOf } from './segment.ts';

/** Stores below RSP and moves RSP down. */
export function push(b: Builder, width: Width, value: Val): void {
  const top = b.sub(64, b.readReg(64, RSP), b.const(64, width / 8));
  b.store(width, top, value);
  b.writeReg(64, RSP, top);
}

/** PUSH: RSP := RSP - size, store SRC. PUSH RSP stores the old value. */
export const PUSH = instruction({
  mnemonic: 'push',
  encodings: [
    ['FF /6', 'r/m', 'D64'], ['50+r', 'r', 'D64'], ['6A ib', 'simm8', 'D64'], ['68 iz', 'imm', 'D64'],
    ['0F A0', 'FS', 'D64'], ['0F A8', 'GS', 'D64'],
  ], // biome-ignore format: as in the manual
  access: 'r',
  emit(b, { ops: [src], width }) {
    push(b, width, src.kind === 'seg' ? b.const(width, selectorOf(src.segment)) : b.read(src));
  },
});

/** A memory operand addressed by RSP as it is after RSP went up by `bytes`. */
const afterPop = (operand: Operand, bytes: number): Operand =>
  operand.kind === 'mem' && operand.base === RSP ? { ...operand, disp: operand.disp + BigInt(bytes) } : operand;

/** POP: load DEST, RSP := RSP + size. A DEST addressed by RSP uses the new RSP; POP RSP leaves the loaded value. */
export const POP = instruction({
  mnemonic: 'pop',
  encodings: [['8F /0', 'r/m', 'D64'], ['58+r', 'r', 'D64']], // biome-ignore format: as in the manual
  access: 'w',
  emit(b, { ops: [dst], width }) {
    const top = b.readReg(64, RSP);
    const value = b.load(width, top);
    b.writeReg(64, RSP, b.add(64, top, b.const(64, width / 8)));
    b.write(afterPop(dst, width / 8), value);
  },
});

/** POP FS, POP GS: see MOV to a segment register. */
export const POP_SEGMENT = instruction({
  mnemonic: 'pop',
  encodings: [['0F A1', 'FS', 'D64'], ['0F A9', 'GS', 'D64']], // biome-ignore format: as in the manual
  access: 'w',
  emit(b, { ops: [dst], width }) {
    const top = b.readReg(64, RSP);
    const value = b.load(width, top);
    loadSegment(b, dst, width === 16 ? value : b.trunc(width, 16, value));
    b.writeReg(64, RSP, b.add(64, top, b.const(64, width / 8)));
  },
});

/** PUSHF: push RFLAGS with VM and RF cleared. */
export const PUSHF = instruction({
  mnemonic: 'pushfw||pushf',
  encodings: [['9C', '', 'D64']],
  access: '',
  flags: { reads: 'oszapc' },
  emit(b, { width }) {
    const image = b.rflags();
    push(b, width, width === 16 ? b.trunc(64, 16, image) : image);
  },
});

/** POPF: RFLAGS := what user mode may change of the popped value. */
export const POPF = instruction({
  mnemonic: 'popfw||popf',
  encodings: [['9D', '', 'D64']],
  access: '',
  flags: { writes: 'oszapc' },
  emit(b, { width }) {
    const top = b.readReg(64, RSP);
    const value = b.load(width, top);
    b.writeReg(64, RSP, b.add(64, top, b.const(64, width / 8)));
    if (width === 64) b.setRflags(value);
    else b.setRflags(b.or(64, b.and(64, b.rflags(), b.const(64, ~0xffffn)), b.zext(16, 64, value)));
  },
});

/** ENTER: a stack frame of `imm16` bytes, with `imm8` mod 32 nested frame pointers. */
export const ENTER = instruction({
  mnemonic: 'enter',
  encodings: [['C8 iw ib', 'imm16, imm8', 'D64']],
  access: 'r r',
  emit(b, { ops: [size, nesting], width }) {
    const bytes = width / 8;
    const level = Number(asImm(nesting).value) % 32;
    const frame = b.readReg(64, RBP);
    const below = (count: number) => b.sub(64, b.readReg(64, RSP), b.const(64, count * bytes));
    const narrow = (x: Val) => (width === 16 ? b.trunc(64, 16, x) : x);
    const frameTemp = below(1);
    let pushes = 0;
    const pushNext = (value: Val) => b.store(width, below(++pushes), value);
    // A fault may leave some of the pushes in memory; RSP and RBP are as before, so the instruction can start again.
    pushNext(narrow(frame));
    for (let i = 1; i < level; i++) pushNext(b.load(width, b.sub(64, frame, b.const(64, i * bytes))));
    if (level > 0) pushNext(narrow(frameTemp));
    const top = b.sub(64, below(pushes), b.const(64, asImm(size).value));
    b.probe(top, bytes);
    b.writeReg(64, RSP, top);
    b.writeReg(width, RBP, narrow(frameTemp));
  },
});

/** LEAVE: RSP := RBP, then pop RBP. */
export const LEAVE = instruction({
  mnemonic: 'leave',
  encodings: [['C9', '', 'D64']],
  access: '',
  emit(b, { width }) {
    const frame = b.readReg(64, RBP);
    const value = b.load(width, frame);
    b.writeReg(64, RSP, b.add(64, frame, b.const(64, width / 8)));
    b.writeReg(width, RBP, value);
  },
});
