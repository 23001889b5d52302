/**
 * Numbers and strings of DWARF sections, one after the other. Past the end everything is 0 and the reader says that it is
 * damaged: whoever reads looks at that once, and need not look at every step. DWARF 5, "Data Representation".
 */

/** How far a number is read on that has no end. */
const MOST_LEB_BYTES = 10;

export class DwarfReader {
  readonly bytes: Uint8Array;
  private readonly _view: DataView;
  private readonly _end: number;
  at: number;
  /** Something was to be read that is not there. */
  isDamaged = false;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this._view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this._end = Math.min(end, bytes.length);
    this.at = at;
    if (!(at >= 0 && at <= this._end)) this._fail();
  }

  /** Nothing is left, or nothing can be read any more. */
  get isDone(): boolean {
    return this.isDamaged || this.at >= this._end;
  }

  u8(): number {
    return this._has(1) ? this._view.getUint8(this.at++) : 0;
  }
  i8(): number {
    return (this.u8() << 24) >> 24;
  }
  u16(): number {
    return this._has(2) ? this._view.getUint16((this.at += 2) - 2, true) : 0;
  }
  u32(): number {
    return this._has(4) ? this._view.getUint32((this.at += 4) - 4, true) : 0;
  }
  u64(): bigint {
    return this._has(8) ? this._view.getBigUint64((this.at += 8) - 8, true) : 0n;
  }

  /** Of 1, 2, 4 or 8 bytes; inexact beyond 2^53. */
  number(bytes: number): number {
    if (bytes === 1) return this.u8();
    if (bytes === 2) return this.u16();
    if (bytes === 4) return this.u32();
    if (bytes === 8) return Number(this.u64());
    this._fail();
    return 0;
  }

  address(bytes: number): bigint {
    return bytes === 8 ? this.u64() : BigInt(this.number(bytes));
  }

  /** Unsigned LEB128; inexact beyond 2^53. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MOST_LEB_BYTES; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (!(byte & 0x80)) return value;
      scale *= 128;
    }
    this._fail();
    return 0;
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MOST_LEB_BYTES; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (!(byte & 0x80)) return byte & 0x40 ? value - scale : value;
    }
    this._fail();
    return 0;
  }

  /** Up to a NUL; bytes that are no UTF-8 come out as U+FFFD. */
  text(): string {
    const end = this.isDamaged ? -1 : this.bytes.indexOf(0, this.at);
    if (end < 0 || end >= this._end) {
      this._fail();
      return '';
    }
    const text = decoder.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  skip(bytes: number): void {
    if (this._has(bytes)) this.at += bytes;
  }

  /** The length that a unit begins with, and whether its offsets have 32 or 64 bits. */
  unitLength(): { length: number; offsetBytes: 4 | 8 } {
    const short = this.u32();
    if (short < 0xffff_fff0) return { length: short, offsetBytes: 4 };
    if (short !== 0xffff_ffff) this._fail();
    return { length: Number(this.u64()), offsetBytes: 8 };
  }

  private _has(bytes: number): boolean {
    if (!this.isDamaged && bytes >= 0 && this.at + bytes <= this._end) return true;
    this._fail();
    return false;
  }

  private _fail(): void {
    this.isDamaged = true;
    this.at = this._end;
  }
}

const decoder = new TextDecoder();
