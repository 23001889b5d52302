/** write(2) and writev(2) on the console: fs/read_write.c. */
import { EBADF, EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { copyInSome, isUserRange } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { syscall } from './define.ts';
import { readIovec } from './iovec.ts';

/** MAX_RW_COUNT: no call moves more at once. */
export const MAX_COUNT = 0x7fff_f000n;
const CHUNK = 65536;

/** write(2). EBADF; EFAULT: not even the first byte can be read. What can be read before a bad page is written. */
export const write = syscall({
  number: 1,
  name: 'write',
  args: { fd: 'fd', buffer: 'inBytes', count: 'size' },
  support: { missing: 'files other than the console' },
  run(task, { fd, buffer, count }) {
    if (!task.kernel.console.has(fd)) return EBADF;
    if (!isUserRange(buffer, count)) return EFAULT;
    return writeSome(task, fd, buffer, count > MAX_COUNT ? MAX_COUNT : count);
  },
});

/** writev(2). EINVAL: more than 1024 pieces, or lengths whose sum overflows. */
export const writev = syscall({
  number: 20,
  name: 'writev',
  args: { fd: 'fd', iov: 'inIovec', count: 'size' },
  support: { missing: 'files other than the console' },
  run(task, { fd, iov, count }) {
    if (!task.kernel.console.has(fd)) return EBADF;
    const pieces = readIovec(task.mm, iov, count);
    if (pieces instanceof Errno) return pieces;
    if (pieces.some(({ base, length }) => !isUserRange(base, length))) return EFAULT;
    let total = 0;
    for (const { base, length } of pieces) {
      if (length === 0n) continue;
      const done = writeSome(task, fd, base, length);
      if (done instanceof Errno) return total > 0 ? total : done;
      total += done;
      if (BigInt(done) < length) break;
    }
    return total;
  },
});

function writeSome(task: Task, fd: number, buffer: bigint, count: bigint): number | Errno {
  let done = 0;
  while (BigInt(done) < count) {
    const wanted = Math.min(CHUNK, Number(count) - done);
    const bytes = copyInSome(task.mm, buffer + BigInt(done), wanted);
    if (bytes.length > 0 && !task.kernel.console.write(fd, bytes)) return EINVAL;
    done += bytes.length;
    if (bytes.length < wanted) return done > 0 ? done : EFAULT;
  }
  return done;
}
