/** mmap(2) and munmap(2): mm/mmap.c (`ksys_mmap_pgoff`, `do_mmap`), mm/vma.c (`mmap_region`, `do_vmi_munmap`). */
import { EACCES, EAGAIN, EBADF, EEXIST, EINVAL, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM, Errno } from '../../abi/errno.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_WRITE } from '../../abi/fcntl.ts';
import {
  LEGACY_MAP_MASK,
  MAP_32BIT,
  MAP_ANONYMOUS,
  MAP_DROPPABLE,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NONBLOCK,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_STACK,
  MAP_SYNC,
  MAP_TYPE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../abi/mman.ts';
import { RLIMIT_MEMLOCK } from '../../abi/resource.ts';
import { isPageAligned, PAGE, pageDown, pageUp, U64_MAX, vpnOf } from '../../base/ints.ts';
import { isEnoughMemory, mayLockMore } from '../mm/accounting.ts';
import type { MapRequest } from '../mm/address-space.ts';
import { SharedAnonymous } from '../mm/backing.ts';
import { MAX_AREAS, USER_END_ADDRESS } from '../mm/limits.ts';
import { type Place, placeArea } from '../mm/placement.ts';
import { populate } from '../mm/populate.ts';
import {
  VM_DONTDUMP,
  VM_DROPPABLE,
  VM_LOCKED,
  VM_MAY_ALL,
  VM_MAYWRITE,
  VM_NOHUGEPAGE,
  VM_NORESERVE,
  VM_SYNC,
  VM_WIPEONFORK,
} from '../mm/vm-flags.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { fd } from './args/files.ts';
import { mapFlags, prot } from './args/memory.ts';
import { addr, offset, size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { userPages } from './pages.ts';

/** Logarithms of the sizes of huge pages: 0 for the default. */
const HUGE_SIZES = [0, 21, 30];

/**
 * mmap(2). EBADF. EINVAL: offset, length 0, a fixed address unaligned, no type. ENOMEM: no room, RLIMIT_AS, RLIMIT_DATA,
 * too many areas; huge pages, of which there are none. EPERM: a fixed address below vm.mmap_min_addr; MAP_LOCKED without
 * leave. EEXIST: MAP_FIXED_NOREPLACE. EAGAIN: RLIMIT_MEMLOCK. EACCES, ENODEV: files. EPERM: their seals.
 */
export const mmap = syscall({
  number: 9,
  name: 'mmap',
  args: { addr, length: size, prot, flags: mapFlags, fd, offset },
  result: 'address',
  support: { missing: 'huge pages' },
  run(task, { addr, length, prot, flags, fd, offset }) {
    const { mm } = task;
    if (!isPageAligned(offset)) return EINVAL;
    let file: OpenFile | undefined;
    if (!(flags & MAP_ANONYMOUS)) {
      file = task.files.find(fd);
      if (file === undefined) return EBADF;
      if (flags & MAP_HUGETLB) return EINVAL;
    } else if (flags & MAP_HUGETLB) {
      const isKnown = HUGE_SIZES.includes((flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK);
      return isKnown && length !== 0n ? ENOMEM : EINVAL;
    }
    if (length === 0n) return EINVAL;
    if (length > U64_MAX - 0xfffn) return ENOMEM;
    const bytes = pageUp(length);
    if (mm.vmas.length > MAX_AREAS || bytes > USER_END_ADDRESS) return ENOMEM;
    const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
    const wanted = fixed ? addr : pageDown(addr);
    if (fixed && wanted > USER_END_ADDRESS - bytes) return ENOMEM;
    if (fixed && !isPageAligned(wanted)) return EINVAL;
    const pages = Number(bytes / PAGE);
    const how: Place['how'] = flags & MAP_FIXED_NOREPLACE ? 'noreplace' : fixed ? 'fixed' : 'hint';
    const at = fixed || wanted !== 0n ? { vpn: vpnOf(wanted), how } : undefined;
    const start = placeArea(mm.vmas, pages, at, (flags & MAP_32BIT) !== 0);
    if (start instanceof Errno) return start;
    if (how === 'noreplace' && mm.vmas.overlaps(start, start + pages)) return EEXIST;
    if (flags & MAP_LOCKED && mm.host.limit(RLIMIT_MEMLOCK) === 0n) return EPERM;
    if (!mayLockMore(mm, areaFlags(flags) | mm.newAreaFlags, pages)) return EAGAIN;

    const rights = prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
    const request =
      file === undefined
        ? anonymous(task, pages, rights, flags)
        : fileMapping(task, file, pages, rights, flags, offset);
    if (request instanceof Errno) return request;
    const mapped = mm.mapAt(start, request);
    if (mapped instanceof Errno) return mapped;
    const range = { start, end: vpnOf(mapped + bytes) };
    task.kernel.report.mapping(task, 'mmap', range);
    const isLocked = ((areaFlags(flags) | mm.newAreaFlags) & VM_LOCKED) !== 0;
    if (isLocked || (flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE) populate(mm, range, true);
    return mapped;
  },
});

/** VM_ bits that flags of any mapping stand for: `calc_vm_flag_bits`. */
const areaFlags = (flags: number): number =>
  (flags & MAP_LOCKED ? VM_LOCKED : 0) |
  (flags & MAP_SYNC ? VM_SYNC : 0) |
  (flags & MAP_STACK ? VM_NOHUGEPAGE : 0) |
  (flags & MAP_NORESERVE ? VM_NORESERVE : 0);

/** EINVAL: MAP_SHARED_VALIDATE, which is for files; a stack that is shared or may be dropped. ENOMEM: never enough memory. */
function anonymous({ kernel, mm }: Task, pages: number, prot: number, flags: number): MapRequest | Errno {
  const growsDown = (flags & MAP_GROWSDOWN) !== 0;
  const request = { pages, prot, shared: false, growsDown, flags: areaFlags(flags) | VM_MAY_ALL };
  switch (flags & MAP_TYPE) {
    case MAP_PRIVATE:
      return request;
    case MAP_SHARED:
      if (growsDown) return EINVAL;
      if (!(flags & MAP_NORESERVE) && !isEnoughMemory(mm, pages)) return ENOMEM;
      return { ...request, shared: true, backing: new SharedAnonymous(mm.frames, pages, kernel.nextInode()) };
    case MAP_DROPPABLE:
      if (growsDown || flags & MAP_LOCKED) return EINVAL;
      return { ...request, flags: request.flags | VM_DROPPABLE | VM_NORESERVE | VM_WIPEONFORK | VM_DONTDUMP };
    default:
      return EINVAL;
  }
}

/** Bytes that a file may have: MAX_LFS_FILESIZE. */
const MAX_FILE_BYTES = (1n << 63n) - 1n;

/**
 * EOVERFLOW: beyond what a file can have. EOPNOTSUPP: MAP_SHARED_VALIDATE with a flag that files do not know. EACCES: not
 * opened for reading; shared and writable, but not opened for writing. ENODEV: not a file that can be mapped.
 */
function fileMapping(
  task: Task,
  file: OpenFile,
  pages: number,
  prot: number,
  flags: number,
  offset: bigint,
): MapRequest | Errno {
  const growsDown = (flags & MAP_GROWSDOWN) !== 0;
  if (offset > MAX_FILE_BYTES || BigInt(pages) * PAGE > MAX_FILE_BYTES - offset) return EOVERFLOW;
  const type = flags & MAP_TYPE;
  const shared = type === MAP_SHARED || type === MAP_SHARED_VALIDATE;
  if (!shared && type !== MAP_PRIVATE) return EINVAL;
  if (type === MAP_SHARED_VALIDATE && (flags & ~LEGACY_MAP_MASK) >>> 0 !== 0) return EOPNOTSUPP;
  let may = VM_MAY_ALL;
  if (shared && !file.isWritable) {
    if (prot & PROT_WRITE) return EACCES;
    may &= ~VM_MAYWRITE;
  }
  if (!file.isReadable) return EACCES;
  const backing = file.backing(task, shared, pages);
  if (backing instanceof Errno) return backing;
  if (growsDown) return EINVAL;
  if (shared && file instanceof OpenRegular && (file.inode.seals ?? 0) & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
    if (prot & PROT_WRITE) return EPERM;
    may &= ~VM_MAYWRITE;
  }
  // What shared memory of a device maps is a file of its own.
  const named = backing instanceof SharedAnonymous ? undefined : file;
  return { pages, prot, shared, flags: areaFlags(flags) | may, backing, file: named, offset: Number(offset / PAGE) };
}

/** munmap(2). EINVAL: addr unaligned, length 0, or the range leaves user space. ENOMEM: too many areas. */
export const munmap = syscall({
  number: 11,
  name: 'munmap',
  args: { addr, length: size },
  support: 'full',
  run(task, { addr, length }) {
    if (!isPageAligned(addr) || length === 0n) return EINVAL;
    const pages = userPages(addr, length);
    if (pages instanceof Errno) return pages;
    if (!task.mm.canUnmap(pages)) return ENOMEM;
    task.mm.unmap(pages);
    task.kernel.report.mapping(task, 'munmap', pages);
    return 0;
  },
});
