/** A failed vector as text: the instructions, what went in, and where the machine differs from the CPU. */
import { REG_NAMES } from '../../src/cpu/state.ts';
import { inspect } from './inspect.ts';
import { describeFlags, differences, type RunCase, type TestMachine } from './machine.ts';
import { MOST_STEPS } from './minimise.ts';
import { partsOf } from './parts.ts';
import type { Vector } from './vector-file.ts';
import { type Case, DEFAULT_MXCSR } from './wire.ts';

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
  const all = partsOf(before.code, before.rip).map((part) => inspect(part.bytes, before.rip));
  const distinct = (numbers: readonly number[]) => [...new Set(numbers)].sort((a, b) => a - b);
  const used = distinct(all.flatMap((insn) => insn.registers));
  const registers = used.map((index) => `${REG_NAMES[index]}=${hex(before.gpr[index])}`).join(' ');
  const patches = before.patches
    .map(({ at, bytes }) => `+${hex(at)}: ${Buffer.from(bytes).toString('hex')}`)
    .join(', ');
  const { vector } = before;
  const reversed = (bytes: Uint8Array | undefined, at: number, count: number) =>
    Buffer.from(bytes?.slice(at, at + count).reverse() ?? []).toString('hex');
  const vectors = vector
    ? distinct(all.flatMap((insn) => insn.vectors)).map(
        (n) => `ymm${n}=${reversed(vector.ymmHigh, 16 * n, 16)}_${reversed(vector.xmm, 16 * n, 16)}`,
      )
    : [];
  if (vector && vector.mxcsr !== DEFAULT_MXCSR) vectors.push(`mxcsr=${hex(vector.mxcsr)}`);
  if (vector?.x87) {
    const { x87 } = vector;
    const field = (name: string, at: number, bytes: number) => `${name}=${reversed(x87, at, bytes)}`;
    const registers = Array.from({ length: 8 }, (_, n) => field(`st${n}`, 32 + 16 * n, 10));
    vectors.push([field('fcw', 0, 2), field('fsw', 2, 2), field('ftw', 4, 1), field('fop', 6, 2)].join(' '));
    vectors.push(registers.join(' '));
  }
  const flags = `flags=${describeFlags(before.flags)}`;
  const limit = before.maxSteps > 1 && before.maxSteps < MOST_STEPS ? [`at most ${before.maxSteps} instructions`] : [];
  return [...listing(before), ...limit, ...vectors, `${registers} ${flags}`, patches, ...found]
    .filter(Boolean)
    .join('\n    ');
}
