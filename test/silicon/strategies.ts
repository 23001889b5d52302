/**
 * The ways in which the machine can run a vector: the cold tier, and translated code at both region sizes; for the
 * fuzzer, translated code that has run before.
 */
import type { Paddr } from '../../src/base/ints.ts';
import { ONE_INSTRUCTION, WHOLE_REGION } from '../../src/cpu/region.ts';
import { Cpu, type CpuOptions } from '../../src/cpu/run.ts';
import { PF_FETCH } from '../../src/mem/mmu.ts';
import type { Outcome, RunCase, TestMachine } from './machine.ts';
import type { Vector } from './vector-file.ts';
import { TRAP_RETIRED } from './wire.ts';

export interface Strategy {
  readonly name: string;
  readonly run: RunCase;
  /**
   * The test runs one in so many of the vectors, of single instructions and of sequences: at the small region size each of
   * a sequence's instructions is a module of its own.
   */
  readonly share: { readonly single: number; readonly sequence: number };
}

/** More than any vector takes, and enough for translated code to be entered. */
const AMPLE = 20_000;

/**
 * Translated code is only entered with budget to spare, so a vector runs on into what comes after it: INT3, or a page
 * that cannot be fetched. That stop is taken back here. What ends within its own code keeps to its budget.
 */
function runFreely(cpu: Cpu, { before, after }: Vector): Outcome {
  const start = cpu.retired;
  const within = after.rip >= before.rip && after.rip < before.rip + BigInt(before.code.length);
  if (after.trap === TRAP_RETIRED && within) {
    const exit = cpu.run(before.maxSteps);
    return { exit, retired: cpu.retired - start };
  }
  const exit = cpu.run(AMPLE);
  const retired = cpu.retired - start;
  if (after.trap !== TRAP_RETIRED) return { exit, retired };
  // Where #BP leaves RIP is a matter of INT3's own vectors.
  const stopped = exit.kind === 'exception' && exit.vector === 'BP' && cpu.state.rip - after.rip <= 1n;
  if (stopped && cpu.state.rip > after.rip) cpu.state.rip = after.rip;
  const fetch = exit.kind === 'pageFault' && exit.errorCode & PF_FETCH && exit.address === after.rip;
  return { exit: stopped || fetch ? { kind: 'budget' } : exit, retired };
}

function strategy(
  name: string,
  options: CpuOptions,
  share: Strategy['share'],
  run: (cpu: Cpu, vector: Vector, machine: TestMachine) => Outcome,
): Strategy {
  const cpus = new WeakMap<TestMachine, Cpu>();
  return {
    name,
    share,
    run(machine, vector) {
      let cpu = cpus.get(machine);
      if (!cpu) cpus.set(machine, (cpu = new Cpu(machine.frames, options)));
      cpu.switchTo(machine.cr3 as Paddr);
      return run(cpu, vector, machine);
    },
  };
}

export const STRATEGIES: readonly Strategy[] = [
  strategy('cold tier', { coldRuns: Number.POSITIVE_INFINITY }, { single: 1, sequence: 1 }, (cpu, { before }) => {
    const start = cpu.retired;
    const exit = cpu.run(before.maxSteps);
    return { exit, retired: cpu.retired - start };
  }),
  strategy('one instruction', { coldRuns: 0, limits: ONE_INSTRUCTION }, { single: 4, sequence: 4 }, runFreely),
  strategy('whole region', { coldRuns: 0, limits: WHOLE_REGION }, { single: 2, sequence: 1 }, runFreely),
];

/** For sequences: regions are larger when calls in them have been made, and the TLB knows the pages. */
export const AGAIN: Strategy = strategy(
  'whole region, again',
  { coldRuns: 0, limits: WHOLE_REGION },
  { single: Number.POSITIVE_INFINITY, sequence: 1 },
  (cpu, vector, machine) => {
    runFreely(cpu, vector);
    machine.rewind(vector);
    return runFreely(cpu, vector);
  },
);
