/** Files in memory without a name, and the seals that keep them as they are: memfd_create(2), fcntl(2); mm/memfd.c. */
import { EBUSY, EINVAL, EPERM, Errno } from '../../abi/errno.ts';
import {
  F_SEAL_EXEC, F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE, O_LARGEFILE, O_RDWR,
} from '../../abi/fcntl.ts'; // biome-ignore format: a list
import { S_IFREG } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import { Dentry } from './dentry.ts';
import { isRegular } from './inode.ts';
import type { OpenFile } from './open-file.ts';
import { OpenRegular } from './open-regular.ts';

const ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC;
const EXEC_BITS = 0o111;

/** A new open file, empty, that goes with its last user. `seals` are those it has from the start. */
export function openNameless(task: Task, name: string, mode: number, seals: number): OpenRegular | Errno {
  const { fsuid: uid, fsgid: gid } = task.credentials;
  const inode = task.kernel.sharedMemory.root.createNameless({ mode: S_IFREG | mode, uid, gid });
  if (inode instanceof Errno) return inode;
  if (!isRegular(inode)) return EINVAL;
  inode.seals = seals;
  const dentry = Dentry.nameless(`/${name} (deleted)`, inode);
  return new OpenRegular({ task, dentry, flags: O_RDWR | O_LARGEFILE, memo: undefined }, inode);
}

/** F_ADD_SEALS. EPERM: not open for writing, or sealed against seals. EINVAL: no such seals, no such file. EBUSY: F_SEAL_WRITE while it is mapped writable. */
export function addSeals(file: OpenFile, argument: bigint): number | Errno {
  if (argument > 0xffff_ffffn) return EINVAL;
  if (!file.isWritable) return EPERM;
  let seals = Number(argument);
  if ((seals & ~ALL_SEALS) >>> 0 !== 0 || !(file instanceof OpenRegular)) return EINVAL;
  const { inode } = file;
  if (inode.seals === undefined) return EINVAL;
  if (inode.seals & F_SEAL_SEAL) return EPERM;
  if (seals & F_SEAL_WRITE && !(inode.seals & F_SEAL_WRITE) && inode.cache.isMappedWritable()) return EBUSY;
  if (seals & F_SEAL_EXEC && inode.mode & EXEC_BITS)
    seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
  inode.seals |= seals;
  return 0;
}
