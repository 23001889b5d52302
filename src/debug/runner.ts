/**
 * Runs the machine until something is met that a request, or the user, wants: an address, an instruction, so many steps of a
 * task, an event, an access to memory. Forwards from where it stands, or the last such place before it. The engine makes
 * the requests, and decides where to stand and what to tell.
 */
import type { InstructionDef } from '../cpu/isa/define.ts';
import type { Task } from '../kernel/task/task.ts';
import type { BelowKernel, CpuBetween } from '../machine/cpu-between.ts';
import type { Machine } from '../machine/machine.ts';
import { History, type HistoryStop } from './history.ts';
import { stateOf } from './inspect/registers.ts';
import type { DebugConsole } from './output.ts';
import { comparePositions, type Position } from './position.ts';
import { countHit, isMetBy, type StopPoints } from './stop-points.ts';
import type { RangeTarget, StoppingCpu, TaskTarget } from './stopping-cpu.ts';
import {
  type AnyStopPoint,
  type Breakpoint,
  type Catchpoint,
  isCaught,
  kindsOf,
  QUIET_SIGNALS,
  type StopReason,
  type Watchpoint,
} from './stops.ts';
import type { EventKind, TimelineEvent, TimelineRecorder } from './timeline.ts';
import { Watcher } from './watcher.ts';

/** What a run is to stop at beside what the user has set. */
export interface Request {
  readonly limit?: Position | undefined;
  readonly target?: TaskTarget | undefined;
  readonly range?: RangeTarget | undefined;
  /** Addresses at which `isWanted` is asked. */
  readonly addresses?: readonly bigint[] | undefined;
  readonly isWanted?: ((task: Task) => boolean) | undefined;
  /** Instructions before which it is asked, too. */
  readonly traps?: readonly InstructionDef[] | undefined;
  /** Whether the user's stop points count. */
  readonly usersPoints: boolean;
  /** A breakpoint where the task stands counts, too: who asks goes past it by other means. */
  readonly stopsHere?: boolean | undefined;
}

/** Where a run has come to. `reason` undefined: it is at the limit. */
export interface Found {
  readonly reason: StopReason | undefined;
  /** Where to stand, if it is not where the run has come to. */
  readonly at: Position;
  readonly task: Task | undefined;
}

export interface RunnerParts {
  readonly machine: Machine;
  readonly cpu: StoppingCpu;
  readonly recorder: TimelineRecorder;
  readonly console: DebugConsole;
  readonly points: StopPoints;
  readonly checkpointBytes: number | undefined;
  /** As Engine's. */
  readonly between: CpuBetween<BelowKernel> | undefined;
  /** Who has the CPU next, as far as is known, when nobody has it. */
  readonly nextTask: () => Task | undefined;
}

/** How a run begins, and whether what is met counts as a hit. */
interface Beginning {
  /** Beside the user's. */
  readonly watch?: readonly Watchpoint[];
  /** What the task at hand stands before has been told. */
  readonly standsPast?: boolean;
  /** A search looks at many that are not told. */
  readonly isSearch?: boolean;
}

export class Runner {
  readonly history: History;
  readonly watcher: Watcher;
  /** Names of signals at which the run does not stop before they are delivered. */
  readonly quietSignals: Set<string> = new Set(QUIET_SIGNALS);
  /** A signal or call that has been told, and happens when the run goes on: the number of its event. */
  passedEvent = 0;

  private readonly _parts: RunnerParts;
  private readonly _machine: Machine;
  private readonly _cpu: StoppingCpu;
  private readonly _recorder: TimelineRecorder;
  /** Addresses at which the CPU stops. Those of requests stay for a while: to take them out and in again costs translations. */
  private _addresses = new Set<bigint>();
  /** Events of the run at hand that somebody may want. */
  private _events: TimelineEvent[] = [];
  private _isSearch = false;
  private _wantsEvent: ((event: TimelineEvent) => boolean) | undefined;
  /** Events that came together with one that was told, and are told when the run goes on from there. */
  private _untold: { readonly position: Position; readonly events: readonly TimelineEvent[] } | undefined;

  constructor(parts: RunnerParts) {
    const { machine, cpu, recorder, console, checkpointBytes, between } = parts;
    this._parts = parts;
    this._machine = machine;
    this._cpu = cpu;
    this._recorder = recorder;
    this.watcher = new Watcher(machine);
    this.history = new History({
      machine,
      cpu,
      recorder,
      console,
      checkpointBytes,
      between,
      isPauseWanted: () => this._events.length > 0 || cpu.reason !== undefined || this.watcher.hasNoted,
    });
    cpu.onEnter = () => this.watcher.refresh();
    recorder.onCounted = (number) => this.history.told(number);
    recorder.onTold = (event) => {
      if (this._wantsEvent?.(event) !== true) return;
      this._events.push(event);
      machine.kernel.pause();
    };
  }

  get position(): Position {
    return this.history.position;
  }

  /**
   * The last place before here at which the request is met, and not where the machine stands afterwards: the run between two
   * checkpoints is gone through forwards, the latest stretch first. Undefined: there is none.
   */
  async findLast(request: Request): Promise<Found | undefined> {
    const here = this.position;
    this.passedEvent = 0;
    let end = here;
    for (const start of this.history.checkpointsBefore(here)) {
      this.history.rewind(start);
      let { target } = request;
      // Where the task has executed as many already, it was there earlier.
      if (target !== undefined && start.instruction > 0 && this._executed(target.tid) >= target.instructions) continue;
      let last: Found | undefined;
      for (let isFirst = true; ; isFirst = false) {
        const found = await this.advance({ ...request, target, limit: end }, { standsPast: !isFirst, isSearch: true });
        if (found.reason?.kind === 'interrupted') return { ...found, at: here };
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
      if (last !== undefined) {
        for (const point of pointsOf(last.reason!)) point.hits++;
        return last;
      }
      if (request.target === undefined) end = start;
    }
    return undefined;
  }

  private _executed(tid: number): number {
    return this._machine.kernel.findTask(tid)?.usage.instructions ?? -1;
  }

  /** Of the events to come, the first ones are described: see Timeline. */
  describeNext(): void {
    this._recorder.countsAfter = this._recorder.told.events + FIRST_DESCRIBED;
    this._recorder.describesFrom = Number.POSITIVE_INFINITY;
    this._recorder.wanted = undefined;
  }

  /** The events before here are described, if they were only counted: they happen once more. */
  async describeLast(): Promise<void> {
    const here = this.position;
    const first = Math.max(1, here.event - LAST_DESCRIBED);
    let missing = here.event;
    while (missing >= first && this._recorder.timeline.find(missing) !== undefined) missing--;
    if (missing < first || missing <= this._recorder.timeline.forgotten) return;
    await this.quietly(async () => {
      this.history.rewindBefore(first);
      this._recorder.describesFrom = first;
      // Not by a later checkpoint: the events between would not happen.
      this.history.begin();
      await this.history.run(here);
    });
  }

  /** Runs with nobody's stops. */
  async quietly<T>(run: () => Promise<T>): Promise<T> {
    this._cpu.ignoresStops = true;
    this.watcher.isIgnoring = true;
    try {
      return await run();
    } finally {
      this._cpu.ignoresStops = false;
      this.watcher.isIgnoring = false;
      this._cpu.passing = undefined;
    }
  }

  /** Runs forwards until something is met that the request, or the user, wants. */
  async advance(
    request: Request,
    { watch = [], standsPast = request.stopsHere !== true, isSearch = false }: Beginning = {},
  ): Promise<Found> {
    const cpu = this._cpu;
    this.history.begin();
    const users = request.usersPoints ? this._parts.points.enabled : [];
    this._isSearch = isSearch;
    const watchpoints = [...watch, ...users.filter((point) => point.kind === 'watchpoint')];
    const catchpoints = users.filter((point) => point.kind === 'catchpoint');
    this._setAddresses(users, request.addresses ?? []);
    if (request.traps !== undefined) cpu.cpu.setTraps(request.traps);
    this.watcher.watch(watchpoints);
    this._events = [];
    this._wantsEvent = (event) => this._isWanted(event, request, catchpoints);
    this.describeNext();
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
      this.watcher.watch([]);
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
    const task = this._machine.kernel.current ?? this._parts.nextTask();
    const state = task && stateOf(task);
    this._cpu.passing = state && { tid: task!.tid, rip: state.rip };
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
    if (!request.usersPoints || number === this.passedEvent) return false;
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
    const task = this._machine.kernel.current;
    const found = (reason: StopReason, where = at, who = task): Found => ({ reason, at: where, task: who });
    const hits = this.watcher.take();
    const events = this._events;
    this._events = [];
    const { reason } = this._cpu;
    this._cpu.reason = undefined;
    // One access may be what several of them wait for.
    const [met, ...others] = hits.flatMap(({ watched, access }) => {
      const watchpoint = watchpoints.find((point) => point === watched)!;
      return task === undefined || this._counts(watchpoint, task) ? [{ watchpoint, access }] : [];
    });
    if (met !== undefined) return found({ kind: 'watchpoint', ...met, others });
    for (const [i, event] of events.entries()) {
      const who = this._machine.kernel.findTask(event.tid) ?? task;
      this._untold = { position: at, events: events.slice(i + 1) };
      const catchpoint = catchpoints.find((point) => isOf(point, event) && isCaught(point.what, event));
      if (catchpoint !== undefined && (who === undefined || this._counts(catchpoint, who)))
        return found(
          { kind: 'catchpoint', catchpoint, event },
          catchpoint.standsAfter ? at : this._beforeEvent(event, at),
          who,
        );
      if (event.detail.kind === 'signal' && request.usersPoints && event.number !== this.passedEvent)
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

  private _counts(point: AnyStopPoint, task: Task): boolean {
    return isMetBy(point, task) && (this._isSearch || countHit(point));
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
}

/** Kinds of events that a run has to know of, however many there are. */
function wantedKinds({ usersPoints }: Request, catchpoints: readonly Catchpoint[]): ReadonlySet<EventKind> {
  const kinds = catchpoints.flatMap(({ what }) => kindsOf(what));
  return new Set<EventKind>(usersPoints ? ['signal', 'exit', ...kinds] : ['exit']);
}

/** Events of a long run that are described: the first ones, and the last ones before it stops. */
const FIRST_DESCRIBED = 2000, LAST_DESCRIBED = 200; // biome-ignore format: one line

/** Addresses of earlier requests that may stay among the CPU's stops. */
const MOST_LEFT_OVER = 32;

const isOf = ({ pid, tid }: AnyStopPoint, event: TimelineEvent): boolean =>
  (pid === undefined || pid === event.pid) && (tid === undefined || tid === event.tid);

/** Of something that has happened, not of where the machine stands. */
const isTelling = ({ kind }: StopReason): boolean =>
  kind === 'catchpoint' || kind === 'watchpoint' || kind === 'signal' || kind === 'task ended';

/** The user's points that a stop is told with. */
export function pointsOf(reason: StopReason): readonly AnyStopPoint[] {
  if (reason.kind === 'breakpoint') return reason.breakpoints;
  if (reason.kind === 'watchpoint') return [reason.watchpoint, ...reason.others.map(({ watchpoint }) => watchpoint)];
  return reason.kind === 'catchpoint' ? [reason.catchpoint] : [];
}

/** Nothing comes after it. */
const isFinal = ({ kind }: StopReason): boolean => kind === 'end' || kind === 'deadlock' || kind === 'input';

const addressesOf = (users: readonly AnyStopPoint[], more: readonly bigint[]): Set<bigint> =>
  new Set([...users.flatMap((point) => (point.kind === 'breakpoint' ? [point.address] : [])), ...more]);
