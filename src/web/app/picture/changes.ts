/**
 * What differs between two views of one run: entries, frames and bytes. Only that is loud in the picture. An entry that a
 * view does not list (an area with many pages) is not compared.
 */
import { PTE_A, PTE_D, type Pte } from '../../../mem/pte.ts';
import type { AreaModel, MachineView, PageModel, ProcessModel } from '../../protocol.ts';

export interface EntryChange {
  readonly before: Pte;
  readonly after: Pte;
}

export interface Changes {
  /** By process and page: `100:7ffff7ffe000`. */
  readonly entries: ReadonlyMap<string, EntryChange>;
  readonly newFrames: ReadonlySet<number>;
  /** By frame: offsets of bytes that are other ones now. */
  readonly bytes: ReadonlyMap<number, ReadonlySet<number>>;
  /** By frame, how many mappings it had; only where that is another number now. */
  readonly mappings: ReadonlyMap<number, number>;
}

export const NO_CHANGES: Changes = {
  entries: new Map(),
  newFrames: new Set(),
  bytes: new Map(),
  mappings: new Map(),
};

export const pageKey = (pid: number, address: bigint): string => `${pid}:${address.toString(16)}`;

export function findChanges(before: MachineView | undefined, after: MachineView): Changes {
  if (before === undefined || before === after) return NO_CHANGES;
  const entries = new Map<string, EntryChange>();
  for (const now of after.processes) {
    const was = before.processes.find(({ pid }) => pid === now.pid);
    // A process that is new has no entry that was another one.
    if (was?.space === undefined || now.space === undefined) continue;
    compareSpaces(was, now, entries);
  }
  const framesBefore = new Map(before.frames.map((frame) => [frame.pfn, frame]));
  const newFrames = new Set<number>();
  const bytes = new Map<number, ReadonlySet<number>>();
  const mappings = new Map<number, number>();
  for (const frame of after.frames) {
    const was = framesBefore.get(frame.pfn);
    if (was === undefined) {
      newFrames.add(frame.pfn);
      continue;
    }
    if (was.mappings.length !== frame.mappings.length) mappings.set(frame.pfn, was.mappings.length);
    if (was.bytes === undefined || frame.bytes === undefined) continue;
    const changed = changedBytes(was.bytes, frame.bytes);
    if (changed.size > 0) bytes.set(frame.pfn, changed);
  }
  return { entries, newFrames, bytes, mappings };
}

function compareSpaces(was: ProcessModel, now: ProcessModel, entries: Map<string, EntryChange>): void {
  const [areasBefore, areasNow] = [was.space!.areas, now.space!.areas];
  const old = new Map(areasBefore.flatMap(({ pages }) => pages.map((page) => [page.address, page])));
  for (const area of areasNow)
    for (const { address, entry } of area.pages) {
      const known = old.get(address);
      old.delete(address);
      if (known === undefined && !isListed(areasBefore, address)) continue;
      const before = known?.entry ?? 0n;
      if (isOther(before, entry)) entries.set(pageKey(now.pid, address), { before, after: entry });
    }
  for (const { address, entry } of old.values())
    if (isListed(areasNow, address)) entries.set(pageKey(now.pid, address), { before: entry, after: 0n });
}

/** That A and D are set happens all the time, and tells of no event. */
const isOther = (a: Pte, b: Pte): boolean => (a & ~(PTE_A | PTE_D)) !== (b & ~(PTE_A | PTE_D));

/** The view would list an entry for this page if there were one. */
export const isListed = (areas: readonly AreaModel[], address: bigint): boolean => {
  const area = areas.find(({ start, end }) => start <= address && address < end);
  return area === undefined || isWithinList(area, address);
};

export function isWithinList({ pages, present }: AreaModel, address: bigint): boolean {
  if (pages.length === present) return true;
  const [first, last] = [pages[0], pages.at(-1)] as readonly (PageModel | undefined)[];
  return first !== undefined && last !== undefined && first.address <= address && address <= last.address;
}

function changedBytes(before: Uint8Array, after: Uint8Array): ReadonlySet<number> {
  const changed = new Set<number>();
  for (let i = 0; i < after.length; i++) if (before[i] !== after[i]) changed.add(i);
  return changed;
}
