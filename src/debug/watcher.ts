/**
 * Watches bytes of memory: those of a virtual address in one process, wherever its page table leads at the moment, and
 * those of a frame, whoever maps it. The CPU tells of each access to the frames in question; others run at full speed. What
 * the kernel writes is seen by its effect: bytes that are the same afterwards count as not written.
 */
import { PAGE_SIZE, type Pfn, type Vpn, vpnOf } from '../base/ints.ts';
import type { Machine } from '../machine/machine.ts';
import { BIT_P, slotPfn } from '../mem/page-table.ts';
import type { WatchAccess, WatchedPlace, Watchpoint } from './stops.ts';

export type Watched = Pick<Watchpoint, 'place' | 'access'>;

/** A place as it is in memory now: at most two pieces, since a value may cross the end of a page. */
interface Piece {
  readonly watched: Watched;
  readonly paddr: number;
  readonly length: number;
}

interface Noted {
  readonly watched: Watched;
  readonly isWrite: boolean;
  readonly by: 'program' | 'kernel';
  readonly rip: bigint;
  readonly pieces: readonly Piece[];
  readonly before: Uint8Array;
}

export interface WatchHit {
  readonly watched: Watched;
  readonly access: WatchAccess;
}

const SYSCALL_BYTES = 2n;

export class Watcher {
  /** Nobody wants to know: the machine is on its way to a position. */
  isIgnoring = false;
  private readonly _machine: Machine;
  private _watched: readonly Watched[] = [];
  private _pieces: readonly Piece[] = [];
  /** Pages in which something is watched, and the frames they were in when that was looked at last; -1 for none. */
  private _pages: readonly { readonly pid: number; readonly vpn: Vpn }[] = [];
  private _pfns: number[] = [];
  private _noted: Noted[] = [];

  constructor(machine: Machine) {
    this._machine = machine;
    machine.cpu.onWatchedAccess = (paddr, bytes, isWrite) => this._onAccess(paddr, bytes, isWrite);
    machine.frames.onWatchedFrameChange = (pfn) => this._onKernelWrite(pfn);
  }

  watch(watched: readonly Watched[]): void {
    if (watched.length === 0 && this._watched.length === 0) return;
    this._watched = watched;
    this._noted = [];
    this._pages = watched.flatMap(({ place }) => pagesOf(place));
    this._pfns = this._pages.map(({ pid, vpn }) => this._frameOf(pid, vpn));
    this._mark();
  }

  /** Before guest code runs: page tables may lead elsewhere. */
  refresh(): void {
    let hasMoved = false;
    for (let i = 0; i < this._pages.length; i++) {
      const { pid, vpn } = this._pages[i];
      const pfn = this._frameOf(pid, vpn);
      if (pfn === this._pfns[i]) continue;
      this._pfns[i] = pfn;
      hasMoved = true;
    }
    if (hasMoved) this._mark();
  }

  private _mark(): void {
    this._pieces = this._watched.flatMap((watched) => this._piecesOf(watched));
    const frames = new Map<Pfn, 'writes' | 'accesses'>();
    for (const { paddr, watched } of this._pieces) {
      const pfn = Math.floor(paddr / PAGE_SIZE) as Pfn;
      const isRead = watched.access === 'read' || watched.access === 'access';
      if (isRead || !frames.has(pfn)) frames.set(pfn, isRead ? 'accesses' : 'writes');
    }
    this._machine.cpu.watchFrames(frames);
  }

  get hasNoted(): boolean {
    return this._noted.length > 0;
  }

  /** What has been accessed since it was asked last, in order. */
  take(): WatchHit[] {
    const noted = this._noted;
    this._noted = [];
    return noted.flatMap((one) => {
      const after = this._bytes(one.pieces);
      const isChange = one.before.some((byte, i) => byte !== after[i]);
      if (one.by === 'kernel' && !isChange) return [];
      const { access } = one.watched;
      const isWanted = access === 'change' ? isChange : access === 'access' || (access === 'write') === one.isWrite;
      const { isWrite, by, rip, before } = one;
      return isWanted ? [{ watched: one.watched, access: { isWrite, by, rip, before, after } }] : [];
    });
  }

  private _piecesOf(watched: Watched): Piece[] {
    const { place } = watched;
    if (place.kind === 'frame') return [{ watched, paddr: place.pfn * PAGE_SIZE + place.offset, length: place.length }];
    const pieces: Piece[] = [];
    for (let at = place.address; at < place.address + BigInt(place.length); ) {
      const offset = Number(at & 0xfffn);
      const length = Math.min(PAGE_SIZE - offset, Number(place.address + BigInt(place.length) - at));
      const paddr = this.physical(place.pid, at);
      if (paddr !== undefined) pieces.push({ watched, paddr, length });
      at += BigInt(length);
    }
    return pieces;
  }

  /** Where in physical memory an address of a process is; undefined while no frame is there. */
  physical(pid: number, address: bigint): number | undefined {
    const pfn = this._frameOf(pid, vpnOf(address));
    return pfn < 0 ? undefined : pfn * PAGE_SIZE + Number(address & 0xfffn);
  }

  private _frameOf(pid: number, vpn: Vpn): number {
    const { kernel, frames } = this._machine;
    for (const task of kernel.findProcess(pid)?.threads ?? []) {
      if (!task.hasMemory()) continue;
      const slot = task.mm.pageTable.find(vpn);
      return slot !== 0 && frames.u32[slot] & BIT_P ? slotPfn(frames, slot) : -1;
    }
    return -1;
  }

  private _bytes(pieces: readonly Piece[]): Uint8Array {
    const { u8 } = this._machine.frames;
    return Uint8Array.from(pieces.flatMap(({ paddr, length }) => [...u8.subarray(paddr, paddr + length)]));
  }

  private _onAccess(paddr: number, bytes: number, isWrite: boolean): boolean {
    const touched = this._pieces.filter((piece) => piece.paddr < paddr + bytes && piece.paddr + piece.length > paddr);
    return this._note(touched, isWrite, 'program');
  }

  private _onKernelWrite(pfn: Pfn): void {
    const touched = this._pieces.filter((piece) => Math.floor(piece.paddr / PAGE_SIZE) === pfn);
    if (this._note(touched, true, 'kernel')) this._machine.kernel.pause();
  }

  /** The SYSCALL that RIP is behind, if it is behind one: in a call the registers are those that it returns with. */
  private _callAt(rip: bigint): bigint {
    const { kernel } = this._machine;
    const before = kernel.current && kernel.peek(kernel.current, rip - SYSCALL_BYTES, Number(SYSCALL_BYTES));
    return before?.[0] === 0x0f && before[1] === 0x05 ? rip - SYSCALL_BYTES : rip;
  }

  private _note(touched: readonly Piece[], isWrite: boolean, by: 'program' | 'kernel'): boolean {
    if (this.isIgnoring) return false;
    const rip = by === 'kernel' ? this._callAt(this._machine.cpu.state.rip) : this._machine.cpu.state.rip;
    for (const { watched } of touched) {
      // Of several accesses of one instruction, the first one knows what was there before.
      if (this._noted.some((one) => one.watched === watched && one.isWrite === isWrite)) continue;
      const pieces = this._pieces.filter((piece) => piece.watched === watched);
      this._noted.push({ watched, isWrite, by, rip, pieces, before: this._bytes(pieces) });
    }
    return touched.length > 0;
  }
}

/** The pages of one process that a place lies in; a frame moves nowhere. */
function pagesOf(place: WatchedPlace): { pid: number; vpn: Vpn }[] {
  if (place.kind === 'frame') return [];
  const last = vpnOf(place.address + BigInt(place.length) - 1n);
  const pages: { pid: number; vpn: Vpn }[] = [];
  for (let vpn = vpnOf(place.address); vpn <= last; vpn = (vpn + 1) as Vpn) pages.push({ pid: place.pid, vpn });
  return pages;
}
