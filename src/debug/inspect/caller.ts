/** A caller of a function, however it was found, and what tells a caller from a word that only looks like one. */
import { PROT_EXEC } from '../../abi/mman.ts';
import { vpnOf } from '../../base/ints.ts';
import { decode } from '../../cpu/decode.ts';
import { RSP } from '../../cpu/state.ts';
import type { Task } from '../../kernel/task/task.ts';
import { readMemory } from './memory.ts';

/** How the caller was found. */
export type UnwoundBy = 'unwind table' | 'signal frame' | 'frame pointer' | 'stack pointer';

/** Where a frame is, and its general registers by their encoding; undefined: not known. */
export interface FrameRegisters {
  readonly rip: bigint;
  readonly general: readonly (bigint | undefined)[];
}

export interface Caller extends FrameRegisters {
  readonly cfa: bigint;
  readonly savedAt: ReadonlyMap<number | 'rip', bigint>;
  readonly unwoundBy: UnwoundBy;
}

/**
 * Callers are code, and further up; but what a signal interrupted may have been on another stack. What is only guessed has
 * to be behind a call, or be what handlers return to.
 */
export function isPlausible(task: Task, at: FrameRegisters, caller: Caller): boolean {
  const isGuess = caller.unwoundBy === 'frame pointer' || caller.unwoundBy === 'stack pointer';
  if (!isCode(task, caller.rip)) return false;
  if (isGuess && !isBehindCall(task, caller.rip) && !isTrampoline(task, caller.rip)) return false;
  const [before, after] = [at.general[RSP], caller.general[RSP]];
  if (after === undefined) return false;
  return caller.unwoundBy === 'signal frame' || (before !== undefined && after > before);
}

export const isCode = (task: Task, address: bigint): boolean =>
  (((address > 0n && task.mm.vmas.find(vpnOf(address - 1n))?.prot) || 0) & PROT_EXEC) !== 0;

/** The lengths of calls: by a register, by memory in its forms, by an offset. */
const CALL_BYTES = [5, 2, 3, 6, 7, 4, 8];

function isBehindCall(task: Task, address: bigint): boolean {
  return CALL_BYTES.some((length) => {
    const code = readMemory(task, address - BigInt(length), length);
    const insn = decode(code, 0, code.length, address - BigInt(length));
    return (
      typeof insn === 'object' &&
      insn.length === length &&
      (insn.def.flow === 'call' || insn.def.flow === 'callIndirect')
    );
  });
}

/** `mov rax, 15; syscall` in both of its encodings: what a handler returns to. */
const TRAMPOLINES = [
  [0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05],
  [0xb8, 15, 0, 0, 0, 0x0f, 0x05],
];
/** Whether it is where handlers return to. */
export function isTrampoline(task: Task, rip: bigint): boolean {
  const code = readMemory(task, rip, 9);
  return TRAMPOLINES.some((bytes) => bytes.every((byte, i) => code[i] === byte));
}
