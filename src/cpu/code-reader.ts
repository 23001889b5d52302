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
  readonly #frames: Frames;
  readonly #runtime: Runtime;
  readonly #cache: CodeCache | undefined;
  /** Host address of each page by its number, -1 where a fetch faults. */
  #hosts = new Map<number, number>();
  #faultAt = 0n;
  #lastPage = -1;
  #lastHost = -1;

  readonly #level: CpuLevel;

  /** `cache`: where code that is kept is noted; none for code that is executed at once. */
  constructor(frames: Frames, runtime: Runtime, level: CpuLevel, cache?: CodeCache) {
    this.#frames = frames;
    this.#runtime = runtime;
    this.#level = level;
    this.#cache = cache;
  }
  /** For use after the page tables may have changed. */
  forget(): void {
    if (this.#hosts.size > 0) this.#hosts = new Map();
    this.#lastPage = -1;
  }
  /** `exact`: the same as a number, for who has it at hand. */
  decodeAt(rip: bigint, exact: number = Number(rip)): Insn | DecodeFailure | 'unmapped' {
    const insn = this.#decode(rip, exact);
    if (typeof insn !== 'string') this.#cover(rip, exact, insn.length);
    return insn;
  }
  #cover(rip: bigint, exact: number, length: number): void {
    if (this.#cache === undefined) return;
    const offset = offsetOf(rip, exact);
    const first = Math.min(length, PAGE_SIZE - offset);
    this.#cache.cover(pfnOf(this.#page(rip, exact)), offset, first);
    if (first < length) this.#cache.cover(pfnOf(this.#page((rip | 0xfffn) + 1n)), 0, length - first);
  }
  #decode(rip: bigint, exact: number): Insn | DecodeFailure | 'unmapped' {
    const host = this.#page(rip, exact);
    if (host === -1) return 'unmapped';
    const offset = offsetOf(rip, exact);
    const insn = decode(this.#frames.u8, host + offset, host + 4096, rip, this.#level);
    if (insn !== 'truncated') return insn;
    // It goes on in the next page.
    const bytes = new Uint8Array(30);
    const first = 4096 - offset;
    bytes.set(this.#frames.u8.subarray(host + offset, host + 4096));
    const next = this.#page((rip | 0xfffn) + 1n);
    if (next === -1) return 'unmapped';
    bytes.set(this.#frames.u8.subarray(next, next + 30 - first), first);
    return decode(bytes, 0, bytes.length, rip, this.#level);
  }
  #page(address: bigint, exact: number = Number(address)): number {
    const page = pageOf(address, exact);
    if (page === this.#lastPage) return this.#lastHost;
    const host = this.#findPage(page, address);
    this.#lastPage = page;
    this.#lastHost = host;
    return host;
  }
  #findPage(page: number, address: bigint): number {
    let host = this.#hosts.get(page);
    if (host === undefined) {
      host = this.#runtime.fetch(BigInt.asIntN(64, address & ~0xfffn));
      if (host !== -1) host >>>= 0;
      this.#hosts.set(page, host);
    }
    if (host === -1) this.#faultAt = address;
    return host;
  }
  /** Leaves the fault of the page that was missing in the state. */
  refault(): void {
    this.#runtime.fetch(BigInt.asIntN(64, this.#faultAt));
  }
  pages(): CodePage[] {
    const pages: CodePage[] = [];
    for (const [page, host] of this.#hosts) if (host !== -1) pages.push({ vpn: page, pfn: (host >>> 12) as Pfn });
    return pages;
  }
}
