/** mount(2), umount2(2), pivot_root(2) and handles of files: what only root may do. fs/namespace.c, fs/fhandle.c. */
import { EINVAL, EOPNOTSUPP, EPERM, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_SYMLINK_FOLLOW } from '../../abi/fcntl.ts';
import { readPath } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { atFlags, dirFd, inPath, openFlags } from './args/files.ts';
import { addr } from './args/numbers.ts';
import { mountFlags, umountFlags } from './args/statfs.ts';
import { syscall } from './define.ts';
import { fileAt, fileOf } from './path-args.ts';

/** The machine's user has no CAP_SYS_ADMIN, whatever else is wrong with the call. */
const refuse = (task: Task, path: bigint): Errno => {
  const found = fileOf(task, path);
  return found instanceof Errno ? found : EPERM;
};

/** mount(2). EPERM; before that EFAULT, and what the path leads to says. */
export const mount = syscall({
  number: 165,
  name: 'mount',
  args: { source: inPath, target: inPath, type: inPath, flags: mountFlags, data: addr },
  support: { missing: 'there is no user who may' },
  run(task, { source, target, type }) {
    for (const text of [type, source]) {
      const read = text === 0n ? '' : readPath(task.mm, text);
      if (read instanceof Errno) return read;
    }
    return refuse(task, target);
  },
});

/** umount2(2). EPERM. EINVAL: flags. */
export const umount2 = syscall({
  number: 166,
  name: 'umount2',
  args: { target: inPath, flags: umountFlags },
  support: { missing: 'there is no user who may' },
  run: (task, { target, flags }) => (flags & ~0xf ? EINVAL : refuse(task, target)),
});

/** pivot_root(2). EPERM. */
export const pivotRoot = syscall({
  number: 155,
  name: 'pivot_root',
  args: { newRoot: inPath, putOld: inPath },
  support: { missing: 'there is no user who may' },
  run: () => EPERM,
});

/** name_to_handle_at(2). EOPNOTSUPP: no file system here has handles. */
export const nameToHandleAt = syscall({
  number: 303,
  name: 'name_to_handle_at',
  args: { fd: dirFd, path: inPath, handle: addr, mountId: addr, flags: atFlags },
  support: { missing: 'file handles' },
  run(task, { fd, path, flags }) {
    const found = fileAt(task, fd, path, flags, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
    return found instanceof Errno ? found : EOPNOTSUPP;
  },
});

/** open_by_handle_at(2). EPERM. */
export const openByHandleAt = syscall({
  number: 304,
  name: 'open_by_handle_at',
  args: { mountFd: dirFd, handle: addr, flags: openFlags },
  support: { missing: 'file handles' },
  run: () => EPERM,
});
