/**
 * The part of the CPU that is written directly in WebAssembly: the dispatch loop, the TLB's slow path with the page
 * walk, and arithmetic that WebAssembly lacks. Translated regions import these functions; TypeScript calls them too.
 * Intel SDM Vol. 3A, "4-Level Paging" and "Translation Lookaside Buffers (TLBs)".
 */
import type { Frames } from '../mem/frames.ts';
import {
  FRAME_MARK_CODE,
  FRAME_MARKS_BASE,
  JUMP_CACHE_BASE,
  JUMP_CACHE_ENTRIES,
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
  EXIT_MISS,
  EXIT_NONE,
  EXIT_PAGE_FAULT,
  EXITED,
  VECTORS,
} from './exit-codes.ts';
import { CF } from './flags.ts';
import { addArithmetic } from './runtime-arith.ts';
import { addFlagsImage } from './runtime-flags.ts';
import { addNanRules, addSlowStoreVec } from './runtime-vector.ts';
import { STATE } from './state.ts';
import { Code, F32, F64, I32, I64, OP, V128 } from './wasm/code.ts';
import { ModuleWriter } from './wasm/module.ts';

export const TLB_INDEX_MASK = (TLB_ENTRIES - 1) * TLB_ENTRY_BYTES;
/** An address's entry is at (low 32 bits >>> TLB_INDEX_SHIFT) & TLB_INDEX_MASK. */
export const TLB_INDEX_SHIFT = 12 - 4;
export const JUMP_CACHE_MASK = JUMP_CACHE_ENTRIES - 1;

/** What regions import, with parameter and result types. An i32 of -1 is a fault, described in the state's exit fields. */
export const RUNTIME_FUNCS = {
  /** (address, bytes) -> where its bytes can be read: in the frame, or gathered in SCRATCH when a page end is inside. */
  slowRead: [[I64, I32], [I32]],
  /** As slowRead, but checked for writing; bytes in SCRATCH are not written back. */
  slowReadForStore: [[I64, I32], [I32]],
  /** (address, value, bytes) -> 0. */
  slowStore: [[I64, I64, I32], [I32]],
  /** (address, value) -> 0, for 16 bytes. */
  slowStoreVec: [[I64, V128], [I32]],
  /** (result, x, y) -> the result with the processor's NaNs. */
  nanF32: [[F32, F32, F32], [F32]],
  nanF64: [[F64, F64, F64], [F64]],
  nanF32x4: [[V128, V128, V128], [V128]],
  nanF64x2: [[V128, V128, V128], [V128]],
  /** (result, x) -> the same, of a conversion. */
  nanPromote: [[V128, V128], [V128]],
  nanDemote: [[V128, V128], [V128]],
  /** (fop, fx, fy, fc) -> RFLAGS image of the arithmetic flags; and CF alone. */
  flagsImage: [[I32, I64, I64, I32], [I32]],
  carry: [[I32, I64, I64, I32], [I32]],
  mulHighU: [[I64, I64], [I64]],
  mulHighS: [[I64, I64], [I64]],
  /** (high, low, divisor), unsigned and signed 128 by 64 bits. */
  divFitsU: [[I64, I64, I64], [I32]],
  divFitsS: [[I64, I64, I64], [I32]],
  divQuotientU: [[I64, I64, I64], [I64]],
  divRemainderU: [[I64, I64, I64], [I64]],
  divQuotientS: [[I64, I64, I64], [I64]],
  divRemainderS: [[I64, I64, I64], [I64]],
  /** (bytes per element, base added to RSI): does as much of a REP MOVS as it can by whole pages, on the state's RCX, RSI, RDI. */
  bulkMovs: [[I32, I64], []],
  bulkStos: [[I32, I64], []],
} as const;
export type RuntimeFunc = keyof typeof RUNTIME_FUNCS;

export interface Runtime {
  /** The region-side imports, by name. */
  readonly exports: Record<RuntimeFunc, unknown>;
  /** Runs from the state's RIP until an exit; its kind is in the state. */
  enter(depth: number): void;
  /** Physical address of the byte for a fetch; -1 for a fault. */
  fetch(address: bigint): number;
  slowRead(address: bigint, bytes: number): number;
  slowReadForStore(address: bigint, bytes: number): number;
  slowStore(address: bigint, value: bigint, bytes: number): number;
  flushTlb(): void;
  /** Drops the entries for writing alone, after a frame has been marked. */
  flushTlbWrites(): void;
  invalidatePage(address: bigint): void;
  flushJumpCache(): void;
}

/** Of any memory that may be imported: 4 GiB. */
export const MAX_WASM_PAGES = 65536;

export const REGION_PARAMS = [I32, I64] as const;
export const REGION_RESULTS = [I64] as const;

const BULK_LOCALS = [I64, I64, I64, I32, I32, I32, I64, I32] as const;

export function makeRuntime(frames: Frames, table: WebAssembly.Table): Runtime {
  const m = new ModuleWriter();
  m.importMemory('m', 'memory', MAX_WASM_PAGES);
  m.importTable('m', 'table');
  const region = m.type(REGION_PARAMS, REGION_RESULTS);

  m.element(0, m.func(region, [], missCode()));
  const setFault = m.func(m.type([I64, I32], [I32]), [], setFaultCode());
  const walk = m.func(m.type([I64, I32], [I32]), [I32, I64, I64, I32, I64], walkCode(setFault));
  const fill = m.func(m.type([I64, I32, I32], []), [I32, I32], fillCode());
  const readPage = m.func(m.type([I64], [I32]), [I32], readPageCode(walk, fill));
  const writePage = m.func(m.type([I64], [I32]), [I32], writePageCode(walk, fill));
  const slowRead = m.func(m.type([I64, I32], [I32]), [I32, I32, I32], slowReadCode(readPage));
  const slowReadForStore = m.func(m.type([I64, I32], [I32]), [I32, I32, I32], slowReadCode(writePage));
  const slowStore = m.func(m.type([I64, I64, I32], [I32]), [I32, I32, I32], slowStoreCode(writePage));
  const arithmetic = addArithmetic(m);
  const flagsImage = addFlagsImage(m, arithmetic.mulHighS);
  const carry = m.func(m.type([I32, I64, I64, I32], [I32]), [], carryCode(flagsImage));
  const byName: Partial<Record<RuntimeFunc, number>> = {
    slowRead,
    slowReadForStore,
    slowStore,
    flagsImage,
    carry,
    ...arithmetic,
    slowStoreVec: addSlowStoreVec(m, slowReadForStore, slowStore),
    ...addNanRules(m),
  };
  byName.bulkMovs = m.func(m.type([I32, I64], []), BULK_LOCALS, bulkCode('movs', readPage, writePage));
  byName.bulkStos = m.func(m.type([I32, I64], []), BULK_LOCALS, bulkCode('stos', readPage, writePage));
  for (const [name, func] of Object.entries(byName)) m.export(name, func);
  m.export('enter', m.func(m.type([I32], []), [I64, I32], enterCode(region)));
  m.export('fetch', m.func(m.type([I64], [I32]), [I32], fetchCode(walk)));
  m.export('flushTlb', m.func(m.type([], []), [I32, I32], flushCode(true)));
  m.export('flushTlbWrites', m.func(m.type([], []), [I32, I32], flushCode(false)));
  m.export('invalidatePage', m.func(m.type([I64], []), [I32], invalidateCode()));
  m.export('flushJumpCache', m.func(m.type([], []), [], flushJumpCacheCode()));

  const instance = new WebAssembly.Instance(new WebAssembly.Module(m.finish()), {
    m: { memory: frames.memory, table },
  });
  const runtime = instance.exports as unknown as Runtime & Record<RuntimeFunc, unknown>;
  const { enter, fetch, flushTlb, flushTlbWrites, invalidatePage, flushJumpCache } = runtime;
  // The first flush fills everything.
  frames.u32[STATE.tlbFilled >> 2] = TLB_FILLED_MAX;
  flushTlb();
  flushJumpCache();
  return {
    exports: runtime,
    enter,
    fetch,
    slowRead: runtime.slowRead,
    slowReadForStore: runtime.slowReadForStore,
    slowStore: runtime.slowStore,
    flushTlb,
    flushTlbWrites,
    invalidatePage,
    flushJumpCache,
  };
}

/** (depth, rip): what link cells and the jump cache hold for code that is not translated. */
function missCode(): Uint8Array {
  const c = new Code();
  c.i32Const(0);
  c.localGet(1);
  c.i64Store(STATE.rip);
  setExitKind(c, EXIT_MISS);
  c.i64Const(EXITED);
  c.end();
  return c.bytes();
}

function carryCode(flagsImage: number): Uint8Array {
  const c = new Code();
  for (const local of [0, 1, 2, 3]) c.localGet(local);
  c.call(flagsImage);
  c.i32Const(CF);
  c.op(OP.i32and);
  c.end();
  return c.bytes();
}

function setExitKind(c: Code, kind: number): void {
  c.i32Const(0);
  c.i32Const(kind);
  c.i32Store(STATE.exitKind);
}

/** (address, error code) -> -1. */
function setFaultCode(): Uint8Array {
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

/** (address, access: 0 read, 1 write, 2 fetch) -> physical address of the page, or -1. Sets A, and D for a write. */
function walkCode(setFault: number): Uint8Array {
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

function tlbIndex(c: Code, address: number): void {
  c.localGet(address);
  c.op(OP.i32wrapI64);
  c.i32Const(TLB_INDEX_SHIFT);
  c.op(OP.i32shrU);
  c.i32Const(TLB_INDEX_MASK);
  c.op(OP.i32and);
}

/** (address, page's physical address, whether for writing too): fills the entries and notes them for the flush. */
function fillCode(): Uint8Array {
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
  c.i64Load(STATE.counters);
  c.i64Const(1n);
  c.op(OP.i64add);
  c.i64Store(STATE.counters);
  c.end();
  return c.bytes();
}

/** Leaves the host address when the TLB has the page: `host = entry's addend + address`, returned. */
function tlbHit(c: Code, base: number): void {
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
function addOffset(c: Code): void {
  c.localGet(1);
  c.localGet(0);
  c.op(OP.i32wrapI64);
  c.i32Const(0xfff);
  c.op(OP.i32and);
  c.op(OP.i32add);
}

function returnIfFault(c: Code, local: number): void {
  c.localTee(local);
  c.i32Const(-1);
  c.op(OP.i32eq);
  c.if();
  c.i32Const(-1);
  c.op(OP.return);
  c.end();
}

function readPageCode(walk: number, fill: number): Uint8Array {
  const c = new Code();
  tlbHit(c, TLB_READ_BASE);
  c.localGet(0);
  c.i32Const(0);
  c.call(walk);
  returnIfFault(c, 1);
  c.localGet(0);
  c.localGet(1);
  c.i32Const(0);
  c.call(fill);
  addOffset(c);
  c.end();
  return c.bytes();
}

/** A frame that holds translated code is not written here: EXIT_CODE_WRITE has its translations dropped first. */
function writePageCode(walk: number, fill: number): Uint8Array {
  const c = new Code();
  tlbHit(c, TLB_WRITE_BASE);
  c.localGet(0);
  c.i32Const(1);
  c.call(walk);
  returnIfFault(c, 1);
  c.localGet(1);
  c.i32Const(12);
  c.op(OP.i32shrU);
  c.i32Load8U(FRAME_MARKS_BASE);
  c.i32Const(FRAME_MARK_CODE);
  c.op(OP.i32and);
  c.if();
  setExitKind(c, EXIT_CODE_WRITE);
  c.i32Const(0);
  c.localGet(0);
  c.i64Store(STATE.exitAddress);
  c.i32Const(-1);
  c.op(OP.return);
  c.end();
  c.localGet(0);
  c.localGet(1);
  c.i32Const(1);
  c.call(fill);
  addOffset(c);
  c.end();
  return c.bytes();
}

/** Bytes of the access in its first page, when it does not fit: 4096 - offset; leaves whether it crosses. */
function crosses(c: Code, bytesLocal: number): void {
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
function bothPages(c: Code, page: number, a: number, b: number, n: number): void {
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

function slowReadCode(page: number): Uint8Array {
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

function slowStoreCode(page: number): Uint8Array {
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

function enterCode(region: number): Uint8Array {
  const DEPTH = 0, RIP = 1, ENTRY = 2; // biome-ignore format: locals in order
  const c = new Code();
  c.i32Const(0);
  c.i64Load(STATE.rip);
  c.localSet(RIP);
  c.loop();
  jumpCacheEntry(c, RIP);
  c.localSet(ENTRY);
  c.localGet(DEPTH);
  c.localGet(RIP);
  // A stale entry holds another RIP: function 0 reports the miss.
  c.localGet(ENTRY);
  c.i32Load(JUMP_CACHE_BASE + 8);
  c.i32Const(0);
  c.localGet(ENTRY);
  c.i64Load(JUMP_CACHE_BASE);
  c.localGet(RIP);
  c.op(OP.i64eq);
  c.op(OP.select);
  c.callIndirect(region);
  c.localTee(RIP);
  c.i64Const(EXITED);
  c.op(OP.i64ne);
  c.i32Const(0);
  c.i32Load(STATE.exitKind);
  c.i32Const(EXIT_NONE);
  c.op(OP.i32eq);
  c.op(OP.i32or);
  c.brIf(0);
  c.end();
  c.end();
  return c.bytes();
}

/** Leaves the byte offset of the RIP's jump-cache entry. */
export function jumpCacheEntry(c: Code, ripLocal: number): void {
  c.localGet(ripLocal);
  c.op(OP.i32wrapI64);
  c.localGet(ripLocal);
  c.i64Const(12n);
  c.op(OP.i64shrU);
  c.op(OP.i32wrapI64);
  c.op(OP.i32xor);
  c.i32Const(JUMP_CACHE_MASK);
  c.op(OP.i32and);
  c.i32Const(4);
  c.op(OP.i32shl);
}

function fetchCode(walk: number): Uint8Array {
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
function emptyTag(c: Code, offsetLocal: number): void {
  c.i64Const(0n);
  c.i64Const(-1n);
  c.localGet(offsetLocal);
  c.i32Const(TLB_INDEX_MASK);
  c.op(OP.i32eq);
  c.op(OP.select);
}

function flushCode(reads: boolean): Uint8Array {
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

function invalidateCode(): Uint8Array {
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

/** All ones and function 0: no RIP matches, and the one that does reports a miss. */
function flushJumpCacheCode(): Uint8Array {
  const c = new Code();
  c.i32Const(JUMP_CACHE_BASE);
  c.i32Const(0);
  c.i32Const(JUMP_CACHE_ENTRIES * 16);
  c.memoryFill();
  c.end();
  return c.bytes();
}

/**
 * REP MOVS or STOS with DF = 0, a run of bytes within one page of each side at a time. Stops before what would
 * fault, cross a page inside an element, or needs element order (overlap); the instruction's own loop does the rest.
 */
function bulkCode(kind: 'movs' | 'stos', readPage: number, writePage: number): Uint8Array {
  const WIDTH = 0, BASE = 1, COUNT = 2, SOURCE = 3, DEST = 4, FROM = 5, TO = 6, RUN = 7, LEFT = 8, STEP = 9; // biome-ignore format: locals in order
  const [RCX, RSI, RDI] = [1, 6, 7].map((r) => STATE.regs + r * 8);
  const c = new Code();
  const room = (host: number) => {
    c.i32Const(4096);
    c.localGet(host);
    c.i32Const(0xfff);
    c.op(OP.i32and);
    c.op(OP.i32sub);
  };
  const atMost = (push: () => void) => {
    push();
    c.localTee(STEP);
    c.localGet(RUN);
    c.localGet(STEP);
    c.localGet(RUN);
    c.op(OP.i32ltU);
    c.op(OP.select);
    c.localSet(RUN);
  };
  c.block();
  c.i32Const(0);
  c.i32Load(STATE.rflagsRest);
  c.i32Const(1 << 10);
  c.op(OP.i32and);
  c.brIf(0);
  c.loop();
  c.i32Const(0);
  c.i64Load(RCX);
  c.localTee(COUNT);
  c.op(OP.i64eqz);
  c.brIf(1);
  c.i32Const(0);
  c.i64Load(RDI);
  c.localTee(DEST);
  c.call(writePage);
  c.localTee(TO);
  c.i32Const(-1);
  c.op(OP.i32eq);
  c.brIf(1);
  if (kind === 'movs') {
    c.i32Const(0);
    c.i64Load(RSI);
    c.localTee(SOURCE);
    c.localGet(BASE);
    c.op(OP.i64add);
    c.call(readPage);
    c.localTee(FROM);
    c.i32Const(-1);
    c.op(OP.i32eq);
    c.brIf(1);
  }
  // RUN: bytes to do now, a multiple of the element; at most a page
  room(TO);
  c.localSet(RUN);
  if (kind === 'movs') atMost(() => room(FROM));
  c.localGet(COUNT);
  c.i64Const(4096n);
  c.op(OP.i64ltU);
  c.if();
  atMost(() => {
    c.localGet(COUNT);
    c.op(OP.i32wrapI64);
    c.localGet(WIDTH);
    c.op(OP.i32mul);
  });
  c.end();
  c.localGet(RUN);
  c.i32Const(0);
  c.localGet(WIDTH);
  c.op(OP.i32sub);
  c.op(OP.i32and);
  c.localTee(RUN);
  c.op(OP.i32eqz);
  c.brIf(1);
  if (kind === 'movs') {
    // Overlap with the destination ahead of the source repeats a pattern: not memory.copy's meaning.
    c.localGet(TO);
    c.localGet(FROM);
    c.op(OP.i32sub);
    c.i32Const(1);
    c.op(OP.i32sub);
    c.localGet(RUN);
    c.i32Const(1);
    c.op(OP.i32sub);
    c.op(OP.i32ltU);
    c.brIf(1);
    c.localGet(TO);
    c.localGet(FROM);
    c.localGet(RUN);
    c.memoryCopy();
  } else {
    c.localGet(WIDTH);
    c.i32Const(1);
    c.op(OP.i32eq);
    c.if();
    c.localGet(TO);
    c.i32Const(0);
    c.i32Load8U(STATE.regs);
    c.localGet(RUN);
    c.memoryFill();
    c.else();
    // Wider elements, from the last to the first.
    c.i32Const(0);
    c.i64Load(STATE.regs);
    c.localSet(LEFT);
    c.localGet(RUN);
    c.localSet(STEP);
    c.loop();
    c.localGet(TO);
    c.localGet(STEP);
    c.op(OP.i32add);
    c.localGet(WIDTH);
    c.op(OP.i32sub);
    c.localSet(FROM);
    c.localGet(WIDTH);
    c.i32Const(8);
    c.op(OP.i32eq);
    c.if();
    c.localGet(FROM);
    c.localGet(LEFT);
    c.i64Store(0);
    c.else();
    c.localGet(WIDTH);
    c.i32Const(4);
    c.op(OP.i32eq);
    c.if();
    c.localGet(FROM);
    c.localGet(LEFT);
    c.op(OP.i32wrapI64);
    c.i32Store(0);
    c.else();
    c.localGet(FROM);
    c.localGet(LEFT);
    c.op(OP.i32wrapI64);
    c.i32Store16(0);
    c.end();
    c.end();
    c.localGet(STEP);
    c.localGet(WIDTH);
    c.op(OP.i32sub);
    c.localTee(STEP);
    c.brIf(0);
    c.end();
    c.end();
  }
  const advance = (register: number, local: number) => {
    c.i32Const(0);
    c.localGet(local);
    c.localGet(RUN);
    c.op(OP.i64extendI32U);
    c.op(OP.i64add);
    c.i64Store(register);
  };
  advance(RDI, DEST);
  if (kind === 'movs') advance(RSI, SOURCE);
  c.i32Const(0);
  c.localGet(COUNT);
  c.localGet(RUN);
  c.localGet(WIDTH);
  c.op(OP.i32divU);
  c.op(OP.i64extendI32U);
  c.op(OP.i64sub);
  c.i64Store(RCX);
  c.br(0);
  c.end();
  c.end();
  c.end();
  return c.bytes();
}
