/**
 * Recorded vectors as files: what goes in, what the CPU made of it, and which flags the manual leaves undefined.
 * A file is gzip over `PML4SIL1`, a count, and the vectors. Numbers are LEB128; a value is its length in bytes (0 to
 * 8, sign-extended from there) and these bytes; registers that hold what `defaultRegister` says are left out.
 * ```
 *   code        length, bytes
 *   rip         offset from CODE_AT
 *   registers   u16 mask, values            before
 *   flags       number
 *   features    bit 0: fs and gs base follow as values; bit 1: vector state follows; bit 2: x87 is in it; bit 3: YMM is
 *   vector      MXCSR as a number, u16 mask of the XMM registers that are not zero, 16 bytes each; with bit 3, the same
 *               mask and bytes of the upper halves; with bit 2, u16 control and status word, u8 abridged tag word, u16
 *               opcode, FIP and FDP as values, u8 mask of the registers ST0 to ST7 that are not zero, 10 bytes each
 *   patches     count, then offset from DATA_AT, length, bytes of each
 *   maxSteps    number
 *   retired     number of instructions
 *   trap        number; with 14, CR2 as a value; unless 1, the error code
 *   rip         as a value, less the address of the code's end
 *   registers   u16 mask of those changed, values
 *   flags       number, then the mask of undefined ones
 *   bases       as above, with bit 0 of features
 *   vector      the same, with masks of those changed
 *   writes      as patches
 * ```
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type Case,
  CODE_AT,
  type Patch,
  type Step,
  TRAP_RETIRED,
  type VectorState,
  X87_BYTES,
  XMM_BYTES,
} from './wire.ts';

export interface Vector {
  readonly before: Case;
  /** Instructions that retired. */
  readonly retired: number;
  readonly after: Step;
  /** Flags of `after` that are not to be compared. */
  readonly undefinedFlags: number;
}

const MAGIC = 'PML4SIL1';
const HAS_BASES = 1;
const HAS_VECTOR = 2;
const HAS_X87 = 4;
const HAS_YMM = 8;
const NO_XMM = new Uint8Array(XMM_BYTES);
/** What the first state of a vector is compared with. */
const NO_VECTOR: VectorState = { mxcsr: 0, xmm: NO_XMM, ymmHigh: NO_XMM, x87: new Uint8Array(X87_BYTES) };
/** Offsets in an x87 image: words (FSW is between), pointers, registers. */
const FCW = 0, FTW = 4, FOP = 6, FIP = 8, FDP = 16, ST = 32; // biome-ignore format: one line

/** What a register holds in a case that says nothing else: every byte tells which it is. RSP points into the window. */
export const defaultRegister = (index: number): bigint =>
  index === 4 ? 0x1000_1100n : BigInt(0xa0 + index) * 0x0101_0101_0101_0101n;
export const defaultRegisters = (): BigUint64Array =>
  BigUint64Array.from({ length: 16 }, (_, index) => defaultRegister(index));

class Writer {
  private readonly _bytes: number[] = [];
  number(x: number): void {
    for (; x > 0x7f; x >>>= 7) this._bytes.push((x & 0x7f) | 0x80);
    this._bytes.push(x);
  }
  raw(bytes: Iterable<number>): void {
    for (const byte of bytes) this._bytes.push(byte);
  }
  value(x: bigint): void {
    const signed = BigInt.asIntN(64, x);
    let length = 0;
    while (BigInt.asIntN(8 * length, signed) !== signed) length++;
    this._bytes.push(length);
    for (let i = 0; i < length; i++) this._bytes.push(Number((signed >> BigInt(8 * i)) & 0xffn));
  }
  patches(patches: readonly Patch[]): void {
    this.number(patches.length);
    for (const { at, bytes } of patches) {
      this.number(at);
      this.number(bytes.length);
      this.raw(bytes);
    }
  }
  registers(values: BigUint64Array, than: BigUint64Array): void {
    const changed = [...values.keys()].filter((index) => values[index] !== than[index]);
    const mask = changed.reduce((bits, index) => bits | (1 << index), 0);
    this.raw([mask & 0xff, mask >> 8]);
    for (const index of changed) this.value(values[index]);
  }
  vector({ xmm, mxcsr, ymmHigh, x87 }: VectorState, than: VectorState): void {
    this.number(mxcsr);
    this._halves(xmm, than.xmm);
    if (ymmHigh) this._halves(ymmHigh, than.ymmHigh ?? NO_XMM);
    if (x87 && than.x87) this._x87(x87, than.x87);
  }
  private _halves(registers: Uint8Array, than: Uint8Array): void {
    const halves = Array.from({ length: 16 }, (_, n) => registers.subarray(16 * n, 16 * n + 16));
    const changed = halves.map((one, n) => one.some((byte, i) => byte !== than[16 * n + i]));
    const mask = changed.reduce((bits, is, n) => bits | (is ? 1 << n : 0), 0);
    this.raw([mask & 0xff, mask >> 8]);
    for (const [n, is] of changed.entries()) if (is) this.raw(halves[n]);
  }
  private _x87(image: Uint8Array, than: Uint8Array): void {
    const view = new DataView(image.buffer, image.byteOffset);
    this.raw(image.subarray(FCW, FTW + 1));
    this.raw(image.subarray(FOP, FOP + 2));
    for (const pointer of [FIP, FDP]) this.value(view.getBigUint64(pointer, true));
    const registers = Array.from({ length: 8 }, (_, n) => image.subarray(ST + 16 * n, ST + 16 * n + 10));
    const changed = registers.map((one, n) => one.some((byte, i) => byte !== than[ST + 16 * n + i]));
    this.raw([changed.reduce((bits, is, n) => bits | (is ? 1 << n : 0), 0)]);
    for (const [n, is] of changed.entries()) if (is) this.raw(registers[n]);
  }
  bytes(): Uint8Array {
    return Uint8Array.from(this._bytes);
  }
}

class Reader {
  private _at = 0;
  private readonly _bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this._bytes = bytes;
  }
  number(): number {
    for (let x = 0, shift = 0; ; shift += 7) {
      const byte = this._bytes[this._at++];
      x |= (byte & 0x7f) << shift;
      if (byte < 0x80) return x;
    }
  }
  raw(length: number): Uint8Array {
    return this._bytes.subarray(this._at, (this._at += length));
  }
  value(): bigint {
    const bytes = this.raw(this.number());
    let x = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) x = (x << 8n) | BigInt(bytes[i]);
    return BigInt.asUintN(64, BigInt.asIntN(8 * bytes.length, x));
  }
  patches(): Patch[] {
    return Array.from({ length: this.number() }, () => ({ at: this.number(), bytes: this.raw(this.number()) }));
  }
  registers(than: BigUint64Array): BigUint64Array {
    const values = than.slice();
    const [low, high] = this.raw(2);
    for (let index = 0; index < 16; index++) if ((low | (high << 8)) & (1 << index)) values[index] = this.value();
    return values;
  }
  vector(features: number, than: VectorState): VectorState {
    const mxcsr = this.number();
    const xmm = this._halves(than.xmm);
    const ymmHigh = features & HAS_YMM ? { ymmHigh: this._halves(than.ymmHigh ?? NO_XMM) } : {};
    const x87 = features & HAS_X87 ? { x87: this._x87(than.x87 ?? NO_XMM) } : {};
    return { xmm, mxcsr, ...ymmHigh, ...x87 };
  }
  private _halves(than: Uint8Array): Uint8Array {
    const registers = than.slice();
    const [low, high] = this.raw(2);
    for (let n = 0; n < 16; n++) if ((low | (high << 8)) & (1 << n)) registers.set(this.raw(16), 16 * n);
    return registers;
  }
  private _x87(than: Uint8Array): Uint8Array {
    const image = than.slice();
    const view = new DataView(image.buffer);
    image.set(this.raw(FTW + 1 - FCW), FCW);
    image.set(this.raw(2), FOP);
    for (const pointer of [FIP, FDP]) view.setBigUint64(pointer, this.value(), true);
    const [mask] = this.raw(1);
    for (let n = 0; n < 8; n++) if (mask & (1 << n)) image.set(this.raw(10), ST + 16 * n);
    return image;
  }
}

function writeVector(to: Writer, { before, after, retired, undefinedFlags }: Vector, defaults: BigUint64Array): void {
  const bases = [before.fsBase, before.gsBase, after.fsBase, after.gsBase];
  const { vector } = before;
  const features =
    (bases.some((base) => base !== 0n) ? HAS_BASES : 0) |
    (vector ? HAS_VECTOR : 0) |
    (vector?.x87 ? HAS_X87 : 0) |
    (vector?.ymmHigh ? HAS_YMM : 0);
  to.number(before.code.length);
  to.raw(before.code);
  to.number(Number(before.rip - CODE_AT));
  to.registers(before.gpr, defaults);
  to.number(before.flags);
  to.number(features);
  if (features & HAS_BASES) for (const base of bases.slice(0, 2)) to.value(base);
  if (vector) to.vector(vector, NO_VECTOR);
  to.patches(before.patches);
  to.number(before.maxSteps);
  to.number(retired);
  to.number(after.trap);
  if (after.trap === 14) to.value(after.cr2);
  if (after.trap !== TRAP_RETIRED) to.number(after.errorCode);
  to.value(after.rip - before.rip - BigInt(before.code.length));
  to.registers(after.gpr, before.gpr);
  to.number(after.flags);
  to.number(undefinedFlags);
  if (features & HAS_BASES) for (const base of bases.slice(2)) to.value(base);
  if (vector && after.vector) to.vector(after.vector, vector);
  to.patches(after.writes);
}

function readVector(from: Reader, defaults: BigUint64Array): Vector {
  const code = from.raw(from.number());
  const rip = CODE_AT + BigInt(from.number());
  const gpr = from.registers(defaults);
  const flags = from.number();
  const features = from.number();
  const bases = () => (features & HAS_BASES ? [from.value(), from.value()] : [0n, 0n]);
  const [fsBase, gsBase] = bases();
  const vector = features & HAS_VECTOR ? { vector: from.vector(features, NO_VECTOR) } : {};
  const patches = from.patches();
  const before: Case = { code, rip, gpr, flags, fsBase, gsBase, patches, ...vector, maxSteps: from.number() };
  const retired = from.number();
  const trap = from.number();
  const cr2 = trap === 14 ? from.value() : 0n;
  const errorCode = trap === TRAP_RETIRED ? 0 : from.number();
  const ripAfter = BigInt.asUintN(64, rip + BigInt(code.length) + from.value());
  const gprAfter = from.registers(gpr);
  const flagsAfter = from.number();
  const undefinedFlags = from.number();
  const [fsAfter, gsAfter] = bases();
  const result = { trap, errorCode, cr2, rip: ripAfter, gpr: gprAfter, flags: flagsAfter };
  const vectorAfter = before.vector ? { vector: from.vector(features, before.vector) } : {};
  const after: Step = { ...result, fsBase: fsAfter, gsBase: gsAfter, ...vectorAfter, writes: from.patches() };
  return { before, retired, after, undefinedFlags };
}

export function packVectors(vectors: readonly Vector[]): Uint8Array {
  const to = new Writer();
  to.raw(Buffer.from(MAGIC, 'latin1'));
  to.number(vectors.length);
  const defaults = defaultRegisters();
  for (const vector of vectors) writeVector(to, vector, defaults);
  return gzipSync(to.bytes(), { level: 9 });
}

export function unpackVectors(packed: Uint8Array): Vector[] {
  const from = new Reader(gunzipSync(packed));
  if (Buffer.from(from.raw(MAGIC.length)).toString('latin1') !== MAGIC) throw new Error('not a vector file');
  const defaults = defaultRegisters();
  return Array.from({ length: from.number() }, () => readVector(from, defaults));
}
