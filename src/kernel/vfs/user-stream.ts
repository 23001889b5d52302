/**
 * Memory of a program as a stream: the pieces that read(2), write(2), readv(2) and writev(2) name, filled or taken in
 * their order. It remembers how far it has come, so that a call that slept goes on there. lib/iov_iter.c.
 */
import type { AddressSpace } from '../mm/address-space.ts';
import { copyInSome, copyOutSome } from '../mm/user-memory.ts';

export interface IoPiece {
  readonly base: bigint;
  readonly length: bigint;
}

/** MAX_RW_COUNT: no call moves more at once. */
const MAX_COUNT = 0x7fff_f000;

export class UserStream {
  private readonly _space: AddressSpace;
  private readonly _pieces: readonly IoPiece[];
  private _index = 0;
  private _inPiece = 0;
  /** Bytes not yet filled or taken. */
  left: number;
  /** For its user to count, over all runs of a call. */
  done = 0;
  /** What has been taken and not yet been done with: its user's own, kept over all runs of a call. */
  pending: unknown;
  /** When a read from a terminal with VTIME gives up: kept over all runs of a call. */
  deadline: number | undefined;
  /** The call has slept and is run again. */
  isResumed = false;

  constructor(space: AddressSpace, pieces: readonly IoPiece[]) {
    this._space = space;
    this._pieces = pieces;
    const total = pieces.length === 1 ? pieces[0].length : pieces.reduce((sum, { length }) => sum + length, 0n);
    this.left = total > BigInt(MAX_COUNT) ? MAX_COUNT : Number(total);
  }

  /** The next bytes, in a copy: `most` of them, or fewer when there are no more, or memory cannot be read. */
  take(most: number): Uint8Array {
    const wanted = Math.min(most, this.left);
    let all: Uint8Array | undefined;
    let done = 0;
    while (done < wanted) {
      const { base, count } = this._next(wanted - done);
      const bytes = copyInSome(this._space, base, count);
      this._advance(bytes.length);
      if (done === 0 && (bytes.length === wanted || bytes.length < count)) return bytes;
      all ??= new Uint8Array(wanted);
      all.set(bytes, done);
      done += bytes.length;
      if (bytes.length < count) break;
    }
    return all?.subarray(0, done) ?? new Uint8Array(0);
  }

  /** Stores bytes; how many, which is fewer when there is no more room, or memory cannot be written. */
  put(bytes: Uint8Array): number {
    const wanted = Math.min(bytes.length, this.left);
    let done = 0;
    while (done < wanted) {
      const { base, count } = this._next(wanted - done);
      const some = count === bytes.length ? bytes : bytes.subarray(done, done + count);
      const stored = copyOutSome(this._space, base, some);
      this._advance(stored);
      done += stored;
      if (stored < count) break;
    }
    return done;
  }

  /** Passes over bytes without filling them; how many. */
  skip(count: number): number {
    const wanted = Math.min(count, this.left);
    let done = 0;
    while (done < wanted) {
      const next = this._next(wanted - done);
      this._advance(next.count);
      done += next.count;
    }
    return done;
  }

  /** Where the next bytes are, at most so many in one piece. There must be some left. */
  private _next(most: number): { base: bigint; count: number } {
    for (;;) {
      const { base, length } = this._pieces[this._index];
      const room = length - BigInt(this._inPiece);
      if (room > 0n) return { base: base + BigInt(this._inPiece), count: room > BigInt(most) ? most : Number(room) };
      this._index++;
      this._inPiece = 0;
    }
  }

  private _advance(count: number): void {
    this._inPiece += count;
    this.left -= count;
  }
}
