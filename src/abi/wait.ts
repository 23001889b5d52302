/** Options and status words of wait4(2): linux/wait.h, and the macros of sys/wait.h. */
export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WCONTINUED = 8;
export const WNOTHREAD = 0x2000_0000;
export const WALL = 0x4000_0000;
export const WCLONE = 0x8000_0000;
/** waitid(2)'s alone. */
const WEXITED = 4, WNOWAIT = 0x100_0000; // biome-ignore format: one line
/** As strace(1) names them, in its order. */
export const WAIT_OPTION_NAMES = {
  WNOHANG, WEXITED, WSTOPPED: WUNTRACED, WCONTINUED, WNOWAIT, __WCLONE: WCLONE, __WALL: WALL, __WNOTHREAD: WNOTHREAD,
} as const; // biome-ignore format: a list

/** How a process ended. A core dump is never made, as with `ulimit -c 0`, so the core bit stays clear. */
export type Ending =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: number };

/** The status word that wait4(2) stores. */
export const waitStatus = (ending: Ending): number =>
  ending.kind === 'exited' ? (ending.status & 0xff) << 8 : ending.signal & 0x7f;
