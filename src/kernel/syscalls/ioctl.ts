/** ioctl(2): enough for a C library to learn whether its output is a terminal. */
import { EBADF, ENOTTY } from '../../abi/errno.ts';
import { fd, ioctlRequest } from './args/files.ts';
import { addr } from './args/numbers.ts';
import { syscall } from './define.ts';

export const ioctl = syscall({
  number: 16,
  name: 'ioctl',
  args: { fd, request: ioctlRequest, argument: addr },
  support: { missing: 'terminals; every request, FIONREAD of a pipe among them' },
  run: (task, { fd }) => (task.files.find(fd) ? ENOTTY : EBADF),
});
