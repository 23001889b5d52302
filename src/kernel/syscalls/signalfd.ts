/** signalfd(2): fs/signalfd.c. */
import { EBADF, EINVAL, Errno } from '../../abi/errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../abi/fcntl.ts';
import { SIGSET_BYTES, UNBLOCKABLE } from '../../abi/signal.ts';
import { readU64 } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { SignalFile } from '../vfs/signal-file.ts';
import { fd } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { size } from './args/numbers.ts';
import { inSigset } from './args/signals.ts';
import { flagsText } from './args/text.ts';
import { syscall } from './define.ts';

const createFlags = u32((flags) => flagsText(flags, { SFD_CLOEXEC: O_CLOEXEC, SFD_NONBLOCK: O_NONBLOCK }, 'SFD_???'));
const SUPPORT = 'full';

/** signalfd(2) without flags. */
export const signalfd = syscall({
  number: 282,
  name: 'signalfd',
  args: { fd, mask: inSigset, size },
  support: SUPPORT,
  run: (task, args) => openSignalFile(task, args, 0),
});

/** signalfd(2). EINVAL: a set of another size, unknown flags, a descriptor of something else. EFAULT, EBADF, EMFILE. */
export const signalfd4 = syscall({
  number: 289,
  name: 'signalfd4',
  args: { fd, mask: inSigset, size, flags: createFlags },
  support: SUPPORT,
  run: (task, args) => openSignalFile(task, args, args.flags),
});

function openSignalFile(
  task: Task,
  { fd, mask, size }: { fd: number; mask: bigint; size: bigint },
  flags: number,
): number | Errno {
  if (size !== BigInt(SIGSET_BYTES)) return EINVAL;
  const given = readU64(task.mm, mask);
  if (given instanceof Errno) return given;
  if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return EINVAL;
  const signals = given & ~UNBLOCKABLE;
  if (fd === -1) {
    const file = new SignalFile(task.kernel, signals, flags & O_NONBLOCK);
    return task.files.install(file, (flags & O_CLOEXEC) !== 0, descriptorLimit(task));
  }
  const file = task.files.find(fd);
  if (file === undefined) return EBADF;
  if (!(file instanceof SignalFile)) return EINVAL;
  file.mask = signals;
  task.process.signalArrived.wakeAll();
  return fd;
}
