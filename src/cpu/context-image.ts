/**
 * The floating-point and vector state as XSAVE lays it out (isa/xsave.ts), and RFLAGS, for whoever keeps them elsewhere:
 * frames of signals, core files, debuggers.
 */
import { XSAVE_AVX_OFFSET } from './cpuid.ts';
import { AC, CF, DF, flagsImage, KIND_PACKED, RFLAGS_FIXED, TF } from './flags.ts';
import { type CpuContext, type CpuState, STATE } from './state.ts';

/** FXSAVE's part, the header of 64 bytes, sixteen upper halves. */
export const XSAVE_BYTES: number = XSAVE_AVX_OFFSET + 256;
export const FXSAVE_BYTES = 512;
const AT_MXCSR = 24, AT_MXCSR_MASK = 28, AT_XMM = 160, AT_STATE_BV = 512, AT_COMP_BV = 520, HEADER_END = 576; // biome-ignore format: one line
const MXCSR_MASK = 0xffff;
const X87 = 1n, SSE = 2n, AVX = 4n; // biome-ignore format: one line
const INITIAL_MXCSR = 0x1f80, INITIAL_CONTROL = 0x37f; // biome-ignore format: one line

/** The whole state; x87 and SSE are always said to be in use, AVX when an upper half is not zero. */
export function xsaveImage(state: CpuState): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(XSAVE_BYTES);
  const view = new DataView(image.buffer);
  image.set(state.fxImage());
  view.setUint32(AT_MXCSR, state.u32(STATE.mxcsr), true);
  view.setUint32(AT_MXCSR_MASK, MXCSR_MASK, true);
  let high = 0n;
  for (let n = 0; n < 16; n++)
    for (const half of [0, 8]) {
      view.setBigUint64(AT_XMM + 16 * n + half, state.u64(STATE.ymm + 32 * n + half), true);
      const upper = state.u64(STATE.ymm + 32 * n + 16 + half);
      view.setBigUint64(XSAVE_AVX_OFFSET + 16 * n + half, upper, true);
      high |= upper;
    }
  view.setBigUint64(AT_STATE_BV, X87 | SSE | (high === 0n ? 0n : AVX), true);
  return image;
}

/**
 * The state := an image of FXSAVE_BYTES, or of XSAVE_BYTES; components that it does not have get their initial state.
 * False, and nothing changes: it sets what is reserved, which would be #GP.
 */
export function restoreXsave(state: CpuState, image: Uint8Array): boolean {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const isWhole = image.length >= XSAVE_BYTES;
  const mxcsr = view.getUint32(AT_MXCSR, true);
  let present = X87 | SSE;
  if (isWhole) {
    present = view.getBigUint64(AT_STATE_BV, true);
    if (present & ~(X87 | SSE | AVX)) return false;
    for (let at = AT_COMP_BV; at < HEADER_END; at += 8) if (view.getBigUint64(at, true) !== 0n) return false;
  }
  if (mxcsr & ~MXCSR_MASK) return false;
  resetFloatState(state);
  if (present & X87) state.setFxImage(image);
  state.setU32(STATE.mxcsr, mxcsr);
  for (let n = 0; n < 16; n++)
    for (const half of [0, 8]) {
      if (present & SSE) state.setU64(STATE.ymm + 32 * n + half, view.getBigUint64(AT_XMM + 16 * n + half, true));
      if (present & AVX)
        state.setU64(STATE.ymm + 32 * n + 16 + half, view.getBigUint64(XSAVE_AVX_OFFSET + 16 * n + half, true));
    }
  return true;
}

/** As after reset: what a new program, and a signal handler, begin with. */
export function resetFloatState(state: CpuState): void {
  const empty = new Uint8Array(FXSAVE_BYTES);
  new DataView(empty.buffer).setUint16(0, INITIAL_CONTROL, true);
  state.setFxImage(empty);
  state.setU32(STATE.mxcsr, INITIAL_MXCSR);
  for (let at = 0; at < 512; at += 8) state.setU64(STATE.ymm + at, 0n);
}

export const readRflags = (state: CpuState): number =>
  flagsImage(state.u32(STATE.fop), state.u64(STATE.fx), state.u64(STATE.fy), state.u32(STATE.fc)) |
  state.u32(STATE.rflagsRest) |
  RFLAGS_FIXED;

/**
 * A context of which every byte has a meaning, so that two are the same when these are: flags are computed, and what the
 * CPU leaves in passing is zero.
 */
export function settledContext(context: CpuContext): CpuContext {
  const settled = context.slice();
  const view = new DataView(settled.buffer);
  const lazy = (offset: number) => view.getBigUint64(offset, true);
  const flags = flagsImage(
    view.getUint32(STATE.fop, true),
    lazy(STATE.fx),
    lazy(STATE.fy),
    view.getUint32(STATE.fc, true),
  );
  settled.fill(0, STATE.fop, STATE.rflagsRest);
  view.setUint32(STATE.fop, flags, true);
  for (const { at, bytes } of PASSING) settled.fill(0, at, at + bytes);
  return settled;
}
const PASSING = [
  { at: STATE.budget, bytes: 8 },
  { at: STATE.exitKind, bytes: STATE.mxcsr - STATE.exitKind },
  { at: STATE.tlbFilled, bytes: STATE.random - STATE.tlbFilled },
];

const ARITHMETIC = 0x8d5;
/** Those that the kernel lets a program's frame change: OF DF SF ZF AF PF CF, TF, AC. */
const CHANGEABLE_REST = DF | TF | AC;

/** RFLAGS := an image, of which only what a signal frame may change is taken. */
export function writeRflags(state: CpuState, image: number): void {
  state.setU32(STATE.fop, KIND_PACKED * 4);
  state.setU64(STATE.fx, BigInt(image & ARITHMETIC & ~CF));
  state.setU64(STATE.fy, 0n);
  state.setU32(STATE.fc, image & CF);
  state.setU32(STATE.rflagsRest, (state.u32(STATE.rflagsRest) & ~CHANGEABLE_REST) | (image & CHANGEABLE_REST));
}
