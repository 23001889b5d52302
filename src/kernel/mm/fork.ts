/**
 * fork(2)'s copy of an address space: kernel/fork.c (`dup_mmap`), mm/memory.c (`copy_page_range`), mm/rmap.c
 * (`anon_vma_fork`). Private writable pages become read-only and copy-on-write on both sides, shared ones stay writable.
 * Linux copies no entry that a fault of the child would find again (`vma_needs_copy`: shared areas, files never
 * written); here all are copied, so that the fork itself shows what is shared, and the child has fewer minor faults.
 */

import { ENOMEM, type Errno } from '../../abi/errno.ts';
import { PROT_EXEC } from '../../abi/mman.ts';
import type { Pfn, Vpn } from '../../base/ints.ts';
import { BIT_A, BIT_COW, BIT_D, BIT_RW } from '../../mem/page-table.ts';
import type { AddressSpace } from './address-space.ts';
import { VM_DONTCOPY, VM_LOCKED_MASK, VM_WIPEONFORK, withFlags } from './vm-flags.ts';
import { AnonRoot, type Vma } from './vma.ts';

/** Pages that one page table covers. */
const TABLE_PAGES = 512;

/** Fills an empty child. ENOMEM: the parent works as before, the child is to be released. */
export function forkSpace(parent: AddressSpace, child: AddressSpace): Errno | undefined {
  child.brkStart = parent.brkStart;
  child.brk = parent.brk;
  child.arguments = parent.arguments;
  child.runs(parent.executable);
  child.stackStart = parent.stackStart;
  child.barrierRegistrations = parent.barrierRegistrations;
  const { cpu } = parent.host;
  let changed = 0;
  for (const vma of parent.vmas) {
    if (vma.flags & VM_DONTCOPY) continue;
    const isWiped = (vma.flags & VM_WIPEONFORK) !== 0;
    child.vmas.append({
      ...vma,
      flags: withFlags(vma.flags, 0, VM_LOCKED_MASK),
      anon: vma.anon === undefined || isWiped ? undefined : new AnonRoot(true),
    });
    const copied = isWiped ? 0 : copyEntries(parent, child, vma);
    if (copied === undefined) {
      cpu.invalidateAll(parent.cr3);
      return ENOMEM;
    }
    changed += copied;
  }
  if (changed > 0) cpu.invalidateAll(parent.cr3);
  cpu.cloneAddressSpace(parent.cr3, child.cr3);
  return undefined;
}

/**
 * The child's entries start with A clear, shared ones with D clear; those of executable pages keep A, which a fetch does not
 * set (mem/mmu.ts). The result is how many of the parent's lost write
 * permission; undefined when memory is used up.
 */
function copyEntries(parent: AddressSpace, child: AddressSpace, vma: Vma): number | undefined {
  const { frames, pageTable } = parent;
  const zeroFrame = parent.host.zeroFrame;
  const { shared } = vma;
  const accessed = vma.prot & PROT_EXEC ? 0 : BIT_A;
  const kept = ~(shared ? accessed | BIT_D : accessed);
  let changed = 0;
  let copied = 0;
  for (let vpn: number = vma.start; vpn < vma.end; ) {
    const next = Math.min(vma.end, (Math.floor(vpn / TABLE_PAGES) + 1) * TABLE_PAGES);
    let from = pageTable.find(vpn as Vpn);
    if (from !== 0) {
      let u32 = frames.u32;
      const end = from + (next - vpn) * 2;
      while (from < end && u32[from] === 0) from += 2;
      if (from < end) {
        const ahead = child.pageTable.ensure(vpn as Vpn);
        if (ahead === 0) return undefined;
        u32 = frames.u32;
        let to = ahead + (next - vpn) * 2 - (end - from);
        for (; from < end; from += 2, to += 2) {
          let low = u32[from];
          if (low === 0) continue;
          if (!shared && low & BIT_RW) {
            low = (low & ~BIT_RW) | BIT_COW;
            u32[from] = low;
            changed++;
          }
          const pfn = (low >>> 12) as Pfn;
          frames.share(pfn);
          if (pfn !== zeroFrame) copied++;
          u32[to] = low & kept;
          u32[to + 1] = u32[from + 1];
        }
      }
    }
    vpn = next;
  }
  child.residentPages += copied;
  return changed;
}
