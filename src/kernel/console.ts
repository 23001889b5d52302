/** Descriptors 0, 1 and 2: the console that the host gives. There are no other open files yet. */
import type { Console } from '../host/host.ts';

export class ConsoleFiles {
  readonly #console: Console;
  constructor(console: Console) {
    this.#console = console;
  }
  has(fd: number): boolean {
    return fd >= 0 && fd <= 2;
  }
  /** False for standard input, which cannot be written. */
  write(fd: number, bytes: Uint8Array): boolean {
    if (fd === 0) return false;
    this.#console.write(fd === 2 ? 2 : 1, bytes);
    return true;
  }
  /** At most so many bytes; none at the end, or from an output. */
  read(fd: number, most: number): Uint8Array {
    return fd === 0 ? this.#console.read(most) : new Uint8Array(0);
  }
}
