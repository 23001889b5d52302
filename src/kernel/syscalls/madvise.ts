/** madvise(2): mm/madvise.c. */
import { EACCES, EINVAL, ENOMEM, Errno } from '../../abi/errno.ts';
import {
  MADV_COLD,
  MADV_COLLAPSE,
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_HUGEPAGE,
  MADV_KEEPONFORK,
  MADV_MERGEABLE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_RANDOM,
  MADV_REMOVE,
  MADV_SEQUENTIAL,
  MADV_UNMERGEABLE,
  MADV_WILLNEED,
  MADV_WIPEONFORK,
  PROT_WRITE,
} from '../../abi/mman.ts';
import { isPageAligned, PAGE_SIZE, pageUp, U64_MAX, vpnOf } from '../../base/ints.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { dontNeed, markCold, markFree } from '../mm/advice.ts';
import { USER_END_ADDRESS } from '../mm/limits.ts';
import { populateArea } from '../mm/populate.ts';
import {
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_DROPPABLE,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_MAYWRITE,
  VM_MERGEABLE,
  VM_NOHUGEPAGE,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_WIPEONFORK,
  withFlags,
} from '../mm/vm-flags.ts';
import type { PageRange, Vma } from '../mm/vma.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { advice } from './args/memory.ts';
import { addr, size } from './args/numbers.ts';
import { syscall } from './define.ts';

/** Advice on the part of an area that is in the range. */
type Advise = (mm: AddressSpace, vma: Vma, range: PageRange) => Errno | undefined;

/** Advice that is only remembered. */
const flagsOf =
  (set: number, clear: number, refused?: (vma: Vma) => boolean): Advise =>
  (mm, vma, { start, end }) =>
    refused?.(vma) ? EINVAL : mm.changeFlags(vma, start, end, withFlags(vma.flags, set, clear));

const isDroppable = ({ flags }: Vma): boolean => (flags & VM_DROPPABLE) !== 0;
const isAnonymous = ({ backing, shared }: Vma): boolean => backing === undefined && !shared;

const unlessLocked =
  (advise: (mm: AddressSpace, vma: Vma, range: PageRange) => void): Advise =>
  (mm, vma, range) => {
    if (vma.flags & VM_LOCKED) return EINVAL;
    advise(mm, vma, range);
    return undefined;
  };

const ADVICE: Readonly<Record<number, Advise>> = {
  [MADV_NORMAL]: flagsOf(0, VM_RAND_READ | VM_SEQ_READ),
  [MADV_RANDOM]: flagsOf(VM_RAND_READ, VM_SEQ_READ),
  [MADV_SEQUENTIAL]: flagsOf(VM_SEQ_READ, VM_RAND_READ),
  [MADV_WILLNEED]: () => undefined, // a file's pages are read when they are touched
  [MADV_DONTNEED]: unlessLocked(dontNeed),
  [MADV_DONTNEED_LOCKED]: (mm, vma, range) => void dontNeed(mm, vma, range),
  [MADV_FREE]: (mm, vma, range) => {
    if (vma.flags & VM_LOCKED || !isAnonymous(vma)) return EINVAL;
    markFree(mm, range);
    return undefined;
  },
  [MADV_REMOVE]: remove,
  [MADV_DONTFORK]: flagsOf(VM_DONTCOPY, 0),
  [MADV_DOFORK]: flagsOf(0, VM_DONTCOPY),
  [MADV_MERGEABLE]: (mm, vma, { start, end }) =>
    isAnonymous(vma) && !isDroppable(vma)
      ? mm.changeFlags(vma, start, end, withFlags(vma.flags, VM_MERGEABLE))
      : undefined,
  [MADV_UNMERGEABLE]: flagsOf(0, VM_MERGEABLE),
  [MADV_HUGEPAGE]: flagsOf(VM_HUGEPAGE, VM_NOHUGEPAGE),
  [MADV_NOHUGEPAGE]: flagsOf(VM_NOHUGEPAGE, VM_HUGEPAGE),
  [MADV_DONTDUMP]: flagsOf(VM_DONTDUMP, 0),
  [MADV_DODUMP]: flagsOf(0, VM_DONTDUMP, isDroppable),
  [MADV_WIPEONFORK]: flagsOf(VM_WIPEONFORK, 0, (vma) => !isAnonymous(vma)),
  [MADV_KEEPONFORK]: flagsOf(0, VM_WIPEONFORK, isDroppable),
  [MADV_COLD]: unlessLocked((mm, _vma, range) => markCold(mm, range)),
  [MADV_PAGEOUT]: unlessLocked((mm, _vma, range) => markCold(mm, range)),
  [MADV_COLLAPSE]: () => EINVAL,
};

/**
 * madvise(2). EINVAL: unknown advice, addr unaligned, advice that does not go with the area. ENOMEM: holes, after what is
 * mapped was advised on.
 */
export const madvise = syscall({
  number: 28,
  name: 'madvise',
  args: { addr, length: size, advice },
  support: { missing: 'MADV_GUARD_INSTALL, MADV_GUARD_REMOVE; huge pages' },
  run({ mm }, { addr, length, advice }) {
    const advise = ADVICE[advice];
    const isPopulate = advice === MADV_POPULATE_READ || advice === MADV_POPULATE_WRITE;
    if ((advise === undefined && !isPopulate) || !isPageAligned(addr)) return EINVAL;
    if (length > U64_MAX - 0xfffn || addr + pageUp(length) > U64_MAX) return EINVAL;
    if (length === 0n) return 0;
    const bytes = addr + pageUp(length);
    const range = { start: vpnOf(addr), end: vpnOf(bytes > USER_END_ADDRESS ? USER_END_ADDRESS : bytes) };
    const hasHole = mm.vmas.pagesWithin(range.start, range.end) < Number((bytes - addr) >> 12n);
    if (isPopulate) return populateAll(mm, range, advice === MADV_POPULATE_WRITE) ?? (hasHole ? ENOMEM : 0);
    for (const vma of mm.vmas.within(range.start, range.end)) {
      const part = { start: Math.max(vma.start, range.start), end: Math.min(vma.end, range.end) } as PageRange;
      const failed = advise(mm, vma, part);
      if (failed !== undefined) return failed;
    }
    return hasHole ? ENOMEM : 0;
  },
});

/** MADV_REMOVE: a hole in the file that is mapped. EINVAL: locked, or no file. EACCES: not shared and writable. */
function remove(_mm: AddressSpace, vma: Vma, { start, end }: PageRange): Errno | undefined {
  const { backing } = vma;
  if (vma.flags & VM_LOCKED || backing === undefined) return EINVAL;
  if (!vma.shared || !(vma.flags & VM_MAYWRITE)) return EACCES;
  const first = vma.offset + (start - vma.start);
  const last = first + (end - start);
  if (!(vma.file instanceof OpenRegular)) return backing.punchHole(first, last);
  return vma.file.inode.punchHole(first * PAGE_SIZE, last * PAGE_SIZE);
}

/** MADV_POPULATE_READ and _WRITE. EINVAL: rights are missing. EFAULT: past the end of a file. ENOMEM: the first hole. */
function populateAll(mm: AddressSpace, { start, end }: PageRange, write: boolean): Errno | undefined {
  let reached = start;
  for (const vma of mm.vmas.within(start, end)) {
    if (vma.start > reached) return ENOMEM;
    if (write ? !(vma.prot & PROT_WRITE) : vma.prot === 0) return EINVAL;
    const stop = Math.min(vma.end, end) as PageRange['end'];
    const failed = populateArea(mm, vma, { start: reached, end: stop }, write ? 'write' : 'read');
    if (failed instanceof Errno) return failed;
    reached = stop;
  }
  return undefined;
}
