/** read(2) and readv(2) on the console: fs/read_write.c. Standard input ends where the host's does; reading never sleeps. */
import { EBADF, EFAULT, Errno } from '../../abi/errno.ts';
import { copyOutSome, isUserRange } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { syscall } from './define.ts';
import { readIovec } from './iovec.ts';

const CHUNK = 65536n;

/** read(2). EBADF; EFAULT: the bytes that were read are lost with it. 0 at the end. */
export const read = syscall({
  number: 0,
  name: 'read',
  args: { fd: 'fd', buffer: 'outBytes', count: 'size' },
  support: { missing: 'files other than the console' },
  run(task, { fd, buffer, count }) {
    if (!task.kernel.console.has(fd)) return EBADF;
    if (!isUserRange(buffer, count)) return EFAULT;
    return readSome(task, fd, buffer, count);
  },
});

/** readv(2). */
export const readv = syscall({
  number: 19,
  name: 'readv',
  args: { fd: 'fd', iov: 'outIovec', count: 'size' },
  support: { missing: 'files other than the console' },
  run(task, { fd, iov, count }) {
    if (!task.kernel.console.has(fd)) return EBADF;
    const pieces = readIovec(task.mm, iov, count);
    if (pieces instanceof Errno) return pieces;
    let total = 0;
    for (const { base, length } of pieces) {
      if (length === 0n) continue;
      const done = readSome(task, fd, base, length);
      if (done instanceof Errno) return total > 0 ? total : done;
      total += done;
      if (BigInt(done) < length) break;
    }
    return total;
  },
});

function readSome(task: Task, fd: number, buffer: bigint, count: bigint): number | Errno {
  if (count === 0n) return 0;
  const bytes = task.kernel.console.read(fd, Number(count > CHUNK ? CHUNK : count));
  if (bytes.length === 0) return 0;
  const done = copyOutSome(task.mm, buffer, bytes);
  return done > 0 ? done : EFAULT;
}
