/** The outside, as the machine sees it. `node.ts` and `browser.ts` implement it; nothing else touches the host. */

export interface Console {
  /** Bytes that a guest wrote to standard output (1) or standard error (2). */
  write(fd: 1 | 2, bytes: Uint8Array): void;
  /** Between 1 and `most` bytes of standard input; none at its end. */
  read(most: number): Uint8Array;
}

export interface Host {
  readonly console: Console;
  /** Milliseconds from any fixed point: for timeouts alone, never shown to a guest. */
  now(): number;
  /** A message of pml4 itself, one line. */
  diagnose(message: string): void;
}
