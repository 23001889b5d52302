/** statx(2): fs/stat.c. */
import { EBADF, EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_STATX_SYNC_TYPE, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl.ts';
import type { Stat } from '../../abi/stat.ts';
import { STATX_BASIC_STATS, STATX_BTIME, STATX_CTIME_MTIME, STATX_MNT_ID, STATX_RESERVED, statxBytes } from '../../abi/statfs.ts'; // biome-ignore format: one line
import { copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from '../vfs/dentry.ts';
import { dirFd, inPath } from './args/files.ts';
import { outStatx, statxFlags, statxMask } from './args/statfs.ts';
import { syscall } from './define.ts';
import { fileAt } from './path-args.ts';
import { isEmptyPath } from './stat.ts';

const FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;

/** statx(2). EINVAL: flags, a mask that is reserved. What it says it knows may be more, or less, than was asked for. */
export const statx = syscall({
  number: 332,
  name: 'statx',
  args: { fd: dirFd, path: inPath, flags: statxFlags, mask: statxMask, stat: outStatx },
  support: { missing: 'STATX_DIOALIGN and what came after it' },
  run(task, { fd, path, flags, mask, stat }) {
    if (mask & STATX_RESERVED) return EINVAL;
    if ((flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE || flags & ~FLAGS) return EINVAL;
    if (flags & AT_EMPTY_PATH && fd >= 0 && isEmptyPath(task, path)) {
      const file = task.files.findRaw(fd);
      return file === undefined ? EBADF : store(task, file.stat(), file.dentry, mask, stat);
    }
    const found = fileAt(task, fd, path, flags, FLAGS);
    return found instanceof Errno ? found : store(task, found.inode.stat(), found, mask, stat);
  },
});

function store(task: Task, stat: Stat, dentry: Dentry | undefined, mask: number, address: bigint): number | Errno {
  // All that costs nothing is told; the times of changes only if one of them is wanted (`fill_mg_cmtime`).
  const times = mask & STATX_CTIME_MTIME ? STATX_CTIME_MTIME : 0;
  const known = (STATX_BASIC_STATS & ~STATX_CTIME_MTIME) | times | (mask & STATX_BTIME) | STATX_MNT_ID;
  const mount = dentry && task.kernel.vfs.mountOf(dentry);
  const bytes = statxBytes(stat, known, mount?.id ?? 0, mount !== undefined && mount.root === dentry);
  return copyOut(task.mm, address, bytes) === undefined ? 0 : EFAULT;
}
