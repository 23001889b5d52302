/** Bytes in the kernel's own memory as a stream: what sendfile(2) and splice(2) move from file to file. */
import type { AddressSpace } from '../mm/address-space.ts';
import { UserStream } from './user-stream.ts';

export class BufferStream extends UserStream {
  private readonly _bytes: Uint8Array;
  private _at = 0;

  private constructor(space: AddressSpace, bytes: Uint8Array) {
    super(space, []);
    this._bytes = bytes;
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
    return this._bytes.subarray(0, this._at);
  }

  override take(most: number): Uint8Array {
    const count = Math.min(most, this.left);
    const bytes = this._bytes.slice(this._at, this._at + count);
    this._consume(count);
    return bytes;
  }
  override put(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.left);
    this._bytes.set(bytes.subarray(0, count), this._at);
    this._consume(count);
    return count;
  }
  override skip(count: number): number {
    const skipped = Math.min(count, this.left);
    this._consume(skipped);
    return skipped;
  }

  private _consume(count: number): void {
    this._at += count;
    this.left -= count;
  }
}
