/**
 * A terminal that a script types at: `stdin` of a machine that has a `tty`. Each line, and each control character, is
 * typed when a guest waits for input, so that a session is the same every time. What the guest shows is its output.
 */
import { type Console, HostError, type Input, type Terminal } from '../host/host.ts';
import type { ConsoleOptions } from './console.ts';

export interface TtyOptions {
  /** Default: 80. */
  readonly columns?: number | undefined;
  /** Default: 24. */
  readonly rows?: number | undefined;
}

const ASKED_BYTES = 1024;

export class ScriptedTerminal implements Terminal {
  onInput: ((bytes: Uint8Array) => void) | undefined;
  onEnd: (() => void) | undefined;
  onHangUp: (() => void) | undefined;
  onResize: (() => void) | undefined;
  private readonly _console: Console;
  private readonly _next: (most: number) => Input | Promise<Input>;
  private readonly _size: { readonly rows: number; readonly columns: number };
  private _isPending = false;

  constructor({ columns = 80, rows = 24 }: TtyOptions, stdin: ConsoleOptions['stdin'], console: Console) {
    this._size = { rows, columns };
    this._console = console;
    this._next = typeof stdin === 'function' ? stdin : piecesOf(stdin);
  }

  size(): { readonly rows: number; readonly columns: number } {
    return this._size;
  }
  write(bytes: Uint8Array): void {
    this._console.write(1, bytes.slice());
  }
  isPending(): boolean {
    return this._isPending;
  }

  want(): boolean {
    if (this._isPending) return false;
    const next = this._next(ASKED_BYTES);
    if (!(next instanceof Promise)) {
      this._type(next);
      return true;
    }
    this._isPending = true;
    next
      .catch(() => new HostError('EIO'))
      .then((input) => {
        this._isPending = false;
        this._type(input);
      });
    return false;
  }

  private _type(input: Input): void {
    if (input instanceof HostError) this.onHangUp?.();
    else if (input.length === 0) this.onEnd?.();
    else this.onInput?.(input);
  }
}

/** Each goes up to what ends a line, or is more than a letter to a line discipline. */
function piecesOf(stdin: string | Uint8Array | undefined): () => Uint8Array {
  let rest = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : (stdin ?? new Uint8Array(0));
  return () => {
    const end = rest.findIndex((byte) => byte < 0x20 || byte === 0x7f);
    const piece = end < 0 ? rest : rest.subarray(0, end + 1);
    rest = rest.subarray(piece.length);
    return piece;
  };
}
