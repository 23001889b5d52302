/** Numbers and layouts of gdb's own for files, the same whatever system it runs on. GDB manual, "File-I/O Remote Protocol Extension". */
import {
  EACCES, EBADF, EBUSY, EEXIST, EFAULT, EINTR, EINVAL, EISDIR, EMFILE, ENAMETOOLONG, ENODEV, ENOENT, ENOSPC, ENOSYS, ENOTDIR, EPERM,
  EROFS, type Errno, ESPIPE,
} from '../abi/errno.ts'; // biome-ignore format: a list
import type { Stat } from '../abi/stat.ts';

const NUMBERS: ReadonlyMap<Errno, number> = new Map([
  [EPERM, 1], [ENOENT, 2], [EINTR, 4], [EBADF, 9], [EACCES, 13], [EFAULT, 14], [EBUSY, 16], [EEXIST, 17], [ENODEV, 19], [ENOTDIR, 20],
  [EISDIR, 21], [EINVAL, 22], [EMFILE, 24], [ENOSPC, 28], [ESPIPE, 29], [EROFS, 30], [ENOSYS, 88], [ENAMETOOLONG, 91],
]); // biome-ignore format: a table
const UNKNOWN = 9999;

export const fileErrno = (error: Errno): number => NUMBERS.get(error) ?? UNKNOWN;

/** O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC, O_EXCL. */
export const WRITING_FLAGS = 0x0e0b;

/**
 * struct stat, most significant byte first:
 * ```
 *   0 dev  4 ino  8 mode  12 nlink  16 uid  20 gid  24 rdev  28 size (8)  36 blksize (8)  44 blocks (8)  52 atime  56 mtime  60 ctime
 * ```
 */
export function statBytes(stat: Stat): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  const words = [stat.device, stat.inode, stat.mode, stat.links, stat.uid, stat.gid, stat.rdev];
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word);
  view.setBigUint64(28, BigInt(stat.size));
  view.setBigUint64(36, BigInt(stat.blockSize));
  view.setBigUint64(44, BigInt(stat.blocks));
  for (const [i, time] of [stat.accessed, stat.modified, stat.changed].entries())
    view.setUint32(52 + 4 * i, time.seconds);
  return bytes;
}
