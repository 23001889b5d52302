/**
 * Processes whose "programs" are generators: they yield calls and get results, so a story about fork, wait and signals
 * is written without an assembler. `yield sys.fork(child)` starts another generator in the child.
 */
import { s64 } from '../../src/base/ints.ts';
import { invariant } from '../../src/base/invariant.ts';
import type { Exit } from '../../src/cpu/exit.ts';
import type { KernelObserver } from '../../src/kernel/observer.ts';
import { supportedSyscalls } from '../../src/kernel/syscalls/table.ts';
import { type BareProcess, bareProcess } from './bare-process.ts';

type Step =
  | { readonly call: number; readonly args: readonly bigint[]; readonly child?: Program }
  | { readonly work: number }
  | { readonly exit: Exit };
export type Program = () => Generator<Step, void, number>;

const NUMBERS = new Map(supportedSyscalls().map(({ name, number }) => [name, number]));

const call = (name: string, ...args: (bigint | number)[]): Step => {
  const number = NUMBERS.get(name);
  invariant(number !== undefined, `no system call ${name}`);
  return { call: number, args: args.map(BigInt) };
};
export const sys = {
  call,
  fork: (child: Program): Step => ({ call: 57, args: [], child }),
  vfork: (child: Program): Step => ({ call: 58, args: [], child }),
  exit: (status: number): Step => call('exit', status),
  wait: (pid = -1, options = 0): Step => call('wait4', pid, 0, options, 0),
  yield: (): Step => call('sched_yield'),
  work: (work: number): Step => ({ work }),
  raise: (exit: Exit): Step => ({ exit }),
};

export interface Story extends BareProcess {
  /** Runs until nothing is left to run. */
  play(): ReturnType<BareProcess['kernel']['run']>;
}

export function story(program: Program, observer?: KernelObserver, options?: Parameters<typeof bareProcess>[2]): Story {
  const machine = bareProcess(observer, undefined, options);
  const { kernel, cpu } = machine;
  const running = new Map<number, { generator: ReturnType<Program>; work: number }>();
  const unborn: Program[] = [program];
  cpu.script = (_cpu, budget) => {
    const { pid } = kernel.current!;
    let self = running.get(pid);
    if (self === undefined) running.set(pid, (self = { generator: unborn.shift()!(), work: 0 }));
    if (self.work === 0) {
      const { value: step, done } = self.generator.next(Number(s64(cpu.state.reg(0))));
      invariant(!done, `the program of ${pid} ended without exit`);
      if ('exit' in step) return step.exit;
      if ('call' in step) {
        if (step.child) unborn.push(step.child);
        return cpu.syscall(step.call, step.args);
      }
      self.work = step.work;
    }
    const did = Math.min(self.work, budget);
    self.work -= did;
    cpu.retired += did;
    return { kind: 'budget' };
  };
  return { ...machine, play: () => kernel.run(1_000_000_000_000) };
}
