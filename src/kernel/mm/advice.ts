/**
 * What madvise(2) does to pages: mm/madvise.c. Which advice goes with which area is decided in syscalls/madvise.ts.
 */
import { BIT_A, BIT_D, slotBits, slotPfn } from '../../mem/page-table.ts';
import type { AddressSpace } from './address-space.ts';
import type { PageRange, Vma } from './vma.ts';

/** Forgets what private memory held, and what a shared mapping has mapped: the next touch is a first one. */
export function dontNeed(space: AddressSpace, vma: Vma, { start, end }: PageRange): void {
  space.zap(vma, start, end);
}

/**
 * MADV_FREE: Linux may take the pages when memory is short, unless they are written again. Memory is never short here
 * before it is used up, so the pages stay, but are clean: writing sets D.
 */
export function markFree(space: AddressSpace, { start, end }: PageRange): void {
  clearBits(space, { start, end }, BIT_D | BIT_A);
}

/** MADV_COLD and MADV_PAGEOUT: the pages look unused. There is no swap to put them in. */
export function markCold(space: AddressSpace, range: PageRange): void {
  clearBits(space, range, BIT_A);
}

function clearBits(space: AddressSpace, { start, end }: PageRange, bits: number): void {
  const { frames } = space;
  const changed: PageRange['start'][] = [];
  space.pageTable.forEach(start, end, (vpn, slot) => {
    if (slotPfn(frames, slot) === space.host.zeroFrame || !(slotBits(frames, slot) & bits)) return;
    frames.u32[slot] &= ~bits;
    changed.push(vpn);
  });
  space.invalidate(changed);
}
