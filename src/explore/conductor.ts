/**
 * One run of a program in which somebody else chooses, at every point, which task passes its next one. From the moment
 * that there are two tasks on, each is run up to its next point; then the chooser is asked, that task passes its point and
 * runs on to the next, and so on. What was touched on the way is recorded, so that it can be told which choices mattered.
 */
import { invariant } from '../base/invariant.ts';
import { disassemble } from '../cpu/disasm.ts';
import type { ElfImage } from '../elf/image.ts';
import type { SchedulePolicy } from '../kernel/task/schedule.ts';
import type { Task } from '../kernel/task/task.ts';
import { Machine, type MachineOptions, type ProgramOptions, type RunLimits } from '../machine/machine.ts';
import type { RunResult } from '../machine/result.ts';
import { placesOfCall, placesOfEnd } from './calls.ts';
import { Footprint, type Place, placesOf, signalsOf } from './footprint.ts';
import { isShared, type Point, type SharedAccess, Stepper, Walker } from './stepper.ts';

/** A choice to be made. */
export interface Choice {
  /** How many were made before. */
  readonly number: number;
  /** Who can go on, by task number, the smallest first. */
  readonly enabled: readonly number[];
  /** Who has gone on last, if it can again: another choice preempts it. */
  readonly running: number | undefined;
  /** Who waits by looking at memory that has not changed: a turn would lead nowhere. */
  readonly spinning: readonly number[];
  /** The step of the choice before. */
  readonly last: Step | undefined;
}

/** The task that goes on; undefined gives the run up. */
export type Chooser = (choice: Choice) => number | undefined;

/** An access at which no task stops, since it is not known that anybody else makes one there. */
export interface FreeAccess extends SharedAccess {
  /** The step that was the task's last. */
  readonly tid: number;
}

/** A task has come to be; or has been given a turn and passed a point. */
export interface Step {
  readonly kind: 'birth' | 'turn';
  readonly tid: number;
  /** Of a turn: who could have had it. */
  readonly enabled: readonly number[];
  /** Of a turn: who was looking at memory that had not changed. */
  readonly spinning: readonly number[];
  /** What it touched, in a way that others may notice. */
  readonly footprint: Footprint;
  /** Virtual and physical places of what it touched in memory. */
  readonly accesses: SharedAccess[];
  /** What the task touched between this point and the next. */
  readonly free: SharedAccess[];
  /** Tasks that it has made or woken. */
  readonly wakes: number[];
  /** Places of memory that are not as they were. */
  readonly changes: Place[];
  /** Tasks that it has sent a signal. */
  readonly signals: number[];
  /** Tasks that could have gone on, and have been ended by it. */
  readonly ends: number[];
  /** Points that the task has passed with it, those that nobody stops at included. */
  points: number;
  /** `0x401020 mov [0x10000000], rax`, `0x401030 wait4`. */
  readonly describe: () => string;
}

export interface Execution {
  readonly steps: readonly Step[];
  /** Undefined: the chooser has given it up. */
  readonly result: RunResult | undefined;
  /** The program has asked for the time, or slept: what it does may depend on more than its choices. */
  readonly usesTime: boolean;
}

export interface ConductOptions {
  readonly image: ElfImage;
  readonly path: string;
  readonly machine: Omit<MachineOptions, 'schedule' | 'interpose' | 'seed' | 'quantum'>;
  readonly program: ProgramOptions;
  readonly limits: RunLimits;
  /** Virtual places at which tasks stop; undefined: at every access to memory that others reach. */
  readonly stops: ReadonlySet<number> | undefined;
  readonly choose: Chooser;
}

/** Thrown through the kernel when the chooser gives a run up. */
const GIVEN_UP = { gives: 'up' };
/** The same when every task waits, some of them by looking at memory that nobody will change. */
const ALL_WAIT = { waits: 'all' };

export async function conduct(options: ConductOptions): Promise<Execution> {
  const conductor = new Conductor(options.choose, options.stops, true);
  const machine = new Machine({
    recordSyscalls: false,
    recordFrames: false,
    ...options.machine,
    ...conductor.ofMachine,
  });
  conductor.attach(machine);
  await machine.load(options.image, options.path, options.program);
  try {
    const result = await machine.run(options.limits);
    conductor.finishStep();
    return { steps: conductor.steps, result, usesTime: conductor.usesTime };
  } catch (error) {
    if (error === ALL_WAIT) {
      const result = machine.result('deadlock');
      const waiting = [...result.waiting, ...conductor.describeSpinning()];
      return { steps: conductor.steps, result: { ...result, waiting }, usesTime: conductor.usesTime };
    }
    if (error !== GIVEN_UP) throw error;
    return { steps: conductor.steps, result: undefined, usesTime: conductor.usesTime };
  } finally {
    machine.dispose();
  }
}

/** The end of a line of slices that never ends by itself. */
const ENDLESS = Number.MAX_SAFE_INTEGER;

/** Leads the tasks of one machine, which is made with the options `ofMachine` and attached before it runs. */
export class Conductor implements SchedulePolicy {
  readonly ofMachine: Pick<MachineOptions, 'schedule' | 'interpose'> = {
    schedule: this,
    interpose: (cpu) => (this._stepper = new Stepper(cpu, this)),
  };
  readonly steps: Step[] = [];
  readonly stops: ReadonlySet<number> | undefined;
  usesTime = false;
  private _stepper!: Stepper;
  private _machine!: Machine;
  private readonly _choose: Chooser;
  private readonly _endsSpinning: boolean;
  private readonly _walkers = new Map<Task, WalkerState>();
  /** The latest step of each task. */
  private readonly _latest = new Map<number, Step>();
  private _open: { readonly step: Step; readonly walker: WalkerState } | undefined;
  private _lastTurn: Step | undefined;
  private _turns = 0;
  private _isLeading = false;

  /** `endsSpinning`: a run in which everybody waits ends although some would look for ever. */
  constructor(choose: Chooser, stops: ReadonlySet<number> | undefined, endsSpinning: boolean) {
    this._choose = choose;
    this._endsSpinning = endsSpinning;
    this.stops = stops;
  }

  attach(machine: Machine): void {
    this._machine = machine;
    machine.kernel.onUserAccess = (space, address, bytes, paddr, access) =>
      this._onKernelAccess(space, {
        address, bytes, paddr, isWrite: access === 'write', isChange: access === 'write',
      }); // biome-ignore format: one value
  }

  // ---- for the kernel -------------------------------------------------------------------------------------------
  slice = (): number => ENDLESS;
  wakes = (): number => 0;

  preempts(task: Task): boolean {
    if (!this._walkers.has(task)) {
      const walker = new WalkerState(task);
      this._walkers.set(task, walker);
      if (this._walkers.size > 1) this._isLeading = true;
      const birth = this._newStep('birth', task.tid, [], [], () => 'begins');
      this._latest.set(task.tid, birth);
      // The one before was alone until now, and its birth is not known to anybody.
      if (this._walkers.size > 1 && this.steps.length === 0)
        for (const [first] of this._walkers) this.steps.push(this._latest.get(first.tid)!);
      else if (this._isLeading) this.steps.push(birth);
    }
    this._open?.step.wakes.push(task.tid);
    return false;
  }

  pick(ready: readonly Task[]): number {
    this.finishStep();
    if (!this._isLeading) return 0;
    const fresh = ready.findIndex(
      (task) => task.call === undefined && !task.needsAttention && this.walkerOf(task).point === undefined,
    );
    if (fresh >= 0) return fresh;
    const tids = (tasks: readonly Task[]) => tasks.map(({ tid }) => tid).sort((a, b) => a - b);
    const isSpinning = (task: Task): boolean => this.walkerOf(task).spin.isSpinning && !task.needsAttention;
    // Time passes for those who look, too.
    const isEndless = ready.every(isSpinning);
    if (isEndless && this._endsSpinning && this._machine.kernel.scheduler.timers.isEmpty) throw ALL_WAIT;
    if (isEndless) for (const task of ready) this.walkerOf(task).spin.clear();
    const spinning = tids(ready.filter(isSpinning));
    const enabled = tids(ready.filter((task) => !isSpinning(task)));
    const last = this._lastTurn;
    const running = last !== undefined && enabled.includes(last.tid) ? last.tid : undefined;
    const chosen = this._choose({ number: this._turns, enabled, running, spinning, last });
    if (chosen === undefined) throw GIVEN_UP;
    const index = ready.findIndex(({ tid }) => tid === chosen);
    invariant(index >= 0, `task ${chosen} cannot go on`);
    this._turns++;
    this._begin(ready[index], enabled, spinning);
    return index;
  }

  // ---- for the stepper ------------------------------------------------------------------------------------------
  isLeading = (): boolean => this._isLeading;
  current = (): Task | undefined => this._machine.kernel.current;
  onTime = (): void => {
    this.usesTime = true;
  };
  walkerOf = (task: Task): WalkerState => {
    const walker = this._walkers.get(task);
    invariant(walker !== undefined, 'every task has been admitted');
    return walker;
  };
  onAccess = (walker: Walker, access: SharedAccess, isPoint: boolean): void => {
    const step = this._latest.get(walker.task.tid)!;
    if (isPoint) this._touch(step, access);
    else step.free.push(access);
    if (access.isChange) for (const [place] of placesOf(access.paddr, access.bytes)) step.changes.push(place);
  };

  private _onKernelAccess(space: Task['mm'], access: SharedAccess): void {
    const task = this.current();
    if (!this._isLeading || task === undefined || !task.hasMemory()) return;
    if (isShared(space, access.address)) this.onAccess(this.walkerOf(task), access, this._isStop(access));
  }

  private _isStop({ address, bytes }: SharedAccess): boolean {
    if (this.stops === undefined) return true;
    for (const [place] of placesOf(Number(address), bytes)) if (this.stops.has(place)) return true;
    return false;
  }

  private _touch(step: Step, access: SharedAccess): void {
    step.accesses.push(access);
    for (const [place, mask] of placesOf(access.paddr, access.bytes)) step.footprint.add(place, access.isWrite, mask);
  }

  /** Who looks at what: `pid 101 demo: spins at 0x401020 mov rax, [0x10000000] (reads 0x10000000)`. */
  describeSpinning(): string[] {
    return [...this._walkers.values()]
      .filter(({ task, spin }) => task.isAlive() && spin.isSpinning)
      .map(({ task, point }) => `pid ${task.tid} ${task.comm}: spins at ${describePoint(point)}`);
  }

  // ---- steps ----------------------------------------------------------------------------------------------------
  private _newStep(
    kind: Step['kind'],
    tid: number,
    enabled: readonly number[],
    spinning: readonly number[],
    describe: () => string,
  ): Step {
    return { kind, tid, enabled, spinning, footprint: new Footprint(), accesses: [], free: [], wakes: [], changes: [], signals: [], ends: [], points: 0, describe }; // biome-ignore format: one line
  }

  private _begin(task: Task, enabled: readonly number[], spinning: readonly number[]): void {
    const walker = this.walkerOf(task);
    const { point } = walker;
    const { call, tid } = task;
    const name = call?.record.name ?? (point?.kind === 'call' ? (point.what as string) : undefined);
    const step = this._newStep('turn', tid, enabled, spinning, () =>
      call !== undefined ? `goes on in ${call.record.name}` : describePoint(point),
    );
    this.steps.push(step);
    this._latest.set(tid, step);
    this._lastTurn = step;
    this._open = { step, walker };
    step.footprint.add(signalsOf(tid), false);
    if (name !== undefined) for (const place of placesOfCall(name, task)) step.footprint.add(place, true);
    if (walker.spin.isSpinning || call !== undefined) walker.spin.clear();
    if (call !== undefined) walker.steps++;
    else this._stepper.giveTurn(walker);
  }

  /** After a step, once everybody can be looked at. */
  finishStep(): void {
    const open = this._open;
    this._open = undefined;
    if (open !== undefined) {
      const { step, walker } = open;
      step.points = walker.steps - walker.stepsTold;
      walker.stepsTold = walker.steps;
      if (!walker.task.isAlive()) for (const place of walker.placesOfEnd) step.footprint.add(place, true);
      for (const [task, other] of this._walkers) {
        if (other.isOver || other === walker) continue;
        if (task.needsAttention && !other.hadAttention) {
          step.footprint.add(signalsOf(task.tid), true);
          step.signals.push(task.tid);
        }
        if (other.spin.isSpinning && step.changes.some((place) => other.spin.hasRead(place))) step.wakes.push(task.tid);
        if (step.changes.some((place) => other.spin.hasRead(place))) other.spin.clear();
        if (task.isAlive()) continue;
        if (other.wasReady) step.ends.push(task.tid);
      }
    }
    for (const [task, walker] of this._walkers) {
      if (walker.isOver) continue;
      walker.hadAttention = task.needsAttention;
      walker.wasReady = task.state === 'ready';
      if (task.isAlive()) walker.placesOfEnd = this._isLeading ? placesOfEnd(task) : [];
      else walker.isOver = true;
    }
  }
}

class WalkerState extends Walker {
  stepsTold = 0;
  hadAttention = false;
  wasReady = true;
  isOver = false;
  /** What its end would touch. */
  placesOfEnd: readonly number[] = [];
}

function describePoint(point: Point | undefined): string {
  if (point === undefined) return 'takes a signal';
  const where = `0x${point.rip.toString(16)}`;
  if (typeof point.what === 'string') return `${where} ${point.what}`;
  const at = point.address === undefined ? '' : ` (${point.kind}s 0x${point.address.toString(16)})`;
  return `${where} ${disassemble(point.what)}${at}`;
}
