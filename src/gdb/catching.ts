/**
 * What the engine is to stop at for a client: processes and programs that come and go, the system calls that somebody asks
 * for, and signals. Going back, only calls: a client cannot be told that a child or a program is gone again, and a stop that
 * nobody is told of costs a search through the run.
 */
import { SIGNAL_MAX, signalName } from '../abi/signal.ts';
import { findSyscallName } from '../abi/syscall-names.ts';
import type { Direction, Engine } from '../debug/engine.ts';
import { type Catchpoint, QUIET_SIGNALS } from '../debug/stops.ts';
import type { Inferiors } from './inferiors.ts';

/** Calls whose return may tell that a parent goes on after vfork(2). */
const VFORKING = ['vfork', 'clone', 'clone3'];
const ALL_SIGNALS: readonly string[] = Array.from({ length: SIGNAL_MAX }, (_, i) => signalName(i + 1));

export class Catching {
  /** Names of signals that do not stop it. */
  passed: readonly string[] = [...QUIET_SIGNALS];
  private readonly _inferiors: Inferiors;
  private readonly _engine: () => Engine | undefined;
  private _points: readonly Catchpoint[] = [];
  private _calls: Catchpoint | undefined;

  constructor(inferiors: Inferiors, engine: () => Engine | undefined) {
    this._inferiors = inferiors;
    this._engine = engine;
  }

  /** Processes, or what is wanted of them, have changed. */
  update(): void {
    this.stop();
    const engine = this._engine();
    if (engine === undefined) return;
    const made = (['fork', 'vfork', 'exec', 'exit'] as const).map((kind) =>
      engine.addCatchpoint({ kind }, { standsAfter: true }),
    );
    const names = this._callNames();
    this._calls = engine.addCatchpoint({ kind: 'syscall', names: names && [...names, ...VFORKING] });
    this._points = [...made, this._calls];
  }

  stop(): void {
    for (const { id } of this._points) this._engine()?.removeStopPoint(id);
    this._points = [];
  }

  /** The program is about to run. */
  prepare(direction: Direction): void {
    const isForward = direction === 'forward';
    const wantsCalls = this._callNames()?.length !== 0;
    for (const point of this._points) point.isEnabled = isForward || (point === this._calls && wantsCalls);
    this._quiet(isForward ? this.passed : ALL_SIGNALS);
  }

  /** Nobody is told of anything. */
  silence(): void {
    this.stop();
    this._quiet(ALL_SIGNALS);
  }

  private _quiet(names: readonly string[]): void {
    const quiet = this._engine()?.quietSignals;
    quiet?.clear();
    for (const name of names) quiet?.add(name);
  }

  /** Undefined: all. */
  private _callNames(): string[] | undefined {
    const names: string[] = [];
    for (const { calls } of this._inferiors.all()) {
      if (calls === 'all') return undefined;
      for (const number of calls ?? []) names.push(findSyscallName(number) ?? '');
    }
    return names;
  }
}
