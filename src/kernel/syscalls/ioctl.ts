/** ioctl(2) on the console: enough for a C library to learn whether it is a terminal. */
import { EBADF, ENOTTY } from '../../abi/errno.ts';
import { syscall } from './define.ts';

export const ioctl = syscall({
  number: 16,
  name: 'ioctl',
  args: { fd: 'fd', request: 'ioctlRequest', argument: 'addr' },
  support: { missing: 'terminals: everything is answered as if the console were a pipe' },
  run: (task, { fd }) => (task.kernel.console.has(fd) ? ENOTTY : EBADF),
});
