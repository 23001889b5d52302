/** Bytes in the kernel's own memory as a stream: what sendfile(2) and splice(2) move from file to file. */
import type { AddressSpace } from '../mm/address-space.ts';
import { UserStream } from './user-stream.ts';

export class BufferStream extends UserStream {
  readonly #bytes: Uint8Array;
  #at = 0;

  private constructor(space: AddressSpace, bytes: Uint8Array) {
    super(space, []);
    this.#bytes = bytes;
    this.left = bytes.length;
  }

  /** To be filled with at most so many bytes. */
  static room(space: AddressSpace, length: number): BufferStream {
    return new BufferStream(space, new Uint8Array(length));
  }
  /** To be taken. */
  static of(space: AddressSpace, bytes: Uint8Array): BufferStream {
    return new BufferStream(space, bytes);
  }

  /** What has been put into it. */
  get filled(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  override take(most: number): Uint8Array {
    const count = Math.min(most, this.left);
    const bytes = this.#bytes.slice(this.#at, this.#at + count);
    this.#advance(count);
    return bytes;
  }
  override put(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.left);
    this.#bytes.set(bytes.subarray(0, count), this.#at);
    this.#advance(count);
    return count;
  }
  override skip(count: number): number {
    const skipped = Math.min(count, this.left);
    this.#advance(skipped);
    return skipped;
  }

  #advance(count: number): void {
    this.#at += count;
    this.left -= count;
  }
}
