/**
 * Bits of PML4E, PDPTE, PDE and PTE. Intel SDM Vol. 3A, "4-Level Paging". Only 4 KiB pages are used.
 * ```
 *   63   62..52   51..12         11..9   8   7   6   5   4    3    2    1    0
 *   NX   ignored  frame address  avail   G   PS  D   A   PCD  PWT  U/S  R/W  P
 * ```
 * Bit 9, free for the operating system, is the copy-on-write mark.
 */
import type { Pfn } from '../base/ints.ts';

export const PTE_P = 1n << 0n;
export const PTE_RW = 1n << 1n;
export const PTE_US = 1n << 2n;
export const PTE_A = 1n << 5n;
export const PTE_D = 1n << 6n;
export const PTE_COW = 1n << 9n;
export const PTE_NX = 1n << 63n;
export const PTE_ADDRESS_MASK = 0x000f_ffff_ffff_f000n;

/** One entry of any level, 64 bits. */
export type Pte = bigint;

export const makePte = (pfn: Pfn, flags: bigint): Pte => (BigInt(pfn) << 12n) | flags;
export const ptePfn = (pte: Pte): Pfn => Number((pte & PTE_ADDRESS_MASK) >> 12n) as Pfn;

const SHOWN: readonly (readonly [bigint, string, string])[] = [
  [PTE_P, 'P', '-'],
  [PTE_RW, 'RW', '--'],
  [PTE_US, 'US', '--'],
  [PTE_A, 'A', '-'],
  [PTE_D, 'D', '-'],
  [PTE_NX, 'NX', ''],
  [PTE_COW, 'COW', ''],
];

/** The one vocabulary of every view: `P RW US A D NX COW`, a dash for a clear P, RW, US, A or D. */
export const describePteFlags = (pte: Pte): string =>
  SHOWN.map(([bit, set, clear]) => (pte & bit ? set : clear))
    .filter((word) => word !== '')
    .join(' ');
