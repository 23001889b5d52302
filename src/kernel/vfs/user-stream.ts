/**
 * Memory of a program as a stream: the pieces that read(2), write(2), readv(2) and writev(2) name, filled or taken in
 * their order. It remembers how far it has come, so that a call that slept goes on there. lib/iov_iter.c.
 */
import { numberOf } from '../../base/ints.ts';
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
  /** The piece at hand: which it is, how long, and how much of it has been done. */
  private _index = 0;
  private _length: number;
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
    this._length = pieces.length > 0 ? numberOf(pieces[0].length) : 0;
    let total = this._length;
    for (let i = 1; i < pieces.length; i++) total += Number(pieces[i].length);
    this.left = Math.min(total, MAX_COUNT);
  }

  /** The next bytes, in a copy: `most` of them, or fewer when there are no more, or memory cannot be read. */
  take(most: number): Uint8Array {
    const wanted = Math.min(most, this.left);
    let all: Uint8Array | undefined;
    let done = 0;
    while (done < wanted) {
      const count = this._next(wanted - done);
      const bytes = copyInSome(this._space, this._address(), count);
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
      const count = this._next(wanted - done);
      const some = count === bytes.length ? bytes : bytes.subarray(done, done + count);
      const stored = copyOutSome(this._space, this._address(), some);
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
      const count = this._next(wanted - done);
      this._advance(count);
      done += count;
    }
    return done;
  }

  /** How many of the next bytes are in one piece, at most so many; they are at `_address`. There must be some left. */
  private _next(most: number): number {
    while (this._inPiece === this._length) {
      this._length = Number(this._pieces[++this._index].length);
      this._inPiece = 0;
    }
    return Math.min(this._length - this._inPiece, most);
  }

  private _address(): bigint {
    const { base } = this._pieces[this._index];
    return this._inPiece === 0 ? base : base + BigInt(this._inPiece);
  }

  private _advance(count: number): void {
    this._inPiece += count;
    this.left -= count;
  }
}
