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
import { Machine, type MachineOptions, type ProgramOptions } from '../machine/machine.ts';
import { History, type HistoryStop } from './history.ts';
import { stateOf } from './inspect/registers.ts';
import { decodeAt } from './instruction.ts';
import { DebugConsole, OutputLog } from './output.ts';
import { comparePositions, type Position } from './position.ts';
import { type RangeTarget, StoppingCpu, type TaskTarget } from './stopping-cpu.ts';
import { type AnyStopPoint, type Breakpoint, type Catchpoint, type CatchWhat, type Condition, isCaught, kindsOf, QUIET_SIGNALS, type Stop, type StopReason, type WatchAccess, type WatchedPlace, type Watchpoint } from './stops.ts'; // biome-ignore format: one line
import { type EventKind, type Timeline, type TimelineEvent, TimelineRecorder } from './timeline.ts';
import { Watcher } from './watcher.ts';

export type Direction = 'forward' | 'backward';

export interface EngineOptions extends ProgramOptions {
  /** The program's file; undefined: `path` is one of the guest's own files (`root`, `mounts`). */
  readonly program: Uint8Array | undefined;
  readonly path: string;
  readonly machine?: Omit<MachineOptions, 'console' | 'interpose' | 'observer' | 'stdin' | 'clock' | 'tty' | 'disk'>;
  /** All that the program reads. Without: input comes from `input`. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Bytes that checkpoints may hold. Default: 512 MiB. */
  readonly checkpointBytes?: number | undefined;
}

export interface StopPointOptions {
  readonly pid?: number | undefined;
  readonly tid?: number | undefined;
  readonly condition?: Condition | undefined;
  readonly ignoreCount?: number | undefined;
  readonly isTemporary?: boolean | undefined;
  readonly label?: string | undefined;
}

/** What a run is to stop at beside what the user has set. */
interface Request {
  readonly limit?: Position | undefined;
  readonly target?: TaskTarget | undefined;
  readonly range?: RangeTarget | undefined;
  /** Addresses at which `isWanted` is asked. */
  readonly addresses?: readonly bigint[] | undefined;
  readonly isWanted?: ((task: Task) => boolean) | undefined;
  /** Instructions before which `onTrap` is asked. */
  readonly traps?: readonly InstructionDef[] | undefined;
  /** Whether the user's stop points count. */
  readonly usersPoints: boolean;
  /** A breakpoint where the task stands counts, too: who asks goes past it by other means. */
  readonly stopsHere?: boolean | undefined;
}

/** Where a run has come to. `reason` undefined: it is at the limit. */
interface Found {
  readonly reason: StopReason | undefined;
  /** Where to stand, if it is not where the run has come to. */
  readonly at: Position;
  readonly task: Task | undefined;
}

/** Who wrote a byte last, seen from a position. */
export interface Writer {
  readonly pid: number;
  readonly tid: number;
  /** The instruction that stored, or asked the kernel to. */
  readonly rip: bigint;
  readonly by: 'program' | 'kernel';
  /** Before the instruction. */
  readonly position: Position;
  /** The last event before it. */
  readonly event: TimelineEvent | undefined;
  readonly before: number;
  readonly after: number;
}

/** Instructions before a call's return address at which the call may begin, in bytes. */
const SHORTEST_CALL = 2, LONGEST_CALL = 9; // biome-ignore format: one line

export class Engine {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly output: OutputLog;
  readonly history: History;
  /** Names of signals at which the run does not stop before they are delivered. */
  readonly quietSignals: Set<string> = new Set(QUIET_SIGNALS);
  /** The latest stop. */
  lastStop: Stop | undefined;

  private readonly _cpu: StoppingCpu;
  private readonly _recorder: TimelineRecorder;
  private readonly _console: DebugConsole;
  private readonly _watcher: Watcher;
  private readonly _points: AnyStopPoint[] = [];
  private _lastId = 0;
  private _selected = 0;
  /** Addresses at which the CPU stops. Those of requests stay for a while: to take them out and in again costs translations. */
  private _addresses = new Set<bigint>();
  /** Events of the run at hand that somebody may want. */
  private _events: TimelineEvent[] = [];
  private _wantsEvent: ((event: TimelineEvent) => boolean) | undefined;
  /** A signal that has been told, and is delivered when the run goes on: the number of its event. */
  private _passedEvent = 0;
  /** Events that came together with one that was told, and are told when the run goes on from there. */
  private _untold: { readonly position: Position; readonly events: readonly TimelineEvent[] } | undefined;

  private constructor(
    machine: Machine,
    cpu: StoppingCpu,
    recorder: TimelineRecorder,
    console: DebugConsole,
    checkpointBytes: number | undefined,
  ) {
    this.machine = machine;
    this.timeline = recorder.timeline;
    this.output = console.log;
    this._cpu = cpu;
    this._recorder = recorder;
    this._console = console;
    this._watcher = new Watcher(machine);
    this.history = new History({
      machine,
      cpu,
      recorder,
      console,
      checkpointBytes,
      isPauseWanted: () => this._events.length > 0 || cpu.reason !== undefined || this._watcher.hasNoted,
    });
    cpu.onEnter = () => this._watcher.refresh();
    recorder.onCounted = (number) => this.history.told(number);
    recorder.onTold = (event) => {
      if (this._wantsEvent?.(event) !== true) return;
      this._events.push(event);
      machine.kernel.pause();
    };
    this.task = anyTask(machine);
  }

  /** Makes a machine with the program in it, before its first instruction. UsageError: as Machine.load. */
  static async open(options: EngineOptions): Promise<Engine> {
    const { program, path, stdin, checkpointBytes, args, env, argv0 } = options;
    if (options.machine?.mounts?.some(({ writable }) => writable))
      throw new UsageError(
        'mount: what is written to a directory of the host cannot be taken back; a debugger wants it read-only',
      );
    const recorder = new TimelineRecorder();
    const log = new OutputLog();
    let machine: Machine | undefined;
    let cpu: StoppingCpu | undefined;
    const position = (): Position => ({ instruction: machine?.cpu.retired ?? 0, event: recorder.told.events });
    const console = new DebugConsole(log, position);
    machine = new Machine({
      ...options.machine,
      console,
      observer: recorder,
      recordSyscalls: false,
      recordFrames: false,
      interpose: (real) => (cpu = new StoppingCpu(real, () => machine?.kernel.current)),
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
    const engine = new Engine(machine, cpu!, recorder, console, checkpointBytes);
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
    return this._points;
  }
  addBreakpoint(address: bigint, options: StopPointOptions = {}): Breakpoint {
    const label = options.label ?? `*0x${address.toString(16)}`;
    return this._add({ kind: 'breakpoint', address, ...this._common(options, label) });
  }
  addWatchpoint(place: WatchedPlace, access: Watchpoint['access'], options: StopPointOptions = {}): Watchpoint {
    if (!(place.length > 0)) throw new UsageError('nothing to watch: the length is 0');
    const label =
      options.label ??
      (place.kind === 'frame' ? `frame 0x${place.pfn.toString(16)}` : `*0x${place.address.toString(16)}`);
    return this._add({ kind: 'watchpoint', place, access, ...this._common(options, label) });
  }
  addCatchpoint(what: CatchWhat, options: StopPointOptions & { readonly standsAfter?: boolean } = {}): Catchpoint {
    const { standsAfter = false, label = what.kind } = options;
    return this._add({ kind: 'catchpoint', what, standsAfter, ...this._common(options, label) });
  }
  /** False: there is none of that number. */
  removeStopPoint(id: number): boolean {
    const at = this._points.findIndex((point) => point.id === id);
    if (at >= 0) this._points.splice(at, 1);
    return at >= 0;
  }
  private _add<T extends AnyStopPoint>(point: T): T {
    this._points.push(point);
    return point;
  }
  private _common({ pid, tid, condition, ignoreCount = 0, isTemporary = false }: StopPointOptions, label: string) {
    return { id: ++this._lastId, isEnabled: true, hits: 0, pid, tid, condition, ignoreCount, isTemporary, label };
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
    if (!passesSignal) this._passedEvent = 0;
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
        const found = await this._advance(
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
    if (!passesSignal) this._passedEvent = 0;
    return direction === 'forward'
      ? await this._runForward({ usersPoints: true, stopsHere })
      : await this._runBackward({ usersPoints: true });
  }

  /** To an address, by any task or one, or out of the frame that `caller` is of; the user's stop points count, too. */
  async until({
    address,
    task,
    caller,
    direction = 'forward',
  }: {
    address: bigint;
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
      addresses: caller === undefined ? [address] : [address, caller.rip],
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
    const end = await this._quietly(() => {
      this._describeNext();
      if (!('instruction' in place)) return this.history.goToEvent(place.event);
      return this.history.goTo('event' in place ? place : { instruction: place.instruction, event: 0 });
    });
    await this._describeLast();
    if (end === 'limit' || end === 'paused') return this._stopAt(reason);
    return this._stopAt(end === 'finished' ? { kind: 'end' } : { kind: end });
  }

  /** Of the events to come, the first ones are described: see Timeline. */
  private _describeNext(): void {
    this._recorder.countsAfter = this._recorder.told.events + FIRST_DESCRIBED;
    this._recorder.describesFrom = Number.POSITIVE_INFINITY;
    this._recorder.wanted = undefined;
  }

  /** The events before here are described, if they were only counted: they happen once more. */
  private async _describeLast(): Promise<void> {
    const here = this.position;
    const first = Math.max(1, here.event - LAST_DESCRIBED);
    let missing = here.event;
    while (missing >= first && this.timeline.find(missing) !== undefined) missing--;
    if (missing < first || missing <= this.timeline.forgotten) return;
    await this._quietly(async () => {
      this.history.rewindBefore(first);
      this._recorder.describesFrom = first;
      await this.history.goTo(here);
    });
  }

  private async _backOne(): Promise<Stop> {
    const { instruction } = this.position;
    if (instruction === 0) return this._stopAt({ kind: 'start' });
    return await this.goto({ instruction: instruction - 1 }, { kind: 'step' });
  }

  // ---- who wrote

  /** The last write to a byte before here; undefined: nobody has written it. The machine stands here again afterwards. */
  async whoWrote(
    place: { readonly pid: number; readonly address: bigint } | { readonly pfn: number; readonly offset: number },
  ): Promise<Writer | undefined> {
    const here = this.position;
    const found = await this._lastWrite(place);
    await this.goto(here);
    return found;
  }

  /** Back to the instruction that wrote a byte last. */
  async reverseToWrite(place: Parameters<Engine['whoWrote']>[0]): Promise<Writer | undefined> {
    const here = this.position;
    const found = await this._lastWrite(place);
    await this.goto(found?.position ?? here, found === undefined ? undefined : { kind: 'step' });
    return found;
  }

  private async _lastWrite(place: Parameters<Engine['whoWrote']>[0]): Promise<Writer | undefined> {
    const frame = 'pfn' in place ? place : this._frameOf(place);
    if (frame === undefined) return undefined;
    const here = this.position;
    let writer: Writer | undefined;
    const point: Watchpoint = {
      kind: 'watchpoint',
      place: { kind: 'frame', pfn: frame.pfn, offset: frame.offset, length: 1 },
      access: 'write',
      ...this._common({}, 'who wrote'),
    };
    for (let end = here, starts = this.history.checkpointsBefore(here); starts.length > 0 && writer === undefined; ) {
      const start = starts.shift()!;
      this.history.rewind(start);
      for (let isFirst = true; ; isFirst = false) {
        const found = await this._advance({ limit: end, usersPoints: false }, { watch: [point], standsPast: !isFirst });
        if (found.reason?.kind !== 'watchpoint' || comparePositions(found.at, here) > 0) break;
        writer = this._writerOf(found.reason.access, found.task);
        if (comparePositions(found.at, end) >= 0) break;
      }
      end = start;
    }
    return writer;
  }

  private _writerOf({ by, rip, before, after }: WatchAccess, task: Task | undefined): Writer {
    const { instruction, event } = this.position;
    return {
      pid: task?.pid ?? 0,
      tid: task?.tid ?? 0,
      rip,
      by,
      position: { instruction: by === 'program' ? instruction - 1 : instruction, event: by === 'program' ? 0 : event },
      event: this.timeline.find(event),
      before: before[0],
      after: after[0],
    };
  }

  private _frameOf({
    pid,
    address,
  }: {
    readonly pid: number;
    readonly address: bigint;
  }): { pfn: number; offset: number } | undefined {
    const at = this._watcher.physical(pid, address);
    return at === undefined ? undefined : { pfn: Math.floor(at / 4096), offset: at % 4096 };
  }

  // ---- running

  private async _runForward(request: Request): Promise<Stop> {
    if (this.isOver) return this._stopAt({ kind: 'end' });
    const found = await this._advance(request);
    return await this._arrive(found);
  }

  /**
   * The last place before here at which the request is met: the run between two checkpoints is gone through forwards, the
   * latest stretch first.
   */
  private async _runBackward(request: Request): Promise<Stop> {
    const here = this.position;
    this._passedEvent = 0;
    let end = here;
    for (const start of this.history.checkpointsBefore(here)) {
      this.history.rewind(start);
      let { target } = request;
      // Where the task has executed as many already, it was there earlier.
      if (target !== undefined && start.instruction > 0 && this._executed(target.tid) >= target.instructions) continue;
      let last: Found | undefined;
      for (let isFirst = true; ; isFirst = false) {
        const found = await this._advance({ ...request, target, limit: end }, { standsPast: !isFirst });
        if (found.reason?.kind === 'interrupted') return await this._arrive({ ...found, at: here });
        if (found.reason === undefined || isFinal(found.reason)) break;
        // A place that is a checkpoint, too, is met on the way there by its events, and from there on by its address.
        const isAtEnd = comparePositions(found.at, end) >= 0;
        if (isAtEnd && (end === here || !isTelling(found.reason))) break;
        last = found;
        if (isAtEnd) break;
        if (target !== undefined && found.reason.kind === 'step') {
          if (!request.usersPoints) break;
          target = undefined;
        }
      }
      if (last !== undefined) return await this._arrive(last);
      if (request.target === undefined) end = start;
    }
    return await this.goto({ instruction: 0 }, { kind: 'start' });
  }

  private _executed(tid: number): number {
    return this.machine.kernel.findTask(tid)?.usage.instructions ?? -1;
  }

  /** Goes to where a stop is told to be, if the run has come further, and counts it. */
  private async _arrive({ reason = { kind: 'goto' }, at, task }: Found): Promise<Stop> {
    if (comparePositions(at, this.position) !== 0) await this._quietly(() => this.history.goTo(at));
    if (reason.kind === 'signal' || reason.kind === 'catchpoint') this._passedEvent = reason.event.number;
    const met =
      reason.kind === 'breakpoint'
        ? reason.breakpoints
        : reason.kind === 'watchpoint'
          ? [reason.watchpoint]
          : reason.kind === 'catchpoint'
            ? [reason.catchpoint]
            : [];
    for (const point of met) if (point.isTemporary) this.removeStopPoint(point.id);
    await this._describeLast();
    return this._stopAt(reason, task);
  }

  private _stopAt(reason: StopReason, task?: Task): Stop {
    const { kernel } = this.machine;
    const whose = task ?? (reason.kind === 'step' ? this.task : kernel.current) ?? this.task;
    this.task = (whose && kernel.findTask(whose.tid)) ?? anyTask(this.machine);
    this.lastStop = { reason, position: this.position, task: this.task };
    return this.lastStop;
  }

  /** Runs with nobody's stops. */
  private async _quietly<T>(run: () => Promise<T>): Promise<T> {
    this._cpu.ignoresStops = true;
    this._watcher.isIgnoring = true;
    try {
      return await run();
    } finally {
      this._cpu.ignoresStops = false;
      this._watcher.isIgnoring = false;
      this._cpu.passing = undefined;
    }
  }

  /** Runs forwards until something is met that the request, or the user, wants. */
  private async _advance(
    request: Request,
    { watch = [] as readonly Watchpoint[], standsPast = request.stopsHere !== true } = {},
  ): Promise<Found> {
    const cpu = this._cpu;
    this.history.begin();
    const users = request.usersPoints ? this._points.filter((point) => point.isEnabled) : [];
    const watchpoints = [...watch, ...users.filter((point) => point.kind === 'watchpoint')];
    const catchpoints = users.filter((point) => point.kind === 'catchpoint');
    this._setAddresses(users, request.addresses ?? []);
    if (request.traps !== undefined) cpu.cpu.setTraps(request.traps);
    this._watcher.watch(watchpoints);
    this._events = [];
    this._wantsEvent = (event) => this._isWanted(event, request, catchpoints);
    this._describeNext();
    this._recorder.wanted = wantedKinds(request, catchpoints);
    cpu.target = request.target;
    cpu.range = request.range;
    if (standsPast) this._standPast();
    else cpu.passing = undefined;
    try {
      if (this._takeUntold(request)) {
        const found = this._examine('paused', request, users, watchpoints, catchpoints);
        if (found !== undefined) return found;
      }
      for (;;) {
        const end = await this.history.run(request.limit);
        const isAtAddress = cpu.reason === 'cpu';
        const found = this._examine(end, request, users, watchpoints, catchpoints);
        if (found !== undefined) return found;
        if (isAtAddress) this._standPast();
        if (isAtAddress) this._dropLeftOver(users, request.addresses ?? []);
      }
    } finally {
      cpu.target = undefined;
      cpu.range = undefined;
      this._wantsEvent = undefined;
      this._watcher.watch([]);
      if (request.traps !== undefined) cpu.cpu.setTraps([]);
    }
  }

  /** Whether there are events of this place that have not been told: they are looked at first. */
  private _takeUntold({ limit, usersPoints }: Request): boolean {
    const untold = this._untold;
    this._untold = undefined;
    if (untold === undefined || limit !== undefined || !usersPoints || untold.events.length === 0) return false;
    if (comparePositions(untold.position, this.position) !== 0) return false;
    this._events = [...untold.events];
    return true;
  }

  /** What the current task stands before has been told. */
  private _standPast(): void {
    const task = this.machine.kernel.current ?? this.task;
    this._cpu.passing = task && { tid: task.tid, rip: this._rip(task) };
  }

  /** The run has come to an address that is no longer wanted: to meet it in each turn of a loop costs more than translating. */
  private _dropLeftOver(users: readonly AnyStopPoint[], more: readonly bigint[]): void {
    const wanted = addressesOf(users, more);
    if (wanted.has(this._cpu.state.rip)) return;
    this._addresses = wanted;
    this._cpu.cpu.setStops(wanted);
  }

  private _setAddresses(users: readonly AnyStopPoint[], more: readonly bigint[]): void {
    const wanted = addressesOf(users, more);
    if (
      [...wanted].every((address) => this._addresses.has(address)) &&
      this._addresses.size <= wanted.size + MOST_LEFT_OVER
    )
      return;
    const all = this._addresses.size > wanted.size + MOST_LEFT_OVER ? wanted : new Set([...this._addresses, ...wanted]);
    this._addresses = all;
    this._cpu.cpu.setStops(all);
  }

  private _isWanted(event: TimelineEvent, request: Request, catchpoints: readonly Catchpoint[]): boolean {
    const { number, detail, tid } = event;
    if (detail.kind === 'exit' && (request.target?.tid === tid || request.range?.tid === tid)) return true;
    if (!request.usersPoints || number === this._passedEvent) return false;
    if (detail.kind === 'signal' && detail.action !== 'ignored' && !this.quietSignals.has(detail.name)) return true;
    return catchpoints.some((point) => isOf(point, event) && isCaught(point.what, event));
  }

  /** What the run has stopped for; undefined: nothing that anybody wants. */
  private _examine(
    end: HistoryStop,
    request: Request,
    users: readonly AnyStopPoint[],
    watchpoints: readonly Watchpoint[],
    catchpoints: readonly Catchpoint[],
  ): Found | undefined {
    const at = this.position;
    const task = this.machine.kernel.current;
    const found = (reason: StopReason, where = at, who = task): Found => ({ reason, at: where, task: who });
    const hits = this._watcher.take();
    const events = this._events;
    this._events = [];
    const { reason } = this._cpu;
    this._cpu.reason = undefined;
    for (const { watched, access } of hits) {
      const watchpoint = watchpoints.find((point) => point === watched)!;
      if (task === undefined || this._counts(watchpoint, task))
        return found({ kind: 'watchpoint', watchpoint, access });
    }
    for (const [i, event] of events.entries()) {
      const who = this.machine.kernel.findTask(event.tid) ?? task;
      this._untold = { position: at, events: events.slice(i + 1) };
      const catchpoint = catchpoints.find((point) => isOf(point, event) && isCaught(point.what, event));
      if (catchpoint !== undefined && (who === undefined || this._counts(catchpoint, who)))
        return found(
          { kind: 'catchpoint', catchpoint, event },
          catchpoint.standsAfter ? at : this._beforeEvent(event, at),
          who,
        );
      if (event.detail.kind === 'signal' && request.usersPoints && event.number !== this._passedEvent)
        return found({ kind: 'signal', event }, this._beforeEvent(event, at), who);
      if (event.detail.kind === 'exit') return found({ kind: 'task ended' });
    }
    if (end === 'limit') return { reason: undefined, at, task };
    if (end !== 'paused') return found(end === 'finished' ? { kind: 'end' } : { kind: end });
    if (reason === 'target' || reason === 'range')
      return this._withBreakpoints(users, task, found) ?? found({ kind: 'step' });
    if (reason !== 'cpu' || task === undefined) return undefined;
    return (
      this._withBreakpoints(users, task, found) ?? (request.isWanted?.(task) ? found({ kind: 'step' }) : undefined)
    );
  }

  private _withBreakpoints(
    users: readonly AnyStopPoint[],
    task: Task | undefined,
    found: (reason: StopReason) => Found,
  ): Found | undefined {
    if (task === undefined) return undefined;
    const { rip } = this._cpu.state;
    const met = users.filter((point) => point.kind === 'breakpoint' && point.address === rip);
    const breakpoints = met.filter((point) => this._counts(point, task)) as Breakpoint[];
    return breakpoints.length > 0 ? found({ kind: 'breakpoint', breakpoints }) : undefined;
  }

  /** Whether a stop point that is met is to be told; counts it. */
  private _counts(point: AnyStopPoint, task: Task): boolean {
    if ((point.pid !== undefined && point.pid !== task.pid) || (point.tid !== undefined && point.tid !== task.tid))
      return false;
    if (point.condition?.isTrue(task) === false) return false;
    point.hits++;
    if (point.ignoreCount === 0) return true;
    point.ignoreCount--;
    return false;
  }

  /**
   * A signal and an exit are told when they happen; a user wants to stand before them: at the instruction that caused them,
   * with everything still there.
   */
  private _beforeEvent({ number, instruction, detail }: TimelineEvent, at: Position): Position {
    switch (detail.kind) {
      case 'signal':
        return { instruction, event: number - 1 };
      case 'exit':
        if (detail.signal !== undefined) return { instruction, event: 0 };
        return { instruction: Math.max(0, instruction - 1), event: 0 };
      default:
        return at;
    }
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

/** Kinds of events that a run has to know of, however many there are. */
function wantedKinds({ usersPoints }: Request, catchpoints: readonly Catchpoint[]): ReadonlySet<EventKind> {
  const kinds = catchpoints.flatMap(({ what }) => kindsOf(what));
  return new Set<EventKind>(usersPoints ? ['signal', 'exit', ...kinds] : ['exit']);
}

/** Events of a long run that are described: the first ones, and the last ones before it stops. */
const FIRST_DESCRIBED = 2000, LAST_DESCRIBED = 200; // biome-ignore format: one line

/** Addresses of earlier requests that may stay among the CPU's stops. */
const MOST_LEFT_OVER = 32;

const isCall = ({ flow }: InstructionDef): boolean => flow === 'call' || flow === 'callIndirect';

let byFlow: Map<string, InstructionDef[]> | undefined;
function defsOfFlow(flow: 'ret' | 'call'): readonly InstructionDef[] {
  byFlow ??= Map.groupBy(allRecords(), (def) => (isCall(def) ? 'call' : String(def.flow)));
  return byFlow.get(flow) ?? [];
}

const isOf = ({ pid, tid }: AnyStopPoint, event: TimelineEvent): boolean =>
  (pid === undefined || pid === event.pid) && (tid === undefined || tid === event.tid);

/** Of something that has happened, not of where the machine stands. */
const isTelling = ({ kind }: StopReason): boolean =>
  kind === 'catchpoint' || kind === 'watchpoint' || kind === 'signal' || kind === 'task ended';

/** Nothing comes after it. */
const isFinal = ({ kind }: StopReason): boolean => kind === 'end' || kind === 'deadlock' || kind === 'input';

const addressesOf = (users: readonly AnyStopPoint[], more: readonly bigint[]): Set<bigint> =>
  new Set([...users.flatMap((point) => (point.kind === 'breakpoint' ? [point.address] : [])), ...more]);
