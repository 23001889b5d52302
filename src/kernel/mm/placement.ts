/**
 * Where a mapping goes when the program does not say, or says what it would like: mm/mmap.c (`__get_unmapped_area`),
 * arch/x86/kernel/sys_x86_64.c. The highest gap that is large enough, below `MMAP_BASE`. Left out: Linux aligns large
 * anonymous mappings for its huge pages.
 */
import { ENOMEM, EPERM, type Errno } from '../../abi/errno.ts';
import type { Vpn } from '../../base/ints.ts';
import { LOW_2G, MIN_PAGE, MMAP_BASE, STACK_GUARD_PAGES, USER_END } from './limits.ts';
import type { PageRange, Vma, VmaList } from './vma.ts';

/** Exactly there (over what is there), exactly there if free, or near there. */
export interface Place {
  readonly vpn: Vpn;
  readonly how: 'fixed' | 'noreplace' | 'hint';
}

/** ENOMEM: no room, or a fixed place leaves user space. EPERM: a fixed place below vm.mmap_min_addr. */
export function placeArea(vmas: VmaList, pages: number, at: Place | undefined, below2G: boolean): Vpn | Errno {
  if (pages > USER_END) return ENOMEM;
  if (at !== undefined && at.how !== 'hint') {
    if (at.vpn + pages > USER_END) return ENOMEM;
    return at.vpn < MIN_PAGE ? EPERM : at.vpn;
  }
  const hint = at === undefined ? undefined : (Math.max(at.vpn, MIN_PAGE) as Vpn);
  const bounds = below2G ? LOW_2G : { start: MIN_PAGE, end: USER_END };
  if (hint !== undefined && hint + pages <= bounds.end && isFree(vmas, hint, pages)) return hint;
  return (below2G ? placeUpwards(vmas, pages, LOW_2G) : placeDownwards(vmas, pages)) ?? ENOMEM;
}

function placeDownwards(vmas: VmaList, pages: number): Vpn | undefined {
  let end: number = MMAP_BASE;
  for (;;) {
    const above = vmas.findNext(end);
    if (above?.growsDown && above.start >= end) end = Math.min(end, startWithGap(above));
    const start = end - pages;
    if (start < MIN_PAGE) return placeUpwards(vmas, pages, { start: MMAP_BASE, end: USER_END });
    const below = vmas.find(end - 1) ?? vmas.findPrevious(end);
    if (below === undefined || below.end <= start) return start as Vpn;
    end = startWithGap(below);
  }
}

function placeUpwards(vmas: VmaList, pages: number, { start, end }: PageRange): Vpn | undefined {
  for (let at = start; at + pages <= end; ) {
    if (isFree(vmas, at, pages)) return at;
    const next = vmas.findNext(at);
    if (next === undefined) return undefined;
    at = next.end;
  }
  return undefined;
}

/** Whether nothing is there, the gap below a stack included. */
export function isFree(vmas: VmaList, start: number, pages: number): boolean {
  const next = vmas.findNext(start);
  return next === undefined || start + pages <= startWithGap(next);
}

/** Where an area begins, or the gap that is kept free below it if it grows down: `vm_start_gap`. */
export const startWithGap = ({ start, growsDown }: Vma): number => start - (growsDown ? STACK_GUARD_PAGES : 0);
