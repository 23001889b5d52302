/**
 * What one process sees as memory: its areas, and the page table that the hardware walks. Tasks share one after vfork.
 * mmap(2), munmap(2), mprotect(2), brk(2); mm/mmap.c, mm/vma.c, mm/mprotect.c. What fork(2), mremap(2), madvise(2) and
 * mlock(2) do to it is in the files beside this one.
 */
import { EACCES, EEXIST, ENOMEM, Errno } from '../../abi/errno.ts';
import { PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { RLIMIT_DATA, RLIMIT_STACK } from '../../abi/resource.ts';
import { type Paddr, pageUp, type Vaddr, type Vpn, vaddrOf, vpnOf } from '../../base/ints.ts';
import { invariant } from '../../base/invariant.ts';
import type { Frames } from '../../mem/frames.ts';
import type { Access } from '../../mem/mmu.ts';
import { BIT_A, BIT_COW, BIT_D, BIT_RW, PageTable, type Slot, setSlot, slotBits, slotPfn } from '../../mem/page-table.ts'; // biome-ignore format: one line
import type { RegularFile } from '../vfs/inode.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { isAccountable, isEnoughMemory, limitPages, mayExpand, mayLockMore } from './accounting.ts';
import type { Backing } from './backing.ts';
import { describeMaps } from './describe.ts';
import { type FaultResult, leafBits, resolveFault } from './fault.ts';
import { forkSpace } from './fork.ts';
import type { MmHost } from './host.ts';
import { MAX_AREAS, MIN_PAGE, STACK_GUARD_PAGES, USER_END } from './limits.ts';
import { type Place, placeArea, startWithGap } from './placement.ts';
import { VM_ACCOUNT, VM_MAY_ALL, VM_MAYREAD, VM_NORESERVE } from './vm-flags.ts';
import { type PageRange, type Vma, VmaList } from './vma.ts';

/** Above this many changed entries the CPU forgets the whole address space instead of page by page. */
const MANY_PAGES = 64;

/** What mmap(2) asks for, checked and in pages. */
export interface MapRequest {
  readonly pages: number;
  readonly at?: Place;
  readonly below2G?: boolean;
  readonly prot: number;
  readonly shared: boolean;
  readonly growsDown?: boolean;
  readonly backing?: Backing | undefined;
  readonly file?: OpenFile | undefined;
  readonly offset?: number;
  /** VM_ bits; what may be allowed later is everything unless they say what. */
  readonly flags?: number;
}

/** Half-open ranges of addresses; bytes. */
export interface ProgramArguments {
  readonly args: { readonly start: Vaddr; readonly end: Vaddr };
  readonly environment: { readonly start: Vaddr; readonly end: Vaddr };
  readonly auxv: Uint8Array;
}

export class AddressSpace {
  readonly host: MmHost;
  readonly frames: Frames;
  readonly pageTable: PageTable;
  readonly vmas: VmaList = new VmaList(this);
  /** The heap is [brkStart, brk), in bytes. */
  brkStart = 0n as Vaddr;
  brk = 0n as Vaddr;
  /** Where the program's arguments and environment were put, and its auxiliary vector: /proc/PID/cmdline, environ, auxv. */
  arguments: ProgramArguments | undefined;
  /** The program's file, which nobody may write to meanwhile. */
  executable: RegularFile | undefined;
  /** RSP at the start, for the name [stack]. */
  stackStart = 0n as Vaddr;
  /** VM_ bits that new areas get: mlockall(2) with MCL_FUTURE. */
  newAreaFlags = 0;
  /** Entries in use, those of the zero frame aside. */
  residentPages = 0;
  /** Its memory was taken to relieve a shortage. */
  isReaped = false;
  /** What membarrier(2) was told to be ready for. */
  barrierRegistrations = 0;
  private _peakResident = 0;
  private _peakPages = 0;
  private _users = 1;

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
    return this._users;
  }

  /** The most that `residentPages` has been: VmHWM. */
  get peakResidentPages(): number {
    return Math.max(this._peakResident, this.residentPages);
  }

  /** The most pages that areas have covered: VmPeak. */
  get peakPages(): number {
    return Math.max(this._peakPages, this.vmas.pages);
  }

  /** Takes note of the program that runs in it: ETXTBSY of open(2). */
  runs(executable: RegularFile | undefined): void {
    if (executable !== undefined) {
      executable.runs++;
      executable.hold();
    }
    if (this.executable !== undefined) {
      this.executable.runs--;
      this.executable.unhold();
    }
    this.executable = executable;
  }

  retain(): void {
    this._users++;
  }

  /** One user less; after the last, every frame and table is given back. */
  release(): void {
    invariant(this._users > 0, 'release of a dead address space');
    if (--this._users > 0) return;
    for (const vma of this.vmas) this._keepDirty(vma, vma);
    this.host.cpu.forgetAddressSpace(this.cr3);
    this.pageTable.destroy();
    this.runs(undefined);
    this.vmas.remove(0 as Vpn, USER_END);
  }

  /** Adds an area where the request says or where there is room. Nothing is mapped to frames before it is touched. */
  map(request: MapRequest): Vaddr | Errno {
    const start = placeArea(this.vmas, request.pages, request.at, request.below2G ?? false);
    if (start instanceof Errno) return start;
    if (request.at?.how === 'noreplace' && this.vmas.overlaps(start, start + request.pages)) return EEXIST;
    return this.mapAt(start, request);
  }

  /** Adds an area at a place that `placeArea` has chosen, over what is there. ENOMEM: too many areas, pages or promises. */
  mapAt(start: Vpn, request: MapRequest): Vaddr | Errno {
    const { pages, prot, shared, growsDown = false, backing, offset } = request;
    const end = (start + pages) as Vpn;
    let flags = (request.flags ?? 0) | this.newAreaFlags;
    if ((flags & VM_MAY_ALL) === 0) flags |= VM_MAY_ALL;
    if (this.vmas.length > MAX_AREAS || !this.canUnmap({ start, end })) return ENOMEM;
    const kind = { prot, shared, growsDown, flags };
    if (!mayExpand(this, kind, pages - this.vmas.pagesWithin(start, end))) return ENOMEM;
    if (isAccountable(kind)) {
      if (!isEnoughMemory(this, pages)) return ENOMEM;
      flags |= VM_ACCOUNT;
    }
    this.unmap({ start, end });
    this.vmas.insert({
      start,
      end,
      prot,
      shared,
      growsDown,
      backing,
      file: request.file,
      offset: offset ?? (backing === undefined ? start : 0),
      flags: flags >>> 0,
      anon: undefined,
      policy: undefined,
    });
    this._notePeaks();
    return vaddrOf(start);
  }

  /** Whether there may be one more area, if taking the range out of the middle of one makes one more. */
  canUnmap({ start, end }: PageRange): boolean {
    if (this.vmas.length < MAX_AREAS) return true;
    const vma = this.vmas.find(start);
    return vma === undefined || vma.start === start || vma.end <= end;
  }

  /** Removes what is mapped in the range; holes do not matter. The range must pass `canUnmap`. */
  unmap({ start, end }: PageRange): void {
    const areas = this.vmas.within(start, end);
    if (areas.length === 0) return;
    this._notePeaks();
    for (const vma of areas) this._keepDirty(vma, { start, end });
    this.clearEntries(start, end);
    this.vmas.remove(start, end);
  }

  /** Takes the entries of a range out and gives their frames back; the areas stay. */
  clearEntries(start: Vpn, end: Vpn): void {
    const gone: Vpn[] = [];
    const { frames } = this;
    const zeroFrame = this.host.zeroFrame;
    this.pageTable.unmapRange(start, end, (vpn, slot) => {
      if (gone.length <= MANY_PAGES) gone.push(vpn);
      if (slotPfn(frames, slot) !== zeroFrame) this.residentPages--;
    });
    this.invalidate(gone);
  }

  /** Gives back what is nobody else's: its user is about to die. The result is how many frames that freed. */
  reap(): number {
    this.isReaped = true;
    const before = this.frames.inUse();
    for (const vma of this.vmas) if (!vma.shared) this.clearEntries(vma.start, vma.end);
    return before - this.frames.inUse();
  }

  /** Takes pages away from an area: what was written through a shared mapping stays known as dirty. */
  zap(vma: Vma, start: Vpn, end: Vpn): void {
    this._notePeaks();
    this._keepDirty(vma, { start, end });
    this.clearEntries(Math.max(start, vma.start) as Vpn, Math.min(end, vma.end) as Vpn);
  }

  /** Takes the entries of some pages of a backing out, the private copies of them only if asked to. */
  unmapBacking(backing: Backing, first: number, end: number, copies: boolean): void {
    for (const vma of this.vmas) {
      if (vma.backing !== backing) continue;
      const from = Math.max(vma.start, vma.start + first - vma.offset) as Vpn;
      const to = Math.min(vma.end, vma.start + end - vma.offset) as Vpn;
      if (from >= to) continue;
      if (copies || vma.shared) this.clearEntries(from, to);
      else for (const vpn of this._pagesOf(backing, vma, from, to)) this.clearEntries(vpn, (vpn + 1) as Vpn);
    }
  }

  /** Where a private mapping still has the backing's own frames. */
  private _pagesOf(backing: Backing, vma: Vma, start: Vpn, end: Vpn): Vpn[] {
    const found: Vpn[] = [];
    this.pageTable.forEach(start, end, (vpn, slot) => {
      if (backing.findPage(vma.offset + (vpn - vma.start)) === slotPfn(this.frames, slot)) found.push(vpn);
    });
    return found;
  }

  /** Tells a backing of the D bits of some of its pages, and clears them, so that the next write is seen again. */
  collectDirty(backing: Backing, first: number, end: number): void {
    const cleaned: Vpn[] = [];
    for (const vma of this.vmas) {
      if (vma.backing !== backing || !vma.shared) continue;
      const from = Math.max(vma.start, vma.start + first - vma.offset) as Vpn;
      const to = Math.min(vma.end, vma.start + end - vma.offset) as Vpn;
      this.pageTable.forEach(from, Math.max(from, to) as Vpn, (vpn, slot) => {
        if (!(slotBits(this.frames, slot) & BIT_D)) return;
        backing.markDirty(vma.offset + (vpn - vma.start));
        this.frames.u32[slot] &= ~BIT_D;
        cleaned.push(vpn);
      });
    }
    this.invalidate(cleaned);
  }

  /** Hands the D bits of a shared mapping to its backing before the entries go. */
  private _keepDirty(vma: Vma, { start, end }: PageRange): void {
    const { backing } = vma;
    if (!vma.shared || !backing?.keepsDirty) return;
    this.pageTable.forEach(Math.max(start, vma.start) as Vpn, Math.min(end, vma.end) as Vpn, (vpn, slot) => {
      if (slotBits(this.frames, slot) & BIT_D) backing.markDirty(vma.offset + (vpn - vma.start));
    });
  }

  /**
   * Other rights for a range. ENOMEM at the first hole, EACCES at the first area that may never have them: what lies
   * before it has been changed, as on Linux.
   */
  protect({ start, end }: PageRange, prot: number): Errno | undefined {
    let reached = start;
    const changed: Vpn[] = [];
    let failed: Errno | undefined;
    for (const vma of this.vmas.within(start, end)) {
      if (vma.start > reached) break;
      const stop = Math.min(vma.end, end) as Vpn;
      failed = this._protectArea(vma, reached, stop, prot, changed);
      if (failed !== undefined) break;
      reached = stop;
    }
    this.invalidate(changed);
    return failed ?? (reached < end ? ENOMEM : undefined);
  }

  private _protectArea(vma: Vma, start: Vpn, end: Vpn, prot: number, changed: Vpn[]): Errno | undefined {
    // VM_MAYREAD and its neighbours are VM_READ and its neighbours, shifted.
    if (prot & ~((vma.flags / VM_MAYREAD) & 7)) return EACCES;
    if (vma.prot === prot) return undefined;
    if (!this.canSplit(vma, start, end)) return ENOMEM;
    let flags = vma.flags;
    const wanted = { ...vma, prot };
    if (prot & PROT_WRITE) {
      if (!mayExpand(this, wanted, end - start) && mayExpand(this, vma, end - start)) return ENOMEM;
      if (isAccountable(wanted) && !(vma.prot & PROT_WRITE) && !(flags & VM_ACCOUNT)) {
        if (!isEnoughMemory(this, end - start)) return ENOMEM;
        flags |= VM_ACCOUNT;
      }
    } else if (vma.backing === undefined && vma.anon === undefined) flags &= ~VM_ACCOUNT;
    this.pageTable.forEach(start, end, (vpn, slot) => {
      this._protectLeaf(slot, vma.shared, prot);
      if (changed.length <= MANY_PAGES) changed.push(vpn);
    });
    this.vmas.change(start, end, (part) => ({ ...part, prot, flags: flags >>> 0 }));
    return undefined;
  }

  private _protectLeaf(slot: Slot, shared: boolean, prot: number): void {
    const pfn = slotPfn(this.frames, slot);
    let bits = leafBits(prot) | (slotBits(this.frames, slot) & (BIT_A | BIT_D));
    if (prot & PROT_WRITE) bits |= shared || this.frames.references(pfn) === 1 ? BIT_RW : BIT_COW;
    setSlot(this.frames, slot, pfn, bits);
  }

  /** Whether cutting an area at the ends of a range keeps within vm.max_map_count. */
  canSplit(vma: Vma, start: Vpn, end: Vpn): boolean {
    return this.vmas.length < MAX_AREAS || (vma.start >= start && vma.end <= end);
  }

  /** Sets VM_ bits of the areas in a range, without their pages. ENOMEM: too many areas. */
  changeFlags(vma: Vma, start: Vpn, end: Vpn, flags: number): Errno | undefined {
    if (vma.flags === flags) return undefined;
    if (!this.canSplit(vma, start, end)) return ENOMEM;
    this.vmas.change(Math.max(start, vma.start) as Vpn, Math.min(end, vma.end) as Vpn, (part) => ({ ...part, flags }));
    return undefined;
  }

  /** Moves the end of the heap; the result is where it is now, moved or not. */
  setBrk(address: bigint): Vaddr {
    if (address < this.brkStart) return this.brk;
    if (address - this.brkStart > this.host.limit(RLIMIT_DATA)) return this.brk;
    const oldEnd = vpnOf(pageUp(this.brk));
    const newEnd = Number(pageUp(address) >> 12n) as Vpn;
    if (newEnd < oldEnd) {
      if (!this.canUnmap({ start: newEnd, end: oldEnd })) return this.brk;
      this.unmap({ start: newEnd, end: oldEnd });
    }
    if (newEnd > oldEnd && !this._extendHeap(oldEnd, newEnd)) return this.brk;
    this.brk = address as Vaddr;
    return this.brk;
  }

  private _extendHeap(start: Vpn, end: Vpn): boolean {
    if (!mayLockMore(this, this.newAreaFlags, end - start)) return false;
    const next = this.vmas.findNext(start);
    const room = next === undefined ? USER_END : startWithGap(next) - 1;
    if (end > room || this.vmas.length > MAX_AREAS) return false;
    const prot = PROT_READ | PROT_WRITE;
    if (!mayExpand(this, { prot, shared: false, growsDown: false }, end - start)) return false;
    if (!isEnoughMemory(this, end - start)) return false;
    this.vmas.insert({
      start,
      end,
      prot,
      shared: false,
      growsDown: false,
      backing: undefined,
      file: undefined,
      offset: start,
      flags: (VM_MAY_ALL | VM_ACCOUNT | this.newAreaFlags) >>> 0,
      anon: undefined,
      policy: undefined,
    });
    this._notePeaks();
    return true;
  }

  /** A touch below the stack: extends it to this page if its limit and the guard gap allow. */
  growStack(vpn: Vpn): Vma | undefined {
    if (!this.canGrowStack(vpn)) return undefined;
    const vma = this.vmas.findNext(vpn)!;
    const grown = this.vmas.put(vma, { ...vma, start: vpn, offset: vma.offset - (vma.start - vpn) });
    this._notePeaks();
    return grown;
  }

  /** Whether a touch of a page that is in no area would extend a stack to it. */
  canGrowStack(vpn: Vpn): boolean {
    const vma = this.vmas.findNext(vpn);
    if (!vma?.growsDown || vpn < MIN_PAGE) return false;
    const below = this.vmas.findPrevious(vpn);
    if (below !== undefined && below.prot !== 0 && !below.growsDown && vpn - below.end < STACK_GUARD_PAGES)
      return false;
    const pages = vma.start - vpn;
    if (vma.end - vpn > limitPages(this, RLIMIT_STACK) || !mayExpand(this, vma, pages)) return false;
    return mayLockMore(this, vma.flags, pages) && ((vma.flags & VM_NORESERVE) !== 0 || isEnoughMemory(this, pages));
  }

  /** A copy for a child; ENOMEM when memory is used up. */
  fork(): AddressSpace | Errno {
    const child = AddressSpace.create(this.host);
    if (child === undefined) return ENOMEM;
    const failed = forkSpace(this, child);
    if (failed === undefined) return child;
    child.release();
    return failed;
  }

  /** Makes an access possible; tells the observer. When memory is used up, somebody dies for it: perhaps who asks. */
  fault(address: bigint, access: Access): FaultResult {
    for (;;) {
      const result = this._fault(address, access);
      if (result !== 'out of memory' || !this.host.relieve(this)) return result;
    }
  }

  private _fault(address: bigint, access: Access): FaultResult {
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

  /** Tells the CPU of entries that lost a right or went. */
  invalidate(pages: readonly Vpn[]): void {
    const { cpu } = this.host;
    if (pages.length > MANY_PAGES) cpu.invalidateAll(this.cr3);
    else for (const vpn of pages) cpu.invalidatePage(this.cr3, vaddrOf(vpn));
  }

  private _notePeaks(): void {
    this._peakResident = this.peakResidentPages;
    this._peakPages = this.peakPages;
  }
}
