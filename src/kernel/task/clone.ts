/**
 * Another thread or process: fork(2), vfork(2), clone(2), clone3(2); kernel/fork.c (`copy_process`). The parent goes on
 * first; the child starts with the same registers and 0 in RAX, at the end of the line. Left out: namespaces (EPERM), cgroups.
 */
import { EAGAIN, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import { RLIMIT_NPROC } from '../../abi/resource.ts';
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_CLEAR_SIGHAND,
  CLONE_DETACHED,
  CLONE_FILES,
  CLONE_FS,
  CLONE_NAMESPACES,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SETTLS,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
} from '../../abi/sched.ts';
import { RAX, RSP, STATE } from '../../cpu/state.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { USER_END_ADDRESS } from '../mm/limits.ts';
import { writeU32 } from '../mm/user-memory.ts';
import type { ForkEvent } from '../observer.ts';
import { PidFile } from '../vfs/pid-file.ts';
import { watchCpuLimit } from './cpu-limit.ts';
import { descriptorLimit } from './limits.ts';
import { Process } from './process.ts';
import { Task } from './task.ts';

export interface CloneRequest {
  readonly call: ForkEvent['call'];
  /** CLONE_, without the signal. */
  readonly flags: bigint;
  /** What the parent gets when the child ends; 0 for nothing. */
  readonly exitSignal: number;
  /** RSP of the child; 0 for the parent's. */
  readonly stack: bigint;
  readonly tls: bigint;
  readonly parentTid: bigint;
  readonly childTid: bigint;
  /** Where a descriptor for the child goes: CLONE_PIDFD. */
  readonly pidfd: bigint;
}

/** Threads that may exist at a time: kernel.threads-max. */
const MAX_TASKS = 62_000;

/**
 * Makes a child of the running task. EINVAL: flags that contradict each other. EAGAIN: too many. EPERM: namespaces. ENOMEM:
 * no memory for its tables. EMFILE, EFAULT: of the descriptor for it.
 */
export function clone(parent: Task, request: CloneRequest): Task | Errno {
  const { kernel } = parent;
  const { flags } = request;
  const has = (flag: bigint): boolean => (flags & flag) !== 0n;
  const refused = refusal(parent, flags);
  if (refused !== undefined) return refused;
  if (has(CLONE_SETTLS) && request.tls >= USER_END_ADDRESS) return EPERM;

  const pidfd = has(CLONE_PIDFD) ? reserveDescriptor(parent, request.pidfd) : undefined;
  if (pidfd instanceof Errno) return pidfd;

  let space: AddressSpace | Errno = parent.mm;
  if (has(CLONE_VM)) space.retain();
  else space = parent.mm.fork();
  if (space instanceof Errno) return space;

  const context = kernel.cpu.state.save();
  const registers = new BigUint64Array(context.buffer, STATE.regs, 16);
  registers[RAX] = 0n;
  if (request.stack !== 0n) registers[RSP] = request.stack;
  if (has(CLONE_SETTLS)) new DataView(context.buffer).setBigUint64(STATE.fsBase, request.tls, true);

  const tid = kernel.nextPid();
  const child = new Task(kernel, {
    tid,
    process: has(CLONE_THREAD) ? parent.process : processOf(parent, tid, request),
    space,
    context,
    files: has(CLONE_FILES) ? parent.files.retain() : parent.files.copy(),
    fs: has(CLONE_FS) ? parent.fs : parent.fs.copy(),
    credentials: parent.credentials,
    comm: parent.comm,
    blockedSignals: parent.blockedSignals,
  });
  child.memoryPolicy = parent.memoryPolicy;
  inheritScheduling(parent, child);
  child.keepsCapabilities = parent.keepsCapabilities;
  child.hasNoNewPrivileges = parent.hasNoNewPrivileges;
  child.timerSlack = parent.timerSlack;
  if (has(CLONE_CHILD_SETTID)) child.setChildTid = request.childTid;
  if (has(CLONE_CHILD_CLEARTID)) child.clearChildTid = request.childTid;
  // A thread has a stack of its own, on which it begins.
  if (!has(CLONE_VM) || has(CLONE_VFORK)) child.altStack = parent.altStack;
  // A thread of a process that is stopping stops, too.
  if (has(CLONE_THREAD) && parent.process.stopSignal !== 0) child.mustStop = child.needsAttention = true;
  if (has(CLONE_PARENT_SETTID)) writeU32(parent.mm, request.parentTid, tid);
  if (pidfd !== undefined) parent.files.install(new PidFile(child.process, 0), true, Number.POSITIVE_INFINITY, pidfd);
  kernel.adopt(child);
  kernel.report.fork(parent, child, request.call);
  return child;
}

function refusal({ kernel, process }: Task, flags: bigint): Errno | undefined {
  const has = (flag: bigint): boolean => (flags & flag) !== 0n;
  const hasAll = (mask: bigint): boolean => (flags & mask) === mask;
  if (hasAll(CLONE_NEWNS | CLONE_FS) || hasAll(CLONE_NEWUSER | CLONE_FS)) return EINVAL;
  if (has(CLONE_THREAD) && !has(CLONE_SIGHAND)) return EINVAL;
  if (has(CLONE_SIGHAND) && !has(CLONE_VM)) return EINVAL;
  if (has(CLONE_THREAD) && has(CLONE_NEWUSER | CLONE_NEWPID)) return EINVAL;
  if (has(CLONE_PIDFD) && has(CLONE_DETACHED | CLONE_THREAD)) return EINVAL;
  const tasks = kernel.taskCount();
  if (tasks >= MAX_TASKS || BigInt(tasks) >= process.limits[RLIMIT_NPROC].soft) return EAGAIN;
  if (has(CLONE_NAMESPACES | CLONE_NEWTIME)) return EPERM;
  return undefined;
}

/** The number of a descriptor that is still empty, stored where it is wanted. The child does not inherit it. */
function reserveDescriptor(parent: Task, address: bigint): number | Errno {
  const fd = parent.files.findFree(descriptorLimit(parent));
  if (fd instanceof Errno) return fd;
  return writeU32(parent.mm, address, fd) ?? fd;
}

/** SCHED_RESET_ON_FORK: the child is an ordinary one, and no nicer to itself than others. */
function inheritScheduling(parent: Task, child: Task): void {
  const { resetsOnFork } = parent;
  const isRealTime = parent.rtPriority > 0;
  child.nice = resetsOnFork ? Math.max(0, parent.nice) : parent.nice;
  child.schedPolicy = resetsOnFork && isRealTime ? 0 : parent.schedPolicy;
  child.rtPriority = resetsOnFork ? 0 : parent.rtPriority;
}

function processOf(parent: Task, pid: number, { flags, exitSignal }: CloneRequest): Process {
  const { process } = parent;
  const has = (flag: bigint): boolean => (flags & flag) !== 0n;
  const isSibling = has(CLONE_PARENT);
  const { actions } = process;
  const made = new Process(parent.kernel, {
    pid,
    parent: isSibling ? process.parentThread : parent,
    creatorPid: parent.pid,
    session: process.session,
    pgid: process.pgid,
    actions: has(CLONE_SIGHAND) ? actions : has(CLONE_CLEAR_SIGHAND) ? actions.afterExec() : actions.copy(),
    exitSignal: isSibling ? process.exitSignal : exitSignal,
    template: process,
  });
  watchCpuLimit(made);
  made.dumpable = process.dumpable;
  made.refusesHugePages = process.refusesHugePages;
  made.personality = process.personality;
  return made;
}
