/** The stack as words, from RSP upwards: each with what it may mean, as far as areas and symbols tell. */
import type { Task } from '../../kernel/task/task.ts';
import { readMemory } from './memory.ts';
import { type SymbolPlace, symbolAt } from './modules.ts';
import { stateOf } from './registers.ts';

export interface StackWord {
  readonly address: bigint;
  /** From RSP on. */
  readonly offset: number;
  readonly value: bigint;
  /** Where the value leads, if it is an address of a program or a library. */
  readonly symbol: SymbolPlace | undefined;
  /** It is an address of this stack. */
  readonly isOnStack: boolean;
}

const WORD_BYTES = 8;

/** At most so many words from an address on, RSP if none is given: fewer where the memory ends. */
export function readStack(task: Task, count: number, from?: bigint): StackWord[] {
  const rsp = stateOf(task)?.reg(4);
  if (rsp === undefined) return [];
  const start = from ?? rsp;
  const bytes = readMemory(task, start, count * WORD_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const area = task.mm.vmas.find(Number(rsp >> 12n));
  return Array.from({ length: Math.floor(bytes.length / WORD_BYTES) }, (_, i) => {
    const address = start + BigInt(i * WORD_BYTES);
    const value = view.getBigUint64(i * WORD_BYTES, true);
    const page = Number(value >> 12n);
    return {
      address,
      offset: Number(address - rsp),
      value,
      symbol: symbolAt(task, value),
      isOnStack: area !== undefined && page >= area.start && page < area.end,
    };
  });
}
