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
  private readonly _frames: Frames;
  private readonly _cpu: Cpu;
  private readonly _table: PageTable;
  /** In order, apart from each other. */
  private _regions: MemRegion[] = [];
  /** Frames of the pages touched so far. */
  private readonly _pages = new Map<number, Pfn>();
  /** Translates a virtual page; undefined: one to one. */
  private _translate: ((page: bigint, access: number) => TlbEntry | undefined) | undefined;
  private readonly _tlb = new Map<number, { page: number; perms: number }>();
  private readonly _lent = new Set<number>();

  constructor(frames: Frames, cpu: Cpu) {
    const table = PageTable.create(frames);
    if (table === undefined) throw new UnicornError(UC_ERR_NOMEM);
    this._frames = frames;
    this._cpu = cpu;
    this._table = table;
    cpu.switchTo(table.cr3);
  }
  private get _cr3(): Paddr {
    return this._table.cr3;
  }

  // ---- regions
  regions(): MemRegion[] {
    return [...this._regions];
  }
  map(address: bigint, size: bigint, perms: number): void {
    if (size === 0n) throw new UnicornError(UC_ERR_ARG, 'nothing to map');
    const last = requirePages(address, size);
    requirePerms(perms);
    if (last >= END) throw new UnicornError(UC_ERR_ARG, 'addresses end at 2^47');
    if (this._regions.some(({ begin, end }) => begin <= last && address <= end)) throw new UnicornError(UC_ERR_MAP);
    this._regions.push({ begin: address, end: last, perms });
    this._sort();
  }
  unmap(address: bigint, size: bigint): void {
    const last = requirePages(address, size);
    if (size === 0n) return;
    this._requireMapped(address, last);
    this._carve(address, last, undefined);
    this._forget(address, last);
    const drop = (page: number, pfn: Pfn) => {
      this._pages.delete(page);
      this._frames.release(pfn);
    };
    const [first, end] = [pageOf(address), pageOf(last) + 1];
    if (end - first > this._pages.size) {
      for (const [page, pfn] of this._pages) if (page >= first && page < end) drop(page, pfn);
    } else {
      for (let page = first; page < end; page++) {
        const pfn = this._pages.get(page);
        if (pfn !== undefined) drop(page, pfn);
      }
    }
  }
  protect(address: bigint, size: bigint, perms: number): void {
    const last = requirePages(address, size);
    requirePerms(perms);
    if (size === 0n) return;
    this._requireMapped(address, last);
    this._carve(address, last, perms);
    this._forget(address, last);
  }
  private _sort(): void {
    this._regions.sort((a, b) => (a.begin < b.begin ? -1 : 1));
  }
  /** Gives what regions have in [first, last] other rights, or takes it away. */
  private _carve(first: bigint, last: bigint, perms: number | undefined): void {
    this._regions = this._regions.flatMap((region) => {
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
  private _find(address: bigint): MemRegion | undefined {
    let low = 0;
    let high = this._regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this._regions[middle].end < address) low = middle + 1;
      else high = middle;
    }
    const region = this._regions[low];
    return region !== undefined && region.begin <= address ? region : undefined;
  }
  isMapped(first: bigint, last: bigint): boolean {
    for (let at = first; ; ) {
      const region = this._find(at);
      if (region === undefined) return false;
      if (region.end >= last) return true;
      at = region.end + 1n;
    }
  }
  private _requireMapped(first: bigint, last: bigint): void {
    if (!this.isMapped(first, last)) throw new UnicornError(UC_ERR_NOMEM, 'not all of it is mapped');
  }

  // ---- bytes
  /** Copies bytes out, whatever the rights. */
  read(address: bigint, size: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(size);
    if (size === 0) return bytes;
    if (!this.isMapped(address, address + BigInt(size) - 1n)) throw new UnicornError(uc.UC_ERR_READ_UNMAPPED);
    this._pieces(address, size, (page, offset, start, length) => {
      const pfn = this._pages.get(page);
      if (pfn === undefined) return;
      const from = pfn * PAGE_SIZE + offset;
      bytes.set(this._frames.u8.subarray(from, from + length), start);
    });
    return bytes;
  }
  /** Copies bytes in, whatever the rights. Code that was made of what lay there is dropped. */
  write(address: bigint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (!this.isMapped(address, address + BigInt(bytes.length) - 1n)) throw new UnicornError(uc.UC_ERR_WRITE_UNMAPPED);
    this._pieces(address, bytes.length, (page, offset, start, length) => {
      const pfn = this._frameOf(page);
      this._frames.bytesForWrite(pfn).set(bytes.subarray(start, start + length), offset);
    });
  }
  private _pieces(
    address: bigint,
    size: number,
    visit: (page: number, offset: number, start: number, length: number) => void,
  ) {
    for (let start = 0; start < size; ) {
      const at = address + BigInt(start);
      const offset = Number(at & 0xfffn);
      const length = Math.min(size - start, PAGE_SIZE - offset);
      visit(pageOf(at), offset, start, length);
      start += length;
    }
  }
  private _frameOf(page: number): Pfn {
    const known = this._pages.get(page);
    if (known !== undefined) return known;
    const pfn = this._frames.allocate();
    if (pfn === undefined) throw new UnicornError(UC_ERR_NOMEM, 'the memory limit is reached');
    this._pages.set(page, pfn);
    return pfn;
  }

  // ---- the page table
  /** Translates by hooks from now on, or one to one again. */
  translateBy(translate: ((page: bigint, access: number) => TlbEntry | undefined) | undefined): void {
    this._translate = translate;
    this.flushTlb();
  }
  flushTlb(): void {
    this._tlb.clear();
    this._table.unmapRange(0 as Vpn, (2 ** 35) as Vpn);
    this._cpu.invalidateAll(this._cr3);
  }
  private _forget(first: bigint, last: bigint): void {
    if (this._translate !== undefined) this.flushTlb();
    else {
      this._table.unmapRange(pageOf(first) as Vpn, (pageOf(last) + 1) as Vpn);
      this._cpu.invalidateAll(this._cr3);
    }
  }
  /** The page that is accessed, with the rights there. */
  private _lookUp(address: bigint, access: number): { page: number; perms: number } | undefined {
    if (this._translate === undefined) {
      const region = this._find(address);
      return region && { page: pageOf(address), perms: region.perms };
    }
    if (address >= END) return undefined;
    const known = this._tlb.get(pageOf(address));
    if (known !== undefined) return known;
    const entry = this._translate(address & ~0xfffn, access);
    const region = entry && this._find(entry.paddr);
    if (entry === undefined || region === undefined) return undefined;
    const found = { page: pageOf(entry.paddr), perms: entry.perms & region.perms };
    this._tlb.set(pageOf(address), found);
    return found;
  }
  /** What becomes of an access (UC_PROT_READ, WRITE or EXEC) to the page of an address. */
  check(address: bigint, access: number): PageStatus {
    const found = this._lookUp(address, access);
    return found === undefined ? 'unmapped' : (found.perms & access) === access ? 'ok' : 'denied';
  }
  /**
   * Lets the CPU do an allowed access. False when a page table cannot say what is allowed there; `lend` opens the page
   * all the same, until `endLoans`.
   */
  open(address: bigint, access: number, lend = false): boolean {
    const found = this._lookUp(address, access);
    if (found === undefined || (found.perms & access) !== access) return false;
    const isReadable = (found.perms & UC_PROT_READ) !== 0;
    if (!isReadable && !lend) return false;
    const perms = isReadable ? found.perms : UC_PROT_ALL;
    const vpn = pageOf(address) as Vpn;
    const slot = this._table.find(vpn);
    if (slot !== 0 && this._frames.u32[slot] !== 0) return true;
    if (!isReadable) this._lent.add(vpn);
    const pfn = this._frameOf(found.page);
    const bits = BIT_P | BIT_US | (perms & UC_PROT_WRITE ? BIT_RW : 0) | (perms & UC_PROT_EXEC ? 0 : BIT_NX);
    this._frames.share(pfn);
    if (!this._table.map(vpn, pfn, bits)) {
      this._frames.release(pfn);
      throw new UnicornError(UC_ERR_NOMEM, 'the memory limit is reached');
    }
    return true;
  }
  endLoans(): void {
    if (this._lent.size === 0) return;
    for (const vpn of this._lent) {
      this._table.unmap(vpn as Vpn);
      this._cpu.invalidatePage(this._cr3, BigInt(vpn) << 12n);
    }
    this._lent.clear();
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
