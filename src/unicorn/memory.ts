/**
 * Memory as Unicorn's user maps it: regions with rights, whose pages get a frame when they are first touched. The CPU
 * sees them through a page table, which is filled by faults: one to one, or, with UC_TLB_VIRTUAL, as hooks translate.
 *
 * A page table cannot express memory that is writable or executable but not readable. Such pages stay out of it, and
 * are lent to it for single steps.
 */
import { PAGE, PAGE_SIZE, type Paddr, type Pfn, type Vpn } from '../base/ints.ts';
import type { Cpu } from '../cpu/run.ts';
import type { Frames } from '../mem/frames.ts';
import { BIT_NX, BIT_P, BIT_RW, BIT_US, PageTable } from '../mem/page-table.ts';
import * as uc from './constants.ts';
import { UnicornError } from './error.ts';

export interface MemRegion {
  readonly begin: bigint;
  /** Inclusive, as Unicorn has it. */
  readonly end: bigint;
  /** UC_PROT_*. */
  readonly perms: number;
}

/** Where a virtual page lies, and what may be done there. */
export interface TlbEntry {
  paddr: bigint;
  perms: number;
}

export type PageStatus = 'ok' | 'unmapped' | 'denied';

/** First address that cannot be mapped: user mode ends here. */
const END = 1n << 47n;
const { UC_ERR_ARG, UC_ERR_MAP, UC_ERR_NOMEM, UC_PROT_ALL, UC_PROT_EXEC, UC_PROT_READ, UC_PROT_WRITE } = uc;

const pageOf = (address: bigint): number => Number(address >> 12n);

export class GuestMemory {
  readonly #frames: Frames;
  readonly #cpu: Cpu;
  readonly #table: PageTable;
  /** In order, apart from each other. */
  #regions: MemRegion[] = [];
  /** Frames of the pages touched so far. */
  readonly #pages = new Map<number, Pfn>();
  /** Translates a virtual page; undefined: one to one. */
  #translate: ((page: bigint, access: number) => TlbEntry | undefined) | undefined;
  readonly #tlb = new Map<number, { page: number; perms: number }>();
  readonly #lent = new Set<number>();

  constructor(frames: Frames, cpu: Cpu) {
    const table = PageTable.create(frames);
    if (table === undefined) throw new UnicornError(UC_ERR_NOMEM);
    this.#frames = frames;
    this.#cpu = cpu;
    this.#table = table;
    cpu.switchTo(table.cr3);
  }
  get #cr3(): Paddr {
    return this.#table.cr3;
  }

  // ---- regions
  regions(): MemRegion[] {
    return [...this.#regions];
  }
  map(address: bigint, size: bigint, perms: number): void {
    if (size === 0n) throw new UnicornError(UC_ERR_ARG, 'nothing to map');
    const last = requirePages(address, size);
    requirePerms(perms);
    if (last >= END) throw new UnicornError(UC_ERR_ARG, 'addresses end at 2^47');
    if (this.#regions.some(({ begin, end }) => begin <= last && address <= end)) throw new UnicornError(UC_ERR_MAP);
    this.#regions.push({ begin: address, end: last, perms });
    this.#sort();
  }
  unmap(address: bigint, size: bigint): void {
    const last = requirePages(address, size);
    if (size === 0n) return;
    this.#requireMapped(address, last);
    this.#carve(address, last, undefined);
    this.#forget(address, last);
    const drop = (page: number, pfn: Pfn) => {
      this.#pages.delete(page);
      this.#frames.release(pfn);
    };
    const [first, end] = [pageOf(address), pageOf(last) + 1];
    if (end - first > this.#pages.size) {
      for (const [page, pfn] of this.#pages) if (page >= first && page < end) drop(page, pfn);
    } else {
      for (let page = first; page < end; page++) {
        const pfn = this.#pages.get(page);
        if (pfn !== undefined) drop(page, pfn);
      }
    }
  }
  protect(address: bigint, size: bigint, perms: number): void {
    const last = requirePages(address, size);
    requirePerms(perms);
    if (size === 0n) return;
    this.#requireMapped(address, last);
    this.#carve(address, last, perms);
    this.#forget(address, last);
  }
  #sort(): void {
    this.#regions.sort((a, b) => (a.begin < b.begin ? -1 : 1));
  }
  /** Gives what regions have in [first, last] other rights, or takes it away. */
  #carve(first: bigint, last: bigint, perms: number | undefined): void {
    this.#regions = this.#regions.flatMap((region) => {
      const { begin, end } = region;
      if (end < first || begin > last) return [region];
      const inside = { begin: begin > first ? begin : first, end: end < last ? end : last };
      return [
        ...(begin < first ? [{ ...region, end: first - 1n }] : []),
        ...(perms === undefined ? [] : [{ ...inside, perms }]),
        ...(end > last ? [{ ...region, begin: last + 1n }] : []),
      ];
    });
  }
  #find(address: bigint): MemRegion | undefined {
    let low = 0;
    let high = this.#regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#regions[middle].end < address) low = middle + 1;
      else high = middle;
    }
    const region = this.#regions[low];
    return region !== undefined && region.begin <= address ? region : undefined;
  }
  isMapped(first: bigint, last: bigint): boolean {
    for (let at = first; ; ) {
      const region = this.#find(at);
      if (region === undefined) return false;
      if (region.end >= last) return true;
      at = region.end + 1n;
    }
  }
  #requireMapped(first: bigint, last: bigint): void {
    if (!this.isMapped(first, last)) throw new UnicornError(UC_ERR_NOMEM, 'not all of it is mapped');
  }

  // ---- bytes
  /** Copies bytes out, whatever the rights. */
  read(address: bigint, size: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(size);
    if (size === 0) return bytes;
    if (!this.isMapped(address, address + BigInt(size) - 1n)) throw new UnicornError(uc.UC_ERR_READ_UNMAPPED);
    this.#pieces(address, size, (page, offset, start, length) => {
      const pfn = this.#pages.get(page);
      if (pfn === undefined) return;
      const from = pfn * PAGE_SIZE + offset;
      bytes.set(this.#frames.u8.subarray(from, from + length), start);
    });
    return bytes;
  }
  /** Copies bytes in, whatever the rights. Code that was made of what lay there is dropped. */
  write(address: bigint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (!this.isMapped(address, address + BigInt(bytes.length) - 1n)) throw new UnicornError(uc.UC_ERR_WRITE_UNMAPPED);
    this.#pieces(address, bytes.length, (page, offset, start, length) => {
      const pfn = this.#frameOf(page);
      this.#frames.bytesForWrite(pfn).set(bytes.subarray(start, start + length), offset);
    });
  }
  #pieces(address: bigint, size: number, visit: (page: number, offset: number, start: number, length: number) => void) {
    for (let start = 0; start < size; ) {
      const at = address + BigInt(start);
      const offset = Number(at & 0xfffn);
      const length = Math.min(size - start, PAGE_SIZE - offset);
      visit(pageOf(at), offset, start, length);
      start += length;
    }
  }
  #frameOf(page: number): Pfn {
    const known = this.#pages.get(page);
    if (known !== undefined) return known;
    const pfn = this.#frames.allocate();
    if (pfn === undefined) throw new UnicornError(UC_ERR_NOMEM, 'the memory limit is reached');
    this.#pages.set(page, pfn);
    return pfn;
  }

  // ---- the page table
  /** Translates by hooks from now on, or one to one again. */
  translateBy(translate: ((page: bigint, access: number) => TlbEntry | undefined) | undefined): void {
    this.#translate = translate;
    this.flushTlb();
  }
  flushTlb(): void {
    this.#tlb.clear();
    this.#table.unmapRange(0 as Vpn, (2 ** 35) as Vpn);
    this.#cpu.invalidateAll(this.#cr3);
  }
  #forget(first: bigint, last: bigint): void {
    if (this.#translate !== undefined) this.flushTlb();
    else {
      this.#table.unmapRange(pageOf(first) as Vpn, (pageOf(last) + 1) as Vpn);
      this.#cpu.invalidateAll(this.#cr3);
    }
  }
  /** The page that is accessed, with the rights there. */
  #lookUp(address: bigint, access: number): { page: number; perms: number } | undefined {
    if (this.#translate === undefined) {
      const region = this.#find(address);
      return region && { page: pageOf(address), perms: region.perms };
    }
    if (address >= END) return undefined;
    const known = this.#tlb.get(pageOf(address));
    if (known !== undefined) return known;
    const entry = this.#translate(address & ~0xfffn, access);
    const region = entry && this.#find(entry.paddr);
    if (entry === undefined || region === undefined) return undefined;
    const found = { page: pageOf(entry.paddr), perms: entry.perms & region.perms };
    this.#tlb.set(pageOf(address), found);
    return found;
  }
  /** What becomes of an access (UC_PROT_READ, WRITE or EXEC) to the page of an address. */
  check(address: bigint, access: number): PageStatus {
    const found = this.#lookUp(address, access);
    return found === undefined ? 'unmapped' : (found.perms & access) === access ? 'ok' : 'denied';
  }
  /**
   * Lets the CPU do an allowed access. False when a page table cannot say what is allowed there; `lend` opens the page
   * all the same, until `endLoans`.
   */
  open(address: bigint, access: number, lend = false): boolean {
    const found = this.#lookUp(address, access);
    if (found === undefined || (found.perms & access) !== access) return false;
    const isReadable = (found.perms & UC_PROT_READ) !== 0;
    if (!isReadable && !lend) return false;
    const perms = isReadable ? found.perms : UC_PROT_ALL;
    const vpn = pageOf(address) as Vpn;
    const slot = this.#table.find(vpn);
    if (slot !== 0 && this.#frames.u32[slot] !== 0) return true;
    if (!isReadable) this.#lent.add(vpn);
    const pfn = this.#frameOf(found.page);
    const bits = BIT_P | BIT_US | (perms & UC_PROT_WRITE ? BIT_RW : 0) | (perms & UC_PROT_EXEC ? 0 : BIT_NX);
    this.#frames.share(pfn);
    if (!this.#table.map(vpn, pfn, bits)) {
      this.#frames.release(pfn);
      throw new UnicornError(UC_ERR_NOMEM, 'the memory limit is reached');
    }
    return true;
  }
  endLoans(): void {
    if (this.#lent.size === 0) return;
    for (const vpn of this.#lent) {
      this.#table.unmap(vpn as Vpn);
      this.#cpu.invalidatePage(this.#cr3, BigInt(vpn) << 12n);
    }
    this.#lent.clear();
  }
}

/** The last address. */
function requirePages(address: bigint, size: bigint): bigint {
  if (address % PAGE !== 0n || size % PAGE !== 0n) throw new UnicornError(UC_ERR_ARG, 'not whole pages');
  const last = address + size - 1n;
  if (last >= 1n << 64n) throw new UnicornError(UC_ERR_ARG, 'beyond the address space');
  return last;
}
function requirePerms(perms: number): void {
  if ((perms & ~UC_PROT_ALL) !== 0) throw new UnicornError(UC_ERR_ARG, 'rights are a sum of UC_PROT_*');
}
