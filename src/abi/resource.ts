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
