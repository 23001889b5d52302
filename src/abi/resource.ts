/** Whose resources getrusage(2) counts: linux/resource.h. */
export const RUSAGE_SELF = 0;
export const RUSAGE_CHILDREN = -1;
export const RUSAGE_THREAD = 1;
/** As strace(1) prints them; the kernel alone may ask for RUSAGE_BOTH. */
export const RUSAGE_NAMES: Readonly<Record<number, string>> = {
  [RUSAGE_SELF]: 'RUSAGE_SELF',
  [RUSAGE_CHILDREN]: 'RUSAGE_CHILDREN',
  [RUSAGE_THREAD]: 'RUSAGE_THREAD',
  [-2]: 'RUSAGE_BOTH',
};

/** Resources that have limits: asm-generic/resource.h. */
export const RLIMIT_NAMES = [
  'RLIMIT_CPU', 'RLIMIT_FSIZE', 'RLIMIT_DATA', 'RLIMIT_STACK', 'RLIMIT_CORE', 'RLIMIT_RSS', 'RLIMIT_NPROC',
  'RLIMIT_NOFILE', 'RLIMIT_MEMLOCK', 'RLIMIT_AS', 'RLIMIT_LOCKS', 'RLIMIT_SIGPENDING', 'RLIMIT_MSGQUEUE', 'RLIMIT_NICE',
  'RLIMIT_RTPRIO', 'RLIMIT_RTTIME',
] as const; // biome-ignore format: a list by number
export const RLIMIT_COUNT = RLIMIT_NAMES.length;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_CPU = 0;
export const RLIMIT_NPROC = 6;
export const RLIMIT_SIGPENDING = 11;
export const RLIMIT_NICE = 13;
export const RLIMIT_RTPRIO = 14;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;
export const RLIMIT_AS = 9;
export const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;
/** struct rlimit64 { u64 rlim_cur; u64 rlim_max; } */
export const RLIMIT_BYTES = 16;
