/** pipe(2) and pipe2(2): fs/pipe.c. */
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { O_CLOEXEC, O_DIRECT, O_NONBLOCK } from '../../abi/fcntl.ts';
import { copyOut } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { createPipe } from '../vfs/pipe.ts';
import { fdFlags, outFds } from './args/files.ts';
import { syscall } from './define.ts';

/** pipe(2). EMFILE; EFAULT: nothing is left open then. */
export const pipe = syscall({
  number: 22,
  name: 'pipe',
  args: { fds: outFds },
  support: 'full',
  run: (task, { fds }) => openPipe(task, fds, 0),
});

/** pipe2(2). EINVAL: unknown flags. */
export const pipe2 = syscall({
  number: 293,
  name: 'pipe2',
  args: { fds: outFds, flags: fdFlags },
  support: { missing: 'O_NOTIFICATION_PIPE' },
  run(task, { fds, flags }) {
    if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) return EINVAL;
    return openPipe(task, fds, flags);
  },
});

function openPipe(task: Task, address: bigint, flags: number): number | Errno {
  const { files, kernel } = task;
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const limit = descriptorLimit(task);
  const { reader, writer } = createPipe(kernel.nextInode(), kernel.realTime(), flags & ~O_CLOEXEC);
  const read = files.install(reader, closeOnExec, limit);
  if (read instanceof Errno) return read;
  const write = files.install(writer, closeOnExec, limit);
  if (write instanceof Errno) {
    files.close(read);
    return write;
  }
  const bytes = new Uint8Array(new Int32Array([read, write]).buffer);
  if (copyOut(task.mm, address, bytes) === undefined) return 0;
  files.close(read);
  files.close(write);
  return EFAULT;
}
