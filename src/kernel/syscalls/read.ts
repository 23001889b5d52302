/** read(2) and readv(2): fs/read_write.c. */
import { fd } from './args/files.ts';
import { outBytes, outIovec } from './args/memory.ts';
import { size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { transferBuffer, transferPieces } from './read-write.ts';

/** read(2). EBADF; EFAULT; what the file says. 0 at the end. */
export const read = syscall({
  number: 0,
  name: 'read',
  args: { fd, buffer: outBytes, count: size },
  support: 'full',
  run: (task, args, call) => transferBuffer(task, 'read', args, call),
});

/** readv(2). EINVAL: more than 1024 pieces, or one that is too long. */
export const readv = syscall({
  number: 19,
  name: 'readv',
  args: { fd, iov: outIovec, count: size },
  support: 'full',
  run: (task, args, call) => transferPieces(task, 'read', args, call),
});
