/**
 * One machine as the page sees it: the latest view and what the user has selected, as signals, and the moves as calls to its
 * worker. A page has several when runs lie side by side. Calls are made one after the other; `stop` alone overtakes them.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { proxy, type Remote, wrap } from 'comlink';
import type {
  CodePlace,
  Direction,
  EventGoal,
  MachineView,
  Move,
  ProgramSpec,
  Progress,
  StopWish,
  TimelineEvent,
  ViewQuery,
  WriteModel,
  WriterModel,
} from '../protocol.ts';
import type { Session } from '../worker/session.ts';

/** Running ahead when a program is opened, so that what happens is known. */
const SURVEY_MS = 400;
/** A worker that does not stop when it is told to is ended. */
const STUBBORN_MS = 3000;
const STACK_WORDS = 64;

/** What a view is the answer to. */
type Call = 'opened' | 'moved' | 'look';

export type Status = 'empty' | 'loading' | 'ready' | 'running' | 'failed';

export class MachineStore {
  readonly status: Signal<Status> = signal('empty');
  /** Why the last thing that was asked for could not be done: one line. */
  readonly message: Signal<string | undefined> = signal(undefined);
  /** What the user should know besides, until the machine is moved: of a link that could not be followed, one line. */
  readonly notice: Signal<string | undefined> = signal(undefined);
  readonly spec: Signal<ProgramSpec | undefined> = signal(undefined);
  readonly view: Signal<MachineView | undefined> = signal(undefined);
  /** The one before the last move: what has changed since is marked. */
  readonly previous: Signal<MachineView | undefined> = signal(undefined);
  /** All that are described, by number, also what is later than the position. Of a long run some may be missing. */
  readonly events: Signal<readonly TimelineEvent[]> = signal([]);
  readonly writes: Signal<readonly WriteModel[]> = signal([]);
  readonly progress: Signal<Progress | undefined> = signal(undefined);
  /** The address whose walks are drawn. */
  readonly address: Signal<bigint | undefined> = signal(undefined);
  /** The thread whose registers, code and stack are shown. */
  readonly tid: Signal<number | undefined> = signal(undefined);
  /** Where the list of code is, when it is not around RIP. */
  readonly codeAddress: Signal<bigint | undefined> = signal(undefined);
  /** The last move, so that what waits for input can go on with what it was asked for. */
  readonly lastMove: Signal<Move | undefined> = signal(undefined);
  readonly memory: Signal<{ readonly address: bigint; readonly length: number } | undefined> = signal(undefined);
  readonly isBusy: ReadonlySignal<boolean> = computed(
    () => this.status.value === 'loading' || this.status.value === 'running',
  );

  private _worker: Worker | undefined;
  private _session: Remote<Session> | undefined;
  private _queue: Promise<unknown> = Promise.resolve();
  private _course = 0;
  /** Something else was selected while a move was under way. */
  private _isStale = false;
  /** How many there have been. */
  private _moves = 0;
  /** How many programs have been opened. */
  private _opened = 0;
  /** What was shown when the move under way began. */
  private _before: MachineView | undefined;

  /** Loads a program in place of what there is. False: `message` says why not. */
  async open(spec: ProgramSpec, at?: { readonly address?: bigint; readonly tid?: number }): Promise<boolean> {
    if (this.status.value === 'running' || this.status.value === 'loading') this._restart();
    batch(() => {
      this.status.value = 'loading';
      this.spec.value = spec;
      this.view.value = this.previous.value = undefined;
      this.events.value = [];
      this.writes.value = [];
      this.address.value = at?.address;
      this.tid.value = at?.tid;
      this.memory.value = this.codeAddress.value = this.lastMove.value = undefined;
      this.message.value = this.notice.value = undefined;
    });
    this._course = 0;
    this._opened++;
    return await this._call(async (session) => await session.open(spec, this._query(), SURVEY_MS), 'opened');
  }

  async move(move: Move): Promise<boolean> {
    if (this.isBusy.value || this.view.value === undefined) return false;
    this.status.value = 'running';
    this.notice.value = undefined;
    this.codeAddress.value = undefined;
    this.lastMove.value = move;
    this._before = this.view.value;
    this._moves++;
    return await this._call(async (session) => await session.move(move, this._query()), 'moved');
  }
  step(direction: Direction = 'forward', count = 1): Promise<boolean> {
    return this.move({ kind: 'instruction', direction, count });
  }
  runTo(goal: EventGoal, direction: Direction = 'forward'): Promise<boolean> {
    return this.move({ kind: 'event', goal, direction });
  }
  goto(position: Extract<Move, { kind: 'goto' }>['position']): Promise<boolean> {
    return this.move({ kind: 'goto', position });
  }

  /** As `goto`, while a slider is dragged: of what is asked for meanwhile, the last counts. */
  seek(position: Extract<Move, { kind: 'goto' }>['position']): void {
    const isSeeking = this._wanted !== undefined;
    this._wanted = position;
    if (!isSeeking) void this._seek();
  }
  private async _seek(): Promise<void> {
    let done: typeof this._wanted;
    while (this._wanted !== undefined && this._wanted !== done) {
      done = this._wanted;
      if (!(await this.goto(done))) break;
    }
    this._wanted = undefined;
  }
  private _wanted: Extract<Move, { kind: 'goto' }>['position'] | undefined;

  /** Ends the move under way. A worker that does not answer is ended, and the program opened again. */
  stop(): void {
    if (this.status.value !== 'running') return;
    const { spec, _moves: move } = this;
    void this._session?.interrupt();
    setTimeout(() => {
      if (this.status.value !== 'running' || this._moves !== move || spec.value === undefined) return;
      this._restart();
      void this.open(spec.value);
    }, STUBBORN_MS);
  }

  select(address: bigint | undefined): void {
    this.address.value = address;
    void this.refresh();
  }
  selectThread(tid: number): void {
    this.tid.value = tid;
    void this.refresh();
  }
  /** The code there, until the machine moves. Undefined: at RIP. */
  showCode(address: bigint | undefined): void {
    this.codeAddress.value = address;
    void this.refresh();
  }
  showMemory(address: bigint, length = 256): void {
    this.memory.value = { address, length };
    void this.refresh();
  }
  refresh(): Promise<boolean> {
    this._isStale = this.isBusy.value;
    if (this._isStale) return Promise.resolve(false);
    return this._call((session) => session.view(this._query()));
  }

  input(text: string): Promise<boolean> {
    return this._call((session) => session.input(text, this._query()));
  }
  endInput(): Promise<boolean> {
    return this._call((session) => session.endInput(this._query()));
  }
  writeMemory(address: bigint, bytes: Uint8Array): Promise<boolean> {
    return this._call((session) => session.writeMemory(address, bytes, this._query()));
  }
  addBreakpoint(place: CodePlace): Promise<boolean> {
    return this._call((session) => session.addBreakpoint(place, this._query()));
  }
  addStop(wish: StopWish): Promise<boolean> {
    return this._call((session) => session.addStop(wish, this._query()));
  }
  removeStopPoint(id: number): Promise<boolean> {
    return this._call((session) => session.removeStopPoint(id, this._query()));
  }
  setStopPoint(id: number, isEnabled: boolean): Promise<boolean> {
    return this._call((session) => session.setStopPoint(id, isEnabled, this._query()));
  }
  whoWrote(address: bigint): Promise<WriterModel | undefined> {
    return this.ask((session) => session.whoWrote(address));
  }
  /** The address that a user means: `rsp + 8`, a symbol, a number. Fails with what is wrong with it. */
  resolve(text: string): Promise<bigint> {
    return this.ask((session) => session.resolve(text));
  }
  /** A question to the worker, in its turn; its answer is no view. Fails as the worker does. */
  ask<T>(question: (session: Remote<Session>) => Promise<T>): Promise<T> {
    const answer = this._queue.then(() => question(this._connect()));
    this._queue = answer.catch(() => undefined);
    return answer;
  }

  dispose(): void {
    this._worker?.terminate();
    this._worker = this._session = undefined;
    this.status.value = 'empty';
  }

  private _query(): ViewQuery {
    return {
      tid: this.tid.value,
      address: this.address.value,
      codeAddress: this.codeAddress.value,
      stackWords: STACK_WORDS,
      memory: this.memory.value,
    };
  }

  private _connect(): Remote<Session> {
    if (this._session === undefined) {
      this._worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module' });
      this._session = wrap<Session>(this._worker);
      // Its file cannot be loaded, or WebAssembly is not allowed: no call would ever be answered.
      this._worker.addEventListener('error', ({ message }) => {
        this._restart();
        this.fail(`the machine could not be started: ${message || 'its worker cannot be loaded'}`);
      });
      void this._session.listen(
        proxy((progress: Progress) => {
          // One that comes late is of no use but for what it brings once.
          if (this.status.value === 'running') this.progress.value = progress;
          if (progress.view !== undefined) this._takeInPassing(progress.view);
        }),
      );
    }
    return this._session;
  }

  private _restart(): void {
    this._worker?.terminate();
    this._worker = this._session = undefined;
    this._queue = Promise.resolve();
  }

  private async _call(get: (session: Remote<Session>) => Promise<MachineView>, kind: Call = 'look'): Promise<boolean> {
    const opened = this._opened;
    try {
      const view = await this.ask(get);
      // Of another program than the one that is open by now.
      if (opened !== this._opened) return false;
      this._take(view, kind);
      if (this._isStale) void this.refresh();
      return true;
    } catch (error) {
      if (opened !== this._opened) return false;
      const message = error instanceof Error ? error.message : String(error);
      if (this._isOvertaken(kind)) this.message.value = message;
      else this.fail(message);
      return false;
    }
  }

  /** A look that was asked for before the move that is under way says nothing of that. */
  private _isOvertaken(kind: Call): boolean {
    return kind === 'look' && this.status.value === 'running';
  }

  /** What was asked for cannot be done, and why. */
  fail(message: string): void {
    batch(() => {
      this.message.value = message;
      this.status.value = this.view.value === undefined ? 'failed' : 'ready';
      this.progress.value = undefined;
    });
  }

  /** While the machine runs. */
  private _takeInPassing(view: MachineView): void {
    batch(() => {
      this._takeNew(view);
      if (this.status.value === 'running') this.view.value = view;
    });
  }

  /** Each view brings some of the events and writes, once; not always in order. */
  private _takeNew({ course, newEvents, newWrites, firstNewWrite }: MachineView): void {
    if (course < this._course) return;
    const isNewCourse = course > this._course;
    this._course = course;
    if (isNewCourse) {
      this.events.value = [];
      this.writes.value = [];
    }
    if (newEvents.length > 0) this.events.value = mergeEvents(this.events.value, newEvents);
    if (newWrites.length > 0) {
      const writes = [...this.writes.value];
      for (const [i, write] of newWrites.entries()) writes[firstNewWrite + i] = write;
      this.writes.value = writes;
    }
  }

  private _take(view: MachineView, kind: Call): void {
    batch(() => {
      this._takeNew(view);
      if (this._isOvertaken(kind)) {
        this._isStale = true;
        return;
      }
      if (kind === 'moved') {
        this.previous.value = this._before ?? this.view.value;
        this._before = undefined;
        this.tid.value = view.tid === 0 ? undefined : view.tid;
      }
      this.view.value = view;
      this.message.value = undefined;
      this.progress.value = undefined;
      this.status.value = 'ready';
    });
  }
}

/** New ones are later than the old ones, as a rule. */
function mergeEvents(old: readonly TimelineEvent[], more: readonly TimelineEvent[]): readonly TimelineEvent[] {
  const all = [...old, ...more];
  return (old.at(-1)?.number ?? 0) < more[0].number ? all : all.sort((a, b) => a.number - b.number);
}
