/** statfs(2), fstatfs(2) and ustat(2): fs/statfs.c. */
import { EBADF, EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { S_IFIFO, S_IFMT, S_IFSOCK } from '../../abi/stat.ts';
import { ANON_INODE_FS_MAGIC, PIPEFS_MAGIC, SOCKFS_MAGIC, ST_VALID, type StatFs, statfsBytes } from '../../abi/statfs.ts'; // biome-ignore format: one line
import { copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { deviceId, fd, inPath } from './args/files.ts';
import { addr } from './args/numbers.ts';
import { outStatfs } from './args/statfs.ts';
import { syscall } from './define.ts';
import { fileOf } from './path-args.ts';

const store = (task: Task, what: StatFs, address: bigint): number | Errno =>
  copyOut(task.mm, address, statfsBytes(what)) === undefined ? 0 : EFAULT;

/** statfs(2). What the path leads to says; EFAULT. */
export const statfs = syscall({
  number: 137,
  name: 'statfs',
  args: { path: inPath, buffer: outStatfs },
  support: 'full',
  run(task, { path, buffer }) {
    const found = fileOf(task, path);
    return found instanceof Errno ? found : store(task, found.inode.fs.statfs(), buffer);
  },
});

/** fstatfs(2). EBADF, EFAULT. */
export const fstatfs = syscall({
  number: 138,
  name: 'fstatfs',
  args: { fd, buffer: outStatfs },
  support: 'full',
  run(task, { fd, buffer }) {
    const file = task.files.findRaw(fd);
    return file === undefined ? EBADF : store(task, file.dentry?.inode.fs.statfs() ?? nameless(file), buffer);
  },
});

/** Of the file systems that nobody mounts. */
function nameless(file: OpenFile): StatFs {
  const { mode, device } = file.stat();
  const kind = mode & S_IFMT;
  const magic = kind === S_IFIFO ? PIPEFS_MAGIC : kind === S_IFSOCK ? SOCKFS_MAGIC : ANON_INODE_FS_MAGIC;
  return { magic, blocks: 0, freeBlocks: 0, files: 0, freeFiles: 0, device, flags: ST_VALID };
}

/** struct ustat { i32 f_tfree; u64 f_tinode; char f_fname[6], f_fpack[6]; } */
const USTAT_BYTES = 32;

/** ustat(2). EINVAL: no such file system is mounted. */
export const ustat = syscall({
  number: 136,
  name: 'ustat',
  args: { device: deviceId, buffer: addr },
  support: 'full',
  run(task, { device, buffer }) {
    const mount = task.kernel.vfs.mounts.find(({ fs }) => fs.device === device);
    if (mount === undefined) return EINVAL;
    const { freeBlocks, freeFiles } = mount.fs.statfs();
    const bytes = new Uint8Array(USTAT_BYTES);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, freeBlocks, true);
    view.setBigUint64(8, BigInt(freeFiles), true);
    return copyOut(task.mm, buffer, bytes) === undefined ? 0 : EFAULT;
  },
});
