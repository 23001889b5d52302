/**
 * One machine in its worker: an engine, moved and looked at by the page's calls, one at a time. While a move is under way
 * `interrupt` alone gets through; the engine asks for it between its slices.
 */
import { UsageError } from '../../base/invariant.ts';
import { type Direction, Engine } from '../../debug/engine.ts';
import { breakAtLine, modulesOf, sourceFilesOf } from '../../debug/inspect/modules.ts';
import { walkAddress } from '../../debug/inspect/walk.ts';
import { stepLine } from '../../debug/line-steps.ts';
import { isBefore, type Position } from '../../debug/position.ts';
import type { CatchWhat, Stop } from '../../debug/stops.ts';
import { PrivateMappings } from '../../debug/story/private-twin.ts';
import type { TimelineEvent } from '../../debug/timeline.ts';
import { writeForced } from '../../kernel/vfs/fs/proc/memory-files.ts';
import { resolveAddress } from '../model/expressions.ts';
import { viewStop } from '../model/stop.ts';
import { viewMachine } from '../model/view.ts';
import type {
  Ahead,
  CodePlace,
  EventGoal,
  MachineView,
  Move,
  ProgramSpec,
  Progress,
  StopModel,
  StopWish,
  TypedModel,
  ViewQuery,
  WriterModel,
} from '../protocol.ts';
import { Deltas } from './deltas.ts';
import { addStop } from './stop-wishes.ts';

/** What checkpoints may take of a page's memory. */
const CHECKPOINT_BYTES = 160 * 1024 * 1024;
const PROGRESS_MS = 100;
/** How often the page sees the machine in passing. */
const LOOK_MS = 200;

export class Session {
  private _engine: Engine | undefined;
  private _stop: StopModel = { kind: 'start', text: 'the beginning of the run' };
  private _start: Position = { instruction: 0, event: 0 };
  /** The run has been to its end, in this course of events. */
  private _isWhole = false;
  private _course = 1;
  private readonly _deltas = new Deltas();
  private _onProgress: ((progress: Progress) => void) | undefined;
  /** Inputs that came with the program, and were not typed. */
  private _given = 0;

  /**
   * Makes the machine, runs ahead for `surveyMs` at most, so that what happens is known, and comes back to the start.
   * UsageError: the program cannot be run.
   */
  async open(spec: ProgramSpec, query: ViewQuery, surveyMs: number): Promise<MachineView> {
    this._engine?.machine.dispose();
    this._engine = undefined;
    const { path, program, args, env, files, stdin, seed, quantum, memory, cpu, cwd, asPrivate } = spec;
    const engine = await Engine.open({
      path,
      program,
      args,
      env,
      stdin,
      machine: { seed, quantum, memory, cpu, cwd, files },
      checkpointBytes: CHECKPOINT_BYTES,
      between: asPrivate ? (cpu, current) => new PrivateMappings(cpu, current) : undefined,
    });
    this._engine = engine;
    this._given = engine.history.inputs.length;
    this._course = 1;
    this._deltas.forget();
    this._start = engine.position;
    this._isWhole = false;
    await this._survey(surveyMs);
    this._stop = { kind: 'start', text: 'the beginning of the run' };
    return this.view(query);
  }

  /** Runs on from here for a while, and comes back: how far the run is known shows in the view. */
  private async _survey(ms: number): Promise<void> {
    const { engine } = this;
    const here = engine.position;
    const { task } = engine;
    const timer = setTimeout(() => engine.interrupt(), ms);
    const stop = await this._runToEnd();
    clearTimeout(timer);
    this._note(stop);
    await engine.goto(here);
    engine.task = task && engine.machine.kernel.findTask(task.tid);
  }

  private get engine(): Engine {
    if (this._engine === undefined) throw new UsageError('no program is open');
    return this._engine;
  }

  view(query: ViewQuery): MachineView {
    const { engine } = this;
    const newEvents = this._deltas.takeEvents(engine);
    return viewMachine(engine, query, { ...this._around(this._stop), newEvents, ...this._deltas.takeWrites(engine) });
  }

  /** What a view has from the session; without what is sent once. */
  private _around(stop: StopModel) {
    const [course, end] = [this._course, this.engine.history.furthest];
    const nothingNew = { newEvents: [], newWrites: [], firstNewWrite: 0 };
    return { stop, end, isWhole: this._isWhole, course, typed: this._typed(), ...nothingNew };
  }

  private _typed(): TypedModel[] {
    const { history, position } = this.engine;
    return history.inputs
      .slice(this._given)
      .flatMap((one) => ('bytes' in one && !isBefore(position, one.position) ? [one] : []));
  }

  /** `onProgress` hears now and then of moves that take long. */
  listen(onProgress: (progress: Progress) => void): void {
    this._onProgress = onProgress;
  }

  async move(move: Move, query: ViewQuery): Promise<MachineView> {
    const { engine } = this;
    const asked = query.tid === undefined ? undefined : engine.machine.kernel.findTask(query.tid);
    if (asked !== undefined) engine.task = asked;
    const timer = this._reportProgress(move, query);
    try {
      const stop = await this._move(move, query);
      if (!('event' in stop)) this._note(stop);
      this._stop = modelOf(stop);
      this._leaveTheDead();
    } finally {
      clearInterval(timer);
    }
    return this.view({ ...query, tid: engine.task?.tid });
  }

  private _reportProgress(move: Move, query: ViewQuery) {
    const { engine } = this;
    const isForward = move.kind === 'end' || ('direction' in move && move.direction === 'forward');
    let before = { instruction: engine.position.instruction, at: performance.now() };
    // Looking takes a tenth of the time at most.
    let nextLook = before.at + LOOK_MS;
    return setInterval(() => {
      const [{ position }, at] = [engine, performance.now()];
      const instructionsPerSecond = ((position.instruction - before.instruction) / (at - before.at)) * 1000;
      before = { instruction: position.instruction, at };
      let view: MachineView | undefined;
      if (isForward && this._onProgress !== undefined && at >= nextLook) {
        this._stop = { kind: 'running', text: 'running' };
        view = this.view(query);
        const took = performance.now() - at;
        nextLook = performance.now() + Math.max(LOOK_MS, took * 10);
      }
      this._onProgress?.({ position, instructionsPerSecond, view });
    }, PROGRESS_MS);
  }

  private async _move(move: Move, query: ViewQuery): Promise<Stop | { readonly event: TimelineEvent }> {
    const { engine } = this;
    switch (move.kind) {
      case 'instruction':
        return await engine.stepInstruction({ direction: move.direction, count: move.count ?? 1 });
      case 'over':
        return await engine.stepOver({ direction: move.direction, count: move.count ?? 1 });
      case 'out':
        return await engine.stepOut({ direction: move.direction });
      case 'line':
      case 'over line':
        return await stepLine(engine, {
          direction: move.direction,
          count: move.count ?? 1,
          over: move.kind === 'over line',
        });
      case 'continue':
        return await engine.continue({ direction: move.direction });
      case 'event':
        if (move.goal === 'any') return await this._toNextEvent(move.direction);
        return await this._runToEvent(move.goal, move.direction, query, move.pfn);
      case 'goto':
        return await engine.goto(move.position);
      case 'start':
        return await engine.goto(this._start, { kind: 'start' });
      case 'end':
        return await this._runToEnd();
    }
  }

  private _runToEnd(): Promise<Stop> {
    return this._pastStopPoints(async () => {
      let stop = await this.engine.continue();
      // A signal that is about to be delivered is not what was asked for.
      while (stop.reason.kind === 'signal') stop = await this.engine.continue();
      return stop;
    });
  }

  private async _pastStopPoints<T>(run: () => Promise<T>): Promise<T> {
    const points = this.engine.stopPoints.filter(({ isEnabled }) => isEnabled);
    for (const point of points) point.isEnabled = false;
    try {
      return await run();
    } finally {
      for (const point of points) point.isEnabled = true;
    }
  }

  private async _runToEvent(
    goal: Exclude<EventGoal, 'any'>,
    direction: Direction,
    query: ViewQuery,
    pfn: number | undefined,
  ): Promise<Stop> {
    const { engine } = this;
    const points =
      goal === 'store'
        ? [engine.addWatchpoint(this._watchedFrame(query, pfn), 'write', { isTemporary: true })]
        : CAUGHT[goal].map((what) => engine.addCatchpoint(what, { isTemporary: true, standsAfter: true }));
    try {
      return await engine.continue({ direction });
    } finally {
      for (const { id } of points) engine.removeStopPoint(id);
    }
  }

  private _watchedFrame({ address }: ViewQuery, known: number | undefined) {
    const { task } = this.engine;
    const selected = task !== undefined && address !== undefined ? walkAddress(task, address)?.pfn : undefined;
    const pfn = known ?? selected;
    if (pfn === undefined) throw new UsageError('the selected address has no frame here; select one that has');
    return { kind: 'frame' as const, pfn, offset: 0, length: 4096 };
  }

  /** Whatever happens next, but for the scheduler's turns. Events that are told together are one step. */
  private async _toNextEvent(direction: Direction): Promise<Stop | { readonly event: TimelineEvent }> {
    const { engine } = this;
    const from = engine.position;
    const by = direction === 'forward' ? 1 : -1;
    for (let event = from.event + by; ; event += by) {
      if (event <= this._start.event) return await engine.goto(this._start, { kind: 'start' });
      const stop = await engine.goto({ event });
      const { position } = stop;
      if (direction === 'backward' && !isBefore(position, from)) continue;
      if (stop.reason.kind !== 'goto') return stop;
      const found = engine.timeline.find(position.event);
      if (found === undefined || found.detail.kind === 'switch') continue;
      const task = engine.machine.kernel.findTask(found.tid);
      if (task?.isAlive()) engine.task = task;
      return { event: found };
    }
  }

  /** Who has ended has nothing to show; somebody who lives is selected. */
  private _leaveTheDead(): void {
    const { engine } = this;
    if (engine.task?.isAlive() === true) return;
    const { kernel } = engine.machine;
    const living = kernel.processes().flatMap(({ threads }) => threads.filter((task) => task.isAlive()));
    engine.task = kernel.current ?? living[0] ?? engine.task;
  }

  private _note({ reason }: Stop): void {
    if (reason.kind === 'end') this._isWhole = true;
  }

  /** Ends the move that is under way. */
  interrupt(): void {
    this._engine?.interrupt();
  }

  // ---- what changes the course of events

  input(text: string, query: ViewQuery): MachineView {
    return this._changed(() => this.engine.input(new TextEncoder().encode(text)), query);
  }
  endInput(query: ViewQuery): MachineView {
    return this._changed(() => this.engine.endInput(), query);
  }
  /** Writes to memory as a debugger does, whatever the rights. UsageError: nothing is mapped there. */
  writeMemory(address: bigint, bytes: Uint8Array, query: ViewQuery): MachineView {
    const { task } = this.engine;
    if (task === undefined) throw new UsageError('every process has ended');
    return this._changed(
      () => this.engine.changeTask(task, (now) => void (now.hasMemory() && writeForced(now.mm, address, bytes))),
      query,
    );
  }

  private _changed(change: () => void, query: ViewQuery): MachineView {
    change();
    this._course++;
    this._deltas.forget();
    this._isWhole = false;
    return this.view(query);
  }

  // ---- stop points

  addBreakpoint(place: CodePlace, query: ViewQuery): MachineView {
    const { engine } = this;
    if ('address' in place) {
      engine.addBreakpoint(place.address);
      return this.view(query);
    }
    const found = engine.task && breakAtLine(engine.task, place.file, place.line);
    if (found === undefined) throw new UsageError(`${place.file}:${place.line}: no code there`);
    for (const address of found.addresses) engine.addBreakpoint(address, { label: `${place.file}:${found.line}` });
    return this.view(query);
  }
  setStopPoint(id: number, isEnabled: boolean, query: ViewQuery): MachineView {
    const point = this.engine.stopPoints.find((one) => one.id === id);
    if (point !== undefined) point.isEnabled = isEnabled;
    return this.view(query);
  }
  removeStopPoint(id: number, query: ViewQuery): MachineView {
    this.engine.removeStopPoint(id);
    return this.view(query);
  }

  addStop(wish: StopWish, query: ViewQuery): MachineView {
    addStop(this.engine, wish);
    return this.view(query);
  }

  // ---- questions

  /** The address that a user means: `rsp + 8`, `counter`, `0x402000`. Throws UsageError. */
  resolve(text: string): bigint {
    return resolveAddress(this.engine.task, text);
  }

  /** Makes the moves, looks, and comes back. Stop points do not count. */
  lookAhead(moves: readonly Move[], query: ViewQuery): Promise<Ahead> {
    const { engine } = this;
    const here = engine.position;
    const { printed, task } = engine;
    return this._pastStopPoints(async () => {
      try {
        const asked = query.tid === undefined ? undefined : engine.machine.kernel.findTask(query.tid);
        if (asked !== undefined) engine.task = asked;
        let stop: StopModel = this._stop;
        for (const move of moves) stop = modelOf(await this._move(move, query));
        const events = engine.timeline.between(here.event + 1, engine.position.event);
        const writes = engine.output.until().slice(printed, engine.printed);
        const view = viewMachine(engine, query, this._around(stop));
        return { view, events: [...events], writes: [...writes] };
      } finally {
        await engine.goto(here);
        engine.task = task && engine.machine.kernel.findTask(task.tid);
      }
    });
  }

  sourceFiles(): string[] {
    const { task } = this.engine;
    return task === undefined ? [] : sourceFilesOf(task).map(({ path }) => path);
  }

  /** Lines of a source file that one may stop at. */
  linesWithCode(path: string): number[] {
    const { task } = this.engine;
    const modules = task === undefined ? [] : modulesOf(task);
    const lines = modules.flatMap(({ file }) => file.lines.findFiles(path).flatMap((one) => file.lines.linesOf(one)));
    return [...new Set(lines)];
  }

  /** Who wrote a byte last, whoever it was, through whatever address. Undefined: nobody has. */
  async whoWrote(address: bigint): Promise<WriterModel | undefined> {
    const { engine } = this;
    const { task } = engine;
    const pfn = task && walkAddress(task, address)?.pfn;
    if (task === undefined || pfn === undefined) throw new UsageError('the address has no frame here');
    return await this.whoWroteFrame(pfn, Number(address & 0xfffn));
  }
  /** The same of a byte in physical memory. */
  async whoWroteFrame(pfn: number, offset: number): Promise<WriterModel | undefined> {
    const found = await this.engine.whoWrote({ pfn, offset });
    if (found === undefined) return undefined;
    const { pid, tid, rip, by, position } = found;
    return { pid, tid, rip, by, position, text: found.event?.text ?? '' };
  }

  /** Memory was written to from outside, which no program's run can tell. */
  hasChanges(): boolean {
    return this.engine.history.hasChanges;
  }

  /** The same for the same state of the whole machine. */
  fingerprint(): string {
    return this.engine.history.fingerprint();
  }
}

const modelOf = (stop: Stop | { readonly event: TimelineEvent }): StopModel =>
  'event' in stop ? { kind: 'event', text: stop.event.text, event: stop.event } : viewStop(stop);

const CAUGHT: Readonly<Record<Exclude<EventGoal, 'any' | 'store'>, readonly CatchWhat[]>> = {
  syscall: [{ kind: 'syscall' }],
  write: [
    {
      kind: 'syscall',
      names: ['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'sendfile', 'copy_file_range'],
    },
  ],
  fork: [{ kind: 'fork' }, { kind: 'vfork' }],
  fault: [{ kind: 'fault' }],
  'copy-on-write': [{ kind: 'fault', cause: 'copy-on-write break' }],
  signal: [{ kind: 'signal' }],
  exit: [{ kind: 'exit' }],
};
