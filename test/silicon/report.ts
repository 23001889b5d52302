/** A failed vector as text: the instructions, what went in, and where the machine differs from the CPU. */
import { REG_NAMES } from '../../src/cpu/state.ts';
import { inspect } from './inspect.ts';
import { describeFlags, differences, type RunCase, type TestMachine } from './machine.ts';
import type { Vector } from './vector-file.ts';
import type { Case } from './wire.ts';

const hex = (x: bigint | number): string => `0x${x.toString(16)}`;

/** One line for each instruction: address, bytes, text. */
export function listing({ code, rip }: Case): string[] {
  const lines: string[] = [];
  for (let at = 0; at < code.length; ) {
    const insn = inspect(code.subarray(at), rip + BigInt(at));
    const bytes = Buffer.from(code.subarray(at, at + insn.length)).toString('hex');
    lines.push(`${hex(rip + BigInt(at))}  ${bytes.padEnd(22)} ${insn.text}`);
    at += Math.max(1, insn.length);
  }
  return lines;
}

/** Runs the vector; what differs, or nothing. An exception of the emulator is a difference too. */
export function check(machine: TestMachine, vector: Vector, run: RunCase): string[] {
  machine.load(vector);
  try {
    return differences(machine, vector, run(machine, vector));
  } catch (error) {
    return [String(error instanceof Error ? (error.stack ?? error.message) : error)];
  }
}

export function describeFailure({ before }: Vector, found: readonly string[]): string {
  const insn = inspect(before.code, before.rip);
  const used = before.maxSteps > 1 ? REG_NAMES.map((_, index) => index) : insn.registers;
  const registers = used.map((index) => `${REG_NAMES[index]}=${hex(before.gpr[index])}`).join(' ');
  const patches = before.patches
    .map(({ at, bytes }) => `+${hex(at)}: ${Buffer.from(bytes).toString('hex')}`)
    .join(', ');
  const vectors = before.vector
    ? insn.vectors.map(
        (n) => `xmm${n}=${Buffer.from(before.vector!.xmm.slice(16 * n, 16 * n + 16).reverse()).toString('hex')}`,
      )
    : [];
  const flags = `flags=${describeFlags(before.flags)}`;
  const limit = before.maxSteps > 1 ? [`at most ${before.maxSteps} instructions`] : [];
  return [...listing(before), ...limit, ...vectors, `${registers} ${flags}`, patches, ...found]
    .filter(Boolean)
    .join('\n    ');
}
