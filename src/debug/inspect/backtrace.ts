/**
 * Who has called whom: the frames of a task's stack, innermost first. Each caller is found by what the compiler wrote down
 * (.eh_frame), by the frame that the kernel made for a signal's handler, else by reading the function's code up to where it
 * is (frame-setup.ts). It ends where what would be a return address is none.
 */
import { REG_NAMES, RSP } from '../../cpu/state.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type Caller, type FrameRegisters, isPlausible, type UnwoundBy } from './caller.ts';
import { byCode } from './caller-by-code.ts';
import { bySignalFrame, byTable } from './caller-by-table.ts';
import { type LinePlace, lineAt, type SymbolPlace, symbolAt } from './modules.ts';
import { stateOf } from './registers.ts';

export type { UnwoundBy } from './caller.ts';

export interface StackFrame {
  /** 0: where the task is. */
  readonly level: number;
  readonly rip: bigint;
  readonly rsp: bigint;
  /** By their encoding; undefined: what the caller had there is not known. */
  readonly general: readonly (bigint | undefined)[];
  /** The function: of a caller, by the call and not by what follows it. */
  readonly symbol: SymbolPlace | undefined;
  readonly line: LinePlace | undefined;
  /** RSP of its caller once that goes on: what a frame is known by. Undefined where nothing tells. */
  readonly cfa: bigint | undefined;
  /** Where the caller's registers are kept, by their encoding, and its RIP: those that are still in registers are not. */
  readonly savedAt: ReadonlyMap<number | 'rip', bigint>;
  /** How its caller was, or would be, found. */
  readonly unwoundBy: UnwoundBy | undefined;
  /** What is where the return address would be leads to no code: nobody has called it, as far as can be seen. */
  readonly isOutermost: boolean;
  /** A signal interrupted it: it was not calling anything. */
  readonly isInterrupted: boolean;
}

export const MOST_FRAMES = 1000;

/** At most so many frames; none for a task that has ended. */
export function backtrace(task: Task, most: number = MOST_FRAMES): StackFrame[] {
  const state = stateOf(task);
  if (state === undefined) return [];
  const frames: StackFrame[] = [];
  let at: FrameRegisters = { rip: state.rip, general: REG_NAMES.map((_, i) => state.reg(i)) };
  // Only the innermost frame, and one that a signal interrupted, is at an instruction that has not run yet.
  let isExact = true;
  while (frames.length < most) {
    const caller = callerOf(task, at, isExact);
    const isOutermost = caller === undefined || !isPlausible(task, at, caller);
    const isSignals = caller?.unwoundBy === 'signal frame';
    const where = isExact || isSignals ? at.rip : at.rip - 1n;
    frames.push({
      level: frames.length,
      ...at,
      rsp: at.general[RSP]!,
      symbol: symbolAt(task, where),
      line: lineAt(task, where),
      cfa: caller?.cfa,
      savedAt: caller?.savedAt ?? new Map(),
      unwoundBy: caller?.unwoundBy,
      isOutermost,
      isInterrupted: isExact && frames.length > 0,
    });
    if (caller === undefined || isOutermost) break;
    isExact = isSignals;
    at = { rip: caller.rip, general: caller.general };
  }
  return frames;
}

/** Undefined: nothing tells where its caller is. */
const callerOf = (task: Task, at: FrameRegisters, isExact: boolean): Caller | undefined => {
  const byCompiler = byTable(task, at, isExact);
  if (byCompiler !== undefined) return byCompiler ?? undefined;
  return bySignalFrame(task, at) ?? byCode(task, at, isExact);
};
