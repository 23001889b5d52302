/**
 * What a handler finds on its stack, and what it returns through: arch/x86/kernel/signal_64.c, asm/sigcontext.h,
 * asm/ucontext.h. From the frame up:
 * ```
 *     0  where the handler returns to (SA_RESTORER)
 *     8  ucontext: uc_flags, uc_link, uc_stack (24 bytes)
 *    48  sigcontext: R8 to R15, RDI, RSI, RBP, RBX, RDX, RAX, RCX, RSP, RIP, RFLAGS
 *   192  CS, GS, FS, SS (16 bits each), error code, vector, mask, CR2, address of the floating-point state
 *   304  mask of blocked signals     312  siginfo, 128 bytes     440  its end
 * ```
 * Above it, at a multiple of 64, the XSAVE image, with what is in it at 464 and a last word of magic.
 */
import { Errno } from '../../abi/errno.ts';
import { siginfoBytes } from '../../abi/siginfo.ts';
import { SA_ONSTACK, SA_RESTORER, SA_SIGINFO, type SignalInfo, UNBLOCKABLE } from '../../abi/signal.ts';
import {
  FXSAVE_BYTES,
  readRflags,
  resetFloatState,
  restoreXsave,
  writeRflags,
  XSAVE_BYTES,
  xsaveImage,
} from '../../cpu/context-image.ts';
import { DF, TF } from '../../cpu/flags.ts';
import { RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP } from '../../cpu/state.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { isOnStack, isWithin, NO_ALT_STACK, SS_AUTODISARM, SS_DISABLE, stackBytes, stackFrom } from './alt-stack.ts';
import { setBlocked } from './signal.ts';
import type { SignalAction } from './signal-actions.ts';
import type { Task } from './task.ts';

const RED_ZONE = 128n;
const AT_UCONTEXT = 8, AT_STACK = 24, AT_REGISTERS = 48, AT_RIP = 176, AT_RFLAGS = 184, AT_SEGMENTS = 192; // biome-ignore format: one line
const AT_ERROR = 200, AT_VECTOR = 208, AT_OLD_MASK = 216, AT_CR2 = 224, AT_FLOAT = 232, AT_MASK = 304, AT_SIGINFO = 312; // biome-ignore format: one line
const FRAME_BYTES = 440;
/** Registers of sigcontext, in its order, before RIP. */
const REGISTERS = [8, 9, 10, 11, 12, 13, 14, 15, RDI, RSI, RBP, RBX, RDX, RAX, RCX, RSP];
/** UC_FP_XSTATE, UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS. */
const UC_FLAGS = 7n;
const USER_CS = 0x33, USER_SS = 0x2b; // biome-ignore format: one line
const RF = 1 << 16;

/** struct _fpx_sw_bytes, in bytes that FXSAVE leaves alone. */
const AT_SOFTWARE = 464;
const MAGIC1 = 0x4650_5853, MAGIC2 = 0x4650_5845; // biome-ignore format: one line
const FEATURES = 7n;
const EXTENDED_BYTES = XSAVE_BYTES + 4;

/** Makes the running task go on in a handler. False: there is no room for the frame, and nothing has changed but memory. */
export function enterHandler(task: Task, info: SignalInfo, action: SignalAction): boolean {
  const { kernel, mm, altStack } = task;
  const { state } = kernel.cpu;
  const rsp = state.reg(RSP);
  if (!(action.flags & SA_RESTORER)) return false;

  let top = rsp - RED_ZONE;
  const nested = isOnStack(altStack, rsp);
  const entering = (action.flags & SA_ONSTACK) !== 0n && !nested && altStack.size > 0n && !isOnStack(altStack, rsp);
  if (entering) top = altStack.base + altStack.size;
  const floatAt = (top - BigInt(EXTENDED_BYTES)) & ~63n;
  const frame = ((floatAt - BigInt(FRAME_BYTES)) & ~15n) - 8n;
  if ((nested || entering) && !isWithin(altStack, frame)) return false;
  if (frame < 0n) return false;

  const bytes = new Uint8Array(FRAME_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, action.restorer, true);
  view.setBigUint64(AT_UCONTEXT, UC_FLAGS, true);
  bytes.set(stackBytes(altStack, altStack.flags), AT_STACK);
  for (const [i, register] of REGISTERS.entries()) view.setBigUint64(AT_REGISTERS + 8 * i, state.reg(register), true);
  view.setBigUint64(AT_RIP, state.rip, true);
  const rflags = readRflags(state);
  view.setBigUint64(AT_RFLAGS, BigInt(task.isFaulting ? rflags | RF : rflags), true);
  view.setUint16(AT_SEGMENTS, USER_CS, true);
  view.setUint16(AT_SEGMENTS + 6, USER_SS, true);
  view.setBigUint64(AT_ERROR, BigInt(task.fault.errorCode), true);
  view.setBigUint64(AT_VECTOR, BigInt(task.fault.vector), true);
  const mask = task.savedMask ?? task.blockedSignals;
  view.setBigUint64(AT_OLD_MASK, mask, true);
  view.setBigUint64(AT_CR2, task.fault.address, true);
  view.setBigUint64(AT_FLOAT, floatAt, true);
  view.setBigUint64(AT_MASK, mask, true);
  const whole = action.flags & SA_SIGINFO;
  if (whole) bytes.set(siginfoBytes(info), AT_SIGINFO);
  if (copyOut(mm, floatAt, floatBytes(task)) !== undefined) return false;
  if (copyOut(mm, frame, whole ? bytes : bytes.subarray(0, AT_SIGINFO)) !== undefined) return false;

  if (altStack.flags & SS_AUTODISARM) task.altStack = { ...NO_ALT_STACK, flags: SS_DISABLE };
  state.setReg(RDI, BigInt(info.signal));
  state.setReg(RSI, frame + BigInt(AT_SIGINFO));
  state.setReg(RDX, frame + BigInt(AT_UCONTEXT));
  state.setReg(RAX, 0n);
  state.setReg(RSP, frame);
  state.rip = action.handler;
  writeRflags(state, rflags & ~(DF | TF));
  resetFloatState(state);
  return true;
}

/** The XSAVE image with Linux's marks around it. */
function floatBytes(task: Task): Uint8Array {
  const bytes = new Uint8Array(EXTENDED_BYTES);
  bytes.set(xsaveImage(task.kernel.cpu.state));
  const view = new DataView(bytes.buffer);
  view.setUint32(AT_SOFTWARE, MAGIC1, true);
  view.setUint32(AT_SOFTWARE + 4, EXTENDED_BYTES, true);
  view.setBigUint64(AT_SOFTWARE + 8, FEATURES, true);
  view.setUint32(AT_SOFTWARE + 16, XSAVE_BYTES, true);
  view.setUint32(XSAVE_BYTES, MAGIC2, true);
  return bytes;
}

/** rt_sigreturn(2): what the frame at `frame` says, the handler having perhaps changed it. False: it cannot be. */
export function leaveHandler(task: Task, frame: bigint): boolean {
  const { mm, kernel } = task;
  const { state } = kernel.cpu;
  const bytes = copyIn(mm, frame, AT_SIGINFO);
  if (bytes instanceof Errno) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  setBlocked(task, view.getBigUint64(AT_MASK, true) & ~UNBLOCKABLE);
  const rip = view.getBigUint64(AT_RIP, true);
  for (const [i, register] of REGISTERS.entries())
    state.setReg(register, view.getBigUint64(AT_REGISTERS + 8 * i, true));
  state.rip = rip;
  writeRflags(state, view.getUint32(AT_RFLAGS, true));
  if (!restoreFloat(task, view.getBigUint64(AT_FLOAT, true))) return false;
  const stack = stackFrom(bytes.subarray(AT_STACK), task.altStack, state.reg(RSP));
  if (!(stack instanceof Errno)) task.altStack = stack;
  return rip >> 47n === 0n;
}

/** A frame without floating-point state resets it; without the marks, it has FXSAVE's part alone. */
function restoreFloat(task: Task, address: bigint): boolean {
  const { mm, kernel } = task;
  const { state } = kernel.cpu;
  if (address === 0n) {
    resetFloatState(state);
    return true;
  }
  const legacy = copyIn(mm, address, FXSAVE_BYTES);
  if (legacy instanceof Errno) return false;
  const marks = new DataView(legacy.buffer, legacy.byteOffset + AT_SOFTWARE, 20);
  const isExtended =
    marks.getUint32(0, true) === MAGIC1 &&
    marks.getUint32(16, true) >= FXSAVE_BYTES + 64 &&
    marks.getUint32(16, true) <= XSAVE_BYTES &&
    marks.getUint32(4, true) >= marks.getUint32(16, true);
  if (!isExtended) return restoreXsave(state, legacy);
  const last = copyIn(mm, address + BigInt(marks.getUint32(16, true)), 4);
  if (last instanceof Errno) return false;
  if (new DataView(last.buffer, last.byteOffset, 4).getUint32(0, true) !== MAGIC2) return restoreXsave(state, legacy);
  const whole = copyIn(mm, address, XSAVE_BYTES);
  return whole instanceof Uint8Array && address % 64n === 0n && restoreXsave(state, whole);
}
