/**
 * What an address space may have: RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, and what could never fit in the machine.
 * getrlimit(2); mm/mmap.c (`may_expand_vm`, `mlock_future_ok`), mm/util.c (`__vm_enough_memory`).
 */
import { PROT_WRITE } from '../../abi/mman.ts';
import { RLIM_INFINITY, RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK } from '../../abi/resource.ts';
import type { AddressSpace } from './address-space.ts';
import { VM_LOCKED, VM_NORESERVE } from './vm-flags.ts';
import { isData, type Vma } from './vma.ts';

/** A limit in whole pages. */
export function limitPages({ host }: AddressSpace, resource: number): number {
  const bytes = host.limit(resource);
  return bytes === RLIM_INFINITY ? Number.POSITIVE_INFINITY : Number(bytes >> 12n);
}

/** Whether so many more pages of this kind stay within RLIMIT_AS and RLIMIT_DATA. */
export function mayExpand(
  space: AddressSpace,
  kind: Pick<Vma, 'prot' | 'shared' | 'growsDown'>,
  pages: number,
): boolean {
  const { vmas } = space;
  if (vmas.pages + pages > limitPages(space, RLIMIT_AS)) return false;
  return !isData(kind) || vmas.dataPages + pages <= limitPages(space, RLIMIT_DATA);
}

/** vm.overcommit_memory = 0: only what could never fit in the machine is refused. */
export const isEnoughMemory = (space: AddressSpace, pages: number): boolean => pages <= space.frames.limit;

/** Whether an area's pages are promised when it is made: private ones that can be written. `accountable_mapping`. */
export const isAccountable = ({ prot, shared, flags }: Pick<Vma, 'prot' | 'shared' | 'flags'>): boolean =>
  (prot & PROT_WRITE) !== 0 && !shared && (flags & VM_NORESERVE) === 0;

/** Whether so many more pages may be mapped with these flags: RLIMIT_MEMLOCK if they lock. */
export const mayLockMore = (space: AddressSpace, flags: number, pages: number): boolean =>
  (flags & VM_LOCKED) === 0 || space.vmas.lockedPages + pages <= limitPages(space, RLIMIT_MEMLOCK);
