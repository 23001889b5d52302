/**
 * The bits of an entry that the picture draws, in the one order and with the one set of names, and what each means, set and
 * clear, in the words of the Intel SDM Vol. 3A, "4-Level Paging" (formats of PML4E, PDPTE, PDE and PTE).
 */
import { hex } from '../../../base/ints.ts';
import { PTE_A, PTE_COW, PTE_D, PTE_NX, PTE_P, PTE_RW, PTE_US, type Pte, ptePfn } from '../../../mem/pte.ts';
import type { Level } from '../../protocol.ts';

export type BitName = 'P' | 'RW' | 'US' | 'A' | 'D' | 'NX' | 'COW';

export interface Bit {
  readonly name: BitName;
  readonly mask: bigint;
  /** Where it stands in the entry. */
  readonly position: number;
  readonly title: string;
  readonly set: string;
  readonly clear: string;
}

export const BITS: readonly Bit[] = [
  {
    name: 'P',
    mask: PTE_P,
    position: 0,
    title: 'present',
    set: 'the entry leads to a frame',
    clear: 'the walk ends here with a page fault; no other bit counts',
  },
  {
    name: 'RW',
    mask: PTE_RW,
    position: 1,
    title: 'read/write',
    set: 'writes are allowed, if every level allows them',
    clear: 'a write is a page fault',
  },
  {
    name: 'US',
    mask: PTE_US,
    position: 2,
    title: 'user/supervisor',
    set: 'user mode may access it, if every level allows it',
    clear: 'an access from user mode is a page fault',
  },
  {
    name: 'A',
    mask: PTE_A,
    position: 5,
    title: 'accessed',
    set: 'a translation has used this entry',
    clear: 'no translation has used this entry yet',
  },
  {
    name: 'D',
    mask: PTE_D,
    position: 6,
    title: 'dirty',
    set: 'the page has been written through this entry',
    clear: 'the page has not been written through this entry',
  },
  {
    name: 'NX',
    mask: PTE_NX,
    position: 63,
    title: 'execute-disable',
    set: 'instruction fetches are not allowed',
    clear: 'instruction fetches are allowed, if no level disables them',
  },
  {
    name: 'COW',
    mask: PTE_COW,
    position: 9,
    title: 'copy on write, a mark of the kernel in a bit that the hardware ignores',
    set: 'a write is to be answered with a private copy of the frame',
    clear: 'not marked',
  },
];

/** One sentence for hover, focus and screen readers. */
export function describeBit({ name, position, title, set, clear, mask }: Bit, entry: Pte, level: Level): string {
  const isSet = (entry & mask) !== 0n;
  if (name === 'D' && level !== 'PT') return `D, dirty (bit 6): ignored in an entry that leads to a table`;
  return `${name}, ${title} (bit ${position}) is ${isSet ? 'set' : 'clear'}: ${isSet ? set : clear}`;
}

/** `PT entry 510 leads to frame 0x0001a000: P RW US A D NX`. */
export function describeEntry(level: Level, index: number, entry: Pte): string {
  if (entry === 0n) return `${level} entry ${index} is empty`;
  const target = level === 'PT' ? 'frame' : 'the table in frame';
  return `${level} entry ${index} leads to ${target} ${frameAddress(ptePfn(entry))}: ${flagsOf(entry)}`;
}

/** Every bit by its place: a dash for a clear one. */
export const flagsOf = (entry: Pte): string =>
  BITS.filter(({ name, mask }) => entry & mask || !(name === 'NX' || name === 'COW'))
    .map(({ name, mask }) => (entry & mask ? name : '-'.repeat(name.length)))
    .join(' ');

export const frameAddress = (pfn: number): string => hex(pfn * 4096, 8);
