/** truncate(2), ftruncate(2) and fallocate(2): fs/open.c. */

import { EBADF, EFBIG, EINVAL, EISDIR, ENODEV, ENOTSUP, Errno, ESPIPE } from '../../abi/errno.ts';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '../../abi/fcntl.ts';
import { IN_MODIFY } from '../../abi/inotify.ts';
import { S_IFBLK, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { s64 } from '../../base/ints.ts';
import { dropPrivileges, mayGrow, resize, truncatePath } from '../vfs/attributes.ts';
import { fileEvent } from '../vfs/file-events.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { fallocateMode, fd, inPath } from './args/files.ts';
import { signedOffset, size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { fileOf } from './path-args.ts';

const OFFSET_MAX = (1n << 63n) - 1n;
/** Modes that replace one another, of which tmpfs has the first two. */
const HOLE = FALLOC_FL_PUNCH_HOLE;
const MODES_WITHOUT_KEEP_SIZE = [0x08, 0x20, 0x80];
const MODES = [0, HOLE, 0x10, 0x40, ...MODES_WITHOUT_KEEP_SIZE];

/** truncate(2). EISDIR; EINVAL: negative, or no regular file; EACCES; EROFS; ETXTBSY; EFBIG, with SIGXFSZ for a limit. */
export const truncate = syscall({
  number: 76,
  name: 'truncate',
  args: { path: inPath, length: size },
  support: 'full',
  run(task, { path, length }) {
    if (s64(length) < 0n) return EINVAL;
    const found = fileOf(task, path);
    if (found instanceof Errno) return found;
    const failed = truncatePath(task, found.inode, length);
    if (failed === undefined) fileEvent(found, IN_MODIFY);
    return failed ?? 0;
  },
});

/** ftruncate(2). EINVAL: also when it is not open for writing. EBADF. */
export const ftruncate = syscall({
  number: 77,
  name: 'ftruncate',
  args: { fd, length: size },
  support: 'full',
  run(task, { fd, length }) {
    if (s64(length) < 0n) return EINVAL;
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    if (!(file instanceof OpenRegular) || !file.isWritable) return EINVAL;
    const failed = resize(task, file.inode, length);
    if (failed === undefined && file.dentry !== undefined) fileEvent(file.dentry, IN_MODIFY);
    return failed ?? 0;
  },
});

/**
 * fallocate(2). EBADF: not open for writing. EINVAL: a range that is empty or negative. EFBIG, ESPIPE, EISDIR, ENODEV,
 * ENOSPC. EOPNOTSUPP: tmpfs makes room and holes, and no more.
 */
export const fallocate = syscall({
  number: 285,
  name: 'fallocate',
  args: { fd, mode: fallocateMode, offset: signedOffset, length: signedOffset },
  support: 'full',
  run(task, { fd, mode, offset, length }) {
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    const start = s64(offset);
    if (start < 0n || s64(length) <= 0n) return EINVAL;
    const keepsSize = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
    const what = mode & ~FALLOC_FL_KEEP_SIZE;
    if (!MODES.includes(what)) return ENOTSUP;
    if (keepsSize ? MODES_WITHOUT_KEEP_SIZE.includes(what) : what === HOLE) return ENOTSUP;
    if (!file.isWritable) return EBADF;
    if (!(file instanceof OpenRegular)) {
      const kind = file.stat().mode & S_IFMT;
      return kind === S_IFIFO ? ESPIPE : kind === S_IFDIR ? EISDIR : kind === S_IFREG || kind === S_IFBLK ? ENOTSUP : ENODEV; // biome-ignore format: one line
    }
    const { inode } = file;
    const end = start + length;
    if (end > OFFSET_MAX || end > BigInt(inode.maxBytes)) return EFBIG;
    if (what !== 0 && what !== HOLE) return ENOTSUP;
    if (what === 0 && !keepsSize) {
      const failed = mayGrow(task, inode, end);
      if (failed !== undefined) return failed;
    }
    dropPrivileges(task, inode);
    const refused = what === HOLE ? inode.punchHole(Number(start), Number(end)) : inode.allocate(Number(start), Number(end), keepsSize); // biome-ignore format: one line
    return refused ?? 0;
  },
});
