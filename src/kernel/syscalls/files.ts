/** Every file of system calls, one a line. Adding one means adding it here; each call that it exports is there. */

import * as access from './access.ts';
import * as affinity from './affinity.ts';
import * as archPrctl from './arch-prctl.ts';
import * as bind from './bind.ts';
import * as brk from './brk.ts';
import * as capabilities from './capabilities.ts';
import * as chdir from './chdir.ts';
import * as chmod from './chmod.ts';
import * as chown from './chown.ts';
import * as clone from './clone.ts';
import * as closeRange from './close-range.ts';
import * as connect from './connect.ts';
import { isSyscall, type Syscall } from './define.ts';
import * as dup from './dup.ts';
import * as epoll from './epoll.ts';
import * as eventfd from './eventfd.ts';
import * as execve from './execve.ts';
import * as exit from './exit.ts';
import * as fadvise from './fadvise.ts';
import * as fcntl from './fcntl.ts';
import * as flock from './flock.ts';
import * as fork from './fork.ts';
import * as futex from './futex.ts';
import * as getdents from './getdents.ts';
import * as getrandom from './getrandom.ts';
import * as getrusage from './getrusage.ts';
import * as getsockname from './getsockname.ts';
import * as getsockopt from './getsockopt.ts';
import * as ids from './ids.ts';
import * as inotify from './inotify.ts';
import * as ioctl from './ioctl.ts';
import * as itimer from './itimer.ts';
import * as kill from './kill.ts';
import * as link from './link.ts';
import * as lseek from './lseek.ts';
import * as madvise from './madvise.ts';
import * as membarrier from './membarrier.ts';
import * as memfdCreate from './memfd-create.ts';
import * as mempolicy from './mempolicy.ts';
import * as mincore from './mincore.ts';
import * as mkdir from './mkdir.ts';
import * as mlock from './mlock.ts';
import * as mmap from './mmap.ts';
import * as mount from './mount.ts';
import * as mprotect from './mprotect.ts';
import * as mremap from './mremap.ts';
import * as msg from './msg.ts';
import * as msync from './msync.ts';
import * as open from './open.ts';
import * as openat2 from './openat2.ts';
import * as personality from './personality.ts';
import * as pidfd from './pidfd.ts';
import * as pipe from './pipe.ts';
import * as poll from './poll.ts';
import * as prctl from './prctl.ts';
import * as pread from './pread.ts';
import * as priority from './priority.ts';
import * as processVm from './process-vm.ts';
import * as read from './read.ts';
import * as readlink from './readlink.ts';
import * as recv from './recv.ts';
import * as remapFilePages from './remap-file-pages.ts';
import * as rename from './rename.ts';
import * as rlimit from './rlimit.ts';
import * as sched from './sched.ts';
import * as schedYield from './sched-yield.ts';
import * as select from './select.ts';
import * as sem from './sem.ts';
import * as send from './send.ts';
import * as sendfile from './sendfile.ts';
import * as sessions from './sessions.ts';
import * as setuid from './setuid.ts';
import * as shm from './shm.ts';
import * as sigaction from './sigaction.ts';
import * as sigaltstack from './sigaltstack.ts';
import * as signalfd from './signalfd.ts';
import * as sigprocmask from './sigprocmask.ts';
import * as sigqueue from './sigqueue.ts';
import * as sigreturn from './sigreturn.ts';
import * as sigsuspend from './sigsuspend.ts';
import * as sigtimedwait from './sigtimedwait.ts';
import * as socket from './socket.ts';
import * as splice from './splice.ts';
import * as stat from './stat.ts';
import * as statfs from './statfs.ts';
import * as statx from './statx.ts';
import * as sync from './sync.ts';
import * as sysinfo from './sysinfo.ts';
import * as threadLists from './thread-lists.ts';
import * as time from './time.ts';
import * as timer from './timer.ts';
import * as timerfd from './timerfd.ts';
import * as truncate from './truncate.ts';
import * as uname from './uname.ts';
import * as unlink from './unlink.ts';
import * as utimensat from './utimensat.ts';
import * as wait4 from './wait4.ts';
import * as waitid from './waitid.ts';
import * as write from './write.ts';
import * as xattr from './xattr.ts';

/** A bundle evaluates a file when one of its calls is first made: build.ts makes a `require` of each. */
const FILES: readonly (() => object)[] = [
  () => access, () => affinity, () => archPrctl, () => bind, () => brk, () => capabilities, () => chdir, () => chmod,
  () => chown, () => clone, () => closeRange, () => connect, () => dup, () => epoll, () => eventfd, () => execve,
  () => exit, () => fadvise, () => fcntl, () => flock, () => fork, () => futex, () => getdents, () => getrandom,
  () => getrusage, () => getsockname, () => getsockopt, () => ids, () => inotify, () => ioctl, () => itimer,
  () => kill, () => link, () => lseek, () => madvise, () => membarrier, () => memfdCreate, () => mempolicy,
  () => mincore, () => mkdir, () => mlock, () => mmap, () => mount, () => mprotect, () => mremap, () => msg,
  () => msync, () => open, () => openat2, () => personality, () => pidfd, () => pipe, () => poll, () => prctl,
  () => pread, () => priority, () => processVm, () => read, () => readlink, () => recv, () => remapFilePages,
  () => rename, () => rlimit, () => schedYield, () => sched, () => select, () => sem, () => send, () => sendfile,
  () => sessions, () => setuid, () => shm, () => sigaction, () => sigaltstack, () => signalfd, () => sigprocmask,
  () => sigqueue, () => sigreturn, () => sigsuspend, () => sigtimedwait, () => socket, () => splice, () => stat,
  () => statfs, () => statx, () => sync, () => sysinfo, () => threadLists, () => time, () => timer, () => timerfd,
  () => truncate, () => uname, () => unlink, () => utimensat, () => wait4, () => waitid, () => write, () => xattr,
]; // biome-ignore format: a list

export const FILE_COUNT: number = FILES.length;

/** The records of a file. */
export const syscallsOf = (file: number): readonly Syscall[] => Object.values(FILES[file]()).filter(isSyscall);
