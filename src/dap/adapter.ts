/**
 * A debug adapter: requests of the protocol in, responses and events out. One session of the debugger stands behind it;
 * what is shown is read from there when it is asked for. Requests are answered in turn, except those that are to reach a
 * run in progress: pause, disconnect, terminate.
 */
import { UsageError } from '../base/invariant.ts';
import type { Session } from '../debug/commands/session.ts';
import type { StackFrame } from '../debug/inspect/backtrace.ts';
import type { Stop } from '../debug/stops.ts';
import { Arguments } from './arguments.ts';
import { Breakpoints } from './breakpoints.ts';
import { type After, Connection, describeFailure } from './connection.ts';
import { setExceptionFilters } from './exceptions.ts';
import { Handles } from './handles.ts';
import type { DapHost, LaunchOptions } from './host.ts';
import { findHandler } from './requests/table.ts';
import { Sources } from './sources.ts';
import { describeStop } from './stops.ts';
import { registerValues, type Scope, type Variable } from './variables.ts';

/** What a client refers to by a number until the run goes on. */
export interface FrameHandle {
  readonly tid: number;
  readonly frame: StackFrame;
}

/** What is there between launch and disconnect. */
export interface Debuggee {
  readonly launch: LaunchOptions;
  readonly given: Arguments;
  readonly session: Session;
  readonly breakpoints: Breakpoints;
  readonly sources: Sources;
  /** The engine's numbers of catchpoints. */
  readonly catchpoints: number[];
}

type Move = () => Promise<Stop>;
/** How often a run is told to stop until it does: it may be between two parts of a step. */
const INTERRUPT_MS = 5;
/** Requests that are answered while the program runs. */
const AT_ONCE: readonly string[] = ['pause', 'disconnect', 'terminate', 'threads', 'initialize'];

export class Adapter {
  readonly host: DapHost;
  /** The client wants to know when what it shows is out of date without a stop. */
  wantsInvalidated = false;
  /** The client counts lines and columns from this. */
  firstLine = 1;
  firstColumn = 1;
  debuggee: Debuggee | undefined;
  readonly frames = new Handles<FrameHandle>(1000);
  readonly variables = new Handles<() => readonly Variable[]>(1);
  readonly gotoTargets = new Handles<bigint>(1);
  /** What the client has asked to stop at, for a launch that replaces this one. */
  exceptionArguments: Arguments | undefined;
  lastStop: Stop | undefined;
  /** Registers of threads at the stop before. */
  private _before = new Map<number, Map<string, bigint>>();
  private _now = new Map<number, Map<string, bigint>>();
  private readonly _connection: Connection;
  private _running: Promise<void> | undefined;
  /** The run at hand, if it is one that can be held for a moment and go on. */
  private _held: { readonly move: Move; isHeld: boolean; hasStopped: boolean } | undefined;
  private readonly _onEnd: () => void;
  private readonly _threads = new Set<number>();
  private readonly _decoders = { 1: new TextDecoder(), 2: new TextDecoder() };

  /** `onEnd`: the client has gone, or has been told that all is over. */
  constructor(host: DapHost, write: (bytes: Uint8Array) => void, onEnd: () => void) {
    this.host = host;
    this._onEnd = onEnd;
    this._connection = new Connection(write, AT_ONCE, (command, args, after) => this._answer(command, args, after));
  }

  // ---- messages
  receive(bytes: Uint8Array): void {
    this._connection.receive(bytes);
  }

  private async _answer(command: string, args: unknown, after: After): Promise<object | undefined> {
    const handler = findHandler(command);
    if (handler === undefined) throw new UsageError(`there is no request '${command.slice(0, 80)}' here`);
    const given = new Arguments(args);
    if (handler.when === 'standing') await this._untilStanding();
    if (handler.when !== 'between') return await handler.run(this, given, after);
    return await this._between(() => handler.run(this, given, after));
  }

  event(event: string, body?: object): void {
    this._connection.event(event, body);
  }

  /** To the client's console, as ours. */
  log(text: string): void {
    this._connection.log(text);
  }

  // ---- the session
  get open(): Debuggee {
    if (this.debuggee === undefined) throw new UsageError('nothing has been launched');
    return this.debuggee;
  }

  /** Another run takes the place of this one; what the client has set stays set. */
  async relaunch(given: Arguments, launch: LaunchOptions): Promise<void> {
    const { breakpoints } = this.open;
    await this.launch(given, launch);
    const { session, catchpoints } = this.open;
    breakpoints.moveTo(session);
    this.debuggee = { ...this.open, breakpoints };
    if (this.exceptionArguments !== undefined) setExceptionFilters(session, catchpoints, this.exceptionArguments);
  }

  async launch(given: Arguments, launch: LaunchOptions): Promise<void> {
    const session = await this.host.open(launch);
    const { engine } = session;
    if (launch.follow !== 'both') session.setFollowMode(launch.follow);
    if (launch.stdin !== undefined) {
      engine.input(new TextEncoder().encode(launch.stdin));
      engine.endInput();
    }
    engine.output.onWritten = ({ fd, bytes }) => {
      const output = this._decoders[fd].decode(bytes, { stream: true });
      if (output !== '') this.event('output', { category: fd === 1 ? 'stdout' : 'stderr', output });
    };
    const sources = new Sources(this.host, launch);
    this.debuggee = { launch, given, session, breakpoints: new Breakpoints(session), sources, catchpoints: [] };
    this.standStill();
  }

  get isRunning(): boolean {
    return this._running !== undefined;
  }

  /** Lets the program move; the stop is told when it comes. `goesOn`: until something stops it. */
  start(move: Move, { goesOn = false } = {}): void {
    this.frames.clear();
    this.variables.clear();
    const held = goesOn ? { move, isHeld: false, hasStopped: false } : undefined;
    this._held = held;
    const run = async (): Promise<void> => {
      try {
        const stop = await move();
        if (held?.isHeld && stop.reason.kind === 'interrupted') return;
        if (held) held.hasStopped = true;
        this._running = undefined;
        this.tellStop(stop);
      } catch (error) {
        const text = describeFailure(error);
        this.log(text);
        this.event('stopped', { reason: 'pause', description: text, allThreadsStopped: true, ...this._someThread() });
      } finally {
        this._running = undefined;
      }
    };
    // The machine runs in this thread: the response goes out first.
    this._running = new Promise((resolve) => setTimeout(resolve)).then(run);
  }

  /** Does something while the run is held, if it is one that can be; waits for its end if it is another. */
  private async _between<T>(act: () => T | Promise<T>): Promise<T> {
    const held = this._running === undefined ? undefined : this._held;
    if (held === undefined) {
      await this._untilStanding();
      return await act();
    }
    held.isHeld = true;
    await this._stopRun();
    try {
      return await act();
    } finally {
      if (!held.hasStopped) this.start(held.move, { goesOn: true });
    }
  }

  /** A command is at work that may let the program run: it can be interrupted as a run can. */
  async working<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this._held = undefined;
    this._running = settled;
    await settled;
    this._running = undefined;
    return await work;
  }

  /** Stops whatever runs, or is about to: what was asked for before this is over afterwards. */
  async interrupt(): Promise<void> {
    while (this._running !== undefined || this._connection.pending > 0) {
      await this._stopRun();
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  private async _stopRun(): Promise<void> {
    const timer = setInterval(() => this.debuggee?.session.engine.interrupt(), INTERRUPT_MS);
    this.debuggee?.session.engine.interrupt();
    await this._running;
    clearInterval(timer);
  }

  private async _untilStanding(): Promise<void> {
    while (this._running !== undefined) await this._running;
  }

  /** Tells the client where and why the run stands. */
  tellStop(stop: Stop): void {
    const { session, breakpoints, launch } = this.open;
    this.standStill();
    this.lastStop = stop;
    for (const breakpoint of breakpoints.placeAgain()) this.event('breakpoint', { reason: 'changed', breakpoint });
    for (const output of session.takeWarnings()) this.log(output);
    this._tellThreads();
    if (stop.reason.kind === 'end' && !launch.stopAtEnd) {
      this.finish();
      return;
    }
    const body = describeStop(stop, (ids) => breakpoints.idsOf(ids));
    this.event('stopped', { ...this._someThread(), ...body });
  }

  /** What is compared at the next stop. */
  standStill(): void {
    this.frames.clear();
    this.variables.clear();
    this._before = this._now;
    this._now = new Map();
    const { session } = this.open;
    for (const process of session.engine.machine.kernel.allProcesses)
      for (const task of process.liveThreads()) this._now.set(task.tid, registerValues(task));
  }

  /** Before the first instruction. */
  tellEntry(): void {
    this.standStill();
    this._tellThreads();
    this.event('stopped', { reason: 'entry', allThreadsStopped: true, ...this._someThread() });
  }

  registersBefore(tid: number): ReadonlyMap<string, bigint> | undefined {
    return this._before.get(tid);
  }

  private _tellThreads(): void {
    const alive = new Set(this._now.keys());
    for (const threadId of this._threads)
      if (!alive.has(threadId)) this.event('thread', { reason: 'exited', threadId });
    for (const threadId of alive)
      if (!this._threads.has(threadId)) this.event('thread', { reason: 'started', threadId });
    this._threads.clear();
    for (const tid of alive) this._threads.add(tid);
  }

  private _someThread(): { threadId?: number } {
    const tid =
      this.debuggee?.session.engine.task?.tid ?? this.debuggee?.session.engine.machine.kernel.allProcesses[0]?.pid;
    return tid === undefined ? {} : { threadId: tid };
  }

  /** The run is over, and the client is told so. */
  finish(): void {
    const ending = this.debuggee?.session.engine.machine.kernel.allProcesses[0]?.ending;
    if (ending !== undefined)
      this.event('exited', { exitCode: ending.kind === 'exited' ? ending.status : 128 + ending.signal });
    this.event('terminated');
  }

  /** Nothing is sent any more. */
  close(): void {
    if (this._connection.close()) this._onEnd();
  }

  // ---- numbers of the client's
  line(line: number): number {
    return line - 1 + this.firstLine;
  }
  ownLine(line: number): number {
    return line - this.firstLine + 1;
  }

  scopeHandle({ variables }: Scope): number {
    return this.variables.add(variables);
  }
}
