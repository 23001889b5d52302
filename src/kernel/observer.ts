/**
 * What the kernel tells whoever watches: synchronous callbacks, none of which may change anything. Absent ones cost
 * nothing. Events of one change come after the change, so that walking the tables shows its result.
 */
import type { Errno } from '../abi/errno.ts';
import type { SignalInfo } from '../abi/signal.ts';
import type { Ending } from '../abi/wait.ts';
import type { Pfn, Vaddr } from '../base/ints.ts';
import type { Access } from '../mem/mmu.ts';
import type { Pte } from '../mem/pte.ts';
import type { Resolution } from './mm/fault.ts';
import type { PageRange } from './mm/vma.ts';
import type { Task } from './task/task.ts';

/** When and where: the thread and its number, instructions retired by the whole machine, and the instruction it happened at. */
export interface Moment {
  readonly task: Task;
  /** The thread's own number, which strace(1) prints as [pid N]; its process's is `task.pid`. */
  readonly pid: number;
  readonly instructions: number;
  /** The instruction that caused it: of a call, the SYSCALL itself. */
  readonly rip: bigint;
}

export interface ExecEvent extends Moment {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** The machine starts with it: no call of a program did it. */
  readonly isFirst: boolean;
  /** As strace(1) prints it, result included. */
  text(): string;
}

export interface SyscallEvent extends Moment {
  readonly number: number;
  readonly name: string;
  /** By the names of the call's record; an unknown call has none. */
  readonly args: Readonly<Record<string, bigint | number>>;
  /** `name(` and the arguments that strace(1) prints before the call has run. */
  entryText(): string;
}

export interface SyscallExitEvent extends SyscallEvent {
  /** What RAX holds, as a signed number: negative is -errno. Undefined for a call that does not return. */
  readonly result: bigint | undefined;
  readonly error: Errno | undefined;
  /** Whether the task slept in it. */
  readonly blocked: boolean;
  /** The rest of the arguments, and `)`. */
  exitText(): string;
  /** `= 0`, `= -1 EBADF (Bad file descriptor)`, `= ?`. */
  resultText(): string;
}

export interface MappingEvent extends Moment {
  readonly cause: 'mmap' | 'munmap' | 'mprotect' | 'mremap' | 'brk' | 'exec';
  readonly range: PageRange;
}

export interface ForkEvent extends Moment {
  readonly child: Task;
  /** Another thread of the same process. */
  readonly isThread: boolean;
  readonly call: 'fork' | 'vfork' | 'clone' | 'clone3';
}

/** A page fault that gave a page its first frame (`onFirstTouch`), or its own (`onCopyOnWrite`). */
export interface FaultEvent extends Moment {
  /** Who made the access: the program, or the kernel on behalf of a call. */
  readonly by: 'program' | 'kernel';
  readonly resolution: Resolution;
  readonly address: Vaddr;
  readonly access: Access;
  readonly before: Pte;
  readonly after: Pte;
  /** The frame that the page had before, with its references now: copy-on-write breaks only. */
  readonly oldFrame: { readonly pfn: Pfn; readonly references: number } | undefined;
  readonly newFrame: { readonly pfn: Pfn; readonly references: number };
}

export interface SignalEvent extends Moment {
  readonly info: SignalInfo;
  readonly action: 'killed' | 'ignored' | 'stopped' | 'handled';
  /** `--- SIGSEGV {si_signo=SIGSEGV, ...} ---`. */
  text(): string;
}

/** A thread has stopped: `--- stopped by SIGSTOP ---`. */
export interface StopEvent extends Moment {
  readonly signal: number;
  text(): string;
}

/** A thread ends; the last one of a process is the process's end. */
export interface ExitEvent extends Moment {
  readonly ending: Ending;
  /** `+++ exited with 0 +++`, `+++ killed by SIGSEGV +++`. */
  text(): string;
}

/** Another task gets the CPU. `from` is the one that had it, if it is still alive. */
export interface SwitchEvent {
  readonly from: Task | undefined;
  readonly to: Task;
  readonly instructions: number;
}

export interface KernelObserver {
  onExec?(event: ExecEvent): void;
  onSyscallEnter?(event: SyscallEvent): void;
  /** The task sleeps in the call; it is run again later, and `onSyscallExit` follows then. */
  onSyscallBlocked?(event: SyscallEvent): void;
  onSyscallExit?(event: SyscallExitEvent): void;
  onMapping?(event: MappingEvent): void;
  onFork?(event: ForkEvent): void;
  onFirstTouch?(event: FaultEvent): void;
  onCopyOnWrite?(event: FaultEvent): void;
  onSignal?(event: SignalEvent): void;
  onStop?(event: StopEvent): void;
  /** Before the task's memory is given back. */
  onExit?(event: ExitEvent): void;
  onSwitch?(event: SwitchEvent): void;
}
