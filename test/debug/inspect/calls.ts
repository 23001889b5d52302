/** The calls that a thread has made and not returned from, noted as its instructions run: what unwinding is held against. */
import { stateOf } from '../../../src/debug/inspect/registers.ts';
import { decodeAt } from '../../../src/debug/instruction.ts';
import type { Task } from '../../../src/kernel/task/task.ts';

/** Runs so many instructions, one by one; before each, `look` gets what the calls return to, innermost first. Stops when it says so. */
export function followCalls(
  task: Task,
  most: number,
  look: (made: readonly string[], i: number) => 'stop' | undefined,
): number {
  const { kernel } = task;
  const calls: { readonly returnTo: bigint; readonly keptAt: bigint }[] = [];
  for (let i = 0; i < most; i++) {
    const state = stateOf(task);
    if (state === undefined) return i;
    const { rip } = state;
    const rsp = state.reg(4);
    while (calls.length > 0 && calls[calls.length - 1].keptAt < rsp) calls.pop();
    if (look(calls.map(({ returnTo }) => returnTo.toString(16)).reverse(), i) === 'stop') return i;
    const insn = decodeAt(task, rip);
    kernel.run(1);
    const isCall = insn?.def.flow === 'call' || insn?.def.flow === 'callIndirect';
    if (isCall && stateOf(task)?.reg(4) === rsp - 8n) calls.push({ returnTo: insn.next, keptAt: rsp - 8n });
  }
  return most;
}
