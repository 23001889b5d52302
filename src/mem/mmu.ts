/**
 * Address translation as the hardware does it, for the kernel's own accesses. A program's go through the TLB and the
 * same walk in WebAssembly (cpu/runtime.ts); test/cpu/walk.test.ts holds the two together. Intel SDM Vol. 3A, "4-Level
 * Paging", "Access Rights", "Accessed and Dirty Flags". CR0.WP is set and SMAP is not modeled: a kernel access
 * on behalf of a task obeys the rights of user mode. Left out: large pages, protection keys, reserved-bit faults.
 */
import { PAGE_SIZE, type Paddr, type Pfn } from '../base/ints.ts';
import type { Frames } from './frames.ts';
import { BIT_A, BIT_D, BIT_P, BIT_RW, BIT_US } from './page-table.ts';

export type Access = 'read' | 'write' | 'execute';

export interface Translation {
  readonly kind: 'translation';
  readonly pfn: Pfn;
  readonly paddr: Paddr;
}
/** `errorCode`: PF_* bits. */
export interface PageFault {
  readonly kind: 'pageFault';
  readonly address: bigint;
  readonly errorCode: number;
}

/** Bits of a page-fault error code: P (the page was there), W/R, U/S, I/D. Intel SDM Vol. 3A, "Page-Fault Exceptions". */
export const PF_PRESENT = 1, PF_WRITE = 2, PF_USER = 4, PF_FETCH = 16; // biome-ignore format: one line

/** Addresses from here on are the kernel's, or not canonical. */
const USER_HALF = 2 ** 47;

/**
 * Translates a user-mode access; sets A in every entry of the path, and D in the leaf of a write, when it succeeds. A fetch
 * leaves the leaf alone: code is looked at ahead, and kept for longer than a TLB would, so when a page is fetched from is no
 * fact of the program. The kernel makes the entries of executable pages with A set, as Linux does on x86.
 */
export function translate(frames: Frames, cr3: Paddr, address: bigint, access: Access): Translation | PageFault {
  const at = Number(address);
  const pfn = walk(frames, cr3, at, access);
  if (pfn >= 0) return { kind: 'translation', pfn: pfn as Pfn, paddr: (pfn * PAGE_SIZE + (at % PAGE_SIZE)) as Paddr };
  const errorCode = PF_USER | (access === 'write' ? PF_WRITE : access === 'execute' ? PF_FETCH : 0);
  return { kind: 'pageFault', address, errorCode: pfn === DENIED ? errorCode | PF_PRESENT : errorCode };
}

/** What `walk` answers in the place of a frame: an entry is not present, or one of them denies the access. */
const NOT_PRESENT = -1, DENIED = -2; // biome-ignore format: one line

/** The same for who wants the frame alone, with the address as a number; negative when the access faults. Makes no objects. */
export function walk(frames: Frames, cr3: Paddr, at: number, access: Access): number {
  if (at >= USER_HALF) return NOT_PRESENT;
  const u32 = frames.u32;
  const page = Math.floor(at / PAGE_SIZE);
  const high = Math.floor(page / 0x40000);
  const low = page & 0x3ffff;

  const pml4e = (cr3 / PAGE_SIZE) * 1024 + (high >>> 9) * 2;
  if (!(u32[pml4e] & BIT_P)) return NOT_PRESENT;
  const pdpte = (u32[pml4e] >>> 12) * 1024 + (high & 511) * 2;
  if (!(u32[pdpte] & BIT_P)) return NOT_PRESENT;
  const pde = (u32[pdpte] >>> 12) * 1024 + (low >>> 9) * 2;
  if (!(u32[pde] & BIT_P)) return NOT_PRESENT;
  const pte = (u32[pde] >>> 12) * 1024 + (low & 511) * 2;
  if (!(u32[pte] & BIT_P)) return NOT_PRESENT;

  // A right is granted when every level grants it; NX at any level forbids fetching.
  const rights = u32[pml4e] & u32[pdpte] & u32[pde] & u32[pte];
  const noExecute = (u32[pml4e + 1] | u32[pdpte + 1] | u32[pde + 1] | u32[pte + 1]) >>> 31;
  const denied =
    !(rights & BIT_US) || (access === 'write' && !(rights & BIT_RW)) || (access === 'execute' && noExecute === 1);
  if (denied) return DENIED;

  u32[pml4e] |= BIT_A;
  u32[pdpte] |= BIT_A;
  u32[pde] |= BIT_A;
  if (access !== 'execute') u32[pte] |= access === 'write' ? BIT_A | BIT_D : BIT_A;
  return u32[pte] >>> 12;
}
