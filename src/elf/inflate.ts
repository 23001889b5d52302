/**
 * zlib's format, decompressed at once: RFC 1950, RFC 1951. What hosts offer in common (DecompressionStream) is asynchronous,
 * and looking at a machine is not. The checksum at the end is not compared: who reads the result checks it in his own way.
 */

const MOST_CODE_BITS = 15;
const END_OF_BLOCK = 256, FIRST_LENGTH = 257; // biome-ignore format: one line
/** In this order the lengths of the code that the lengths are written in. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** By symbol: the least length or distance, and how many bits are added to it. */
const LENGTHS = rows([3, 4, 5, 6, 7, 8, 9, 10], 4, 28).concat([[258, 0]]);
const DISTANCES = rows([1, 2, 3, 4], 2, 30);

/** After the first ones, `per` values each have one bit more. */
function rows(first: readonly number[], per: number, count: number): [base: number, bits: number][] {
  const found = first.map((base): [number, number] => [base, 0]);
  for (let bits = 1; found.length < count; bits++)
    for (let i = 0; i < per && found.length < count; i++) {
      const [base, before] = found[found.length - 1];
      found.push([base + (1 << before), bits]);
    }
  return found;
}

/** A prefix code: how many codes there are of each length, and the symbols in the order of their codes. */
interface PrefixCode {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

function codeOf(lengths: readonly number[]): PrefixCode {
  const counts = new Uint16Array(MOST_CODE_BITS + 1);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  const symbols = [...lengths.keys()]
    .filter((symbol) => lengths[symbol] > 0)
    .sort((a, b) => lengths[a] - lengths[b] || a - b);
  return { counts, symbols: Uint16Array.from(symbols) };
}

const FIXED_LENGTHS = codeOf(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)));
const FIXED_DISTANCES = codeOf(new Array(30).fill(5));

class Bits {
  private readonly _bytes: Uint8Array;
  private _at: number;
  private _held = 0;
  private _count = 0;
  /** The input has ended too early. */
  isDamaged = false;

  constructor(bytes: Uint8Array, at: number) {
    this._bytes = bytes;
    this._at = at;
  }

  take(count: number): number {
    while (this._count < count) {
      if (this._at >= this._bytes.length) {
        this.isDamaged = true;
        return 0;
      }
      this._held |= this._bytes[this._at++] << this._count;
      this._count += 8;
    }
    const value = this._held & ((1 << count) - 1);
    this._held >>>= count;
    this._count -= count;
    return value;
  }

  /** The next symbol of a code; -1 for none. */
  symbol({ counts, symbols }: PrefixCode): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MOST_CODE_BITS && !this.isDamaged; length++) {
      code = (code << 1) | this.take(1);
      first <<= 1;
      const count = counts[length];
      if (code - first < count) return this.isDamaged ? -1 : symbols[index + code - first];
      index += count;
      first += count;
    }
    this.isDamaged = true;
    return -1;
  }

  /** Whole bytes from the next one on; undefined if there are not so many. */
  bytes(): { length: number; take(length: number): Uint8Array | undefined } {
    this._held = 0;
    this._count = 0;
    return {
      length: this._bytes.length - this._at,
      take: (length) => {
        if (this._at + length > this._bytes.length) return undefined;
        this._at += length;
        return this._bytes.subarray(this._at - length, this._at);
      },
    };
  }
}

/** What was compressed, which is known to be of that size; undefined if the input is damaged. */
export function inflate(bytes: Uint8Array, sizeBytes: number): Uint8Array | undefined {
  const isZlib = bytes.length >= 2 && (bytes[0] & 15) === 8 && ((bytes[0] << 8) | bytes[1]) % 31 === 0;
  if (!isZlib || bytes[1] & 0x20) return undefined;
  const bits = new Bits(bytes, 2);
  const out = new Uint8Array(sizeBytes);
  let length = 0;
  for (let isLast = false; !isLast; ) {
    isLast = bits.take(1) === 1;
    const type = bits.take(2);
    let end: number | undefined;
    if (type === 0) end = copyStored(bits, out, length);
    else if (type === 1) end = inflateBlock(bits, FIXED_LENGTHS, FIXED_DISTANCES, out, length);
    else if (type === 2) {
      const codes = readCodes(bits);
      end = codes && inflateBlock(bits, codes.lengths, codes.distances, out, length);
    }
    if (end === undefined || bits.isDamaged) return undefined;
    length = end;
  }
  return length === sizeBytes ? out : undefined;
}

function copyStored(bits: Bits, out: Uint8Array, at: number): number | undefined {
  const source = bits.bytes();
  const head = source.take(4);
  if (head === undefined) return undefined;
  const length = head[0] | (head[1] << 8);
  if ((length ^ 0xffff) !== (head[2] | (head[3] << 8))) return undefined;
  const bytes = source.take(length);
  if (bytes === undefined || at + length > out.length) return undefined;
  out.set(bytes, at);
  return at + length;
}

function readCodes(bits: Bits): { lengths: PrefixCode; distances: PrefixCode } | undefined {
  const lengthCount = bits.take(5) + FIRST_LENGTH;
  const distanceCount = bits.take(5) + 1;
  const orderCount = bits.take(4) + 4;
  const own = new Array<number>(19).fill(0);
  for (const symbol of LENGTH_ORDER.slice(0, orderCount)) own[symbol] = bits.take(3);
  const code = codeOf(own);
  const all: number[] = [];
  while (all.length < lengthCount + distanceCount) {
    const symbol = bits.symbol(code);
    if (bits.isDamaged) return undefined;
    if (symbol < 16) all.push(symbol);
    else {
      const previous = symbol === 16 ? all.at(-1) : 0;
      if (previous === undefined) return undefined;
      const count = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
      for (let i = 0; i < count; i++) all.push(previous);
    }
  }
  if (all.length > lengthCount + distanceCount) return undefined;
  return { lengths: codeOf(all.slice(0, lengthCount)), distances: codeOf(all.slice(lengthCount)) };
}

function inflateBlock(
  bits: Bits,
  lengths: PrefixCode,
  distances: PrefixCode,
  out: Uint8Array,
  start: number,
): number | undefined {
  let at = start;
  for (;;) {
    const symbol = bits.symbol(lengths);
    if (bits.isDamaged) return undefined;
    if (symbol === END_OF_BLOCK) return at;
    if (symbol < END_OF_BLOCK) {
      if (at === out.length) return undefined;
      out[at++] = symbol;
      continue;
    }
    const row = LENGTHS[symbol - FIRST_LENGTH];
    const length = row && row[0] + bits.take(row[1]);
    const distanceRow = DISTANCES[bits.symbol(distances)];
    if (length === undefined || distanceRow === undefined) return undefined;
    const distance = distanceRow[0] + bits.take(distanceRow[1]);
    if (bits.isDamaged || distance > at || at + length > out.length) return undefined;
    // Byte by byte: what is copied may be what has just been written.
    for (let i = 0; i < length; i++, at++) out[at] = out[at - distance];
  }
}
