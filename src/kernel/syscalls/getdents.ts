/** getdents(2) and getdents64(2): fs/readdir.c. */
import { EBADF } from '../../abi/errno.ts';
import { direntList, fd } from './args/files.ts';
import { size32 } from './args/numbers.ts';
import { syscall } from './define.ts';

/** getdents64(2). EBADF; ENOTDIR; EINVAL: no room for one entry; ENOENT: the directory was removed; EFAULT. */
export const getdents64 = syscall({
  number: 217,
  name: 'getdents64',
  args: { fd, entries: direntList, size: size32 },
  support: 'full',
  run(task, { fd, entries, size }) {
    const file = task.files.find(fd);
    return file === undefined ? EBADF : file.readEntries(task, entries, size, 'dirent64');
  },
});

/** getdents(2), the older one. */
export const getdents = syscall({
  number: 78,
  name: 'getdents',
  args: { fd, entries: direntList, size: size32 },
  support: 'full',
  run(task, { fd, entries, size }) {
    const file = task.files.find(fd);
    return file === undefined ? EBADF : file.readEntries(task, entries, size, 'dirent');
  },
});
