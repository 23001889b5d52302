/** What came of a run. */
import type { Ending } from '../abi/wait.ts';

/**
 * `exited`, `killed`: the first process did, and no other is left. `limit`: `maxInstructions` were retired. `timeout`:
 * the time was up. `deadlock`: every process that is left waits, and nothing can wake one.
 */
export type Outcome = 'exited' | 'killed' | 'limit' | 'timeout' | 'deadlock';

export interface ProcessResult {
  readonly pid: number;
  /** Who made it: 1 for the first. */
  readonly ppid: number;
  /** Exit status, 0 to 255; undefined unless it exited. */
  readonly status: number | undefined;
  /** `SIGSEGV`; undefined unless a signal ended it. */
  readonly signal: string | undefined;
  /** Undefined while it runs: the run was cut short. */
  readonly ending: Ending | undefined;
  readonly instructions: number;
}

export interface SyscallResultEntry {
  readonly pid: number;
  readonly name: string;
  /** By the names of the manual page; 64-bit values are bigint. */
  readonly args: Readonly<Record<string, bigint | number>>;
  /** What the guest got, negative for an error; undefined for a call that never returned. */
  readonly result: bigint | undefined;
  /** `EBADF`; undefined for success. */
  readonly error: string | undefined;
  /** The line as strace(1) prints it. */
  readonly text: string;
}

/** A frame that processes had in common when one of them let go of it: by exit(2), munmap(2) or mmap(2) over it. */
export interface SharedFrame {
  /** Physical address. */
  readonly frame: number;
  /** Who let go is the first. Addresses are of pages. */
  readonly users: readonly { readonly pid: number; readonly address: bigint }[];
  /** A write would have ended it. */
  readonly copyOnWrite: boolean;
  /** Who let go could write to it: what one stores the others read. */
  readonly writable: boolean;
}

export interface RunResult {
  readonly outcome: Outcome;
  /** Of the first process: exit status, or undefined. */
  readonly status: number | undefined;
  /** Of the first process: name of the signal that ended it, or undefined. */
  readonly signal: string | undefined;
  /** As a shell has it: the status, or 128 + the signal's number; undefined when the first process has not ended. */
  readonly exitCode: number | undefined;
  /** Output as text (UTF-8); `stdoutBytes` has it untouched. */
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderrBytes: Uint8Array;
  /** In order of birth. */
  readonly processes: readonly ProcessResult[];
  /** In order of return. Empty when not recorded. */
  readonly syscalls: readonly SyscallResultEntry[];
  /** Calls beyond the recorder's limit. */
  readonly syscallsDropped: number;
  /** Frames that processes shared to the end. Empty when not recorded. */
  readonly sharedFrames: readonly SharedFrame[];
  /** After `deadlock`, who waits in which call: `pid 101 demo: wait4(-1, NULL, 0, NULL)`. */
  readonly waiting: readonly string[];
  /** Retired, by all processes. */
  readonly instructions: number;
  /** What `collect` of `run` has asked for, by the names it used; a file that is not there is missing. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** pml4's own messages: an unknown system call, memory used up. */
  readonly diagnostics: readonly string[];
}
