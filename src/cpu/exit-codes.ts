/** How translated code says why it came back: numbers in the state's exit fields, which cpu/run.ts turns into an Exit. */
import type { ExceptionVector } from './builder.ts';
import { STATE } from './state.ts';
import type { Code } from './wasm/code.ts';

/** What a region returns in place of the next RIP when it has filled the exit fields. Not canonical, so no code is there. */
export const EXITED = 0x8000_0000_0000_0001n;

export const EXIT_NONE = 0;
/** RIP has no translation. */
export const EXIT_MISS = 1;
/** Fewer instructions are left than the path ahead may take. */
export const EXIT_BUDGET = 2;
export const EXIT_SYSCALL = 3;
export const EXIT_PAGE_FAULT = 4;
export const EXIT_EXCEPTION = 5;
/** The instruction at RIP would write to a frame that holds translated code. */
export const EXIT_CODE_WRITE = 6;
/** The instruction at RIP is one that the cold tier executes. */
export const EXIT_INTERPRET = 7;
/** An indirect jump went where its region has not seen it go; `exitVector` is the region's table index, RIP the target. */
export const EXIT_INDIRECT = 8;

export const VECTORS: readonly ExceptionVector[] = ['DE', 'DB', 'BP', 'OF', 'BR', 'UD', 'GP', 'SS', 'MF', 'AC', 'XM'];

/** Code that sets the exit's kind. */
export function setExitKind(c: Code, kind: number): void {
  c.i32Const(0);
  c.i32Const(kind);
  c.i32Store(STATE.exitKind);
}
