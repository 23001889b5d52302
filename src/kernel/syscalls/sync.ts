/** sync(2), syncfs(2), fsync(2), fdatasync(2) and sync_file_range(2): fs/sync.c. */
import { EBADF, EINVAL, type Errno, ESPIPE } from '../../abi/errno.ts';
import { S_IFBLK, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { s64 } from '../../base/ints.ts';
import type { Task } from '../task/task.ts';
import { fd } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { signedOffset } from './args/numbers.ts';
import { flagsText } from './args/text.ts';
import { syscall } from './define.ts';

/** sync(2): every file system, whatever fails. */
export const sync = syscall({
  number: 162,
  name: 'sync',
  args: {},
  support: 'full',
  run({ kernel }) {
    for (const { fs } of kernel.vfs.mounts) fs.sync();
    return 0;
  },
});

/** syncfs(2): the file system of a descriptor. EBADF; EIO and its like. */
export const syncfs = syscall({
  number: 306,
  name: 'syncfs',
  args: { fd },
  support: 'full',
  run(task, { fd }) {
    const file = task.files.find(fd);
    return file === undefined ? EBADF : (file.dentry?.inode.fs.sync() ?? 0);
  },
});

/** fsync(2). EBADF; EINVAL: a pipe, a socket; EIO and its like. */
export const fsync = syscall({
  number: 74,
  name: 'fsync',
  args: { fd },
  support: 'full',
  run: (task, { fd }) => syncFile(task, fd),
});

/** fdatasync(2): nothing here is written later than the bytes are. */
export const fdatasync = syscall({
  number: 75,
  name: 'fdatasync',
  args: { fd },
  support: 'full',
  run: (task, { fd }) => syncFile(task, fd),
});

function syncFile(task: Task, fd: number): number | Errno {
  const file = task.files.find(fd);
  if (file === undefined) return EBADF;
  const kind = file.stat().mode & S_IFMT;
  if (kind !== S_IFREG && kind !== S_IFDIR && kind !== S_IFBLK) return EINVAL;
  return file.sync() ?? 0;
}

const SYNC_FILE_RANGE_NAMES = {
  SYNC_FILE_RANGE_WAIT_BEFORE: 1, SYNC_FILE_RANGE_WRITE: 2, SYNC_FILE_RANGE_WAIT_AFTER: 4,
} as const; // biome-ignore format: a list
const rangeFlags = u32((flags) => flagsText(flags, SYNC_FILE_RANGE_NAMES, 'SYNC_FILE_RANGE_???'));

/** sync_file_range(2): what is in the range is written, if that is asked for. EINVAL: flags, the range. ESPIPE: a pipe. */
export const syncFileRange = syscall({
  number: 277,
  name: 'sync_file_range',
  args: { fd, offset: signedOffset, count: signedOffset, flags: rangeFlags },
  support: 'full',
  run(task, { fd, offset, count, flags }) {
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    if (flags & ~7) return EINVAL;
    const [start, length] = [s64(offset), s64(count)];
    if (start < 0n || length < 0n || start + length >= 1n << 63n) return EINVAL;
    const kind = file.stat().mode & S_IFMT;
    if (kind !== S_IFREG && kind !== S_IFDIR && kind !== S_IFBLK && kind !== S_IFLNK) return ESPIPE;
    return flags & 2 ? (file.sync() ?? 0) : 0;
  },
});
