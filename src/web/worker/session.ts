/**
 * One machine in its worker: an engine, moved and looked at by the page's calls, one at a time. While a move is under way
 * `interrupt` alone gets through; the engine asks for it between its slices.
 */
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { Engine } from '../../debug/engine.ts';
import { readMemory } from '../../debug/inspect/memory.ts';
import { breakAtLine, modulesOf, sourceFilesOf } from '../../debug/inspect/modules.ts';
import { walkAddress } from '../../debug/inspect/walk.ts';
import { isBefore } from '../../debug/position.ts';
import type { Stop } from '../../debug/stops.ts';
import { PrivateMappings } from '../../debug/story/private-twin.ts';
import { writeForced } from '../../kernel/vfs/fs/proc/memory-files.ts';
import { resolveAddress } from '../model/expressions.ts';
import { viewMachine } from '../model/view.ts';
import type {
  Ahead,
  CodePlace,
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
import { Moves, viewArrival } from './moves.ts';
import { addStop } from './stop-wishes.ts';

/** What checkpoints may take of a page's memory. */
const CHECKPOINT_BYTES = 160 * 1024 * 1024;
const PROGRESS_MS = 100;
/** How often the page sees the machine in passing. */
const LOOK_MS = 200;

export class Session {
  private _engine: Engine | undefined;
  private _made: Moves | undefined;
  private _stop: StopModel = { kind: 'start', text: 'the beginning of the run' };
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
    this._made = new Moves(engine);
    this._given = engine.history.inputs.length;
    this._course = 1;
    this._deltas.forget();
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
    const stop = await this._moves.toEnd();
    clearTimeout(timer);
    this._note(stop);
    await engine.goto(here);
    engine.task = task && engine.machine.kernel.findTask(task.tid);
  }

  private get engine(): Engine {
    if (this._engine === undefined) throw new UsageError('no program is open');
    return this._engine;
  }

  private get _moves(): Moves {
    if (this._made === undefined) throw new UsageError('no program is open');
    return this._made;
  }

  /** `stop`: why it stands there, if it does. */
  view(query: ViewQuery, stop: StopModel = this._stop): MachineView {
    const { engine } = this;
    const newEvents = this._deltas.takeEvents(engine);
    return viewMachine(engine, query, { ...this._around(stop), newEvents, ...this._deltas.takeWrites(engine) });
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
      const stop = await this._moves.make(move, query);
      if (!('event' in stop)) this._note(stop);
      this._stop = viewArrival(stop);
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
        view = this.view(query, { kind: 'running', text: 'running' });
        const took = performance.now() - at;
        nextLook = performance.now() + Math.max(LOOK_MS, took * 10);
      }
      this._onProgress?.({ position, instructionsPerSecond, view });
    }, PROGRESS_MS);
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
    return this._changed('input was given here', query, () => this.engine.input(new TextEncoder().encode(text)));
  }
  endInput(query: ViewQuery): MachineView {
    return this._changed('the input was ended here', query, () => this.engine.endInput());
  }
  /** Writes to memory as a debugger does, whatever the rights. UsageError: nothing is mapped there. */
  writeMemory(address: bigint, bytes: Uint8Array, query: ViewQuery): MachineView {
    const { task } = this.engine;
    if (task === undefined) throw new UsageError('every process has ended');
    if (readMemory(task, address, bytes.length).length < bytes.length)
      throw new UsageError(`${hex(address)}: nothing is mapped there`);
    return this._changed('memory was changed here', query, () =>
      this.engine.changeTask(task, (now) => void (now.hasMemory() && writeForced(now.mm, address, bytes))),
    );
  }

  private _changed(what: string, query: ViewQuery, change: () => void): MachineView {
    change();
    this._course++;
    this._deltas.forget();
    this._isWhole = false;
    this._stop = { kind: 'changed', text: `${what}: what comes later is open again` };
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
    return this._moves.pastStopPoints(async () => {
      try {
        const asked = query.tid === undefined ? undefined : engine.machine.kernel.findTask(query.tid);
        if (asked !== undefined) engine.task = asked;
        let stop: StopModel = this._stop;
        for (const move of moves) stop = viewArrival(await this._moves.make(move, query));
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
