/** shmget(2), shmat(2), shmdt(2), shmctl(2): ipc/shm.c. */
import { EFAULT, EINVAL, ENOMEM, EPERM, Errno } from '../../abi/errno.ts';
import {
  IPC_64, IPC_INFO, IPC_PERM_GID, IPC_PERM_MODE, IPC_PERM_SEQ, IPC_PERM_UID, IPC_RMID, IPC_SET, IPC_STAT, SHM_EXEC,
  SHM_HUGETLB, SHM_INFO, SHM_INFO_BYTES, SHM_LOCK, SHM_LOCKED, SHM_NORESERVE, SHM_RDONLY, SHM_REMAP, SHM_RND, SHM_STAT,
  SHM_STAT_ANY, SHM_UNLOCK, SHMID_ATIME, SHMID_ATTACHED, SHMID_BYTES, SHMID_CPID, SHMID_CTIME, SHMID_DTIME, SHMID_LPID,
  SHMID_SIZE, SHMINFO_BYTES,
} from '../../abi/ipc.ts'; // biome-ignore format: a list
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { RLIMIT_MEMLOCK } from '../../abi/resource.ts';
import { isPageAligned, pageDown, vpnOf } from '../../base/ints.ts';
import type { IpcObject } from '../ipc/ipc-table.ts';
import { Attachment, Segment, SHMMAX, SHMMIN } from '../ipc/shm.ts';
import { isEnoughMemory } from '../mm/accounting.ts';
import { placeArea } from '../mm/placement.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { VM_MAY_ALL, VM_MAYWRITE } from '../mm/vm-flags.ts';
import type { Task } from '../task/task.ts';
import { ipcKey, shmAtFlags, shmCommand, shmGetFlags, shmStatus } from './args/ipc.ts';
import { addr, int, size } from './args/numbers.ts';
import { syscall } from './define.ts';

/** shmget(2). EINVAL: size. ENOENT, EEXIST, EACCES. ENOMEM: never enough memory. EPERM: huge pages. ENOSPC: too many. */
export const shmget = syscall({
  number: 29,
  name: 'shmget',
  args: { key: ipcKey, size, flags: shmGetFlags },
  support: { missing: 'huge pages' },
  run(task, { key, size, flags }) {
    return task.kernel.shm.table.get({
      key,
      flags,
      who: task.credentials,
      check: ({ sizeBytes }) => (sizeBytes < size ? EINVAL : undefined),
      make() {
        if (size < SHMMIN || size > SHMMAX) return EINVAL;
        if (flags & SHM_HUGETLB) return EPERM;
        const pages = Number((size + 0xfffn) >> 12n);
        if (!(flags & SHM_NORESERVE) && !isEnoughMemory(task.mm, pages)) return ENOMEM;
        return new Segment(task, key, flags, size);
      },
    });
  },
});

/** shmat(2). EINVAL: no such segment, an address that will not do. EACCES. ENOMEM: no room. */
export const shmat = syscall({
  number: 30,
  name: 'shmat',
  args: { id: int, addr, flags: shmAtFlags },
  result: 'address',
  support: 'full',
  run(task, { id, addr, flags }) {
    const { kernel, mm } = task;
    if (id < 0) return EINVAL;
    let at = addr as bigint;
    if (at === 0n && flags & SHM_REMAP) return EINVAL;
    if (!isPageAligned(at)) {
      if (!(flags & SHM_RND)) return EINVAL;
      at = pageDown(at);
      if (at === 0n && flags & SHM_REMAP) return EINVAL;
    }
    const isReadOnly = (flags & SHM_RDONLY) !== 0;
    const wanted = (isReadOnly ? 0o444 : 0o666) | (flags & SHM_EXEC ? 0o111 : 0);
    const segment = kernel.shm.find(task, id, wanted);
    if (segment instanceof Errno) return segment;
    const { pages } = segment;
    if (at !== 0n && !(flags & SHM_REMAP) && mm.vmas.overlaps(vpnOf(at), vpnOf(at) + pages)) return EINVAL;
    // An address that was rounded down to nothing is a fixed one still.
    const isFixed = (addr as bigint) !== 0n;
    const start = placeArea(mm.vmas, pages, isFixed ? { vpn: vpnOf(at), how: 'fixed' } : undefined, false);
    if (start instanceof Errno) return start;
    const file = new Attachment(task, segment, isReadOnly);
    const mapped = mm.mapAt(start, {
      pages,
      prot: PROT_READ | (isReadOnly ? 0 : PROT_WRITE) | (flags & SHM_EXEC ? PROT_EXEC : 0),
      shared: true,
      backing: segment.inode.cache,
      file,
      offset: 0,
      flags: isReadOnly ? VM_MAY_ALL & ~VM_MAYWRITE : VM_MAY_ALL,
    });
    file.settle();
    if (mapped instanceof Errno) return mapped;
    kernel.report.mapping(task, 'mmap', { start, end: vpnOf(mapped) + pages } as never);
    return mapped;
  },
});

/** shmdt(2). EINVAL: no segment is attached there. */
export const shmdt = syscall({
  number: 67,
  name: 'shmdt',
  args: { addr },
  support: 'full',
  run(task, { addr }) {
    const { mm } = task;
    if (!isPageAligned(addr)) return EINVAL;
    const at = vpnOf(addr);
    let file: Attachment | undefined;
    for (const vma of [...mm.vmas]) {
      if (vma.start < at || !(vma.file instanceof Attachment)) continue;
      if (vma.start - at !== vma.offset || (file !== undefined && vma.file !== file)) continue;
      file = vma.file;
      mm.unmap(vma);
      task.kernel.report.mapping(task, 'munmap', vma);
    }
    return file === undefined ? EINVAL : 0;
  },
});

/** shmctl(2). EINVAL: no such segment or command. EACCES, EPERM, EFAULT. */
export const shmctl = syscall({
  number: 31,
  name: 'shmctl',
  args: { id: int, command: shmCommand, status: shmStatus },
  support: 'full',
  run(task, { id, command: number, status }) {
    const { shm } = task.kernel;
    const command = number & ~IPC_64;
    if (command < 0 || id < 0) return EINVAL;
    switch (command) {
      case IPC_INFO:
        return copyOut(task.mm, status, limits(shm.table.limit)) ?? shm.table.maxIndex;
      case SHM_INFO: {
        const words = [shm.table.size, shm.pages, shm.residentPages, 0, 0, 0];
        return copyOut(task.mm, status, wordsBytes(words, SHM_INFO_BYTES)) ?? shm.table.maxIndex;
      }
      case IPC_STAT:
      case SHM_STAT:
      case SHM_STAT_ANY: {
        const segment = command === IPC_STAT ? shm.table.find(id) : shm.table.findAt(id);
        if (segment instanceof Errno) return segment;
        const denied = command === SHM_STAT_ANY ? undefined : segment.checkAccess(task.credentials, 0o444);
        if (denied !== undefined) return denied;
        return copyOut(task.mm, status, segmentBytes(segment)) ?? (command === IPC_STAT ? 0 : segment.id);
      }
      case IPC_SET:
      case IPC_RMID:
        return change(task, id, command, status);
      case SHM_LOCK:
      case SHM_UNLOCK: {
        const segment = shm.table.find(id);
        if (segment instanceof Errno) return segment;
        const denied = segment.checkOwner(task.credentials);
        if (denied !== undefined) return denied;
        if (command === SHM_LOCK && task.mm.host.limit(RLIMIT_MEMLOCK) === 0n) return EPERM;
        segment.mode = command === SHM_LOCK ? segment.mode | SHM_LOCKED : segment.mode & ~SHM_LOCKED;
        return 0;
      }
      default:
        return EINVAL;
    }
  },
});

function change(task: Task, id: number, command: number, status: bigint): number | Errno {
  const bytes = command === IPC_SET ? copyIn(task.mm, status, SHMID_BYTES) : undefined;
  if (bytes instanceof Errno) return EFAULT;
  const segment = task.kernel.shm.table.find(id);
  if (segment instanceof Errno) return segment;
  const denied = segment.checkOwner(task.credentials);
  if (denied !== undefined) return denied;
  if (bytes === undefined) {
    segment.remove();
    return 0;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const word = (at: number) => view.getUint32(at, true);
  segment.setPermissions(word(IPC_PERM_UID), word(IPC_PERM_GID), word(IPC_PERM_MODE));
  segment.changedAt = task.kernel.realTime().seconds;
  return 0;
}

function segmentBytes(segment: Segment): Uint8Array {
  const bytes = new Uint8Array(SHMID_BYTES);
  const view = new DataView(bytes.buffer);
  putPermissions(view, segment);
  view.setBigUint64(SHMID_SIZE, segment.sizeBytes, true);
  view.setBigInt64(SHMID_ATIME, BigInt(segment.attachedAt), true);
  view.setBigInt64(SHMID_DTIME, BigInt(segment.detachedAt), true);
  view.setBigInt64(SHMID_CTIME, BigInt(segment.changedAt), true);
  view.setInt32(SHMID_CPID, segment.creatorPid, true);
  view.setInt32(SHMID_LPID, segment.lastPid, true);
  view.setBigUint64(SHMID_ATTACHED, BigInt(segment.attachments), true);
  return bytes;
}

/** struct ipc64_perm. */
export function putPermissions(view: DataView, { key, uid, gid, cuid, cgid, mode, sequence }: IpcObject): void {
  for (const [i, value] of [key, uid, gid, cuid, cgid, mode].entries()) view.setInt32(i * 4, value, true);
  view.setUint16(IPC_PERM_SEQ, sequence, true);
}

/** struct shminfo64. */
const limits = (count: number): Uint8Array => wordsBytes([SHMMAX, SHMMIN, count, count, SHMMAX], SHMINFO_BYTES);

function wordsBytes(words: readonly (number | bigint)[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setBigUint64(i * 8, BigInt(word), true);
  return bytes;
}
