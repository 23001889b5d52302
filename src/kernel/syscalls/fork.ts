/** fork(2), vfork(2) and clone(2) as fork: kernel/fork.c. */
import { ENOSYS, ERESTARTSYS, Errno } from '../../abi/errno.ts';
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_NAMES,
  CLONE_PARENT_SETTID,
  CLONE_VFORK,
  CLONE_VM,
  CSIGNAL,
} from '../../abi/sched.ts';
import { SIGCHLD, signalName } from '../../abi/signal.ts';
import { hex } from '../../base/ints.ts';
import { writeU32 } from '../mm/user-memory.ts';
import { type ForkOptions, fork as forkTask } from '../task/fork.ts';
import { Task } from '../task/task.ts';
import { addr } from './args/numbers.ts';
import { cloneFlags } from './args/processes.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';

/** fork(2). EAGAIN: too many processes. ENOMEM. */
export const fork = syscall({
  number: 57,
  name: 'fork',
  args: {},
  support: 'full',
  run(task) {
    const child = forkTask(task, { call: 'fork', shareMemory: false });
    return child instanceof Errno ? child : child.pid;
  },
});

/** vfork(2): the child borrows the parent's memory; the parent goes on when the child has ended. */
export const vfork = syscall({
  number: 58,
  name: 'vfork',
  args: {},
  support: 'full',
  run: (task, _args, call) => forkAndWait(task, call, { call: 'vfork', shareMemory: true }),
});

function forkAndWait(parent: Task, call: PendingCall, options: ForkOptions): SyscallResult {
  const child = call.memo instanceof Task ? call.memo : forkTask(parent, options);
  if (child instanceof Errno) return child;
  call.memo = child;
  return child.hasMemory() ? new Blocked(child.released, undefined, ERESTARTSYS) : child.pid;
}

const SUPPORTED = CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID;

/** clone(2) as C libraries use it for fork and vfork. ENOSYS for every other combination of flags. */
export const clone = syscall({
  number: 56,
  name: 'clone',
  args: { flags: cloneFlags, stack: addr, parentTid: addr, childTid: addr, tls: addr },
  support: { missing: 'threads and namespaces: only what fork and vfork need' },
  argsText({ flags, stack, parentTid, childTid }) {
    const parts = [`child_stack=${pointer(stack)}`, `flags=${cloneFlagsText(flags)}`];
    if (Number(flags) & CLONE_PARENT_SETTID) parts.push(`parent_tid=${pointer(parentTid)}`);
    if (Number(flags) & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) parts.push(`child_tidptr=${pointer(childTid)}`);
    return parts.join(', ');
  },
  run(task, { flags: wide, stack, parentTid, childTid }, call) {
    const flags = Number(wide & 0xffff_ffffn);
    const waits = (flags & CLONE_VFORK) !== 0;
    const shares = (flags & CLONE_VM) !== 0;
    if ((flags & CSIGNAL) !== SIGCHLD || flags & ~(SUPPORTED | CSIGNAL) || (shares && !waits)) return ENOSYS;
    const options: ForkOptions = {
      call: 'clone',
      shareMemory: shares,
      stack,
      setChildTid: flags & CLONE_CHILD_SETTID ? childTid : 0n,
      clearChildTid: flags & CLONE_CHILD_CLEARTID ? childTid : 0n,
    };
    const result = waits ? forkAndWait(task, call, options) : pidOf(forkTask(task, options));
    if (typeof result === 'number' && flags & CLONE_PARENT_SETTID) writeU32(task.mm, parentTid, result);
    return result;
  },
});

const pidOf = (child: Task | Errno): number | Errno => (child instanceof Errno ? child : child.pid);
const pointer = (address: bigint): string => (address === 0n ? 'NULL' : hex(address));

function cloneFlagsText(flags: bigint): string {
  const names = Object.entries(CLONE_NAMES).filter(([, mask]) => Number(flags & 0xffff_ffffn & BigInt(mask)) !== 0);
  const signal = Number(flags) & CSIGNAL;
  const parts = names.map(([name]) => name);
  if (signal !== 0) parts.push(signalName(signal));
  return parts.length > 0 ? parts.join('|') : '0';
}
