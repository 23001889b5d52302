/** Faulting pages in ahead of their use: mm/gup.c (`__mm_populate`, `populate_vma_page_range`). */
import { EFAULT, ENOMEM, type Errno } from '../../abi/errno.ts';
import { PROT_WRITE } from '../../abi/mman.ts';
import { vaddrOf } from '../../base/ints.ts';
import type { AddressSpace } from './address-space.ts';
import { VM_LOCKONFAULT } from './vm-flags.ts';
import type { PageRange, Vma } from './vma.ts';

/**
 * Touches each page of the areas in a range, as a program would that writes what is private and reads what is shared.
 * What fails ends it there, unless it `mayFail`, when it ends the area. EFAULT: an area without rights, or past the end
 * of a file. ENOMEM: memory is used up.
 */
export function populate(space: AddressSpace, { start, end }: PageRange, mayFail: boolean): Errno | undefined {
  for (const vma of space.vmas.within(start, end)) {
    if (vma.flags & VM_LOCKONFAULT) continue;
    const write = (vma.prot & PROT_WRITE) !== 0 && !vma.shared;
    const range = { start: Math.max(start, vma.start), end: Math.min(end, vma.end) } as PageRange;
    const failed = populateArea(space, vma, range, write ? 'write' : 'read');
    if (failed !== undefined && !mayFail) return failed;
  }
  return undefined;
}

export function populateArea(
  space: AddressSpace,
  vma: Vma,
  { start, end }: PageRange,
  access: 'read' | 'write',
): Errno | undefined {
  if (vma.prot === 0) return EFAULT;
  for (let vpn = start; vpn < end; vpn++) {
    const result = space.fault(vaddrOf(vpn), access);
    if (result === 'out of memory') return ENOMEM;
    if (typeof result !== 'string') return EFAULT;
  }
  return undefined;
}
