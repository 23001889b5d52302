/** Reads and decodes code as the CPU fetches it: through the page tables, with the rights of a fetch. */
import { PAGE_SIZE, type Pfn, pfnOf } from '../base/ints.ts';
import type { Frames } from '../mem/frames.ts';
import type { CodeCache, CodePage } from './code-cache.ts';
import { decode } from './decode.ts';
import type { DecodeFailure, Insn } from './isa/define.ts';
import type { CpuLevel } from './isa/features.ts';
import type { Runtime } from './runtime.ts';

/** Number of an address's page, and the offset in it, by way of the address as a number where that is exact: bigints are slow. */
const pageOf = (address: bigint, exact: number): number =>
  exact <= Number.MAX_SAFE_INTEGER ? Math.floor(exact / PAGE_SIZE) : Number(address >> 12n);
const offsetOf = (address: bigint, exact: number): number =>
  exact <= Number.MAX_SAFE_INTEGER ? exact % PAGE_SIZE : Number(address & 0xfffn);

/** Reads code through the page tables, and remembers which pages it came from. */
export class CodeReader {
  private readonly _frames: Frames;
  private readonly _runtime: Runtime;
  private readonly _cache: CodeCache | undefined;
  /** Host address of each page by its number, -1 where a fetch faults. */
  private _hosts = new Map<number, number>();
  private _faultAt = 0n;
  private _lastPage = -1;
  private _lastHost = -1;

  private readonly _level: CpuLevel;

  /** `cache`: where code that is kept is noted; none for code that is executed at once. */
  constructor(frames: Frames, runtime: Runtime, level: CpuLevel, cache?: CodeCache) {
    this._frames = frames;
    this._runtime = runtime;
    this._level = level;
    this._cache = cache;
  }
  /** For use after the page tables may have changed. */
  forget(): void {
    if (this._hosts.size > 0) this._hosts = new Map();
    this._lastPage = -1;
  }
  /** `exact`: the same as a number, for who has it at hand. */
  decodeAt(rip: bigint, exact: number = Number(rip)): Insn | DecodeFailure | 'unmapped' {
    const insn = this._decode(rip, exact);
    if (typeof insn !== 'string') this._cover(rip, exact, insn.length);
    return insn;
  }
  private _cover(rip: bigint, exact: number, length: number): void {
    if (this._cache === undefined) return;
    const offset = offsetOf(rip, exact);
    const first = Math.min(length, PAGE_SIZE - offset);
    this._cache.cover(pfnOf(this._page(rip, exact)), offset, first);
    if (first < length) this._cache.cover(pfnOf(this._page((rip | 0xfffn) + 1n)), 0, length - first);
  }
  private _decode(rip: bigint, exact: number): Insn | DecodeFailure | 'unmapped' {
    const host = this._page(rip, exact);
    if (host === -1) return 'unmapped';
    const offset = offsetOf(rip, exact);
    const insn = decode(this._frames.u8, host + offset, host + 4096, rip, this._level);
    if (insn !== 'truncated') return insn;
    // It goes on in the next page.
    const bytes = new Uint8Array(30);
    const first = 4096 - offset;
    bytes.set(this._frames.u8.subarray(host + offset, host + 4096));
    const next = this._page((rip | 0xfffn) + 1n);
    if (next === -1) return 'unmapped';
    bytes.set(this._frames.u8.subarray(next, next + 30 - first), first);
    return decode(bytes, 0, bytes.length, rip, this._level);
  }
  private _page(address: bigint, exact: number = Number(address)): number {
    const page = pageOf(address, exact);
    if (page === this._lastPage) return this._lastHost;
    const host = this._findPage(page, address);
    this._lastPage = page;
    this._lastHost = host;
    return host;
  }
  private _findPage(page: number, address: bigint): number {
    let host = this._hosts.get(page);
    if (host === undefined) {
      host = this._runtime.fetch(BigInt.asIntN(64, address & ~0xfffn));
      if (host !== -1) host >>>= 0;
      this._hosts.set(page, host);
    }
    if (host === -1) this._faultAt = address;
    return host;
  }
  /** Leaves the fault of the page that was missing in the state. */
  refault(): void {
    this._runtime.fetch(BigInt.asIntN(64, this._faultAt));
  }
  pages(): CodePage[] {
    const pages: CodePage[] = [];
    for (const [page, host] of this._hosts) if (host !== -1) pages.push({ vpn: page, pfn: (host >>> 12) as Pfn });
    return pages;
  }
}
