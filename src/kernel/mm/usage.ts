/**
 * How much memory an address space has, and with whom it shares it: what /proc/PID/smaps, status, statm and pagemap say.
 * fs/proc/task_mmu.c (`smaps_account`, `pte_to_pagemap_entry`, `task_mem`). Everything is read from the entries and the
 * frames' reference counts at the time of asking; peaks alone are kept. The frame of zeros counts nowhere, as on Linux.
 */
import { PROT_EXEC, PROT_WRITE } from '../../abi/mman.ts';
import { PAGE_SIZE, type Pfn, type Vpn } from '../../base/ints.ts';
import { BIT_A, BIT_D, type Slot, slotBits, slotPfn } from '../../mem/page-table.ts';
import type { AddressSpace } from './address-space.ts';
import { VM_LOCKED } from './vm-flags.ts';
import type { PageRange, Vma } from './vma.ts';

/** Bytes, all multiples of a page but the proportional ones. */
export interface AreaUsage {
  rss: number;
  /** Each page divided by how many entries map it. */
  pss: number;
  pssDirty: number;
  pssAnon: number;
  pssFile: number;
  pssShmem: number;
  locked: number;
  sharedClean: number;
  sharedDirty: number;
  privateClean: number;
  privateDirty: number;
  referenced: number;
  anonymous: number;
  lazyFree: number;
}

export const NO_USAGE: AreaUsage = {
  rss: 0, pss: 0, pssDirty: 0, pssAnon: 0, pssFile: 0, pssShmem: 0, locked: 0, sharedClean: 0, sharedDirty: 0,
  privateClean: 0, privateDirty: 0, referenced: 0, anonymous: 0, lazyFree: 0,
}; // biome-ignore format: a list

/** Whether a page is an area's own, of a file, or shared memory that is no file's. */
export type PageKind = 'anon' | 'file' | 'shmem';

/** A page that an entry of an area maps. */
export interface MappedPage {
  readonly vpn: Vpn;
  readonly pfn: Pfn;
  readonly kind: PageKind;
  /** Entries that map it, in all address spaces. */
  readonly mappings: number;
  readonly isDirty: boolean;
  readonly isReferenced: boolean;
}

/** Calls `visit` for every page that is there, hidden by PROT_NONE or not; those of the frame of zeros aside. */
export function forEachPage(space: AddressSpace, vma: Vma, range: PageRange, visit: (page: MappedPage) => void): void {
  const { zeroFrame } = space.host;
  const start = Math.max(vma.start, range.start) as Vpn;
  space.pageTable.forEach(start, Math.min(vma.end, range.end) as Vpn, (vpn, slot) => {
    if (slotPfn(space.frames, slot) !== zeroFrame) visit(pageAt(space, vma, vpn, slot));
  });
}

function pageAt({ frames }: AddressSpace, vma: Vma, vpn: Vpn, slot: Slot): MappedPage {
  const pfn = slotPfn(frames, slot);
  const bits = slotBits(frames, slot);
  const { backing } = vma;
  const index = vma.offset + (vpn - vma.start);
  const isCached = backing !== undefined && (vma.shared || backing.findPage(index) === pfn);
  return {
    vpn,
    pfn,
    kind: !isCached ? 'anon' : backing.isFile ? 'file' : 'shmem',
    // A page cache holds one of the references.
    mappings: Math.max(1, frames.references(pfn) - (isCached ? 1 : 0)),
    isDirty: (bits & BIT_D) !== 0 || (isCached && backing.isPageDirty(index)),
    isReferenced: (bits & BIT_A) !== 0,
  };
}

export function areaUsage(space: AddressSpace, vma: Vma): AreaUsage {
  const usage = { ...NO_USAGE };
  forEachPage(space, vma, vma, ({ kind, mappings, isDirty, isReferenced }) => {
    const part = PAGE_SIZE / mappings;
    usage.rss += PAGE_SIZE;
    usage.pss += part;
    if (kind === 'anon') usage.pssAnon += part;
    else if (kind === 'file') usage.pssFile += part;
    else usage.pssShmem += part;
    if (vma.flags & VM_LOCKED) usage.locked += part;
    if (isDirty) usage.pssDirty += part;
    if (isReferenced) usage.referenced += PAGE_SIZE;
    if (kind === 'anon') usage.anonymous += PAGE_SIZE;
    if (kind === 'anon' && !isDirty) usage.lazyFree += PAGE_SIZE;
    if (mappings > 1) usage[isDirty ? 'sharedDirty' : 'sharedClean'] += PAGE_SIZE;
    else usage[isDirty ? 'privateDirty' : 'privateClean'] += PAGE_SIZE;
  });
  return usage;
}

export function addUsage(x: AreaUsage, y: AreaUsage): AreaUsage {
  const sum = { ...x };
  for (const key of Object.keys(y) as (keyof AreaUsage)[]) sum[key] += y[key];
  return sum;
}

export function spaceUsage(space: AddressSpace): AreaUsage {
  return [...space.vmas].map((vma) => areaUsage(space, vma)).reduce(addUsage, NO_USAGE);
}

/** What /proc/PID/status and statm say, in bytes: `VmSize` and its neighbours. */
export interface SpaceSizes {
  readonly size: number;
  readonly peakSize: number;
  readonly locked: number;
  readonly resident: number;
  readonly peakResident: number;
  readonly residentAnon: number;
  readonly residentFile: number;
  readonly residentShmem: number;
  /** Private and writable, stacks aside. */
  readonly data: number;
  readonly stack: number;
  /** Executable and not writable: VmExe and VmLib together. */
  readonly executable: number;
  /** All levels but the root. */
  readonly pageTables: number;
}

export function spaceSizes(space: AddressSpace): SpaceSizes {
  const { vmas } = space;
  const resident = { anon: 0, file: 0, shmem: 0 };
  let stack = 0;
  let executable = 0;
  for (const vma of vmas) {
    const pages = vma.end - vma.start;
    if (vma.growsDown) stack += pages;
    else if (vma.prot & PROT_EXEC && !(vma.prot & PROT_WRITE) && !vma.shared) executable += pages;
    forEachPage(space, vma, vma, ({ kind }) => {
      resident[kind]++;
    });
  }
  const bytes = (pages: number) => pages * PAGE_SIZE;
  return {
    size: bytes(vmas.pages),
    peakSize: bytes(space.peakPages),
    locked: bytes(vmas.lockedPages),
    resident: bytes(resident.anon + resident.file + resident.shmem),
    peakResident: bytes(space.peakResidentPages),
    residentAnon: bytes(resident.anon),
    residentFile: bytes(resident.file),
    residentShmem: bytes(resident.shmem),
    data: bytes(vmas.dataPages),
    stack: bytes(stack),
    executable: bytes(executable),
    pageTables: bytes(space.pageTable.tableFrames() - 1),
  };
}

const PM_MMAP_EXCLUSIVE = 1n << 56n;
const PM_FILE = 1n << 61n;
const PM_PRESENT = 1n << 63n;

/** Entries of /proc/PID/pagemap, one for each page of a range: the frame's number, and what it is. 0: no page. */
export function pagemap(space: AddressSpace, { start, end }: PageRange): BigUint64Array {
  const entries = new BigUint64Array(end - start);
  const { zeroFrame } = space.host;
  for (const vma of space.vmas.within(start, end)) {
    const from = Math.max(vma.start, start) as Vpn;
    space.pageTable.forEach(from, Math.min(vma.end, end) as Vpn, (vpn, slot) => {
      const { pfn, kind, mappings } = pageAt(space, vma, vpn, slot);
      let entry = PM_PRESENT | BigInt(pfn);
      if (pfn !== zeroFrame && kind !== 'anon') entry |= PM_FILE;
      if (pfn !== zeroFrame && mappings === 1) entry |= PM_MMAP_EXCLUSIVE;
      entries[vpn - start] = entry;
    });
  }
  return entries;
}
