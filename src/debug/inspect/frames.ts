/**
 * A frame and everybody who has it: entries of all page tables that lead to it, page caches, page tables that it is one
 * of. Found by reading all entries, so that the reference count can be held against what was found.
 */
import { type Pfn, paddrOf, type Vpn, vaddrOf } from '../../base/ints.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import type { Backing } from '../../kernel/mm/backing.ts';
import { USER_END } from '../../kernel/mm/limits.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import type { Process } from '../../kernel/task/process.ts';
import type { Dentry } from '../../kernel/vfs/dentry.ts';
import { isRegular } from '../../kernel/vfs/inode.ts';
import { FIRST_FRAME } from '../../mem/layout.ts';
import { type Level, slotPfn, slotPte } from '../../mem/page-table.ts';
import type { Pte } from '../../mem/pte.ts';

/** A leaf entry that leads to the frame. */
export interface FrameMapping {
  /** Those that run on the page table: more than one after vfork(2) or CLONE_VM. */
  readonly processes: readonly Process[];
  readonly space: AddressSpace;
  readonly address: bigint;
  readonly entry: Pte;
  readonly vma: Vma | undefined;
}

export type FrameHolder =
  /** One reference: page `index` of a file, or of shared memory. */
  | { readonly kind: 'page cache'; readonly name: string; readonly index: number; readonly backing: Backing }
  /** It is a table of this level, for the addresses from this one on. */
  | {
      readonly kind: 'page table';
      readonly level: Level;
      readonly processes: readonly Process[];
      readonly address: bigint;
    }
  | { readonly kind: 'zero frame' };

export interface FrameView {
  readonly pfn: Pfn;
  readonly paddr: number;
  /** `reserved`: it is the machine's own, below the first that is handed out. */
  readonly state: 'free' | 'in use' | 'reserved';
  readonly references: number;
  readonly mappings: readonly FrameMapping[];
  readonly holders: readonly FrameHolder[];
  /** References that neither accounts for: checkpoints of the debugger, files that nobody has open any more. */
  readonly otherReferences: number;
  /** In place: to be copied by who keeps them. */
  readonly bytes: Uint8Array;
}

/** Undefined: the machine has no such frame, or has not come to use it yet. */
export function viewFrame(kernel: Kernel, pfn: Pfn): FrameView | undefined {
  const { frames } = kernel;
  if (!Number.isInteger(pfn) || pfn < 0 || (pfn + 1) * 4096 > frames.u8.length) return undefined;
  const references = frames.references(pfn);
  const mappings: FrameMapping[] = [];
  const holders: FrameHolder[] = [];
  const spaces = spacesOf(kernel);
  if (references > 0) {
    for (const [space, processes] of spaces) {
      space.pageTable.forEach(0 as Vpn, USER_END as Vpn, (vpn, slot) => {
        if (slotPfn(frames, slot) !== pfn) return;
        const entry = slotPte(frames, slot);
        mappings.push({ processes, space, address: vaddrOf(vpn), entry, vma: space.vmas.find(vpn) });
      });
      for (const { level, pfn: table, start } of space.pageTable.tables())
        if (table === pfn) holders.push({ kind: 'page table', level, processes, address: vaddrOf(start) });
    }
    for (const [backing, name] of backingsOf(kernel, spaces.keys())) {
      const index = backing.findIndex(pfn);
      if (index !== undefined) holders.push({ kind: 'page cache', name, index, backing });
    }
    if (pfn === kernel.zeroFrame) holders.push({ kind: 'zero frame' });
  }
  return {
    pfn,
    paddr: paddrOf(pfn),
    state: pfn < FIRST_FRAME ? 'reserved' : references > 0 ? 'in use' : 'free',
    references,
    mappings,
    holders,
    otherReferences: references - mappings.length - holders.length,
    bytes: frames.bytes(pfn),
  };
}

/** The address spaces in use, each with the processes that run on it. */
function spacesOf(kernel: Kernel): Map<AddressSpace, Process[]> {
  const spaces = new Map<AddressSpace, Process[]>();
  for (const process of kernel.processes())
    for (const task of process.threads) {
      if (!task.hasMemory()) continue;
      const users = spaces.get(task.mm);
      if (users === undefined) spaces.set(task.mm, [process]);
      else if (!users.includes(process)) users.push(process);
    }
  return spaces;
}

/** Whatever keeps pages, as far as areas, open files or names lead to it, and what to call it. */
function backingsOf(kernel: Kernel, spaces: Iterable<AddressSpace>): Map<Backing, string> {
  const found = new Map<Backing, string>();
  const addFile = (dentry: Dentry | undefined): void => {
    if (dentry !== undefined && isRegular(dentry.inode) && !found.has(dentry.inode.cache))
      found.set(dentry.inode.cache, dentry.path());
  };
  const addTree = (dentry: Dentry): void => {
    addFile(dentry);
    for (const child of dentry.known()) addTree(child);
  };
  for (const space of spaces)
    for (const { file, backing } of space.vmas) {
      if (file !== undefined) addFile(file.dentry);
      if (backing !== undefined && !found.has(backing)) found.set(backing, backing.name);
    }
  for (const { threads } of kernel.processes())
    for (const task of threads)
      if (task.isAlive()) for (const fd of task.files.numbers()) addFile(task.files.findRaw(fd)?.dentry);
  for (const { root } of kernel.vfs.mounts) addTree(root);
  for (const segment of kernel.shm.table)
    if (!found.has(segment.inode.cache)) found.set(segment.inode.cache, `System V shared memory ${segment.id}`);
  return found;
}
