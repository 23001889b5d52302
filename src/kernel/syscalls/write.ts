/** write(2) and writev(2): fs/read_write.c. */
import { fd } from './args/files.ts';
import { inBytes, inIovec } from './args/memory.ts';
import { size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { transferBuffer, transferPieces } from './read-write.ts';

/** write(2). EBADF; EFAULT: not even the first byte can be read; what the file says. */
export const write = syscall({
  number: 1,
  name: 'write',
  args: { fd, buffer: inBytes, count: size },
  support: 'full',
  run: (task, args, call) => transferBuffer(task, 'write', args, call),
});

/** writev(2). EINVAL: more than 1024 pieces, or one that is too long. */
export const writev = syscall({
  number: 20,
  name: 'writev',
  args: { fd, iov: inIovec, count: size },
  support: 'full',
  run: (task, args, call) => transferPieces(task, 'write', args, call),
});
