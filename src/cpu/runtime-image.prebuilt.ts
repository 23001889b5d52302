/**
 * The module of the runtime, put together: the dispatch loop, here; memory, REP, flags, arithmetic and vectors in the
 * files beside.
 */
import { JUMP_CACHE_BASE, JUMP_CACHE_ENTRIES, JUMP_CACHE_ENTRY_BYTES } from '../mem/layout.ts';
import { jumpCacheEntry, REGION_PARAMS, REGION_RESULTS } from './chaining.ts';
import { EXIT_MISS, EXIT_NONE, EXITED, setExitKind } from './exit-codes.ts';
import { CF } from './flags.ts';
import type { RUNTIME_FUNCS } from './runtime.ts';
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
import { Code, I32, I64, OP } from './wasm/code.ts';
import { FuncLibrary } from './wasm/func.ts';
import { MAX_WASM_PAGES, ModuleWriter } from './wasm/module.ts';

export function runtimeImage(): Uint8Array<ArrayBuffer> {
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
  return m.finish();
}

/** (depth, rip): what link cells and the jump cache hold for code that is not translated. */
function missCode(): Uint8Array<ArrayBuffer> {
  const c = new Code();
  c.i32Const(0);
  c.localGet(1);
  c.i64Store(STATE.rip);
  setExitKind(c, EXIT_MISS);
  c.i64Const(EXITED);
  c.end();
  return c.bytes();
}

function carryCode(flagsImage: number): Uint8Array<ArrayBuffer> {
  const c = new Code();
  for (const local of [0, 1, 2, 3]) c.localGet(local);
  c.call(flagsImage);
  c.i32Const(CF);
  c.op(OP.i32and);
  c.end();
  return c.bytes();
}

function enterCode(region: number): Uint8Array<ArrayBuffer> {
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

/** All zeros: only RIP 0 matches, and function 0 reports a miss. */
function flushJumpCacheCode(): Uint8Array<ArrayBuffer> {
  const c = new Code();
  c.i32Const(JUMP_CACHE_BASE);
  c.i32Const(0);
  c.i32Const(JUMP_CACHE_ENTRIES * JUMP_CACHE_ENTRY_BYTES);
  c.memoryFill();
  c.end();
  return c.bytes();
}
