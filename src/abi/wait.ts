/** Options and status words of wait4(2) and waitid(2): linux/wait.h, and the macros of sys/wait.h. */
import { SIGCONT } from './signal.ts';

export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WSTOPPED = WUNTRACED;
export const WEXITED = 4;
export const WCONTINUED = 8;
export const WNOWAIT = 0x0100_0000;
export const WNOTHREAD = 0x2000_0000;
export const WALL = 0x4000_0000;
export const WCLONE = 0x8000_0000;
/** As strace(1) names them, in its order. */
export const WAIT_OPTION_NAMES = {
  WNOHANG, WEXITED, WSTOPPED, WCONTINUED, WNOWAIT, __WCLONE: WCLONE, __WALL: WALL, __WNOTHREAD: WNOTHREAD,
} as const; // biome-ignore format: a list

/** Whom waitid(2) waits for. */
export const P_ALL = 0;
export const P_PID = 1;
export const P_PGID = 2;
export const P_PIDFD = 3;
export const WAIT_ID_NAMES = ['P_ALL', 'P_PID', 'P_PGID', 'P_PIDFD'] as const;

/** How a process ended. A core dump is never made, as with `ulimit -c 0`, so the core bit stays clear. */
export type Ending =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: number };

/** What a parent can wait for. */
export type ChildChange =
  | Ending
  | { readonly kind: 'stopped'; readonly signal: number }
  | { readonly kind: 'continued' };

/** The status word that wait4(2) stores. */
export function waitStatus(change: ChildChange): number {
  switch (change.kind) {
    case 'exited':
      return (change.status & 0xff) << 8;
    case 'killed':
      return change.signal & 0x7f;
    case 'stopped':
      return (change.signal << 8) | 0x7f;
    case 'continued':
      return 0xffff;
  }
}

/** si_status of waitid(2). */
export const changeStatus = (change: ChildChange): number =>
  change.kind === 'exited' ? change.status : change.kind === 'continued' ? SIGCONT : change.signal;
