/**
 * mremap(2): areas that grow, shrink or move with their pages. mm/mremap.c (`check_prep_vma`, `mremap_to`, `move_vma`,
 * `remap_move`). Entries move from one place of the page table to the other; no page is copied.
 */
import { EAGAIN, EFAULT, EINVAL, ENOMEM, Errno } from '../../abi/errno.ts';
import type { Vpn } from '../../base/ints.ts';
import { setSlot, slotBits, slotPfn } from '../../mem/page-table.ts';
import { isEnoughMemory, mayExpand, mayLockMore } from './accounting.ts';
import type { AddressSpace } from './address-space.ts';
import { MAX_AREAS, USER_END } from './limits.ts';
import { isFree, placeArea } from './placement.ts';
import { VM_ACCOUNT, VM_DONTEXPAND, VM_LOCKED, VM_LOCKED_MASK, withFlags } from './vm-flags.ts';
import type { Vma } from './vma.ts';

export interface MoveRequest {
  readonly from: Vpn;
  /** 0: a second mapping of what a shared one maps. */
  readonly oldPages: number;
  readonly newPages: number;
  /** Where to; undefined: where it is, if that will do. */
  readonly to: Vpn | undefined;
  /** Exactly there, over what is there. */
  readonly isFixed: boolean;
  readonly mayMove: boolean;
  /** The old area stays, without its pages. */
  readonly keepsOld: boolean;
}

export interface Moved {
  readonly vpn: Vpn;
  /** The new pages of a locked area are to be faulted in. */
  readonly grewLocked: boolean;
}

/** Moves or resizes one area. EFAULT: not within one. EINVAL, ENOMEM, EAGAIN: see mremap(2). */
export function remap(space: AddressSpace, request: MoveRequest): Moved | Errno {
  const vma = space.vmas.find(request.from);
  const failed = check(space, vma, request);
  if (failed !== undefined) return failed;
  return request.to === undefined ? resize(space, vma!, request) : moveTo(space, request);
}

/** Moves all that is in a range, gaps included, without resizing. EFAULT: nothing at its start. */
export function moveMany(space: AddressSpace, request: MoveRequest): Moved | Errno {
  const end = request.from + request.oldPages;
  const areas = space.vmas.within(request.from, end);
  if (areas.length === 0 || areas[0].start > request.from) return EFAULT;
  for (const area of areas) {
    const from = Math.max(area.start, request.from) as Vpn;
    const pages = Math.min(area.end, end) - from;
    const to = (request.to! + (from - request.from)) as Vpn;
    const failed = remap(space, { ...request, from, to, oldPages: pages, newPages: pages });
    if (failed instanceof Errno) return failed;
  }
  return { vpn: request.to!, grewLocked: false };
}

/** Whether the area may become what is asked: `check_prep_vma`. */
function check(space: AddressSpace, vma: Vma | undefined, request: MoveRequest): Errno | undefined {
  const { from, oldPages, newPages, to } = request;
  if (vma === undefined) return EFAULT;
  if (newPages <= oldPages && to === undefined) return undefined;
  if (oldPages === 0 && !vma.shared) return EINVAL;
  if (request.keepsOld && vma.flags & VM_DONTEXPAND) return EINVAL;
  if (Math.min(oldPages, newPages) > vma.end - from) return EFAULT;
  if (newPages <= oldPages) return undefined;
  if (vma.flags & VM_DONTEXPAND) return EFAULT;
  if (!mayLockMore(space, vma.flags, newPages - oldPages)) return EAGAIN;
  return mayExpand(space, vma, newPages - oldPages) ? undefined : ENOMEM;
}

/** No new place is asked for: shrinks, grows where it is, or moves if it may. */
function resize(space: AddressSpace, vma: Vma, request: MoveRequest): Moved | Errno {
  const { from, oldPages, newPages } = request;
  if (newPages <= oldPages) {
    const rest = { start: (from + newPages) as Vpn, end: (from + oldPages) as Vpn };
    if (newPages < oldPages) {
      if (!space.canUnmap(rest)) return ENOMEM;
      space.unmap(rest);
    }
    return { vpn: from, grewLocked: false };
  }
  const grewLocked = (vma.flags & VM_LOCKED) !== 0;
  const more = newPages - oldPages;
  if (oldPages === vma.end - from && from + newPages <= USER_END && isFree(space.vmas, vma.end, more)) {
    if (vma.flags & VM_ACCOUNT && !isEnoughMemory(space, more)) return ENOMEM;
    space.vmas.insert({
      ...vma,
      start: vma.end,
      end: (vma.end + more) as Vpn,
      offset: vma.offset + (vma.end - vma.start),
    });
    return { vpn: from, grewLocked };
  }
  if (!request.mayMove) return ENOMEM;
  const to = placeArea(space.vmas, newPages, undefined, false);
  return to instanceof Errno ? to : move(space, vma, to, request, grewLocked);
}

/** A new place is asked for: `mremap_to`. */
function moveTo(space: AddressSpace, request: MoveRequest): Moved | Errno {
  const { from, newPages, isFixed } = request;
  let { oldPages } = request;
  let to = request.to!;
  if (isFixed) {
    const over = { start: to, end: (to + newPages) as Vpn };
    if (!space.canUnmap(over)) return ENOMEM;
    space.unmap(over);
  }
  const vma = space.vmas.find(from);
  if (vma === undefined) return EFAULT;
  if (newPages < oldPages) {
    const rest = { start: (from + newPages) as Vpn, end: (from + oldPages) as Vpn };
    if (!space.canUnmap(rest)) return ENOMEM;
    space.unmap(rest);
    oldPages = newPages;
  }
  if (request.keepsOld && !mayExpand(space, vma, oldPages)) return ENOMEM;
  const at = { vpn: to, how: isFixed ? ('fixed' as const) : ('hint' as const) };
  const placed = placeArea(space.vmas, newPages, isFixed || to !== 0 ? at : undefined, false);
  if (placed instanceof Errno) return placed;
  to = placed;
  const grewLocked = newPages > oldPages && (vma.flags & VM_LOCKED) !== 0;
  return move(space, space.vmas.find(from)!, to, { ...request, oldPages }, grewLocked);
}

/** The area at its new place, its pages with it, the old one gone or empty: `move_vma`. */
function move(space: AddressSpace, vma: Vma, to: Vpn, request: MoveRequest, grewLocked: boolean): Moved | Errno {
  const { from, oldPages, newPages, keepsOld } = request;
  if (space.vmas.length >= MAX_AREAS - 3) return ENOMEM;
  if (vma.flags & VM_ACCOUNT && !isEnoughMemory(space, newPages)) return ENOMEM;
  // Where nothing private was written yet, nothing remembers the old address.
  const isUntouched = vma.backing === undefined && vma.anon === undefined;
  const offset = isUntouched ? to : vma.offset + (from - vma.start);
  const tablesReady = reserveTables(space, from, to, oldPages);
  if (!tablesReady) return ENOMEM;
  const isWhole = vma.start === from && vma.end === from + oldPages;
  space.vmas.insert({ ...vma, start: to, end: (to + newPages) as Vpn, offset });
  moveEntries(space, from, to, oldPages);
  const old = { start: from, end: (from + oldPages) as Vpn };
  if (oldPages > 0 && !keepsOld) space.unmap(old);
  if (oldPages > 0 && keepsOld)
    space.vmas.change(old.start, old.end, (part) => ({
      ...part,
      flags: withFlags(part.flags, 0, VM_LOCKED_MASK),
      anon: isWhole ? undefined : part.anon,
    }));
  return { vpn: to, grewLocked };
}

/** Makes the page tables that the entries will move to; false when memory is used up. */
function reserveTables({ pageTable }: AddressSpace, from: Vpn, to: Vpn, pages: number): boolean {
  let isReady = true;
  pageTable.forEach(from, (from + pages) as Vpn, (vpn) => {
    isReady &&= pageTable.ensure((to + (vpn - from)) as Vpn) !== 0;
  });
  return isReady;
}

function moveEntries(space: AddressSpace, from: Vpn, to: Vpn, pages: number): void {
  const { frames, pageTable } = space;
  const moved: Vpn[] = [];
  pageTable.forEach(from, (from + pages) as Vpn, (vpn, slot) => {
    setSlot(frames, pageTable.ensure((to + (vpn - from)) as Vpn), slotPfn(frames, slot), slotBits(frames, slot));
    frames.share(slotPfn(frames, slot)); // the old entry's reference goes with it
    moved.push(vpn);
  });
  pageTable.unmapRange(from, (from + pages) as Vpn);
  space.invalidate(moved);
}
