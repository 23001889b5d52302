/** The outside, as the machine sees it. `node.ts` and `browser.ts` implement it; nothing else touches the host. */

/** The host refused: a value. */
export class HostError {
  /** As the C library calls it: `EIO`. */
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

/** Something of the host's that the kernel's objects refer to: a snapshot of the machine ends there. */
export abstract class OfTheHost {}

/** Bytes that were read, none at the end; or a failure. */
export type Input = Uint8Array | HostError;

export interface Console {
  /** Bytes that a guest wrote to standard output (1) or standard error (2). */
  write(fd: 1 | 2, bytes: Uint8Array): void;
  /** Between 1 and `most` bytes of standard input; none at its end. Undefined: there is nothing yet; `onInput` follows. */
  read(most: number): Input | undefined;
  /** Whether `read` has something to give, the end included. Otherwise `onInput` follows. */
  isReadable(): boolean;
  /** Whether `onInput` is to follow. */
  isPending(): boolean;
  /** Set by the kernel: what was not there yet has come. Never called from within `read` or `isReadable`. */
  onInput?: (() => void) | undefined;
}

export interface Host {
  readonly console: Console;
  /** The guest's controlling terminal, in the place of the console. */
  readonly terminal?: Terminal | undefined;
  /** Milliseconds from any fixed point. Guests see them only if their clock is the host's. */
  now(): number;
  /** Milliseconds since 1970. */
  wallClock(): number;
  /** A message of pml4 itself, one line. */
  diagnose(message: string): void;
}

/** A terminal of the host, or one that a script types at. */
export interface Terminal {
  size(): { readonly rows: number; readonly columns: number };
  write(bytes: Uint8Array): void;
  /** A guest waits for input. True: something has been typed just now, by `onInput` or `onEnd`, and may not be enough. */
  want(): boolean;
  /** Whether something may be typed at any time, without anybody waiting. */
  isPending(): boolean;
  /** Set by the kernel. */
  onInput?: ((bytes: Uint8Array) => void) | undefined;
  /** No more will be typed. */
  onEnd?: (() => void) | undefined;
  /** The terminal is gone. */
  onHangUp?: (() => void) | undefined;
  onResize?: (() => void) | undefined;
}
