/** inotify_init(2), inotify_add_watch(2), inotify_rm_watch(2): fs/notify/inotify/inotify_user.c. */
import { EBADF, EINVAL, ENOTDIR, Errno } from '../../abi/errno.ts';
import { O_CLOEXEC, O_NONBLOCK, O_RDONLY } from '../../abi/fcntl.ts';
import {
  IN_ALL_EVENTS, IN_DONT_FOLLOW, IN_EXCL_UNLINK, IN_IGNORED, IN_ISDIR, IN_MASK_ADD, IN_MASK_CREATE, IN_ONESHOT, IN_ONLYDIR,
  IN_Q_OVERFLOW, INOTIFY_NAMES,
} from '../../abi/inotify.ts'; // biome-ignore format: a list
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { InotifyFile } from '../vfs/inotify-file.ts';
import { identityOf, MAY_READ, mayAccess } from '../vfs/permissions.ts';
import { fd, inPath } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { int } from './args/numbers.ts';
import { flagsText } from './args/text.ts';
import { syscall } from './define.ts';
import { fileOf } from './path-args.ts';

const KNOWN =
  (IN_ALL_EVENTS | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_ADD | IN_MASK_CREATE | IN_ISDIR | IN_ONESHOT | 0x2000 | IN_Q_OVERFLOW | IN_IGNORED) >>> 0; // biome-ignore format: one line
const initFlags = u32((flags) => flagsText(flags, { IN_CLOEXEC: O_CLOEXEC, IN_NONBLOCK: O_NONBLOCK }, 'IN_???'));
const watchMask = u32((mask) => flagsText(mask, INOTIFY_NAMES, 'IN_???'));

const create = (task: Task, flags: number): number | Errno =>
  task.files.install(
    new InotifyFile(O_RDONLY | (flags & O_NONBLOCK)),
    (flags & O_CLOEXEC) !== 0,
    descriptorLimit(task),
  );

/** inotify_init(2). EMFILE. */
export const inotifyInit = syscall({
  number: 253,
  name: 'inotify_init',
  args: {},
  support: 'full',
  run: (task) => create(task, 0),
});

/** inotify_init1(2). EINVAL: unknown flags. */
export const inotifyInit1 = syscall({
  number: 294,
  name: 'inotify_init1',
  args: { flags: initFlags },
  support: 'full',
  run: (task, { flags }) => (flags & ~(O_CLOEXEC | O_NONBLOCK) ? EINVAL : create(task, flags)),
});

/** inotify_add_watch(2). EINVAL: nothing to watch for, contradictions, no inotify. EBADF, EACCES, EEXIST, ENOTDIR, and of the path. */
export const inotifyAddWatch = syscall({
  number: 254,
  name: 'inotify_add_watch',
  args: { fd, path: inPath, mask: watchMask },
  support: { missing: 'IN_EXCL_UNLINK, events of mapped and unmounted files' },
  run(task, { fd, path, mask }) {
    if ((mask & KNOWN) === 0) return EINVAL;
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    if ((mask & IN_MASK_ADD) !== 0 && (mask & IN_MASK_CREATE) !== 0) return EINVAL;
    if (!(file instanceof InotifyFile)) return EINVAL;
    const found = fileOf(task, path, (mask & IN_DONT_FOLLOW) === 0);
    if (found instanceof Errno) return found;
    if ((mask & IN_ONLYDIR) !== 0 && !found.inode.isDirectory) return ENOTDIR;
    return mayAccess(identityOf(task), found.inode, MAY_READ) ?? file.add(found.inode, mask);
  },
});

/** inotify_rm_watch(2). EBADF; EINVAL: no inotify, no such watch. */
export const inotifyRmWatch = syscall({
  number: 255,
  name: 'inotify_rm_watch',
  args: { fd, watch: int },
  support: 'full',
  run(task, { fd, watch }) {
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    return file instanceof InotifyFile ? (file.remove(watch) ?? 0) : EINVAL;
  },
});
