/**
 * The run as a line one can move along: forwards by running, backwards by putting back a checkpoint and running again up
 * to the position. Checkpoints are taken as the host's time passes, so that what lies between two of them takes about as
 * long to run, whatever the guest does; when they take too much memory, every other one goes, the oldest first.
 */
import type { KernelStop } from '../kernel/kernel.ts';
import type { BelowKernel, CpuBetween } from '../machine/cpu-between.ts';
import { fingerprint } from '../machine/fingerprint.ts';
import type { Machine } from '../machine/machine.ts';
import { hostTurn } from '../machine/outside.ts';
import { type Snapshot, Snapshots } from '../machine/snapshot.ts';
import type { DebugConsole } from './output.ts';
import { comparePositions, isBefore, type Position } from './position.ts';
import type { StoppingCpu } from './stopping-cpu.ts';
import type { TimelineRecorder } from './timeline.ts';

/** Milliseconds of running between two checkpoints: a step back costs about that. */
const CHECKPOINT_MS = 40;
/** A checkpoint may take this part of the time. */
const MOST_OF_TIME = 0.2;
/** Milliseconds that the kernel runs before the host, and who wants to interrupt, get a turn. */
const SLICE_MS = 15;
const FIRST_SLICE = 20_000;
const MOST_SLICE = 50_000_000;
const DEFAULT_CHECKPOINT_BYTES = 512 * 1024 * 1024;
const MOST_CHECKPOINTS = 400;
/** Instructions that are run in much less than a millisecond. */
const NEARBY = 20_000;

interface Checkpoint {
  readonly position: Position;
  readonly snapshot: Snapshot;
}

/**
 * What came from outside when the machine stood at the position: bytes for the program's standard input, none for its end;
 * or something that a debugger has changed.
 */
type GivenInput = { readonly position: Position } & ({ readonly bytes: Uint8Array } | { readonly change: () => void });

/**
 * Why `run` came back: it stands at the position that was the limit; the kernel was told to pause; every process has
 * ended; all wait for each other; somebody waits for input that nobody has given; or `interrupt` was called.
 */
export type HistoryStop = 'limit' | 'paused' | 'finished' | 'deadlock' | 'input' | 'interrupted';

export interface HistoryParts {
  readonly machine: Machine;
  readonly cpu: StoppingCpu;
  readonly recorder: TimelineRecorder;
  readonly console: DebugConsole;
  readonly checkpointBytes?: number | undefined;
  /** What stands between the kernel and `cpu`. */
  readonly between?: CpuBetween<BelowKernel> | undefined;
  /** Whether somebody else than the history has paused the kernel. */
  readonly isPauseWanted: () => boolean;
}

/** Counters: where time goes that is not the guest's. */
export interface HistoryCounters {
  checkpoints: number;
  restores: number;
  replayed: number;
}

export class History {
  readonly counters: HistoryCounters = { checkpoints: 0, restores: 0, replayed: 0 };
  private readonly _parts: HistoryParts;
  private readonly _snapshots: Snapshots;
  private readonly _checkpoints: Checkpoint[] = [];
  private readonly _inputs: GivenInput[] = [];
  /** What of the history belongs to the moment. */
  private readonly _moment = { inputs: 0 };
  /** The event behind which the goal lies. */
  private _pauseAt: number | undefined;
  private _slice = FIRST_SLICE;
  /** The host's time spent running since the last checkpoint, in milliseconds. */
  private _sinceCheckpoint = 0;
  private _checkpointMs = 0;
  /** What the checkpoints hold at most. */
  private _bytes = 0;
  /** The snapshot taken or put back last: the next one shares with it. */
  private _latest: Snapshot | undefined;
  private _isInterrupted = false;
  /** The host's time spent running since it had a turn, in milliseconds. */
  private _sinceTurn = 0;
  private _furthest: Position = { instruction: 0, event: 0 };

  constructor(parts: HistoryParts) {
    this._parts = parts;
    const { machine, recorder, console, cpu, between } = parts;
    this._snapshots = new Snapshots({
      ...machine,
      alsoRecorded: [recorder.told, console, this._moment, ...(between?.remembered ?? [])],
      // The CPU that the kernel knows, and what writes the timeline, are the debugger's own.
      notRecorded: new Set<object>([cpu, recorder, console.log, ...(between === undefined ? [] : [between])]),
    });
    this._checkpoint();
  }

  /** The same for the same state of the whole machine (fingerprint.ts). */
  fingerprint(): string {
    return fingerprint(this._snapshots.take());
  }

  get position(): Position {
    const { machine, recorder } = this._parts;
    return { instruction: machine.cpu.retired, event: recorder.told.events };
  }
  /** Where the run has come to at most. */
  get furthest(): Position {
    return isBefore(this._furthest, this.position) ? this.position : this._furthest;
  }
  /** Positions of the checkpoints before one, the latest first. */
  checkpointsBefore(position: Position): Position[] {
    const before = this._checkpoints.filter((one) => isBefore(one.position, position));
    return before.map((one) => one.position).reverse();
  }

  /** To be called at each event: the goal may lie right behind it. */
  told(event: number): void {
    if (event === this._pauseAt) this._parts.machine.kernel.pause();
  }

  /** Ends a `run` in progress, which asks now and then; or the next one, unless `begin` comes before it. */
  interrupt(): void {
    this._isInterrupted = true;
  }
  /** Runs follow that belong together: an interrupt that came before them is not theirs. */
  begin(): void {
    this._isInterrupted = false;
  }

  /** Input of the program, from here on. What was given later in an earlier course of events is forgotten. */
  give(bytes: Uint8Array): void {
    this._put({ position: this.position, bytes });
  }

  /** Something is done to the machine here, and again whenever the run comes by. The same holds of what was later. */
  change(change: () => void): void {
    this._put({ position: this.position, change });
  }

  private _put(input: GivenInput): void {
    this._inputs.length = this._moment.inputs;
    this._forgetAfter(input.position);
    this._inputs.push(input);
    this._applyInputs();
  }

  /** Whether something of the run, as it is now, was changed by hand. */
  get hasChanges(): boolean {
    return this._inputs.some((input) => 'change' in input);
  }

  /** Looks at what takes note of being looked at, and puts the machine back. */
  undisturbed<T>(look: () => T): T {
    const before = this._snapshots.take();
    try {
      return look();
    } finally {
      this._snapshots.restore(before);
    }
  }
  /** The program's input up to now, for who wants to write it down. */
  get inputs(): readonly GivenInput[] {
    return this._inputs;
  }

  private _applyInputs(): void {
    for (let next = this._nextInput; next !== undefined; next = this._nextInput) {
      if (comparePositions(next.position, this.position) > 0) return;
      this._moment.inputs++;
      if ('change' in next) next.change();
      else this._parts.console.give(next.bytes);
    }
  }
  private get _nextInput(): GivenInput | undefined {
    return this._inputs[this._moment.inputs];
  }

  // ---- forwards

  /** Runs up to `limit`, or until something else ends it. What came from outside where it ends is there afterwards. */
  async run(limit?: Position): Promise<HistoryStop> {
    const stop = await this._run(limit);
    this._applyInputs();
    return stop;
  }

  private async _run(limit: Position | undefined): Promise<HistoryStop> {
    if (this._takeInterrupt()) return 'interrupted';
    const { machine } = this._parts;
    for (;;) {
      if (machine.kernel.outside.isHeld) await machine.kernel.outside.arrival();
      this._applyInputs();
      if (limit !== undefined && this._isAt(limit)) return 'limit';
      const goal = this._goal(limit);
      const started = machine.kernel.host.now();
      const isReplay = isBefore(this.position, this._furthest);
      const before = machine.cpu.retired;
      const stop = this._runTowards(goal);
      const ms = machine.kernel.host.now() - started;
      if (isReplay) this.counters.replayed += machine.cpu.retired - before;
      if (!isBefore(this.position, this._furthest)) this._furthest = this.position;
      this._noteTime(ms, machine.cpu.retired - before);
      const end = this._meaning(stop);
      const isOurs = end === 'paused' && !this._parts.isPauseWanted();
      this._sinceTurn += ms;
      const isEnd = end !== undefined && !isOurs;
      if (this._sinceTurn < SLICE_MS && !isEnd) continue;
      if (this._sinceTurn >= SLICE_MS) {
        this._sinceTurn = 0;
        await hostTurn();
      }
      // A stop that somebody may want goes first: who runs on from it is interrupted then.
      if (isEnd) return end;
      if (this._takeInterrupt()) return 'interrupted';
    }
  }

  private _takeInterrupt(): boolean {
    const isInterrupted = this._isInterrupted;
    this._isInterrupted = false;
    return isInterrupted;
  }

  private _isAt(limit: Position): boolean {
    if (limit.instruction === Number.POSITIVE_INFINITY) return this._parts.recorder.told.events >= limit.event;
    return comparePositions(this.position, limit) >= 0;
  }

  /** The first of: where the caller wants to be, and where input was given. */
  private _goal(limit: Position | undefined): Position | undefined {
    const input = this._nextInput?.position;
    return input === undefined || (limit !== undefined && isBefore(limit, input)) ? limit : input;
  }

  private _runTowards(goal: Position | undefined): KernelStop {
    const { kernel, cpu } = this._parts.machine;
    if (goal === undefined) return kernel.run(this._slice);
    // When the instruction is reached and the event is not, it comes before the next instruction.
    const left = Math.max(1, goal.instruction - cpu.retired);
    this._pauseAt = goal.event;
    const stop = kernel.run(Math.min(left, this._slice));
    this._pauseAt = undefined;
    return stop;
  }

  private _meaning(stop: KernelStop): HistoryStop | undefined {
    const { kernel } = this._parts.machine;
    switch (stop) {
      case 'budget':
        return undefined;
      case 'outside': {
        if (kernel.outside.isHeld) return undefined;
        const idle = kernel.untilWakeUp();
        if (idle === Number.POSITIVE_INFINITY) return kernel.outside.input.hasSleepers ? 'input' : 'deadlock';
        // Nobody's real time passes here: what is slept through is skipped, as it is without a console.
        kernel.passIdle(idle);
        return undefined;
      }
      default:
        return stop;
    }
  }

  // ---- checkpoints

  private _noteTime(ms: number, instructions: number): void {
    if (ms < SLICE_MS / 2) this._slice = Math.min(this._slice * 2, MOST_SLICE);
    else if (ms > SLICE_MS * 2) this._slice = Math.max(FIRST_SLICE, Math.floor(this._slice / 2));
    this._sinceCheckpoint += ms;
    const isDue = this._sinceCheckpoint >= Math.max(CHECKPOINT_MS, this._checkpointMs / MOST_OF_TIME);
    if (isDue && instructions > 0 && !this._parts.machine.kernel.outside.isHeld) this._checkpoint();
  }

  /** Takes one here, unless there is one. */
  private _checkpoint(): void {
    const { position } = this;
    this._sinceCheckpoint = 0;
    const at = this._checkpoints.findIndex((one) => comparePositions(one.position, position) >= 0);
    if (at >= 0 && comparePositions(this._checkpoints[at].position, position) === 0) return;
    const { now } = this._parts.machine.kernel.host;
    const started = now();
    const before = this._latest;
    const made = { position, snapshot: this._snapshots.take() };
    this._checkpointMs = now() - started;
    this._latest = made.snapshot;
    this._bytes += ownBytes(made.snapshot, before);
    this.counters.checkpoints++;
    this._checkpoints.splice(at < 0 ? this._checkpoints.length : at, 0, made);
    this._thinOut();
  }

  /** Every other one of the older half goes, until the rest is small enough. The first stays. */
  private _thinOut(): void {
    const most = this._parts.checkpointBytes ?? DEFAULT_CHECKPOINT_BYTES;
    while (this._checkpoints.length > 4 && (this._checkpoints.length > MOST_CHECKPOINTS || this._bytes > most)) {
      const half = Math.max(3, Math.floor(this._checkpoints.length / 2));
      for (let i = half - (half % 2) - 1; i > 0; i -= 2) this._checkpoints.splice(i, 1);
      this._bytes = this._countBytes();
    }
  }

  /** What the checkpoints hold, each frame once. */
  private _countBytes(): number {
    const seen = new Set<object>();
    let bytes = 0;
    for (const { snapshot } of this._checkpoints) {
      for (const image of snapshot.frames)
        if (image !== undefined && !seen.has(image)) {
          seen.add(image);
          bytes += image.byteLength;
        }
      bytes += snapshot.graph.size * BYTES_PER_OBJECT;
    }
    return bytes;
  }

  private _forgetAfter(position: Position): void {
    const kept = this._checkpoints.filter((one) => comparePositions(one.position, position) <= 0);
    this._checkpoints.splice(0, this._checkpoints.length, ...kept);
    if (isBefore(position, this._furthest)) this._furthest = position;
    this._parts.recorder.timeline.forgetAfter(position.event);
    this._parts.console.log.forgetAfter(this._parts.console.writes);
  }

  // ---- to any place

  /** The latest checkpoint at or before a position; the first, if it is before everything. */
  private _nearest(position: Position): Checkpoint {
    return this._checkpoints.findLast((one) => comparePositions(one.position, position) <= 0) ?? this._checkpoints[0];
  }

  /** To the latest checkpoint at or before a position. */
  rewind(position: Position): void {
    const found = this._nearest(position);
    this._furthest = this.furthest;
    this.counters.restores++;
    this._snapshots.restore(found.snapshot);
    this._latest = found.snapshot;
    this._sinceCheckpoint = 0;
  }

  /** To the latest checkpoint at which an event had not been told. */
  rewindBefore(event: number): void {
    const found = this._checkpoints.findLast(({ position }) => position.event < event) ?? this._checkpoints[0];
    this.rewind(found.position);
  }

  /** Goes to where an event has just been told, or a little after it, if others came with it. `limit`: it is there. */
  async goToEvent(event: number): Promise<HistoryStop> {
    if (this._parts.recorder.told.events >= event) this.rewindBefore(event);
    this.begin();
    return await this.run({ instruction: Number.POSITIVE_INFINITY, event });
  }

  /** Goes to a position that has been before, or comes later. `limit`: it is there. */
  async goTo(position: Position): Promise<HistoryStop> {
    this.begin();
    const here = this.position;
    if (comparePositions(here, position) === 0) return 'limit';
    const isBack = isBefore(position, here);
    if (isBack || isBefore(here, this._nearest(position).position)) this.rewind(position);
    // Who goes back is likely to go back a little more: the next steps start from nearby.
    const nearby = { instruction: position.instruction - NEARBY, event: 0 };
    if (isBack && isBefore(this.position, nearby)) {
      const end = await this.run(nearby);
      if (end !== 'limit') return end;
      this._checkpoint();
    }
    return await this.run(position);
  }
}

/** An entry of a map and a few fields, roughly. */
const BYTES_PER_OBJECT = 120;

/** What it holds that the one before does not. */
function ownBytes({ frames, graph }: Snapshot, before: Snapshot | undefined): number {
  let bytes = graph.size * BYTES_PER_OBJECT;
  for (let i = 0; i < frames.length; i++) {
    const image = frames[i];
    if (image !== undefined && image !== before?.frames[i]) bytes += image.byteLength;
  }
  return bytes;
}
