/** The outside, as the machine sees it. `node.ts` and `browser.ts` implement it; nothing else touches the host. */

/** The host refused: a value. */
export class HostError {
  /** As the C library calls it: `EIO`. */
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

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
  /** Milliseconds from any fixed point: for timeouts alone, never shown to a guest. */
  now(): number;
  /** A message of pml4 itself, one line. */
  diagnose(message: string): void;
}
