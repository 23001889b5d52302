/**
 * The debugger without a face: runs a machine forwards and backwards, by instructions, calls, lines, events and stops, and
 * says why it stopped (stops.ts). All processes stand still together. Going back is putting back a checkpoint and running
 * again (history.ts), so whatever can be seen at a position is the same each time.
 *
 * Steps are those of the selected task: others run meanwhile as the scheduler says, and as they did before.
 */
import { UsageError } from '../base/invariant.ts';
import type { InstructionDef } from '../cpu/isa/define.ts';
import { allRecords } from '../cpu/isa/index.ts';
import { RSP } from '../cpu/state.ts';
import { ElfError, type ElfImage, parseElf } from '../elf/image.ts';
import type { Task } from '../kernel/task/task.ts';
import type { BelowKernel, CpuBetween } from '../machine/cpu-between.ts';
import { Machine, type MachineOptions, type ProgramOptions } from '../machine/machine.ts';
import type { History } from './history.ts';
import { stateOf } from './inspect/registers.ts';
import { decodeAt } from './instruction.ts';
import { DebugConsole, OutputLog } from './output.ts';
import { comparePositions, type Position } from './position.ts';
import { type Found, pointsOf, type Request, Runner } from './runner.ts';
import { type StopPointOptions, StopPoints } from './stop-points.ts';
import { StoppingCpu } from './stopping-cpu.ts';
import type {
  AnyStopPoint,
  Breakpoint,
  Catchpoint,
  CatchWhat,
  Stop,
  StopReason,
  WatchedPlace,
  Watchpoint,
} from './stops.ts';
import { type Timeline, TimelineRecorder } from './timeline.ts';
import { type BytePlace, findLastWrite, type Writer } from './who-wrote.ts';

export type { StopPointOptions } from './stop-points.ts';
export type { Writer } from './who-wrote.ts';

export type Direction = 'forward' | 'backward';

export interface EngineOptions extends ProgramOptions {
  /** The program's file; undefined: `path` is one of the guest's own files (`root`, `mounts`). */
  readonly program: Uint8Array | undefined;
  readonly path: string;
  readonly machine?: Omit<MachineOptions, 'console' | 'interpose' | 'observer' | 'stdin' | 'clock' | 'tty' | 'disk'>;
  /** All that the program reads. Without: input comes from `input`. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Stands between the kernel and what runs the program, and changes the run (private-twin.ts); `current`: who runs. */
  readonly between?: ((cpu: BelowKernel, current: () => Task | undefined) => CpuBetween<BelowKernel>) | undefined;
  /** Bytes that checkpoints may hold. Default: 512 MiB. */
  readonly checkpointBytes?: number | undefined;
}

/** Instructions before a call's return address at which the call may begin, in bytes. */
const SHORTEST_CALL = 2, LONGEST_CALL = 9; // biome-ignore format: one line

export class Engine {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly output: OutputLog;
  readonly history: History;
  /** The latest stop. */
  lastStop: Stop | undefined;

  private readonly _console: DebugConsole;
  private readonly _points: StopPoints = new StopPoints();
  private readonly _runner: Runner;
  private _selected = 0;
  private constructor(
    machine: Machine,
    cpu: StoppingCpu,
    recorder: TimelineRecorder,
    console: DebugConsole,
    checkpointBytes: number | undefined,
    between: CpuBetween<BelowKernel> | undefined,
  ) {
    this.machine = machine;
    this.timeline = recorder.timeline;
    this.output = console.log;
    this._console = console;
    this._runner = new Runner({
      machine,
      cpu,
      recorder,
      console,
      points: this._points,
      checkpointBytes,
      between,
      nextTask: () => this.task,
    });
    this.history = this._runner.history;
    this.task = anyTask(machine);
  }

  /** Makes a machine with the program in it, before its first instruction. UsageError: as Machine.load. */
  static async open(options: EngineOptions): Promise<Engine> {
    const { program, path, stdin, checkpointBytes, args, env, argv0 } = options;
    const current = (): Task | undefined => machine?.kernel.current;
    if (options.machine?.mounts?.some(({ writable }) => writable))
      throw new UsageError(
        'mount: what is written to a directory of the host cannot be taken back; a debugger wants it read-only',
      );
    const recorder = new TimelineRecorder();
    const log = new OutputLog();
    let machine: Machine | undefined;
    let cpu: StoppingCpu | undefined;
    let between: CpuBetween<BelowKernel> | undefined;
    const position = (): Position => ({ instruction: machine?.cpu.retired ?? 0, event: recorder.told.events });
    const console = new DebugConsole(log, position);
    machine = new Machine({
      ...options.machine,
      console,
      observer: recorder,
      recordSyscalls: false,
      recordFrames: false,
      interpose(real) {
        cpu = new StoppingCpu(real, current);
        between = options.between?.(cpu, current);
        return between ?? cpu;
      },
    });
    const found = program === undefined ? machine.findProgram(path, env?.PATH) : undefined;
    if (program === undefined && found === undefined) throw new UsageError(`${path}: no such file`, 127);
    let image: ElfImage | undefined;
    if (program !== undefined) {
      const parsed = await parseElf(program);
      if (parsed instanceof ElfError) throw new UsageError(`${path}: ${parsed.message}`, 126);
      image = parsed;
    }
    await machine.load(image, found?.path ?? path, { args, env, argv0 });
    const engine = new Engine(machine, cpu!, recorder, console, checkpointBytes, between);
    if (stdin !== undefined) {
      const bytes = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin;
      if (bytes.length > 0) engine.input(bytes);
      engine.endInput();
    }
    return engine;
  }

  /** The selected task: whose steps are counted, and of whom views tell. Undefined: it is not there, yet or any more. */
  get task(): Task | undefined {
    return this.machine.kernel.findTask(this._selected);
  }
  set task(task: Task | undefined) {
    this._selected = task?.tid ?? 0;
  }
  /** Names of signals at which the run does not stop before they are delivered. */
  get quietSignals(): Set<string> {
    return this._runner.quietSignals;
  }
  get position(): Position {
    return this.history.position;
  }
  /** Whether every process has ended. */
  get isOver(): boolean {
    return this.machine.kernel.processes().length === 0;
  }
  /** Ends a run that is in progress, from another turn of the event loop. */
  interrupt(): void {
    this.history.interrupt();
  }
  /** Bytes for the program's standard input, from this position on. */
  input(bytes: Uint8Array): void {
    if (bytes.length > 0) this.history.give(bytes);
  }
  endInput(): void {
    this.history.give(new Uint8Array(0));
  }
  /**
   * Changes the machine here: memory, registers, signals. Going back and forth does it again; what was later is forgotten,
   * since the run takes another course.
   */
  change(apply: () => void): void {
    this.history.change(apply);
  }
  /** The same of a task, which is another object when the run has gone back to before its birth and come here again. */
  changeTask({ tid }: Task, apply: (task: Task) => void): void {
    this.change(() => {
      const task = this.machine.kernel.findTask(tid);
      if (task !== undefined) apply(task);
    });
  }
  /** Looks at what takes note of being looked at, such as a tree of files, and leaves the machine as it was. */
  undisturbed<T>(look: () => T): T {
    return this.history.undisturbed(look);
  }
  /** What has been printed by the time the machine stands at. */
  get printed(): number {
    return this._console.writes;
  }

  // ---- stop points

  get stopPoints(): readonly AnyStopPoint[] {
    return this._points.all;
  }
  addBreakpoint(address: bigint, options: StopPointOptions = {}): Breakpoint {
    return this._points.addBreakpoint(address, options);
  }
  addWatchpoint(place: WatchedPlace, access: Watchpoint['access'], options: StopPointOptions = {}): Watchpoint {
    return this._points.addWatchpoint(place, access, options);
  }
  /** `standsAfter`: a signal or an exit is told when it has happened, and not before. */
  addCatchpoint(what: CatchWhat, options: StopPointOptions & { readonly standsAfter?: boolean } = {}): Catchpoint {
    return this._points.addCatchpoint(what, options.standsAfter ?? false, options);
  }
  /** False: there is none of that number. */
  removeStopPoint(id: number): boolean {
    return this._points.remove(id);
  }

  // ---- moving

  /** Instructions of the selected task. A call that sleeps counts as one, until it returns. */
  async stepInstruction({
    count = 1,
    direction = 'forward' as Direction,
    task = this.task,
    stopsHere = false,
    passesSignal = true,
  } = {}): Promise<Stop> {
    if (!passesSignal) this._runner.passedEvent = 0;
    if (task === undefined || this.isOver)
      return direction === 'forward' ? this._stopAt({ kind: 'end' }) : await this._backOne();
    const now = task.usage.instructions;
    if (direction === 'forward')
      return await this._runForward({
        target: { tid: task.tid, instructions: now + count },
        usersPoints: true,
        stopsHere,
      });
    if (now - count < 0) return await this.goto({ instruction: 0 }, { kind: 'start' });
    const target = { tid: task.tid, instructions: now - count };
    return await this._runBackward({ target, usersPoints: count > 1 });
  }

  /** As an instruction, but what a CALL leads to is run through. */
  async stepOver({ direction = 'forward' as Direction, count = 1 } = {}): Promise<Stop> {
    let stop: Stop | undefined;
    for (let i = 0; i < count; i++) {
      stop = direction === 'forward' ? await this._over() : await this._overBack();
      if (stop.reason.kind !== 'step') break;
    }
    return stop ?? this._stopAt({ kind: 'step' });
  }

  private async _over(): Promise<Stop> {
    const { task } = this;
    const insn = task && this._insnOf(task);
    if (task === undefined || insn === undefined || !isCall(insn.def)) return await this.stepInstruction();
    const { tid } = task;
    const sp = this._sp(task);
    return await this._runForward({
      addresses: [insn.next],
      isWanted: (who) => who.tid === tid && this._sp(who) >= sp,
      usersPoints: true,
    });
  }

  private async _overBack(): Promise<Stop> {
    const { task } = this;
    if (task === undefined) return await this._backOne();
    const { tid } = task;
    const [rip, sp] = [this._rip(task), this._sp(task)];
    const stop = await this.stepInstruction({ direction: 'backward' });
    const insn = this.task && this._insnOf(this.task);
    if (stop.reason.kind !== 'step' || insn?.def.flow !== 'ret') return stop;
    // It has come out of what a call before `rip` led to: on to the call.
    const candidates: bigint[] = [];
    for (let length = SHORTEST_CALL; length <= LONGEST_CALL; length++) candidates.push(rip - BigInt(length));
    return await this._runBackward({
      addresses: candidates,
      isWanted: (who) =>
        who.tid === tid && this._sp(who) === sp && this._insnOf(who)?.next === rip && isCall(this._insnOf(who)!.def),
      usersPoints: true,
    });
  }

  /** Until the function at hand has returned; backwards: to the call that led to it. */
  async stepOut({ direction = 'forward' as Direction } = {}): Promise<Stop> {
    const { task } = this;
    if (task === undefined) return this._stopAt({ kind: 'end' });
    if (direction === 'backward') return await this._outBack(task.tid);
    const { tid } = task;
    const sp = this._sp(task);
    // It stands at the end already.
    if (this._insnOf(task)?.def.flow === 'ret') return await this.stepInstruction();
    const stop = await this._runForward({
      traps: defsOfFlow('ret'),
      isWanted: (who) => who.tid === tid && this._sp(who) >= sp,
      usersPoints: true,
    });
    return stop.reason.kind === 'step' ? await this.stepInstruction() : stop;
  }

  private async _outBack(tid: number): Promise<Stop> {
    let end = this.position;
    // Going back, a return leads one function deeper, and a call one out.
    let depth = 0;
    for (const start of this.history.checkpointsBefore(end)) {
      this.history.rewind(start);
      const seen: { readonly position: Position; readonly isCall: boolean }[] = [];
      for (let isFirst = true; ; isFirst = false) {
        const found = await this._runner.advance(
          {
            limit: end,
            traps: [...defsOfFlow('ret'), ...defsOfFlow('call')],
            isWanted: (who) => who.tid === tid,
            usersPoints: false,
          },
          { standsPast: !isFirst },
        );
        if (found.reason?.kind !== 'step' || comparePositions(found.at, end) >= 0) break;
        seen.push({ position: found.at, isCall: isCall(this._insnOf(found.task!)!.def) });
      }
      for (const one of seen.reverse()) {
        if (!one.isCall) depth++;
        else if (depth-- === 0) return await this.goto(one.position, { kind: 'step' });
      }
      end = start;
    }
    return await this.goto({ instruction: 0 }, { kind: 'start' });
  }

  /**
   * While the selected task is in a range of addresses, such as those of a source line. `over`: what it calls is run through.
   * Stops also when it has come into a function by a call, at its first instruction.
   */
  async stepRange({ start, end, over }: { start: bigint; end: bigint; over: boolean }): Promise<Stop> {
    const tid = this._selected;
    for (;;) {
      const stop = await this._runForward({ range: { tid, start, end }, usersPoints: true });
      const { task } = this;
      if (stop.reason.kind !== 'step' || task === undefined) return stop;
      const rip = this._rip(task);
      if (rip >= start && rip < end) continue;
      const back = this._returnAddressAfterCall(task, start, end);
      if (!over || back === undefined) return stop;
      const sp = this._sp(task);
      const out = await this._runForward({
        addresses: [back],
        isWanted: (who) => who.tid === tid && this._sp(who) > sp,
        usersPoints: true,
      });
      if (out.reason.kind !== 'step') return out;
      if (back < start || back >= end) return out;
    }
  }

  /** If the task has just come here by a call from the range: where it returns to. */
  private _returnAddressAfterCall(task: Task, start: bigint, end: bigint): bigint | undefined {
    const bytes = this.machine.kernel.peek(task, this._sp(task), 8);
    if (bytes === undefined) return undefined;
    const back = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    return back > start && back <= end ? back : undefined;
  }

  /** `passesSignal` false: a signal that has been told stops again if it is still about to be delivered. */
  async continue({ direction = 'forward' as Direction, stopsHere = false, passesSignal = true } = {}): Promise<Stop> {
    if (!passesSignal) this._runner.passedEvent = 0;
    return direction === 'forward'
      ? await this._runForward({ usersPoints: true, stopsHere })
      : await this._runBackward({ usersPoints: true });
  }

  /** To an address, by any task or one, or, also, out of the frame that `caller` is of; the user's stop points count, too. */
  async until({
    address,
    task,
    caller,
    direction = 'forward',
  }: {
    address?: bigint | undefined;
    task?: Task | undefined;
    /** Where a function returns to, and what RSP is then at least. */
    caller?: { readonly rip: bigint; readonly rsp: bigint } | undefined;
    direction?: Direction;
  }): Promise<Stop> {
    const isThere = (who: Task): boolean => {
      const rip = this._rip(who);
      return rip === address || (caller !== undefined && rip === caller.rip && this._sp(who) >= caller.rsp);
    };
    const request: Request = {
      addresses: [address, caller?.rip].filter((one) => one !== undefined),
      isWanted: (who) => (task === undefined || who.tid === task.tid) && isThere(who),
      usersPoints: true,
    };
    return direction === 'forward' ? await this._runForward(request) : await this._runBackward(request);
  }

  /** To an instruction of the machine, to an event, or to a position; nobody's stop points count. */
  async goto(
    place: Position | { readonly instruction: number } | { readonly event: number },
    reason: StopReason = { kind: 'goto' },
  ): Promise<Stop> {
    const end = await this._runner.quietly(() => {
      this._runner.describeNext();
      if (!('instruction' in place)) return this.history.goToEvent(place.event);
      return this.history.goTo('event' in place ? place : { instruction: place.instruction, event: 0 });
    });
    await this._runner.describeLast();
    if (end === 'limit' || end === 'paused') return this._stopAt(reason);
    return this._stopAt(end === 'finished' ? { kind: 'end' } : { kind: end });
  }

  private async _backOne(): Promise<Stop> {
    const { instruction } = this.position;
    if (instruction === 0) return this._stopAt({ kind: 'start' });
    return await this.goto({ instruction: instruction - 1 }, { kind: 'step' });
  }

  // ---- who wrote

  /** The last write to a byte before here; undefined: nobody has written it. The machine stands here again afterwards. */
  async whoWrote(place: BytePlace): Promise<Writer | undefined> {
    const here = this.position;
    const found = await findLastWrite(this._runner, this.timeline, place);
    await this.goto(here);
    return found;
  }

  /** Back to the instruction that wrote a byte last. */
  async reverseToWrite(place: BytePlace): Promise<Writer | undefined> {
    const here = this.position;
    const found = await findLastWrite(this._runner, this.timeline, place);
    await this.goto(found?.position ?? here, found === undefined ? undefined : { kind: 'step' });
    return found;
  }

  // ---- running

  private async _runForward(request: Request): Promise<Stop> {
    if (this.isOver) return this._stopAt({ kind: 'end' });
    const found = await this._runner.advance(request);
    return await this._arrive(found);
  }

  private async _runBackward(request: Request): Promise<Stop> {
    this._runner.passedEvent = 0;
    const found = await this._runner.findLast(request);
    return found === undefined ? await this.goto({ instruction: 0 }, { kind: 'start' }) : await this._arrive(found);
  }

  /** Goes to where a stop is told to be, if the run has come further, and counts it. */
  private async _arrive({ reason = { kind: 'goto' }, at, task }: Found): Promise<Stop> {
    if (comparePositions(at, this.position) !== 0) await this._runner.quietly(() => this.history.goTo(at));
    if (reason.kind === 'signal' || reason.kind === 'catchpoint') this._runner.passedEvent = reason.event.number;
    for (const point of pointsOf(reason)) if (point.isTemporary) this.removeStopPoint(point.id);
    await this._runner.describeLast();
    return this._stopAt(reason, task);
  }

  private _stopAt(reason: StopReason, task?: Task): Stop {
    const { kernel } = this.machine;
    const whose = task ?? (reason.kind === 'step' ? this.task : kernel.current) ?? this.task;
    this.task = (whose && kernel.findTask(whose.tid)) ?? anyTask(this.machine);
    this.lastStop = { reason, position: this.position, task: this.task };
    return this.lastStop;
  }

  // ---- looking

  private _insnOf(task: Task) {
    return decodeAt(task, this._rip(task));
  }
  private _rip(task: Task): bigint {
    return stateOf(task)?.rip ?? 0n;
  }
  private _sp(task: Task): bigint {
    return stateOf(task)?.reg(RSP) ?? 0n;
  }
}

/** The one that has the CPU, or the first there is. */
const anyTask = ({ kernel }: Machine): Task | undefined => kernel.current ?? kernel.processes()[0]?.threads[0];

const isCall = ({ flow }: InstructionDef): boolean => flow === 'call' || flow === 'callIndirect';

let byFlow: Map<string, InstructionDef[]> | undefined;
function defsOfFlow(flow: 'ret' | 'call'): readonly InstructionDef[] {
  byFlow ??= Map.groupBy(allRecords(), (def) => (isCall(def) ? 'call' : String(def.flow)));
  return byFlow.get(flow) ?? [];
}
