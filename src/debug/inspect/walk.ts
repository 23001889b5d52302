/**
 * The walk of an address as the hardware does it, with every entry on the way (mem/pte.ts names their bits), read without
 * setting A or D. Intel SDM Vol. 3A, "4-Level Paging", "Access Rights".
 */
import { PAGE_SIZE, type Pfn, vpnOf } from '../../base/ints.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type WalkStep, walk } from '../../mem/page-table.ts';
import { PTE_NX, PTE_P, PTE_RW, PTE_US, ptePfn } from '../../mem/pte.ts';

export interface AddressWalk {
  readonly address: bigint;
  /** Bits 63 to 47 are the same; others are #GP before any walk, and there are no steps. */
  readonly isCanonical: boolean;
  /** The root's physical address, as in CR3. */
  readonly cr3: number;
  /** Entries read, root first, up to the first that is not present. */
  readonly steps: readonly WalkStep[];
  /** The frame, when the walk reaches one; and the byte in memory. */
  readonly pfn: Pfn | undefined;
  readonly paddr: number | undefined;
  /** What user mode may do by the entries alone: a right is granted when every level grants it. */
  readonly rights: { readonly read: boolean; readonly write: boolean; readonly execute: boolean };
  /** The area that holds the page. */
  readonly vma: Vma | undefined;
}

/** Undefined for a task that has ended, and has no page table. */
export const walkAddress = (task: Task, address: bigint): AddressWalk | undefined =>
  task.hasMemory() ? walkSpace(task.mm, address) : undefined;

export function walkSpace(mm: AddressSpace, address: bigint): AddressWalk {
  const isCanonical = BigInt.asUintN(64, BigInt.asIntN(48, address)) === address;
  const steps = isCanonical ? walk(mm.frames, mm.cr3, address) : [];
  const leaf = steps[3]?.entry ?? 0n;
  const isPresent = (leaf & PTE_P) !== 0n;
  const every = (bit: bigint): boolean => isPresent && steps.every(({ entry }) => entry & bit);
  const isUser = every(PTE_US);
  const pfn = isPresent ? ptePfn(leaf) : undefined;
  return {
    address,
    isCanonical,
    cr3: mm.cr3,
    steps,
    pfn,
    paddr: pfn === undefined ? undefined : pfn * PAGE_SIZE + Number(address & 0xfffn),
    rights: {
      read: isUser,
      write: isUser && every(PTE_RW),
      execute: isUser && !steps.some(({ entry }) => entry & PTE_NX),
    },
    vma: mm.vmas.find(vpnOf(address)),
  };
}
