/** mmap(2) and munmap(2): mm/mmap.c (`do_mmap`, `__vm_munmap`). */
import { EACCES, EBADF, EINVAL, ENODEV, ENOMEM, EOVERFLOW, Errno } from '../../abi/errno.ts';
import {
  MAP_32BIT,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGETLB,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_TYPE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../abi/mman.ts';
import { isPageAligned, PAGE, pageDown, pageUp, U64_MAX, vpnOf } from '../../base/ints.ts';
import { SharedAnonymous } from '../mm/backing.ts';
import { USER_END_ADDRESS } from '../mm/limits.ts';
import type { Task } from '../task/task.ts';
import { fd } from './args/files.ts';
import { mapFlags, prot } from './args/memory.ts';
import { addr, offset, size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { userPages } from './pages.ts';

/**
 * mmap(2). EINVAL: length 0, offset or fixed address unaligned, neither shared nor private. ENOMEM: no room. EEXIST:
 * MAP_FIXED_NOREPLACE over a mapping. EPERM: a fixed address below 64 KiB. EBADF, EACCES, ENODEV: files.
 */
export const mmap = syscall({
  number: 9,
  name: 'mmap',
  args: { addr, length: size, prot, flags: mapFlags, fd, offset },
  result: 'address',
  support: { missing: 'files; huge pages' },
  run(task, { addr, length, prot, flags, fd, offset }) {
    if (!isPageAligned(offset)) return EINVAL;
    const anonymous = (flags & MAP_ANONYMOUS) !== 0;
    const file = anonymous ? undefined : task.files.find(fd);
    if (!anonymous && file === undefined) return EBADF;
    if (length === 0n) return EINVAL;
    if (length > U64_MAX - 0xfffn) return ENOMEM;
    const bytes = pageUp(length);
    if (offset + bytes > U64_MAX) return EOVERFLOW;
    if (bytes > USER_END_ADDRESS) return ENOMEM;
    const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
    const wanted = fixed ? addr : pageDown(addr);
    if (fixed && wanted > USER_END_ADDRESS - bytes) return ENOMEM;
    if (fixed && !isPageAligned(wanted)) return EINVAL;
    const type = flags & MAP_TYPE;
    const shared = type === MAP_SHARED;
    if (file !== undefined) return file.isReadable ? ENODEV : EACCES;
    if (!shared && type !== MAP_PRIVATE) return EINVAL;
    if (shared && flags & MAP_GROWSDOWN) return EINVAL;
    if (flags & MAP_HUGETLB) return ENOMEM;

    const how = flags & MAP_FIXED_NOREPLACE ? 'noreplace' : fixed ? 'fixed' : 'hint';
    const mapped = task.mm.map({
      pages: Number(bytes / PAGE),
      ...(fixed || wanted !== 0n ? { at: { vpn: vpnOf(wanted), how } } : {}),
      below2G: (flags & MAP_32BIT) !== 0,
      prot: prot & (PROT_READ | PROT_WRITE | PROT_EXEC),
      shared,
      growsDown: (flags & MAP_GROWSDOWN) !== 0,
      backing: shared ? new SharedAnonymous(task.mm.frames) : undefined,
    });
    if (mapped instanceof Errno) return mapped;
    task.kernel.report.mapping(task, 'mmap', { start: vpnOf(mapped), end: vpnOf(mapped + bytes) });
    if (flags & MAP_POPULATE) populate(task, mapped, bytes, (prot & PROT_WRITE) !== 0);
    return mapped;
  },
});

/** Touches each page as the program would; what fails is left to the program. */
function populate(task: Task, start: bigint, bytes: bigint, write: boolean): void {
  for (let at = start; at < start + bytes; at += PAGE) {
    const result = task.mm.fault(at, write ? 'write' : 'read');
    if (typeof result !== 'string' || result === 'out of memory') return;
  }
}

/** munmap(2). EINVAL: addr unaligned, length 0, or the range leaves user space. Holes are not errors. */
export const munmap = syscall({
  number: 11,
  name: 'munmap',
  args: { addr, length: size },
  support: 'full',
  run(task, { addr, length }) {
    if (!isPageAligned(addr) || length === 0n) return EINVAL;
    const pages = userPages(addr, length);
    if (pages instanceof Errno) return pages;
    task.mm.unmap(pages);
    task.kernel.report.mapping(task, 'munmap', pages);
    return 0;
  },
});
