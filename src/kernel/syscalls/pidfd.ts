/** pidfd_open(2) and pidfd_send_signal(2): kernel/pid.c, kernel/signal.c. */
import { EBADF, EINVAL, ENOENT, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { O_NONBLOCK } from '../../abi/fcntl.ts';
import { readSiginfo, SIGINFO_BYTES } from '../../abi/siginfo.ts';
import { SI_TKILL, SI_USER } from '../../abi/signal.ts';
import { copyIn } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import { fromTask, sendToProcess } from '../task/signal.ts';
import { PidFile } from '../vfs/pid-file.ts';
import { fd } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { hexInt } from './args/numbers.ts';
import { pid } from './args/processes.ts';
import { inSiginfo, signal } from './args/signals.ts';
import { flagsText } from './args/text.ts';
import { syscall } from './define.ts';
import { signalRefused } from './kill.ts';

const pidfdFlags = u32((flags) => flagsText(flags, { PIDFD_NONBLOCK: O_NONBLOCK }, 'PIDFD_???'));

/** pidfd_open(2). EINVAL: no such number, unknown flags. ESRCH: no such process. ENOENT: a thread that is not the first. */
export const pidfdOpen = syscall({
  number: 434,
  name: 'pidfd_open',
  args: { pid, flags: pidfdFlags },
  support: { missing: 'PIDFD_THREAD' },
  run(task, { pid, flags }) {
    if (flags & ~O_NONBLOCK || pid <= 0) return EINVAL;
    const process = task.kernel.findProcess(pid);
    if (process === undefined) return task.kernel.findTask(pid) === undefined ? ESRCH : ENOENT;
    return task.files.install(new PidFile(process, flags), true, descriptorLimit(task));
  },
});

/** pidfd_send_signal(2). EBADF: not such a file. EINVAL: no such signal, another one in `info`. ESRCH: it is gone. EPERM. */
export const pidfdSendSignal = syscall({
  number: 424,
  name: 'pidfd_send_signal',
  args: { fd, signal, info: inSiginfo, flags: hexInt },
  support: { missing: 'flags' },
  run(task, { fd, signal, info: address, flags }) {
    if (flags !== 0) return EINVAL;
    const file = task.files.find(fd);
    if (!(file instanceof PidFile)) return EBADF;
    const { process } = file;
    let info = fromTask(task, signal, SI_USER);
    if (address !== 0n) {
      const bytes = copyIn(task.mm, address, SIGINFO_BYTES);
      if (bytes instanceof Errno) return bytes;
      info = readSiginfo(bytes);
      if (info.signal !== signal) return EINVAL;
      if (process !== task.process && (info.code >= 0 || info.code === SI_TKILL)) return EPERM;
    }
    if (process.state === 'gone') return ESRCH;
    const refused = signalRefused(task, process.leader, signal);
    if (refused !== undefined) return refused;
    if (signal !== 0) sendToProcess(process, info);
    return 0;
  },
});
