/** lseek(2): fs/read_write.c. */
import { EBADF, EINVAL } from '../../abi/errno.ts';
import { SEEK_MAX } from '../../abi/fcntl.ts';
import { s64 } from '../../base/ints.ts';
import { fd, whence } from './args/files.ts';
import { signedOffset } from './args/numbers.ts';
import { syscall } from './define.ts';

/** lseek(2). EINVAL: no such origin, or before the start. ESPIPE: a pipe. ENXIO: no data, or no hole, follows. */
export const lseek = syscall({
  number: 8,
  name: 'lseek',
  args: { fd, offset: signedOffset, whence },
  support: 'full',
  run(task, { fd, offset, whence }) {
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    return whence > SEEK_MAX ? EINVAL : file.seek(task, s64(offset), whence);
  },
});
