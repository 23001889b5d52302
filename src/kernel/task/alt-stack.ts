/** A stack for signal handlers: sigaltstack(2), include/linux/sched/signal.h. */
import { EINVAL, ENOMEM, EPERM, type Errno } from '../../abi/errno.ts';

export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;
/** Forgotten when a handler begins on it. */
export const SS_AUTODISARM = 0x8000_0000;
const MINIMUM_BYTES = 2048n;
/** stack_t: ss_sp, u32 ss_flags, ss_size at 16. */
export const STACK_T_BYTES = 24;

export interface AltStack {
  readonly base: bigint;
  /** 0: there is none. */
  readonly size: bigint;
  readonly flags: number;
}

export const NO_ALT_STACK: AltStack = { base: 0n, size: 0n, flags: 0 };

/** Whether a stack pointer is on it. */
export const isOnStack = ({ base, size, flags }: AltStack, rsp: bigint): boolean =>
  (flags & SS_AUTODISARM) === 0 && isWithin({ base, size }, rsp);
/** The same, however the stack is armed. */
export const isWithin = ({ base, size }: Pick<AltStack, 'base' | 'size'>, rsp: bigint): boolean =>
  rsp > base && rsp - base <= size;

/** ss_flags as sigaltstack(2) tells them. */
export const stackFlags = (stack: AltStack, rsp: bigint): number =>
  ((stack.size === 0n ? SS_DISABLE : isOnStack(stack, rsp) ? SS_ONSTACK : 0) | (stack.flags & SS_AUTODISARM)) >>> 0;

export function stackBytes({ base, size }: AltStack, flags: number): Uint8Array {
  const bytes = new Uint8Array(STACK_T_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, base, true);
  view.setUint32(8, flags, true);
  view.setBigUint64(16, size, true);
  return bytes;
}

/** The stack that a stack_t asks for. EPERM: the one at hand is in use. EINVAL: no such flags. ENOMEM: too small. */
export function stackFrom(bytes: Uint8Array, now: AltStack, rsp: bigint): AltStack | Errno {
  const view = new DataView(bytes.buffer, bytes.byteOffset, STACK_T_BYTES);
  const [base, flags, size] = [view.getBigUint64(0, true), view.getUint32(8, true), view.getBigUint64(16, true)];
  if (isOnStack(now, rsp)) return EPERM;
  const mode = (flags & ~SS_AUTODISARM) >>> 0;
  if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) return EINVAL;
  if (mode === SS_DISABLE) return { base: 0n, size: 0n, flags };
  return size < MINIMUM_BYTES ? ENOMEM : { base, size, flags };
}
