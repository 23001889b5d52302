/**
 * The terminal while the view has it: raw input, the mouse, bracketed paste; and as it was before, however the session
 * ends. Ink has the screen and the cursor.
 */
import { parseInput, type TerminalInput } from './keys.ts';

/** Presses and releases, as SGR; pasted text in brackets. */
const ON = '\x1b[?1000h\x1b[?1006h\x1b[?2004h';
const OFF = '\x1b[?2004l\x1b[?1006l\x1b[?1000l';
/** What follows Escape in a sequence comes with it; after so long it was the key. */
const ESCAPE_MS = 40;

export interface TerminalEvents {
  onInput(input: TerminalInput): void;
  onResize(columns: number, rows: number): void;
  /** The process is to end: the number of the signal. */
  onSignal(signal: number): void;
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export class HostScreen {
  private _isOpen = false;
  private _rest = '';
  private _timer: NodeJS.Timeout | undefined;
  private readonly _events: TerminalEvents;
  private readonly _decoder = new TextDecoder();
  private readonly _onData = (bytes: Uint8Array): void => this._take(this._decoder.decode(bytes, { stream: true }));
  private readonly _onResize = (): void => this._events.onResize(this.columns, this.rows);
  private readonly _onSignal = (name: keyof typeof SIGNALS): void => this._events.onSignal(SIGNALS[name]);
  private readonly _onEnd = (): void => this._events.onSignal(SIGNALS.SIGHUP);
  private readonly _onExit = (): void => this.close();

  constructor(events: TerminalEvents) {
    this._events = events;
  }

  get columns(): number {
    return process.stdout.columns ?? 80;
  }

  get rows(): number {
    return process.stdout.rows ?? 24;
  }

  open(): void {
    this._isOpen = true;
    process.stdin.setRawMode(true);
    process.stdin.on('data', this._onData);
    process.stdin.on('end', this._onEnd);
    process.stdin.on('error', this._onEnd);
    process.stdin.resume();
    process.stdout.on('resize', this._onResize);
    for (const name of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) process.on(name, this._onSignal);
    process.on('exit', this._onExit);
    process.stdout.write(ON);
  }

  /** May be called again. */
  close(): void {
    if (!this._isOpen) return;
    this._isOpen = false;
    clearTimeout(this._timer);
    process.stdin.off('data', this._onData);
    process.stdin.off('end', this._onEnd);
    process.stdin.off('error', this._onEnd);
    process.stdout.off('resize', this._onResize);
    for (const name of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) process.off(name, this._onSignal);
    process.off('exit', this._onExit);
    try {
      process.stdout.write(OFF);
      process.stdin.setRawMode(false);
    } catch {
      // The terminal has gone away.
    }
    process.stdin.pause();
  }

  private _take(text: string): void {
    clearTimeout(this._timer);
    const whole = this._rest + text;
    // A lone Escape may be the first byte of a sequence that comes in pieces.
    if (whole === '\x1b') {
      this._rest = whole;
      this._timer = setTimeout(() => this._give(), ESCAPE_MS);
      return;
    }
    const { inputs, rest } = parseInput(whole);
    this._rest = rest;
    for (const input of inputs) this._events.onInput(input);
  }

  private _give(): void {
    const { inputs } = parseInput(this._rest);
    this._rest = '';
    for (const input of inputs) this._events.onInput(input);
  }
}
