/**
 * A second process: fork(2), vfork(2), clone(2); kernel/fork.c. The parent goes on first; the child starts with the
 * same registers and 0 in RAX, at the end of the line.
 */
import { EAGAIN, Errno } from '../../abi/errno.ts';
import { RAX, RSP, STATE } from '../../cpu/state.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { Task } from './task.ts';

export interface ForkOptions {
  readonly call: 'fork' | 'vfork' | 'clone';
  /** The child runs in the parent's memory instead of a copy. */
  readonly shareMemory: boolean;
  /** RSP of the child; 0 for the parent's. */
  readonly stack?: bigint;
  readonly setChildTid?: bigint;
  readonly clearChildTid?: bigint;
}

/** Processes that may exist at a time: kernel.pid_max less a little. */
const MAX_PROCESSES = 32_000;

/** Makes a child of the running task. EAGAIN: too many processes. ENOMEM: no memory for its tables. */
export function fork(parent: Task, options: ForkOptions): Task | Errno {
  const { kernel } = parent;
  if (kernel.processCount() >= MAX_PROCESSES) return EAGAIN;
  let space: AddressSpace | Errno = parent.mm;
  if (options.shareMemory) space.retain();
  else space = parent.mm.fork();
  if (space instanceof Errno) return space;

  const context = kernel.cpu.state.save();
  const registers = new BigUint64Array(context.buffer, STATE.regs, 16);
  registers[RAX] = 0n;
  if (options.stack) registers[RSP] = options.stack;
  const child = new Task(kernel, kernel.nextPid(), parent, space, context);
  child.setChildTid = options.setChildTid ?? 0n;
  child.clearChildTid = options.clearChildTid ?? 0n;
  kernel.adopt(child);
  kernel.report.fork(parent, child, options.call);
  return child;
}
