/** All leaf entries of all processes at one moment, and what differs between two. */
import { type Pfn, type Vpn, vaddrOf, vpnOf } from '../base/ints.ts';
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

/**
 * The snapshot with one leaf of one address space changed: what a page fault does, without reading everything anew. The
 * maps are the old one's and change, too.
 */
export function withChange(
  snapshot: Snapshot,
  users: Iterable<Process>,
  { address, before, after }: EntryChange,
): Snapshot {
  const leaves = snapshot.leaves as Map<number, Map<Vpn, Pte>>;
  const mappings = snapshot.mappings as Map<Pfn, number>;
  for (const { pid } of users) leaves.get(pid)?.set(vpnOf(address), after);
  const count = (entry: Pte, by: number): void => {
    if (entry === 0n) return;
    const now = (mappings.get(ptePfn(entry)) ?? 0) + by;
    if (now > 0) mappings.set(ptePfn(entry), now);
    else mappings.delete(ptePfn(entry));
  };
  count(before, -1);
  count(after, 1);
  return snapshot;
}

/** Entries of living processes that differ by more than A and D, by process and address. */
export function compareEntries(before: Snapshot, after: Snapshot): EntryChange[] {
  const changes: EntryChange[] = [];
  for (const [pid, own] of after.leaves) {
    const old = before.leaves.get(pid) ?? new Map<Vpn, Pte>();
    for (const vpn of [...new Set([...old.keys(), ...own.keys()])].sort((a, b) => a - b)) {
      const [was, is] = [old.get(vpn) ?? 0n, own.get(vpn) ?? 0n];
      if (!isSameEntry(was, is)) changes.push({ pid, address: vaddrOf(vpn), before: was, after: is });
    }
  }
  return changes;
}

const USE_BITS = BigInt(BIT_A | BIT_D);
/** But for A and D. */
export const isSameEntry = (a: Pte, b: Pte): boolean => (a & ~USE_BITS) === (b & ~USE_BITS);

/** The process's pages of an area that have an entry, by address. */
export function leavesWithin({ leaves }: Snapshot, pid: number, { start, end }: Pick<Vma, 'start' | 'end'>): Vpn[] {
  return [...(leaves.get(pid)?.keys() ?? [])].filter((vpn) => vpn >= start && vpn < end).sort((a, b) => a - b);
}

/** Frames that the entries led to or lead to. */
export function framesOf(changes: readonly EntryChange[]): Pfn[] {
  const entries = changes.flatMap(({ before, after }) => [before, after]).filter((entry) => entry !== 0n);
  return [...new Set(entries.map(ptePfn))];
}

/** Frames whose number of mappings differs among those that the changed entries name. */
export function framesWithOtherCount(
  changes: readonly EntryChange[],
  before: Pick<Snapshot, 'mappings'>,
  after: Snapshot,
): Pfn[] {
  return framesOf(changes).filter((pfn) => (before.mappings.get(pfn) ?? 0) !== (after.mappings.get(pfn) ?? 0));
}
