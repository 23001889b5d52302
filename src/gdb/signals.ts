/** Signals have other numbers in packets than on Linux: gdb has one list for all systems. GDB's include/gdb/signals.def. */
import {
  SIGALRM, SIGBUS, SIGCHLD, SIGCONT, SIGIO, SIGPROF, SIGPWR, SIGRTMIN, SIGSTOP, SIGSYS, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG,
  SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
} from '../abi/signal.ts'; // biome-ignore format: a list

/** Linux -> gdb, where they differ. Up to SIGTERM most are the same. */
const DIFFERENT: ReadonlyMap<number, number> = new Map([
  [SIGBUS, 10], [SIGUSR1, 30], [SIGUSR2, 31], [SIGALRM, 14], [SIGTERM, 15], [SIGURG, 16], [SIGSTOP, 17], [SIGTSTP, 18], [SIGCONT, 19],
  [SIGCHLD, 20], [SIGTTIN, 21], [SIGTTOU, 22], [SIGIO, 23], [SIGXCPU, 24], [SIGXFSZ, 25], [SIGVTALRM, 26], [SIGPROF, 27],
  [SIGWINCH, 28], [SIGPWR, 32], [SIGSYS, 12],
]); // biome-ignore format: a table
/** What gdb has no number for. */
export const GDB_SIGNAL_UNKNOWN = 143;
/** Signal 32 stands apart from 33 to 63, and so does 64. */
const GDB_SIGNAL_32 = 77, GDB_SIGNAL_33 = 45, GDB_SIGNAL_64 = 78; // biome-ignore format: one line
/** Of those that are the same: all but SIGSTKFLT. */
const LAST_SAME = 15;

export function gdbSignal(signal: number): number {
  const different = DIFFERENT.get(signal);
  if (different !== undefined) return different;
  if (signal >= 0 && signal <= LAST_SAME) return signal;
  if (signal === SIGRTMIN) return GDB_SIGNAL_32;
  if (signal === 64) return GDB_SIGNAL_64;
  return signal > SIGRTMIN && signal < 64 ? GDB_SIGNAL_33 + signal - 33 : GDB_SIGNAL_UNKNOWN;
}

/** Undefined: Linux has no such signal. */
export function linuxSignal(gdb: number): number | undefined {
  for (let signal = 1; signal <= 64; signal++)
    if (gdb !== GDB_SIGNAL_UNKNOWN && gdbSignal(signal) === gdb) return signal;
  return undefined;
}
