/** fork(2) and vfork(2): kernel/fork.c. */
import { Errno } from '../../abi/errno.ts';
import { CLONE_VFORK, CLONE_VM } from '../../abi/sched.ts';
import { SIGCHLD } from '../../abi/signal.ts';
import { type CloneRequest, clone } from '../task/clone.ts';
import { Task } from '../task/task.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';

const PLAIN = { exitSignal: SIGCHLD, stack: 0n, tls: 0n, parentTid: 0n, childTid: 0n, pidfd: 0n };

/** fork(2). EAGAIN: too many processes. ENOMEM. */
export const fork = syscall({
  number: 57,
  name: 'fork',
  args: {},
  support: 'full',
  run: (task, _args, call) => cloneAndWait(task, call, { ...PLAIN, call: 'fork', flags: 0n }),
});

/** vfork(2): the child borrows the parent's memory; the parent goes on when the child has ended or runs another program. */
export const vfork = syscall({
  number: 58,
  name: 'vfork',
  args: {},
  support: 'full',
  run: (task, _args, call) => cloneAndWait(task, call, { ...PLAIN, call: 'vfork', flags: CLONE_VFORK | CLONE_VM }),
});

/** What all of them come to; only the end of the parent itself cuts its sleep short (CLONE_VFORK). */
export function cloneAndWait(parent: Task, call: PendingCall, request: CloneRequest): SyscallResult {
  const child = call.memo instanceof Task ? call.memo : clone(parent, request);
  if (child instanceof Errno) return child;
  call.memo = child;
  const waits = (request.flags & CLONE_VFORK) !== 0n && !child.hasLeftMemory;
  return waits ? new Blocked(child.released, undefined, undefined) : child.tid;
}
