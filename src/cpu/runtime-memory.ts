/**
 * The TLB's slow path, in WebAssembly: look-up, page walk, fill and flush, and accesses that cross a page's end. The
 * walk is the one of mem/mmu.ts, which the kernel uses; test/cpu/walk.test.ts holds the two together. A is set in the
 * leaf alone, since the kernel makes tables with A set.
 * Intel SDM Vol. 3A, "4-Level Paging" and "Translation Lookaside Buffers (TLBs)".
 */
import {
  FRAME_MARK_CODE,
  FRAME_MARK_WATCH_READS,
  FRAME_MARK_WATCH_WRITES,
  FRAME_MARKS_BASE,
  SCRATCH,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_FILLED_BASE,
  TLB_FILLED_MAX,
  TLB_READ_BASE,
  TLB_WRITE_BASE,
} from '../mem/layout.ts';
import { PTE_A, PTE_ADDRESS_MASK, PTE_D, PTE_NX, PTE_P, PTE_RW, PTE_US } from '../mem/pte.ts';
import {
  EXIT_CODE_WRITE,
  EXIT_EXCEPTION,
  EXIT_INTERPRET,
  EXIT_PAGE_FAULT,
  setExitKind,
  VECTORS,
} from './exit-codes.ts';
import { STATE } from './state.ts';
import { Code, OP } from './wasm/code.ts';

export const TLB_INDEX_MASK = (TLB_ENTRIES - 1) * TLB_ENTRY_BYTES;
/** An address's entry is at (low 32 bits >>> TLB_INDEX_SHIFT) & TLB_INDEX_MASK. */
export const TLB_INDEX_SHIFT = 12 - 4;

/** (address, error code) -> -1. */
export function setFaultCode(): Uint8Array {
  const c = new Code();
  setExitKind(c, EXIT_PAGE_FAULT);
  c.i32Const(0);
  c.localGet(0);
  c.i64Store(STATE.exitAddress);
  c.i32Const(0);
  c.localGet(1);
  c.i32Store(STATE.exitErrorCode);
  c.i32Const(-1);
  c.end();
  return c.bytes();
}

/** (address, access: 0 read, 1 write, 2 fetch) -> physical address of the page, or -1. Sets A but for a fetch, and D for a write. */
export function walkCode(setFault: number): Uint8Array {
  const ADDRESS = 0, ACCESS = 1, TABLE = 2, ENTRY = 3, ALL = 4, AT = 5, WANT = 6; // biome-ignore format: locals in order
  const c = new Code();
  const fault = (present: number) => {
    // error code: P, W/R = write, U/S = 1, I/D = fetch
    c.localGet(ADDRESS);
    c.i32Const(present | 4);
    c.localGet(ACCESS);
    c.i32Const(1);
    c.op(OP.i32and);
    c.i32Const(1);
    c.op(OP.i32shl);
    c.op(OP.i32or);
    c.localGet(ACCESS);
    c.i32Const(2);
    c.op(OP.i32and);
    c.i32Const(3);
    c.op(OP.i32shl);
    c.op(OP.i32or);
    c.returnCall(setFault);
  };
  // A non-canonical address is #GP(0), before any walk.
  c.localGet(ADDRESS);
  c.i64Const(16n);
  c.op(OP.i64shl);
  c.i64Const(16n);
  c.op(OP.i64shrS);
  c.localGet(ADDRESS);
  c.op(OP.i64ne);
  c.if();
  setExitKind(c, EXIT_EXCEPTION);
  c.i32Const(0);
  c.i32Const(VECTORS.indexOf('GP'));
  c.i32Store(STATE.exitVector);
  c.i32Const(0);
  c.i32Const(0);
  c.i32Store(STATE.exitErrorCode);
  c.i32Const(-1);
  c.op(OP.return);
  c.end();
  c.i32Const(0);
  c.i32Load(STATE.cr3);
  c.localSet(TABLE);
  // ALL gathers P, R/W and U/S by AND; NX, stored inverted, too.
  c.i64Const(-1n);
  c.localSet(ALL);
  for (const shift of [39n, 30n, 21n, 12n]) {
    c.localGet(TABLE);
    c.localGet(ADDRESS);
    c.i64Const(shift - 3n);
    c.op(OP.i64shrU);
    c.op(OP.i32wrapI64);
    c.i32Const(0xff8);
    c.op(OP.i32and);
    c.op(OP.i32add);
    c.localTee(AT);
    c.i64Load(0);
    c.localTee(ENTRY);
    c.i64Const(PTE_NX);
    c.op(OP.i64xor);
    c.localGet(ALL);
    c.op(OP.i64and);
    c.localTee(ALL);
    c.i64Const(PTE_P);
    c.op(OP.i64and);
    c.op(OP.i64eqz);
    c.if();
    fault(0);
    c.end();
    c.localGet(ENTRY);
    c.i64Const(PTE_ADDRESS_MASK);
    c.op(OP.i64and);
    c.op(OP.i32wrapI64);
    c.localSet(TABLE);
  }
  // What this access needs, of US, RW (write) and not NX (fetch).
  c.i64Const(PTE_US | PTE_RW);
  c.i64Const(PTE_US | PTE_NX);
  c.i64Const(PTE_US);
  c.localGet(ACCESS);
  c.i32Const(2);
  c.op(OP.i32eq);
  c.op(OP.select);
  c.localGet(ACCESS);
  c.i32Const(1);
  c.op(OP.i32eq);
  c.op(OP.select);
  c.localTee(WANT);
  c.localGet(ALL);
  c.op(OP.i64and);
  c.localGet(WANT);
  c.op(OP.i64ne);
  c.if();
  fault(1);
  c.end();
  // A fetch leaves the entry alone: see mem/mmu.ts.
  c.localGet(ACCESS);
  c.i32Const(2);
  c.op(OP.i32eq);
  c.if();
  c.localGet(TABLE);
  c.op(OP.return);
  c.end();
  c.i64Const(PTE_A | PTE_D);
  c.i64Const(PTE_A);
  c.localGet(ACCESS);
  c.i32Const(1);
  c.op(OP.i32eq);
  c.op(OP.select);
  c.localGet(ENTRY);
  c.op(OP.i64or);
  c.localTee(WANT);
  c.localGet(ENTRY);
  c.op(OP.i64ne);
  c.if();
  c.localGet(AT);
  c.localGet(WANT);
  c.i64Store(0);
  c.end();
  c.localGet(TABLE);
  c.end();
  return c.bytes();
}

export function tlbIndex(c: Code, address: number): void {
  c.localGet(address);
  c.op(OP.i32wrapI64);
  c.i32Const(TLB_INDEX_SHIFT);
  c.op(OP.i32shrU);
  c.i32Const(TLB_INDEX_MASK);
  c.op(OP.i32and);
}

/** (address, page's physical address, whether for writing too): fills the entries and notes them for the flush. */
export function fillCode(): Uint8Array {
  const ADDRESS = 0, PAGE = 1, WRITE = 2, INDEX = 3, COUNT = 4; // biome-ignore format: locals in order
  const c = new Code();
  const entry = (base: number) => {
    c.localGet(INDEX);
    c.localGet(ADDRESS);
    c.i64Const(-4096n);
    c.op(OP.i64and);
    c.i64Store(base);
    c.localGet(INDEX);
    c.localGet(PAGE);
    c.localGet(ADDRESS);
    c.op(OP.i32wrapI64);
    c.i32Const(-4096);
    c.op(OP.i32and);
    c.op(OP.i32sub);
    c.i32Store(base + 8);
  };
  tlbIndex(c, ADDRESS);
  c.localSet(INDEX);
  entry(TLB_READ_BASE);
  c.localGet(WRITE);
  c.if();
  entry(TLB_WRITE_BASE);
  c.end();
  c.i32Const(0);
  c.i32Load(STATE.tlbFilled);
  c.localTee(COUNT);
  c.i32Const(TLB_FILLED_MAX);
  c.op(OP.i32ltU);
  c.if();
  c.localGet(COUNT);
  c.i32Const(2);
  c.op(OP.i32shl);
  c.localGet(INDEX);
  c.i32Store(TLB_FILLED_BASE);
  c.i32Const(0);
  c.localGet(COUNT);
  c.i32Const(1);
  c.op(OP.i32add);
  c.i32Store(STATE.tlbFilled);
  c.end();
  c.i32Const(0);
  c.i32Const(0);
  c.i64Load(STATE.tlbFills);
  c.i64Const(1n);
  c.op(OP.i64add);
  c.i64Store(STATE.tlbFills);
  c.end();
  return c.bytes();
}

/** Leaves the host address when the TLB has the page: `host = entry's addend + address`, returned. */
export function tlbHit(c: Code, base: number): void {
  tlbIndex(c, 0);
  c.localTee(1);
  c.i64Load(base);
  c.localGet(0);
  c.op(OP.i64xor);
  c.i64Const(4096n);
  c.op(OP.i64ltU);
  c.if();
  c.localGet(1);
  c.i32Load(base + 8);
  c.localGet(0);
  c.op(OP.i32wrapI64);
  c.op(OP.i32add);
  c.op(OP.return);
  c.end();
}

/** pageAddress in local 1 -> pageAddress + offset. */
export function addOffset(c: Code): void {
  c.localGet(1);
  c.localGet(0);
  c.op(OP.i32wrapI64);
  c.i32Const(0xfff);
  c.op(OP.i32and);
  c.op(OP.i32add);
}

export function returnIfFault(c: Code, local: number): void {
  c.localTee(local);
  c.i32Const(-1);
  c.op(OP.i32eq);
  c.if();
  c.i32Const(-1);
  c.op(OP.return);
  c.end();
}

/** pageAddress in local 1: back with -1 and that exit when the frame has one of the marks. */
function returnIfMarked(c: Code, marks: number, exit: number): void {
  c.localGet(1);
  c.i32Const(12);
  c.op(OP.i32shrU);
  c.i32Load8U(FRAME_MARKS_BASE);
  c.i32Const(marks);
  c.op(OP.i32and);
  c.if();
  setExitKind(c, exit);
  c.i32Const(0);
  c.localGet(0);
  c.i64Store(STATE.exitAddress);
  c.i32Const(-1);
  c.op(OP.return);
  c.end();
}

/** A frame whose reads are watched is read by the cold tier. */
export function readPageCode(walk: number, fill: number): Uint8Array {
  const c = new Code();
  tlbHit(c, TLB_READ_BASE);
  c.localGet(0);
  c.i32Const(0);
  c.call(walk);
  returnIfFault(c, 1);
  returnIfMarked(c, FRAME_MARK_WATCH_READS, EXIT_INTERPRET);
  c.localGet(0);
  c.localGet(1);
  c.i32Const(0);
  c.call(fill);
  addOffset(c);
  c.end();
  return c.bytes();
}

/** A frame that holds translated code, or is watched, is not written here: EXIT_CODE_WRITE has somebody look at it first. */
export function writePageCode(walk: number, fill: number): Uint8Array {
  const c = new Code();
  tlbHit(c, TLB_WRITE_BASE);
  c.localGet(0);
  c.i32Const(1);
  c.call(walk);
  returnIfFault(c, 1);
  returnIfMarked(c, FRAME_MARK_CODE | FRAME_MARK_WATCH_WRITES, EXIT_CODE_WRITE);
  c.localGet(0);
  c.localGet(1);
  c.i32Const(1);
  c.call(fill);
  addOffset(c);
  c.end();
  return c.bytes();
}

/** Bytes of the access in its first page, when it does not fit: 4096 - offset; leaves whether it crosses. */
export function crosses(c: Code, bytesLocal: number): void {
  c.localGet(0);
  c.op(OP.i32wrapI64);
  c.i32Const(0xfff);
  c.op(OP.i32and);
  c.localGet(bytesLocal);
  c.op(OP.i32add);
  c.i32Const(4096);
  c.op(OP.i32gtU);
}

/** Translates both pages of a crossing access: first in local `a`, second in `b`, bytes in the first page in `n`. */
export function bothPages(c: Code, page: number, a: number, b: number, n: number): void {
  c.localGet(0);
  c.call(page);
  returnIfFault(c, a);
  c.localGet(0);
  c.i64Const(0xfffn);
  c.op(OP.i64or);
  c.i64Const(1n);
  c.op(OP.i64add);
  c.call(page);
  returnIfFault(c, b);
  c.i32Const(4096);
  c.localGet(0);
  c.op(OP.i32wrapI64);
  c.i32Const(0xfff);
  c.op(OP.i32and);
  c.op(OP.i32sub);
  c.localSet(n);
}

export function slowReadCode(page: number): Uint8Array {
  const ADDRESS = 0, BYTES = 1, FIRST = 2, SECOND = 3, SPLIT = 4; // biome-ignore format: locals in order
  const c = new Code();
  crosses(c, BYTES);
  c.if();
  bothPages(c, page, FIRST, SECOND, SPLIT);
  c.i32Const(SCRATCH);
  c.localGet(FIRST);
  c.localGet(SPLIT);
  c.memoryCopy();
  c.i32Const(SCRATCH);
  c.localGet(SPLIT);
  c.op(OP.i32add);
  c.localGet(SECOND);
  c.localGet(BYTES);
  c.localGet(SPLIT);
  c.op(OP.i32sub);
  c.memoryCopy();
  c.i32Const(SCRATCH);
  c.op(OP.return);
  c.end();
  c.localGet(ADDRESS);
  c.returnCall(page);
  c.end();
  return c.bytes();
}

export function slowStoreCode(page: number): Uint8Array {
  const ADDRESS = 0, VALUE = 1, BYTES = 2, FIRST = 3, SECOND = 4, SPLIT = 5; // biome-ignore format: locals in order
  const c = new Code();
  crosses(c, BYTES);
  c.if();
  bothPages(c, page, FIRST, SECOND, SPLIT);
  c.i32Const(SCRATCH);
  c.localGet(VALUE);
  c.i64Store(0);
  c.localGet(FIRST);
  c.i32Const(SCRATCH);
  c.localGet(SPLIT);
  c.memoryCopy();
  c.localGet(SECOND);
  c.i32Const(SCRATCH);
  c.localGet(SPLIT);
  c.op(OP.i32add);
  c.localGet(BYTES);
  c.localGet(SPLIT);
  c.op(OP.i32sub);
  c.memoryCopy();
  c.i32Const(0);
  c.op(OP.return);
  c.end();
  c.localGet(ADDRESS);
  c.call(page);
  returnIfFault(c, FIRST);
  // 8, 4, 2 or 1 bytes
  const store = (write: () => void) => {
    c.localGet(FIRST);
    c.localGet(VALUE);
    write();
    c.i32Const(0);
    c.op(OP.return);
  };
  const whenBytes = (bytes: number, write: () => void) => {
    c.localGet(BYTES);
    c.i32Const(bytes);
    c.op(OP.i32eq);
    c.if();
    store(write);
    c.end();
  };
  const narrow = (write: (offset: number) => void) => () => {
    c.op(OP.i32wrapI64);
    write.call(c, 0);
  };
  whenBytes(8, () => c.i64Store(0));
  whenBytes(4, narrow(c.i32Store));
  whenBytes(2, narrow(c.i32Store16));
  store(narrow(c.i32Store8));
  c.end();
  return c.bytes();
}

export function fetchCode(walk: number): Uint8Array {
  const c = new Code();
  c.localGet(0);
  c.i32Const(2);
  c.call(walk);
  returnIfFault(c, 1);
  addOffset(c);
  c.end();
  return c.bytes();
}

/**
 * The tag of an empty entry, from its byte offset: a page whose addresses all look at another entry. That is the last
 * page for all entries but the last, which takes page 0.
 */
export function emptyTag(c: Code, offsetLocal: number): void {
  c.i64Const(0n);
  c.i64Const(-1n);
  c.localGet(offsetLocal);
  c.i32Const(TLB_INDEX_MASK);
  c.op(OP.i32eq);
  c.op(OP.select);
}

export function flushCode(reads: boolean): Uint8Array {
  const c = new Code();
  c.i32Const(0);
  c.i32Load(STATE.tlbFilled);
  c.localTee(0);
  c.i32Const(TLB_FILLED_MAX);
  c.op(OP.i32geU);
  c.if();
  c.i32Const(reads ? TLB_READ_BASE : TLB_WRITE_BASE);
  c.i32Const(0xff);
  c.i32Const(TLB_ENTRIES * TLB_ENTRY_BYTES * (reads ? 2 : 1));
  c.memoryFill();
  for (const base of reads ? [TLB_READ_BASE, TLB_WRITE_BASE] : [TLB_WRITE_BASE]) {
    c.i32Const(base + TLB_INDEX_MASK);
    c.i64Const(0n);
    c.i64Store(0);
  }
  c.else();
  c.block();
  c.loop();
  c.localGet(0);
  c.op(OP.i32eqz);
  c.brIf(1);
  c.localGet(0);
  c.i32Const(1);
  c.op(OP.i32sub);
  c.localSet(0);
  for (const base of reads ? [TLB_READ_BASE, TLB_WRITE_BASE] : [TLB_WRITE_BASE]) {
    c.localGet(0);
    c.i32Const(2);
    c.op(OP.i32shl);
    c.i32Load(TLB_FILLED_BASE);
    c.localTee(1);
    emptyTag(c, 1);
    c.i64Store(base);
  }
  c.br(0);
  c.end();
  c.end();
  c.end();
  if (reads) {
    c.i32Const(0);
    c.i32Const(0);
    c.i32Store(STATE.tlbFilled);
  }
  c.end();
  return c.bytes();
}

export function invalidateCode(): Uint8Array {
  const c = new Code();
  tlbIndex(c, 0);
  c.localSet(1);
  for (const base of [TLB_READ_BASE, TLB_WRITE_BASE]) {
    c.localGet(1);
    c.i64Load(base);
    c.localGet(0);
    c.i64Const(-4096n);
    c.op(OP.i64and);
    c.op(OP.i64eq);
    c.if();
    c.localGet(1);
    emptyTag(c, 1);
    c.i64Store(base);
    c.end();
  }
  c.end();
  return c.bytes();
}
