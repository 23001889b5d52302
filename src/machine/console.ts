/** A console that keeps what was written, hands it on, or both; and serves prepared input, or input that is still to come. */
import { type Console, HostError, type Input } from '../host/host.ts';

export interface ConsoleOptions {
  /**
   * What the guest reads: all of it at once, or piece by piece, at most as many bytes as are asked for (an empty piece is
   * the end). A promise makes only those wait who read. Nothing by default.
   */
  readonly stdin?: string | Uint8Array | ((most: number) => Input | Promise<Input>) | undefined;
  readonly onStdout?: ((bytes: Uint8Array) => void) | undefined;
  readonly onStderr?: ((bytes: Uint8Array) => void) | undefined;
  /** Whether to keep the output for the result. Default: true. */
  readonly capture?: boolean | undefined;
}

export class CapturingConsole implements Console {
  onInput: (() => void) | undefined;
  private readonly _options: ConsoleOptions;
  private readonly _chunks: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  /** Has come and was not read yet; an empty piece is an end that nobody has seen. */
  private _input: Input | undefined;
  private _isPending = false;
  /** What `stdin` threw: not the guest's affair. */
  private _failure: { readonly error: unknown } | undefined;

  constructor(options: ConsoleOptions) {
    this._options = options;
    const { stdin } = options;
    if (typeof stdin === 'string') this._input = new TextEncoder().encode(stdin);
    else if (typeof stdin !== 'function') this._input = stdin;
  }

  write(fd: 1 | 2, bytes: Uint8Array): void {
    const { capture = true, onStdout, onStderr } = this._options;
    if (capture) this._chunks[fd].push(bytes);
    (fd === 1 ? onStdout : onStderr)?.(bytes);
  }

  read(most: number): Input | undefined {
    if (!this._fill(most)) return undefined;
    const input = this._input!;
    if (input instanceof HostError || input.length <= most) {
      this._input = undefined;
      return input;
    }
    this._input = input.subarray(most);
    return input.subarray(0, most);
  }

  isReadable(): boolean {
    return this._fill(1);
  }

  isPending(): boolean {
    return this._isPending;
  }

  /** Whether there is something, the end included. */
  private _fill(most: number): boolean {
    if (this._failure !== undefined) throw this._failure.error;
    if (this._input !== undefined) return true;
    if (this._isPending) return false;
    const { stdin } = this._options;
    const got = typeof stdin === 'function' ? stdin(most) : new Uint8Array(0);
    if (!(got instanceof Promise)) {
      this._input = got;
      return true;
    }
    this._isPending = true;
    got
      .then(
        (input) => {
          this._input = input;
        },
        (error: unknown) => {
          this._failure = { error };
        },
      )
      .then(() => {
        this._isPending = false;
        this.onInput?.();
      });
    return false;
  }

  /** Everything that was written to one of them. */
  written(fd: 1 | 2): Uint8Array {
    const chunks = this._chunks[fd];
    const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
