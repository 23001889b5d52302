/** lseek(2): fs/read_write.c. */
import { EBADF, EINVAL, ESPIPE } from '../../abi/errno.ts';
import { SEEK_MAX } from '../../abi/fcntl.ts';
import { fd, whence } from './args/files.ts';
import { signedOffset } from './args/numbers.ts';
import { syscall } from './define.ts';

/** lseek(2). EINVAL: no such origin. ESPIPE: a pipe, as every file is. */
export const lseek = syscall({
  number: 8,
  name: 'lseek',
  args: { fd, offset: signedOffset, whence },
  support: { missing: 'files other than pipes' },
  run(task, { fd, whence }) {
    if (task.files.find(fd) === undefined) return EBADF;
    return whence > SEEK_MAX ? EINVAL : ESPIPE;
  },
});
