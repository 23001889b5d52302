/**
 * The part of the CPU that is written directly in WebAssembly, put together: the dispatch loop, here; memory, REP,
 * flags, arithmetic and vectors in the files beside. Regions import these functions; TypeScript calls them too.
 */
import type { Frames } from '../mem/frames.ts';
import { JUMP_CACHE_BASE, JUMP_CACHE_ENTRIES, JUMP_CACHE_ENTRY_BYTES, TLB_FILLED_MAX } from '../mem/layout.ts';
import { EXIT_MISS, EXIT_NONE, EXITED, setExitKind } from './exit-codes.ts';
import { CF } from './flags.ts';
import { type LateFunc, LateFuncs, lateFunc } from './late-funcs.ts';
import { addArithmetic } from './runtime-arith.ts';
import { bulkFunc } from './runtime-bulk.ts';
import { addFlagsImage } from './runtime-flags.ts';
import {
  fetchCode,
  fillCode,
  flushCode,
  invalidateCode,
  readPageCode,
  setFaultCode,
  slowReadCode,
  slowStoreCode,
  walkCode,
  writePageCode,
} from './runtime-memory.ts';
import { addSlowStoreVec } from './runtime-vector.ts';
import { STATE } from './state.ts';
import { Code, I32, I64, OP, V128, type ValType } from './wasm/code.ts';
import { FuncLibrary } from './wasm/func.ts';
import { ModuleWriter } from './wasm/module.ts';

const JUMP_CACHE_MASK = JUMP_CACHE_ENTRIES - 1;

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
  /** (address, low, high) -> 0, for 32 bytes. */
  slowStoreWide: [[I64, V128, V128], [I32]],
  /** (fop, fx, fy, fc) -> RFLAGS image of the arithmetic flags; and CF alone. */
  flagsImage: [[I32, I64, I64, I32], [I32]],
  carry: [[I32, I64, I64, I32], [I32]],
  /** (high, low, divisor), unsigned and signed 128 by 64 bits. */
  divFitsS: [[I64, I64, I64], [I32]],
  divQuotientU: [[I64, I64, I64], [I64]],
  divQuotientS: [[I64, I64, I64], [I64]],
  /** (bytes per element, base added to RSI): does as much of a REP MOVS as it can by whole pages, on the state's RCX, RSI, RDI. */
  bulkMovs: [[I32, I64], []],
  bulkStos: [[I32, I64], []],
} as const;
export type RuntimeFunc = keyof typeof RUNTIME_FUNCS | LateFunc;
export const signatureOf = (name: RuntimeFunc): readonly [readonly ValType[], readonly ValType[]] => {
  if (name in RUNTIME_FUNCS) return RUNTIME_FUNCS[name as keyof typeof RUNTIME_FUNCS];
  const { params, results } = lateFunc(name as LateFunc);
  return [params, results];
};

export interface Runtime {
  /** The region-side imports, by name; those of LateFuncs are compiled when they are asked for. */
  readonly exports: Record<RuntimeFunc, unknown>;
  readonly late: LateFuncs;
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
  const { mulHighS, ...divisions } = addArithmetic(m);
  const flagsImage = addFlagsImage(m, mulHighS);
  const carry = m.func(m.type([I32, I64, I64, I32], [I32]), [], carryCode(flagsImage));
  const byName: Partial<Record<keyof typeof RUNTIME_FUNCS, number>> = {
    slowRead,
    slowReadForStore,
    slowStore,
    flagsImage,
    carry,
    ...divisions,
    slowStoreVec: addSlowStoreVec(m, slowReadForStore, slowStore, false),
    slowStoreWide: addSlowStoreVec(m, slowReadForStore, slowStore, true),
  };
  const library = new FuncLibrary(m);
  byName.bulkMovs = library.use(bulkFunc('movs', readPage, writePage));
  byName.bulkStos = library.use(bulkFunc('stos', readPage, writePage));
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
  const late = new LateFuncs(frames.memory);
  return {
    exports: new Proxy(runtime, { get: (own, name: RuntimeFunc) => own[name] ?? late.get(name as LateFunc) }),
    late,
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

/** Byte offset of the RIP's jump-cache entry. */
export const jumpCacheOffset = (rip: bigint): number =>
  ((Number(rip & 0xffff_ffffn) ^ Number((rip >> 12n) & 0xffff_ffffn)) & JUMP_CACHE_MASK) * JUMP_CACHE_ENTRY_BYTES;

/** The same as code: leaves it on the stack. */
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

/** All zeros: only RIP 0 matches, and function 0 reports a miss. */
function flushJumpCacheCode(): Uint8Array {
  const c = new Code();
  c.i32Const(JUMP_CACHE_BASE);
  c.i32Const(0);
  c.i32Const(JUMP_CACHE_ENTRIES * JUMP_CACHE_ENTRY_BYTES);
  c.memoryFill();
  c.end();
  return c.bytes();
}
