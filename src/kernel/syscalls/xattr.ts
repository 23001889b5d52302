/** setxattr(2), getxattr(2), listxattr(2), removexattr(2) and their forms for links and descriptors: fs/xattr.c, xattr(7). */
import { E2BIG, EACCES, EBADF, EEXIST, EFAULT, EINVAL, ENODATA, EOPNOTSUPP, EPERM, ERANGE, EROFS, Errno } from '../../abi/errno.ts'; // biome-ignore format: one line
import { XATTR_CREATE, XATTR_NAME_MAX, XATTR_REPLACE, XATTR_SIZE_MAX } from '../../abi/fcntl.ts';
import { S_IFDIR, S_IFREG, S_ISVTX } from '../../abi/stat.ts';
import { bytesOfName, nameOfBytes } from '../../base/names.ts';
import { copyIn, copyInSome, copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { identityOf, MAY_READ, MAY_WRITE, mayAccess, mustOwn } from '../vfs/permissions.ts';
import { fd, inPath } from './args/files.ts';
import { size } from './args/numbers.ts';
import { inValue, outNames, outValue, xattrFlags } from './args/statfs.ts';
import { syscall } from './define.ts';
import { fileOf } from './path-args.ts';

type Target = (task: Task) => Inode | Errno;
const atPath =
  (path: bigint, follow: boolean): Target =>
  (task) => {
    const found = fileOf(task, path, follow);
    return found instanceof Errno ? found : found.inode;
  };
/** EBADF; what has no name has no attributes: EOPNOTSUPP. */
const atFd =
  (fd: number): Target =>
  (task) => {
    const file = task.files.find(fd);
    return file === undefined ? EBADF : (file.dentry?.inode ?? EOPNOTSUPP);
  };

const MISSING = { missing: 'system.posix_acl_*, trusted.* and security.* cannot be set' };

/** setxattr(2). E2BIG, ERANGE: the value, the name; EEXIST, ENODATA: flags; EOPNOTSUPP; EPERM, EACCES, EROFS. */
export const setxattr = syscall({
  number: 188,
  name: 'setxattr',
  args: { path: inPath, name: inPath, value: inValue, size, flags: xattrFlags },
  support: MISSING,
  run: (task, { path, name, value, size, flags }) => set(task, atPath(path, true), name, value, size, flags),
});
export const lsetxattr = syscall({
  number: 189,
  name: 'lsetxattr',
  args: { path: inPath, name: inPath, value: inValue, size, flags: xattrFlags },
  support: MISSING,
  run: (task, { path, name, value, size, flags }) => set(task, atPath(path, false), name, value, size, flags),
});
export const fsetxattr = syscall({
  number: 190,
  name: 'fsetxattr',
  args: { fd, name: inPath, value: inValue, size, flags: xattrFlags },
  support: MISSING,
  run: (task, { fd, name, value, size, flags }) => set(task, atFd(fd), name, value, size, flags),
});

/** getxattr(2): how long the value is; a size of 0 asks for no more than that. ENODATA, ERANGE. */
export const getxattr = syscall({
  number: 191,
  name: 'getxattr',
  args: { path: inPath, name: inPath, value: outValue, size },
  support: 'full',
  run: (task, { path, name, value, size }) => get(task, atPath(path, true), name, value, size),
});
export const lgetxattr = syscall({
  number: 192,
  name: 'lgetxattr',
  args: { path: inPath, name: inPath, value: outValue, size },
  support: 'full',
  run: (task, { path, name, value, size }) => get(task, atPath(path, false), name, value, size),
});
export const fgetxattr = syscall({
  number: 193,
  name: 'fgetxattr',
  args: { fd, name: inPath, value: outValue, size },
  support: 'full',
  run: (task, { fd, name, value, size }) => get(task, atFd(fd), name, value, size),
});

/** listxattr(2): the names, each with a NUL. ERANGE. */
export const listxattr = syscall({
  number: 194,
  name: 'listxattr',
  args: { path: inPath, list: outNames, size },
  support: 'full',
  run: (task, { path, list, size: room }) => names(task, atPath(path, true), list, room),
});
export const llistxattr = syscall({
  number: 195,
  name: 'llistxattr',
  args: { path: inPath, list: outNames, size },
  support: 'full',
  run: (task, { path, list, size: room }) => names(task, atPath(path, false), list, room),
});
export const flistxattr = syscall({
  number: 196,
  name: 'flistxattr',
  args: { fd, list: outNames, size },
  support: 'full',
  run: (task, { fd, list, size: room }) => names(task, atFd(fd), list, room),
});

/** removexattr(2). ENODATA; EPERM, EACCES, EROFS, EOPNOTSUPP. */
export const removexattr = syscall({
  number: 197,
  name: 'removexattr',
  args: { path: inPath, name: inPath },
  support: MISSING,
  run: (task, { path, name }) => remove(task, atPath(path, true), name),
});
export const lremovexattr = syscall({
  number: 198,
  name: 'lremovexattr',
  args: { path: inPath, name: inPath },
  support: MISSING,
  run: (task, { path, name }) => remove(task, atPath(path, false), name),
});
export const fremovexattr = syscall({
  number: 199,
  name: 'fremovexattr',
  args: { fd, name: inPath },
  support: MISSING,
  run: (task, { fd, name }) => remove(task, atFd(fd), name),
});

/** ERANGE: empty, or too long. EFAULT. */
function readName(task: Task, address: bigint): string | Errno {
  const bytes = copyInSome(task.mm, address, XATTR_NAME_MAX + 1);
  const length = bytes.indexOf(0);
  if (length < 0) return bytes.length <= XATTR_NAME_MAX ? EFAULT : ERANGE;
  return length === 0 ? ERANGE : nameOfBytes(bytes.subarray(0, length));
}

/** Who may read or change attributes of such a name (`xattr_permission`). */
function mayUse(task: Task, inode: Inode, name: string, wanted: number): Errno | undefined {
  const writes = (wanted & MAY_WRITE) !== 0;
  const who = identityOf(task);
  if (writes && inode.fs.isReadOnly) return EROFS;
  if (name.startsWith('security.') || name.startsWith('system.')) return undefined;
  if (name.startsWith('trusted.')) return who.fsuid === 0 ? undefined : writes ? EPERM : ENODATA;
  if (name.startsWith('user.')) {
    if (inode.kind !== S_IFREG && inode.kind !== S_IFDIR) return writes ? EPERM : ENODATA;
    if (inode.kind === S_IFDIR && inode.mode & S_ISVTX && writes && mustOwn(who, inode)) return EPERM;
  }
  return mayAccess(who, inode, wanted) && EACCES;
}

/** What can be set of those: attributes of its users. */
function storeOf(inode: Inode, name: string, writes: boolean): Errno | undefined {
  if (writes && name.startsWith('security.')) return EPERM;
  if (!inode.fs.hasAttributes) return EOPNOTSUPP;
  if (name.startsWith('user.')) return name === 'user.' ? EINVAL : undefined;
  if (!writes && /^(?:trusted|security)\.|^system\.posix_acl_(?:access|default)$/.test(name)) return ENODATA;
  return EOPNOTSUPP;
}

function set(
  task: Task,
  target: Target,
  nameAt: bigint,
  valueAt: bigint,
  sizeBytes: bigint,
  flags: number,
): number | Errno {
  if (flags & ~(XATTR_CREATE | XATTR_REPLACE)) return EINVAL;
  const name = readName(task, nameAt);
  if (name instanceof Errno) return name;
  if (sizeBytes > BigInt(XATTR_SIZE_MAX)) return E2BIG;
  const value = copyIn(task.mm, valueAt, Number(sizeBytes));
  if (value instanceof Errno) return EFAULT;
  const inode = target(task);
  if (inode instanceof Errno) return inode;
  const failed = mayUse(task, inode, name, MAY_WRITE) ?? storeOf(inode, name, true);
  if (failed !== undefined) return failed;
  const known = inode.attributes?.has(name) ?? false;
  if (known && flags & XATTR_CREATE) return EEXIST;
  if (!known && flags & XATTR_REPLACE) return ENODATA;
  return inode.setAttribute(name, value) ?? 0;
}

function get(task: Task, target: Target, nameAt: bigint, valueAt: bigint, sizeBytes: bigint): number | Errno {
  const name = readName(task, nameAt);
  if (name instanceof Errno) return name;
  const inode = target(task);
  if (inode instanceof Errno) return inode;
  const failed = mayUse(task, inode, name, MAY_READ) ?? storeOf(inode, name, false);
  if (failed !== undefined) return failed;
  const value = inode.attributes?.get(name);
  return value === undefined ? ENODATA : give(task, value, valueAt, sizeBytes);
}

function names(task: Task, target: Target, listAt: bigint, sizeBytes: bigint): number | Errno {
  const inode = target(task);
  if (inode instanceof Errno) return inode === EOPNOTSUPP ? 0 : inode;
  return give(task, bytesOfName([...(inode.attributes?.keys() ?? [])].map((name) => `${name}\0`).join('')), listAt, sizeBytes); // biome-ignore format: one line
}

function give(task: Task, bytes: Uint8Array, address: bigint, sizeBytes: bigint): number | Errno {
  if (sizeBytes === 0n) return bytes.length;
  if (BigInt(bytes.length) > sizeBytes) return ERANGE;
  return copyOut(task.mm, address, bytes) === undefined ? bytes.length : EFAULT;
}

function remove(task: Task, target: Target, nameAt: bigint): number | Errno {
  const name = readName(task, nameAt);
  if (name instanceof Errno) return name;
  const inode = target(task);
  if (inode instanceof Errno) return inode;
  const failed = mayUse(task, inode, name, MAY_WRITE) ?? storeOf(inode, name, true);
  if (failed !== undefined) return failed;
  return inode.attributes?.has(name) ? (inode.setAttribute(name, undefined) ?? 0) : ENODATA;
}
