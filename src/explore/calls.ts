/** Which parts of the kernel's state a system call touches, as far as other tasks can tell: by its name. */
import type { Task } from '../kernel/task/task.ts';
import { FILES, FUTEXES, MAPPINGS, type Place, PROCESSES } from './footprint.ts';

/** Nobody else can tell when these happen. */
const LOCAL = new Set(
  `arch_prctl clock_getres getcwd getegid geteuid getgid getgroups getpid getresgid getresuid getrlimit getrusage gettid
   getuid madvise mincore mlock mlock2 munlock rseq sched_getaffinity sched_yield set_robust_list set_tid_address sigaltstack
   sysinfo uname`.split(/\s+/),
);
/** What they answer depends on everything that has run before: schedules that differ only there are not told apart. */
const TIME = new Set(
  `alarm clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time timer_gettime timer_settime
   timerfd_gettime timerfd_settime times`.split(/\s+/),
);
const MEMORY = new Set('brk mmap mprotect mremap munmap pkey_mprotect'.split(' '));
const ENDS = new Set(['exit', 'exit_group']);
const ONLY_PROCESSES = new Set(
  `getpgid getpgrp getppid getpriority getsid kill pause prctl rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
   rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo setpgid setsid tgkill tkill umask wait4 waitid`.split(
    /\s+/,
  ),
);
const ONLY_FUTEXES = new Set(['futex', 'futex_waitv']);
/** Descriptors from here on are not those of the console that a program starts with. */
const FIRST_OWN_FD = 3;

/** Whether the call needs no turn of its own: it goes along with the step before it. */
export const isLocalCall = (name: string, task: Task): boolean =>
  LOCAL.has(name) || TIME.has(name) || (MEMORY.has(name) && task.mm.users === 1);

export const usesTime = (name: string): boolean => TIME.has(name);

export function placesOfCall(name: string, task: Task): Place[] {
  if (MEMORY.has(name)) return [MAPPINGS];
  if (ONLY_PROCESSES.has(name)) return [PROCESSES];
  if (ONLY_FUTEXES.has(name)) return [FUTEXES];
  if (ENDS.has(name)) return placesOfEnd(task);
  const isFork = name === 'fork' || name === 'vfork' || name.startsWith('clone');
  if (isFork || name.startsWith('exec')) return [PROCESSES, FILES, MAPPINGS];
  return FILE_CALL.test(name) ? [FILES] : [PROCESSES, FILES, FUTEXES, MAPPINGS];
}

/** By the end its descriptors are closed, which readers and writers of pipes notice. */
export function placesOfEnd(task: Task): Place[] {
  const hasFiles = task.files.numbers().some((fd) => fd >= FIRST_OWN_FD);
  return hasFiles ? [PROCESSES, FUTEXES, FILES] : [PROCESSES, FUTEXES];
}

/** Calls on descriptors and paths, unless they are something else as well. */
const FILE_CALL =
  /^(p?readv?\d*|p?writev?\d*|pread64|pwrite64|open(at2?)?|creat|close(_range)?|dup[23]?|pipe2?|fcntl|ioctl|lseek|l?f?stat|newfstatat|statx|p?poll|p?select6?|epoll_.*|eventfd2?|getdents64|(mk|rm)(dir|nod)(at)?|unlink(at)?|readlink(at)?|rename.*|link(at)?|symlink(at)?|access|faccessat2?|f?truncate|f?ch(mod|own|dir).*|f?sync|fdatasync|flock|sendfile|splice|tee|socket.*|bind|listen|accept4?|connect|send.*|recv.*|shutdown|getsock.*|setsockopt)$/;
