/**
 * The machine's randomness: the same for the same seed, and not for secrets. SplitMix64 (G. Steele, D. Lea, C. Flood,
 * "Fast Splittable Pseudorandom Number Generators", 2014).
 */
export class Random {
  private _state: bigint;
  /** Another salt is another stream of the same seed. */
  constructor(seed: number, salt = 0) {
    this._state = BigInt.asUintN(64, BigInt(Math.trunc(seed)));
    if (salt !== 0) this._state = BigInt.asUintN(64, this._next() ^ BigInt(salt));
  }
  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 8) {
      let word = this._next();
      for (let i = at; i < Math.min(at + 8, count); i++, word >>= 8n) bytes[i] = Number(word & 0xffn);
    }
    return bytes;
  }
  /** A number from 0 on and below 1. */
  fraction(): number {
    return Number(this._next() >> 11n) / 2 ** 53;
  }
  /** A whole number from 0 on and below `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }
  private _next(): bigint {
    this._state = BigInt.asUintN(64, this._state + 0x9e37_79b9_7f4a_7c15n);
    let z = this._state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
    return z ^ (z >> 31n);
  }
}
