/** dup(2), dup2(2), dup3(2) and close(2): fs/file.c. */
import { EBADF, EINVAL } from '../../abi/errno.ts';
import { O_CLOEXEC } from '../../abi/fcntl.ts';
import { descriptorLimit } from '../task/limits.ts';
import { fd, fdFlags } from './args/files.ts';
import { syscall } from './define.ts';

/** dup(2). EBADF, EMFILE. */
export const dup = syscall({
  number: 32,
  name: 'dup',
  args: { fd },
  support: 'full',
  run: (task, { fd }) => task.files.duplicate(fd, false, descriptorLimit(task)),
});

/** dup2(2). EBADF: either; two equal numbers are only asked whether they are open. */
export const dup2 = syscall({
  number: 33,
  name: 'dup2',
  args: { from: fd, to: fd },
  support: 'full',
  run(task, { from, to }) {
    if (from === to) return task.files.find(from) === undefined ? EBADF : to;
    return task.files.duplicateTo(from, to, false, descriptorLimit(task));
  },
});

/** dup3(2). EINVAL: flags other than O_CLOEXEC, or two equal numbers. */
export const dup3 = syscall({
  number: 292,
  name: 'dup3',
  args: { from: fd, to: fd, flags: fdFlags },
  support: 'full',
  run(task, { from, to, flags }) {
    if (flags & ~O_CLOEXEC || from === to) return EINVAL;
    return task.files.duplicateTo(from, to, (flags & O_CLOEXEC) !== 0, descriptorLimit(task));
  },
});

/** close(2). EBADF. */
export const close = syscall({
  number: 3,
  name: 'close',
  args: { fd },
  support: 'full',
  run: (task, { fd }) => task.files.close(fd),
});
