/**
 * The part of the CPU that is written directly in WebAssembly, on a machine's memory. Regions import these functions;
 * TypeScript calls them too.
 */
import type { Frames } from '../mem/frames.ts';
import { TLB_FILLED_MAX } from '../mem/layout.ts';
import type { LateFunc } from './late-defs.ts';
import { LateFuncs, lateFunc } from './late-funcs.ts';
import { runtimeImage } from './runtime-image.prebuilt.ts';
import { STATE } from './state.ts';
import { I32, I64, V128, type ValType } from './wasm/code.ts';

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
  // biome-ignore lint/complexity/noBannedTypes: functions of WebAssembly, handed on to other modules
  readonly exports: Record<RuntimeFunc, Function>;
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

/** The same for every machine: its memory and table are imports. */
let compiled: WebAssembly.Module | undefined;

export function makeRuntime(frames: Frames, table: WebAssembly.Table): Runtime {
  const instance = new WebAssembly.Instance((compiled ??= new WebAssembly.Module(runtimeImage())), {
    m: { memory: frames.memory, table },
  });
  const runtime = instance.exports as unknown as Runtime & Runtime['exports'];
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
