/**
 * What one process sees as memory: its areas, and the page table that the hardware walks. Tasks share one after vfork.
 * mmap(2), munmap(2), mprotect(2), brk(2), fork(2); mm/mmap.c, mm/mprotect.c, mm/memory.c (`copy_page_range`).
 */
import { EEXIST, ENOMEM, EPERM, type Errno } from '../../abi/errno.ts';
import { PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { PAGE_SIZE, type Paddr, pageUp, type Vaddr, type Vpn, vaddrOf, vpnOf } from '../../base/ints.ts';
import { invariant } from '../../base/invariant.ts';
import type { Frames } from '../../mem/frames.ts';
import type { Access } from '../../mem/mmu.ts';
import { BIT_A, BIT_COW, BIT_D, BIT_RW, PageTable, type Slot, setSlot, slotBits, slotPfn } from '../../mem/page-table.ts'; // biome-ignore format: one line
import type { Backing } from './backing.ts';
import { describeMaps } from './describe.ts';
import { type FaultResult, leafBits, resolveFault } from './fault.ts';
import type { MmHost } from './host.ts';
import { LOW_2G, MAX_AREAS, MIN_PAGE, MMAP_BASE, STACK_GUARD_PAGES, STACK_LIMIT_PAGES, USER_END } from './limits.ts';
import { type PageRange, type Vma, VmaList } from './vma.ts';

/** Above this many changed entries the CPU forgets the whole address space instead of page by page. */
const MANY_PAGES = 64;

/** What mmap(2) asks for, checked and in pages. */
export interface MapRequest {
  readonly pages: number;
  /** Where: exactly there (over what is there), exactly there if free, or near there. */
  readonly at?: { readonly vpn: Vpn; readonly how: 'fixed' | 'noreplace' | 'hint' };
  readonly below2G?: boolean;
  readonly prot: number;
  readonly shared: boolean;
  readonly growsDown?: boolean;
  readonly backing?: Backing | undefined;
  readonly offset?: number;
}

export class AddressSpace {
  readonly host: MmHost;
  readonly frames: Frames;
  readonly pageTable: PageTable;
  readonly vmas: VmaList = new VmaList();
  /** The heap is [brkStart, brk), in bytes. */
  brkStart = 0n as Vaddr;
  brk = 0n as Vaddr;
  /** RSP at the start, for the name [stack]. */
  stackStart = 0n as Vaddr;
  #users = 1;

  private constructor(host: MmHost, pageTable: PageTable) {
    this.host = host;
    this.frames = host.frames;
    this.pageTable = pageTable;
  }

  /** An empty one with one user; undefined when memory is used up. */
  static create(host: MmHost): AddressSpace | undefined {
    const pageTable = PageTable.create(host.frames);
    return pageTable && new AddressSpace(host, pageTable);
  }

  get cr3(): Paddr {
    return this.pageTable.cr3;
  }

  get users(): number {
    return this.#users;
  }

  retain(): void {
    this.#users++;
  }

  /** One user less; after the last, every frame and table is given back. */
  release(): void {
    invariant(this.#users > 0, 'release of a dead address space');
    if (--this.#users > 0) return;
    this.host.cpu.forgetAddressSpace(this.cr3);
    this.pageTable.destroy();
    this.vmas.remove(0 as Vpn, USER_END);
  }

  /** Adds an area. Nothing is mapped to frames before it is touched. */
  map(request: MapRequest): Vaddr | Errno {
    const { pages, at, prot, shared, growsDown = false, backing, offset = 0 } = request;
    if (pages > USER_END || this.vmas.length >= MAX_AREAS) return ENOMEM;
    let start = at?.vpn;
    if (at !== undefined && at.how !== 'hint') {
      if (at.vpn + pages > USER_END) return ENOMEM;
      if (at.vpn < MIN_PAGE) return EPERM;
      if (at.how === 'noreplace' && this.vmas.overlaps(at.vpn, at.vpn + pages)) return EEXIST;
    }
    if (!this.#affordable(pages, prot)) return ENOMEM;
    if (at === undefined || at.how === 'hint') start = this.#place(pages, at?.vpn, request.below2G ?? false);
    if (start === undefined) return ENOMEM;
    const end = (start + pages) as Vpn;
    if (at?.how === 'fixed') this.unmap({ start, end });
    this.vmas.insert({ start, end, prot, shared, growsDown, backing, offset });
    return vaddrOf(start);
  }

  /** Removes what is mapped in the range; holes do not matter. */
  unmap({ start, end }: PageRange): void {
    if (this.vmas.remove(start, end).length === 0) return;
    const gone: Vpn[] = [];
    this.pageTable.unmapRange(start, end, (vpn) => {
      if (gone.length <= MANY_PAGES) gone.push(vpn);
    });
    this.#invalidate(gone);
  }

  /** Other rights for a range. ENOMEM at the first hole: what lies before it has been changed, as on Linux. */
  protect({ start, end }: PageRange, prot: number): Errno | undefined {
    let reached = start;
    const changed: Vpn[] = [];
    for (const vma of this.vmas.within(start, end)) {
      if (vma.start > reached) break;
      const stop = Math.min(vma.end, end) as Vpn;
      if (vma.prot !== prot) {
        this.pageTable.forEach(reached, stop, (vpn, slot) => {
          this.#protectLeaf(slot, vma.shared, prot);
          if (changed.length <= MANY_PAGES) changed.push(vpn);
        });
        this.vmas.setProt(reached, stop, prot);
      }
      reached = stop;
    }
    this.#invalidate(changed);
    return reached < end ? ENOMEM : undefined;
  }

  #protectLeaf(slot: Slot, shared: boolean, prot: number): void {
    const pfn = slotPfn(this.frames, slot);
    let bits = leafBits(prot) | (slotBits(this.frames, slot) & (BIT_A | BIT_D));
    if (prot & PROT_WRITE) bits |= shared || this.frames.references(pfn) === 1 ? BIT_RW : BIT_COW;
    setSlot(this.frames, slot, pfn, bits);
  }

  /** Moves the end of the heap; the result is where it is now, moved or not. */
  setBrk(address: bigint): Vaddr {
    if (address < this.brkStart) return this.brk;
    const oldEnd = vpnOf(pageUp(this.brk));
    const newEnd = Number(pageUp(address) >> 12n) as Vpn;
    if (newEnd < oldEnd) this.unmap({ start: newEnd, end: oldEnd });
    if (newEnd > oldEnd) {
      const prot = PROT_READ | PROT_WRITE;
      const next = this.vmas.findNext(oldEnd);
      const room = next === undefined ? USER_END : next.start - (next.growsDown ? STACK_GUARD_PAGES : 1);
      if (newEnd > room || !this.#affordable(newEnd - oldEnd, prot)) return this.brk;
      this.vmas.insert({
        start: oldEnd,
        end: newEnd,
        prot,
        shared: false,
        growsDown: false,
        backing: undefined,
        offset: 0,
      });
    }
    this.brk = address as Vaddr;
    return this.brk;
  }

  /** A touch below the stack: extends it to this page if its limit and the guard gap allow. */
  growStack(vpn: Vpn): Vma | undefined {
    const vma = this.vmas.findNext(vpn);
    if (!vma?.growsDown || vma.end - vpn > STACK_LIMIT_PAGES || vpn < MIN_PAGE) return undefined;
    const below = this.vmas.findPrevious(vpn);
    if (below !== undefined && below.prot !== 0 && !below.growsDown && vpn - below.end < STACK_GUARD_PAGES)
      return undefined;
    return this.vmas.extendDown(vma, vpn);
  }

  /**
   * A copy for a child: the same areas; private writable pages become read-only and copy-on-write on both sides,
   * shared ones stay writable. The child's entries start with A clear, shared ones with D clear. ENOMEM undoes all.
   * Linux copies no entry that a fault of the child would find again (`vma_needs_copy`: shared areas, files never
   * written); here all are copied, so that the fork itself shows what is shared, and the child has fewer minor faults.
   */
  fork(): AddressSpace | Errno {
    const child = AddressSpace.create(this.host);
    if (child === undefined) return ENOMEM;
    child.brkStart = this.brkStart;
    child.brk = this.brk;
    child.stackStart = this.stackStart;
    let changed = 0;
    for (const vma of this.vmas) {
      child.vmas.insert(vma);
      const copied = this.#copyEntries(vma, child.pageTable);
      if (copied === undefined) {
        this.host.cpu.invalidateAll(this.cr3);
        child.release();
        return ENOMEM;
      }
      changed += copied;
    }
    if (changed > 0) this.host.cpu.invalidateAll(this.cr3);
    this.host.cpu.cloneAddressSpace(this.cr3, child.cr3);
    return child;
  }

  /** Entries of the parent that lost write permission; undefined when memory is used up. */
  #copyEntries(vma: Vma, table: PageTable): number | undefined {
    const { frames } = this;
    const cleared = vma.shared ? BIT_A | BIT_D : BIT_A;
    let changed = 0;
    let full = false;
    let lastSlot = 0;
    let lastVpn = -1;
    this.pageTable.forEach(vma.start, vma.end, (vpn, slot) => {
      if (full) return;
      const sameTable = vpn >>> 9 === lastVpn >>> 9 && vpn - lastVpn < 512 && lastVpn >= 0;
      const to = sameTable ? lastSlot + (vpn - lastVpn) * 2 : table.ensure(vpn);
      if (to === 0) {
        full = true;
        return;
      }
      lastSlot = to;
      lastVpn = vpn;
      const u32 = frames.u32;
      let low = u32[slot];
      if (!vma.shared && low & BIT_RW) {
        low = (low & ~BIT_RW) | BIT_COW;
        u32[slot] = low;
        changed++;
      }
      frames.share(slotPfn(frames, slot));
      u32[to] = low & ~cleared;
      u32[to + 1] = u32[slot + 1];
    });
    return full ? undefined : changed;
  }

  /** Makes an access possible; tells the observer. */
  fault(address: bigint, access: Access): FaultResult {
    const observe = this.host.onFault;
    if (observe === undefined) return resolveFault(this, address, access);
    const vpn = vpnOf(address);
    const entry = (): bigint => {
      const slot = this.pageTable.find(vpn);
      return slot === 0 ? 0n : this.frames.u64[slot >> 1];
    };
    const before = entry();
    const result = resolveFault(this, address, access);
    observe(this, address, access, before, entry(), result);
    return result;
  }

  /** Lines as in /proc/PID/maps. */
  describe(): string {
    return describeMaps(this);
  }

  /** The highest gap that is large enough, below `MMAP_BASE`; a usable hint wins. */
  #place(pages: number, hint: Vpn | undefined, below2G: boolean): Vpn | undefined {
    if (hint !== undefined && hint >= MIN_PAGE && hint + pages <= USER_END && this.#isFree(hint, pages)) return hint;
    if (below2G) return this.#placeUpwards(pages, LOW_2G);
    let end: number = MMAP_BASE;
    for (;;) {
      const above = this.vmas.findNext(end);
      if (above?.growsDown && above.start >= end) end = Math.min(end, above.start - STACK_GUARD_PAGES);
      const start = end - pages;
      if (start < MIN_PAGE) return this.#placeUpwards(pages, { start: MMAP_BASE, end: USER_END });
      const below = this.vmas.find(end - 1) ?? this.vmas.findPrevious(end);
      if (below === undefined || below.end <= start) return start as Vpn;
      end = below.start - (below.growsDown ? STACK_GUARD_PAGES : 0);
    }
  }

  #placeUpwards(pages: number, { start, end }: PageRange): Vpn | undefined {
    for (let at = start; at + pages <= end; ) {
      if (this.#isFree(at, pages)) return at;
      const next = this.vmas.findNext(at);
      if (next === undefined) return undefined;
      at = next.end;
    }
    return undefined;
  }

  #isFree(start: Vpn, pages: number): boolean {
    const next = this.vmas.findNext(start);
    return next === undefined || start + pages <= next.start - (next.growsDown ? STACK_GUARD_PAGES : 0);
  }

  /** vm.overcommit_memory = 0: only what could never fit in the machine is refused. */
  #affordable(pages: number, prot: number): boolean {
    return !(prot & PROT_WRITE) || pages <= this.frames.limit;
  }

  #invalidate(pages: readonly Vpn[]): void {
    const { cpu } = this.host;
    if (pages.length > MANY_PAGES) cpu.invalidateAll(this.cr3);
    else for (const vpn of pages) cpu.invalidatePage(this.cr3, vaddrOf(vpn));
  }

  /** Bytes that the areas cover. */
  sizeBytes(): number {
    let pages = 0;
    for (const vma of this.vmas) pages += vma.end - vma.start;
    return pages * PAGE_SIZE;
  }
}
