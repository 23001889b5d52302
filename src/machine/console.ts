/** A console that keeps what was written, hands it on, or both; and serves prepared input. */
import type { Console } from '../host/host.ts';

export interface ConsoleOptions {
  /** What the guest reads: all of it at once, or piece by piece (an empty piece is the end). Nothing by default. */
  readonly stdin?: string | Uint8Array | ((most: number) => Uint8Array) | undefined;
  readonly onStdout?: ((bytes: Uint8Array) => void) | undefined;
  readonly onStderr?: ((bytes: Uint8Array) => void) | undefined;
  /** Whether to keep the output for the result. Default: true. */
  readonly capture?: boolean | undefined;
}

export class CapturingConsole implements Console {
  readonly #options: ConsoleOptions;
  readonly #chunks: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  #input: Uint8Array;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    const { stdin } = options;
    this.#input =
      typeof stdin === 'string'
        ? new TextEncoder().encode(stdin)
        : stdin instanceof Uint8Array
          ? stdin
          : new Uint8Array(0);
  }

  write(fd: 1 | 2, bytes: Uint8Array): void {
    const { capture = true, onStdout, onStderr } = this.#options;
    if (capture) this.#chunks[fd].push(bytes);
    (fd === 1 ? onStdout : onStderr)?.(bytes);
  }

  read(most: number): Uint8Array {
    const { stdin } = this.#options;
    if (typeof stdin === 'function') return stdin(most);
    const bytes = this.#input.subarray(0, most);
    this.#input = this.#input.subarray(bytes.length);
    return bytes;
  }

  /** Everything that was written to one of them. */
  written(fd: 1 | 2): Uint8Array {
    const chunks = this.#chunks[fd];
    const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
