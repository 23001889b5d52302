/**
 * What stands between the kernel and the CPU while somebody debugs: it stops before breakpoints, and when a task has
 * executed as many instructions as were asked for. The code that runs is the CPU's own, at its own speed.
 */
import type { Exit } from '../cpu/exit.ts';
import type { Cpu } from '../cpu/run.ts';
import type { Task } from '../kernel/task/task.ts';
import { CpuBetween } from '../machine/cpu-between.ts';

/**
 * A task has executed so many instructions, and is about to execute the next. Tasks are named by number: one that is born
 * again, after the machine has gone back, is another object.
 */
export interface TaskTarget {
  readonly tid: number;
  readonly instructions: number;
}

/** A task leaves a range of addresses, or comes to a call or a return: for steps by line. */
export interface RangeTarget {
  readonly tid: number;
  readonly start: bigint;
  readonly end: bigint;
}

const STOP: Exit = { kind: 'stop' }, BUDGET: Exit = { kind: 'budget' }; // biome-ignore format: one line

export class StoppingCpu extends CpuBetween {
  target: TaskTarget | undefined;
  range: RangeTarget | undefined;
  /** What `run` stopped for last. */
  reason: 'target' | 'range' | 'cpu' | undefined;
  /** A task stands at a stop that has been told already: the instruction there is executed when it runs next. */
  passing: { readonly tid: number; readonly rip: bigint } | undefined;
  /** Nobody wants to know of stops: the machine is on its way to a position. */
  ignoresStops = false;
  /** Called before guest code runs. */
  onEnter: (() => void) | undefined;
  private readonly _current: () => Task | undefined;

  constructor(cpu: Cpu, current: () => Task | undefined) {
    super(cpu);
    this._current = current;
  }

  run(budget: number): Exit {
    this.reason = undefined;
    this.onEnter?.();
    const task = this._current();
    const target = this.target?.tid === task?.tid ? this.target : undefined;
    const before = this.retired;
    const left = target === undefined ? budget : target.instructions - task!.usage.instructions;
    if (left <= 0) return this._stop('target');
    const exit = this._runWithin(Math.min(budget, left), task);
    if (exit.kind === 'stop') return exit;
    const isThere = target !== undefined && this.retired - before >= left;
    return isThere && exit.kind === 'budget' ? this._stop('target') : exit;
  }

  private _runWithin(budget: number, task: Task | undefined): Exit {
    const end = this.retired + budget;
    let mayPass = this._passes(task);
    while (this.retired < end) {
      if (mayPass) {
        const { retired, state } = this;
        const { rip } = state;
        const exit = this.cpu.step();
        // A fault is resolved first, and the instruction begins anew.
        if (this.retired === retired && task !== undefined) this.passing = { tid: task.tid, rip };
        if (exit !== undefined) return exit;
        mayPass = false;
        continue;
      }
      const left = end - this.retired;
      if (this.range !== undefined && this.range.tid === task?.tid) return this._runInRange(left, this.range);
      const exit = this.cpu.run(left);
      if (exit.kind !== 'stop') return exit;
      if (!this.ignoresStops) return this._stop('cpu');
      mayPass = true;
    }
    return BUDGET;
  }

  private _passes(task: Task | undefined): boolean {
    if (this.passing === undefined || this.passing.tid !== task?.tid) return false;
    const isThere = this.passing.rip === this.state.rip;
    this.passing = undefined;
    return isThere;
  }

  /** Single steps: a line has few instructions, and what it calls is stepped over by whoever asked. */
  private _runInRange(budget: number, { start, end }: RangeTarget): Exit {
    for (let left = budget; left > 0; left--) {
      const { rip } = this.state;
      if (rip < start || rip >= end) return this._stop('range');
      if (left < budget && this.cpu.isStop(rip)) return this._stop('cpu');
      const insn = this.cpu.peek();
      if ('kind' in insn) return insn;
      const isCall = insn.def.flow === 'call' || insn.def.flow === 'callIndirect';
      const exit = this.cpu.step();
      if (exit !== undefined) return exit;
      if (isCall) return this._stop('range');
    }
    return BUDGET;
  }

  private _stop(reason: 'target' | 'range' | 'cpu'): Exit {
    this.reason = reason;
    return STOP;
  }
}
