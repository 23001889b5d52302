/** All leaf entries of all processes at one moment, and what differs between two. */
import { type Pfn, type Vpn, vaddrOf } from '../base/ints.ts';
import type { AddressSpace } from '../kernel/mm/address-space.ts';
import { USER_END } from '../kernel/mm/limits.ts';
import type { Vma } from '../kernel/mm/vma.ts';
import { BIT_A, BIT_D } from '../mem/page-table.ts';
import { type Pte, ptePfn } from '../mem/pte.ts';
import type { EntryChange } from './page-events.ts';

/** A living process. */
export interface Process {
  readonly pid: number;
  readonly mm: AddressSpace;
}

export interface Snapshot {
  /** By pid: leaf entries by page. */
  readonly leaves: ReadonlyMap<number, ReadonlyMap<Vpn, Pte>>;
  /** By frame: how many leaf entries lead there. A page table that two processes run on counts once. */
  readonly mappings: ReadonlyMap<Pfn, number>;
}

export const EMPTY_SNAPSHOT: Snapshot = { leaves: new Map(), mappings: new Map() };

export function readEntries(processes: Iterable<Process>): Snapshot {
  const leaves = new Map<number, Map<Vpn, Pte>>();
  const mappings = new Map<Pfn, number>();
  const counted = new Set<AddressSpace>();
  for (const { pid, mm } of processes) {
    const own = new Map<Vpn, Pte>();
    leaves.set(pid, own);
    for (const { vpn, entry } of mm.pageTable.entries(0 as Vpn, USER_END)) {
      own.set(vpn, entry);
      if (!counted.has(mm)) mappings.set(ptePfn(entry), (mappings.get(ptePfn(entry)) ?? 0) + 1);
    }
    counted.add(mm);
  }
  return { leaves, mappings };
}

/** Entries of living processes that differ by more than A and D, by process and address. */
export function compareEntries(before: Snapshot, after: Snapshot): EntryChange[] {
  const changes: EntryChange[] = [];
  for (const [pid, own] of after.leaves) {
    const old = before.leaves.get(pid) ?? new Map<Vpn, Pte>();
    for (const vpn of [...new Set([...old.keys(), ...own.keys()])].sort((a, b) => a - b)) {
      const [was, is] = [old.get(vpn) ?? 0n, own.get(vpn) ?? 0n];
      if (withoutUse(was) !== withoutUse(is)) changes.push({ pid, address: vaddrOf(vpn), before: was, after: is });
    }
  }
  return changes;
}

const USE_BITS = BigInt(BIT_A | BIT_D);
const withoutUse = (entry: Pte): Pte => entry & ~USE_BITS;

/** The process's pages of an area that have an entry, by address. */
export function leavesWithin({ leaves }: Snapshot, pid: number, { start, end }: Pick<Vma, 'start' | 'end'>): Vpn[] {
  return [...(leaves.get(pid)?.keys() ?? [])].filter((vpn) => vpn >= start && vpn < end).sort((a, b) => a - b);
}

/** Frames whose number of mappings differs among those that the changed entries name. */
export function framesWithOtherCount(changes: readonly EntryChange[], before: Snapshot, after: Snapshot): Pfn[] {
  const frames = new Set<Pfn>();
  for (const change of changes) for (const entry of [change.before, change.after]) if (entry) frames.add(ptePfn(entry));
  return [...frames].filter((pfn) => (before.mappings.get(pfn) ?? 0) !== (after.mappings.get(pfn) ?? 0));
}
