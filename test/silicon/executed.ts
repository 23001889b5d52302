/** What one executed instruction did to the knowledge of which flags are defined. */
import { type Inspected, inspect } from './inspect.ts';
import { type Executed, keepsFlags, undefinedFlags, undefinedResult } from './undefined.ts';
import { type Case, type Step, TRAP_RETIRED } from './wire.ts';

/** The instruction together with the operand values that decide about its flags. */
export function executedOf(insn: Inspected, gpr: BigUint64Array): Executed {
  const last = insn.operands.at(-1);
  let count = 1;
  if (last?.kind === 'immediate') count = Number(last.value & 0xffn);
  else if (last?.kind === 'register') count = Number(gpr[last.number] & 0xffn);
  return { mnemonic: insn.mnemonic, width: insn.width, count };
}

/** Mask of undefined flags after the instruction has retired, given those before it. */
export function undefinedAfter(insn: Inspected, gpr: BigUint64Array, undefinedBefore: number): number {
  const executed = executedOf(insn, gpr);
  if (keepsFlags(executed)) return undefinedBefore;
  const counter = insn.memory[0]?.base?.width === 32 ? gpr[1] & 0xffff_ffffn : gpr[1];
  if (insn.repeated && insn.memory.length > 0 && counter === 0n) return undefinedBefore;
  return (undefinedBefore & ~insn.flagsModified) | undefinedFlags(executed);
}

export interface Walked {
  /** Steps that are good for comparison. */
  readonly steps: readonly Step[];
  readonly undefinedFlags: number;
}

/** Follows a trace up to where an instruction reads an undefined flag or leaves an undefined result. */
export function walkTrace(before: Case, trace: readonly Step[]): Walked {
  let undefinedFlags = 0;
  let { gpr, rip } = before;
  const good: Step[] = [];
  for (const step of trace) {
    const insn = inspect(before.code.subarray(Number(rip - before.rip)), rip);
    if (insn.flagsRead & undefinedFlags || undefinedResult(executedOf(insn, gpr))) break;
    if (step.trap === TRAP_RETIRED) undefinedFlags = undefinedAfter(insn, gpr, undefinedFlags);
    good.push(step);
    ({ gpr, rip } = step);
  }
  return { steps: good, undefinedFlags };
}
