/** Standard input for several runs of one program: what the first has read, the later ones read again. */
import type { Input } from '../../host/host.ts';

type Read = (most: number) => Input | Promise<Input>;

/** Kept for later runs; a program that reads more finds no second run. */
const MOST_BYTES = 64 * 1024 * 1024;

export class InputTape {
  private readonly _read: Read;
  private readonly _pieces: Uint8Array[] = [];
  private _length = 0;
  private _isOver = false;

  constructor(read: Read) {
    this._read = read;
  }

  /** All that has been read. */
  recorded(): Uint8Array {
    const all = new Uint8Array(this._pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this._pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  /** From the beginning; where the tape ends, the input itself goes on. */
  reader(): Read {
    let piece = 0;
    let at = 0;
    const fromTape = (most: number): Uint8Array => {
      const part = this._pieces[piece].subarray(at, at + most);
      at += part.length;
      if (at === this._pieces[piece].length) {
        piece++;
        at = 0;
      }
      return part;
    };
    const keep = (input: Input): Input => {
      if (!(input instanceof Uint8Array)) return input;
      if (input.length === 0) this._isOver = true;
      else {
        this._length += input.length;
        if (this._length <= MOST_BYTES) this._pieces.push(input.slice());
        piece = this._pieces.length;
      }
      return input;
    };
    return (most) => {
      if (piece < this._pieces.length) return fromTape(most);
      if (this._isOver) return new Uint8Array(0);
      const input = this._read(most);
      return input instanceof Promise ? input.then(keep) : keep(input);
    };
  }
}
