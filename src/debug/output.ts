/**
 * The console of a program that is being debugged. What it prints is kept with the position at which it did, and shown
 * once, however often that part of the run is gone through. What it reads is given by the debugger, which gives the same
 * again at the same position when the machine has gone back.
 */
import type { Console, Input } from '../host/host.ts';
import type { Position } from './position.ts';

export interface Written {
  readonly fd: 1 | 2;
  readonly bytes: Uint8Array;
  readonly position: Position;
}

/** All that was printed, in order. */
export class OutputLog {
  private readonly _written: Written[] = [];
  /** Hears of what is printed for the first time. */
  onWritten: ((written: Written) => void) | undefined;

  get length(): number {
    return this._written.length;
  }
  /** Everything, or what had been printed at a position. */
  until(count: number = this._written.length): readonly Written[] {
    return this._written.slice(0, count);
  }
  /** Another course of events begins after so many. */
  forgetAfter(count: number): void {
    this._written.length = Math.min(this._written.length, count);
  }
  add(written: Written): void {
    this._written.push(written);
    this.onWritten?.(written);
  }
}

export class DebugConsole implements Console {
  onInput: (() => void) | undefined;
  /** Writes that have happened up to now, in the machine's time. */
  writes = 0;
  private readonly _given: Uint8Array[] = [];
  private _isEnded = false;
  readonly log: OutputLog;
  private readonly _position: () => Position;

  constructor(log: OutputLog, position: () => Position) {
    this.log = log;
    this._position = position;
  }

  write(fd: 1 | 2, bytes: Uint8Array): void {
    if (++this.writes > this.log.length) this.log.add({ fd, bytes, position: this._position() });
  }

  /** Bytes to read; none: the end. */
  give(bytes: Uint8Array): void {
    if (bytes.length === 0) this._isEnded = true;
    else this._given.push(bytes);
    this.onInput?.();
  }

  read(most: number): Input | undefined {
    const first = this._given[0];
    if (first === undefined) return this._isEnded ? new Uint8Array(0) : undefined;
    if (first.length > most) this._given[0] = first.subarray(most);
    else this._given.shift();
    return first.subarray(0, most);
  }

  isReadable(): boolean {
    return this._given.length > 0 || this._isEnded;
  }

  isPending(): boolean {
    return !this._isEnded;
  }
}
