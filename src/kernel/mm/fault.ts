/**
 * Page fault -> what the hardware needs to go on, or a signal: mm/memory.c (`handle_mm_fault`), arch/x86/mm/fault.c.
 *
 * | page                                | read                           | write                           |
 * |-------------------------------------|--------------------------------|---------------------------------|
 * | private, anonymous, never touched   | the zero frame, copy on write  | a new zeroed frame              |
 * | private, of a file, never touched   | the cache's frame, copy on w.  | a new copy of it                |
 * | shared, never touched here          | the backing's frame            | the backing's frame             |
 * | private, read-only in the table     | -                              | the last user keeps it, else a copy |
 *
 * A and D are left to the hardware, which sets them when it repeats the access. Left out: Linux maps neighbouring file
 * pages along with the one asked for (fault-around).
 */

import { PROT_EXEC, PROT_WRITE } from '../../abi/mman.ts';
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGSEGV } from '../../abi/signal.ts';
import { type Pfn, type Vpn, vpnOf } from '../../base/ints.ts';
import type { Access } from '../../mem/mmu.ts';
import { BIT_A, BIT_COW, BIT_D, BIT_NX, BIT_P, BIT_RW, BIT_US, type Slot, setSlot, slotBits, slotPfn } from '../../mem/page-table.ts'; // biome-ignore format: one line
import type { AddressSpace } from './address-space.ts';
import { USER_END } from './limits.ts';
import { AnonRoot, areAlike, type Vma } from './vma.ts';

/** What was done. The first five are first touches. */
export type Resolution =
  /** Read of untouched anonymous memory: the zero frame. */
  | 'zero page'
  /** Write to untouched anonymous memory, or the first touch of a shared page by anybody: a new frame of zeros. */
  | 'demand zero'
  /** The frame that the file's page cache holds. */
  | 'file page'
  /** Write to an untouched private page of a file: a copy at once. */
  | 'file copy'
  /** A shared page that another mapping has touched before: its frame. */
  | 'shared page'
  /** A private copy of a frame that others use, too (or of the zero frame). */
  | 'copied'
  /** The frame had no other user left: it is writable again. */
  | 'reused'
  /** The entry allowed it already. */
  | 'spurious';

export type FaultResult = Resolution | BadAccess | 'out of memory';

export interface BadAccess {
  readonly signal: number;
  readonly code: number;
}
const MAPERR: BadAccess = { signal: SIGSEGV, code: SEGV_MAPERR };
const ACCERR: BadAccess = { signal: SIGSEGV, code: SEGV_ACCERR };
const ADRERR: BadAccess = { signal: SIGBUS, code: BUS_ADRERR };

/** Flags of a leaf of this area, without write permission. */
export const leafBits = (prot: number): number =>
  BIT_US | (prot !== 0 ? BIT_P : 0) | (prot & PROT_EXEC ? BIT_A : BIT_NX);

/** Makes the access possible if the areas allow it. */
export function resolveFault(space: AddressSpace, address: bigint, access: Access): FaultResult {
  const vpn = vpnOf(address);
  if (vpn >= USER_END) return MAPERR;
  let vma = space.vmas.find(vpn) ?? space.growStack(vpn);
  if (vma === undefined) return MAPERR;
  const needed = access === 'write' ? vma.prot & PROT_WRITE : access === 'execute' ? vma.prot & PROT_EXEC : vma.prot;
  if (needed === 0) return ACCERR;
  if (access === 'write' && !vma.shared && vma.anon === undefined) vma = giveRoot(space, vma);

  const slot = space.pageTable.ensure(vpn);
  if (slot === 0) return 'out of memory';
  if (space.frames.u32[slot] === 0) return firstTouch(space, vma, vpn, slot, access === 'write');
  if (access === 'write' && !(space.frames.u32[slot] & BIT_RW)) return breakCopyOnWrite(space, vma, address, slot);
  space.host.cpu.invalidatePage(space.cr3, address);
  return 'spurious';
}

function firstTouch(space: AddressSpace, vma: Vma, vpn: Vpn, slot: Slot, write: boolean): FaultResult {
  const { frames } = space;
  const writable = (vma.prot & PROT_WRITE) !== 0;
  const bits = leafBits(vma.prot);
  const readOnly = writable ? bits | BIT_COW : bits;
  if (vma.backing === undefined) {
    if (!write) {
      frames.share(space.host.zeroFrame);
      setSlot(frames, slot, space.host.zeroFrame, readOnly);
      return 'zero page';
    }
    const made = frames.allocate();
    if (made === undefined) return 'out of memory';
    setSlot(frames, slot, made, bits | BIT_RW);
    space.residentPages++;
    return 'demand zero';
  }

  const index = vma.offset + (vpn - vma.start);
  const known = vma.backing.findPage(index) !== undefined;
  const pfn = vma.backing.page(index);
  if (pfn === 'past the end') return ADRERR;
  if (pfn === 'out of memory') return pfn;
  if (!vma.shared && write) {
    frames.share(pfn); // so that a shortage cannot drop it meanwhile
    const copy = frames.allocateCopy(pfn);
    frames.release(pfn);
    if (copy === undefined) return 'out of memory';
    setSlot(frames, slot, copy, bits | BIT_RW);
    space.residentPages++;
    return 'file copy';
  }
  frames.share(pfn);
  space.residentPages++;
  setSlot(frames, slot, pfn, vma.shared && writable ? bits | BIT_RW : readOnly);
  return vma.shared ? (known ? 'shared page' : 'demand zero') : 'file page';
}

/** A write to a present page that is read-only although its area is writable. */
function breakCopyOnWrite(space: AddressSpace, vma: Vma, address: bigint, slot: Slot): FaultResult {
  const { frames } = space;
  const old = slotPfn(frames, slot);
  const bits = slotBits(frames, slot) & ~BIT_COW;
  if (vma.shared || frames.references(old) === 1) {
    setSlot(frames, slot, old, bits | BIT_RW);
    return 'reused';
  }
  const made: Pfn | undefined = old === space.host.zeroFrame ? frames.allocate() : frames.allocateCopy(old);
  if (made === undefined) return 'out of memory';
  if (old === space.host.zeroFrame) space.residentPages++;
  setSlot(frames, slot, made, (bits & ~(BIT_A | BIT_D)) | BIT_RW);
  frames.release(old);
  space.host.cpu.invalidatePage(space.cr3, address);
  return 'copied';
}

/** The first private page of an area: it takes the root of a neighbour that it could be one with, or gets its own. */
function giveRoot({ vmas }: AddressSpace, vma: Vma): Vma {
  const next = vmas.find(vma.end);
  const previous = vmas.find(vma.start - 1);
  let anon: AnonRoot | undefined;
  if (next?.anon !== undefined && !next.anon.isInherited && areAlike(vma, next)) anon = next.anon;
  else if (previous?.anon !== undefined && !previous.anon.isInherited && areAlike(previous, vma)) anon = previous.anon;
  return vmas.put(vma, { ...vma, anon: anon ?? new AnonRoot(false) });
}
