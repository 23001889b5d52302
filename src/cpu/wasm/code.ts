/**
 * Writes the body of one WebAssembly function, an opcode per method. WebAssembly Core Specification 3.0, "Binary
 * Format: Instructions". Nothing here knows the guest.
 */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const FUNCREF = 0x70;
export const VOID = 0x40;
export type ValType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128;

/** One-byte numeric opcodes without immediates. */
export const OP = {
  i32eqz: 0x45, i32eq: 0x46, i32ne: 0x47, i32ltS: 0x48, i32ltU: 0x49, i32gtS: 0x4a, i32gtU: 0x4b, i32leS: 0x4c, i32leU: 0x4d, i32geS: 0x4e, i32geU: 0x4f,
  i64eqz: 0x50, i64eq: 0x51, i64ne: 0x52, i64ltS: 0x53, i64ltU: 0x54, i64gtS: 0x55, i64gtU: 0x56, i64leS: 0x57, i64leU: 0x58, i64geS: 0x59, i64geU: 0x5a,
  i32clz: 0x67, i32ctz: 0x68, i32popcnt: 0x69, i32add: 0x6a, i32sub: 0x6b, i32mul: 0x6c, i32divS: 0x6d, i32divU: 0x6e, i32remS: 0x6f, i32remU: 0x70,
  i32and: 0x71, i32or: 0x72, i32xor: 0x73, i32shl: 0x74, i32shrS: 0x75, i32shrU: 0x76, i32rotl: 0x77, i32rotr: 0x78,
  i64clz: 0x79, i64ctz: 0x7a, i64popcnt: 0x7b, i64add: 0x7c, i64sub: 0x7d, i64mul: 0x7e, i64divS: 0x7f, i64divU: 0x80, i64remS: 0x81, i64remU: 0x82,
  i64and: 0x83, i64or: 0x84, i64xor: 0x85, i64shl: 0x86, i64shrS: 0x87, i64shrU: 0x88, i64rotl: 0x89, i64rotr: 0x8a,
  i32wrapI64: 0xa7, i64extendI32S: 0xac, i64extendI32U: 0xad,
  i32extend8S: 0xc0, i32extend16S: 0xc1, i64extend8S: 0xc2, i64extend16S: 0xc3, i64extend32S: 0xc4,
  drop: 0x1a, select: 0x1b, return: 0x0f, unreachable: 0x00, end: 0x0b, else: 0x05,
} as const; // biome-ignore format: a table by opcode
export type NumericOp = (typeof OP)[keyof typeof OP];

export class Code {
  private _bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  constructor(capacity = 256) {
    this._bytes = new Uint8Array(capacity);
  }
  /** The bytes written, valid until the next write. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this._bytes.subarray(0, this.length);
  }
  reset(): void {
    this.length = 0;
  }
  byte(value: number): void {
    if (this.length === this._bytes.length) this._reserve(1);
    this._bytes[this.length++] = value;
  }
  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this._bytes.length) this._reserve(bytes.length);
    this._bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
  /** Overwrites a label written by `brPadded`. */
  patchPadded(at: number, value: number): void {
    this._bytes[at] = (value & 0x7f) | 0x80;
    this._bytes[at + 1] = value >> 7;
  }
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }
  s32(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }
  s64(value: bigint): void {
    const small = Number(value);
    if (small >= -0x8000_0000 && small <= 0x7fff_ffff) return this.s32(small);
    let rest = BigInt.asIntN(64, value);
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }
  op(opcode: NumericOp): void {
    this.byte(opcode);
  }
  /** An opcode of VECTOR_OPS, with its prefix on top if it has one. */
  wideOp(opcode: number): void {
    if (opcode > 0xff) {
      this.byte(opcode >> 8);
      this.u32(opcode & 0xff);
    } else this.byte(opcode);
  }
  v128Const(value: bigint): void {
    this.wideOp(0xfd0c);
    this._bytes16(value);
  }
  /** `lanes`: sixteen bytes, each the number of a byte of the two operands, first one in the low bits. */
  i8x16Shuffle(lanes: bigint): void {
    this.wideOp(0xfd0d);
    this._bytes16(lanes);
  }
  private _bytes16(value: bigint): void {
    for (let i = 0n; i < 128n; i += 8n) this.byte(Number((value >> i) & 0xffn));
  }
  i32Const(value: number): void {
    this.byte(0x41);
    this.s32(value);
  }
  i64Const(value: bigint): void {
    this.byte(0x42);
    this.s64(BigInt.asIntN(64, value));
  }
  localGet(index: number): void {
    this.byte(0x20);
    this.u32(index);
  }
  localSet(index: number): void {
    this.byte(0x21);
    this.u32(index);
  }
  localTee(index: number): void {
    this.byte(0x22);
    this.u32(index);
  }
  private _memory(opcode: number, offset: number): void {
    this.byte(opcode);
    this.byte(0); // alignment hint: none, guest addresses are arbitrary
    this.u32(offset);
  }
  i32Load(offset: number): void {
    this._memory(0x28, offset);
  }
  i64Load(offset: number): void {
    this._memory(0x29, offset);
  }
  i32Load8U(offset: number): void {
    this._memory(0x2d, offset);
  }
  i32Load16U(offset: number): void {
    this._memory(0x2f, offset);
  }
  i32Store(offset: number): void {
    this._memory(0x36, offset);
  }
  i64Store(offset: number): void {
    this._memory(0x37, offset);
  }
  i32Store8(offset: number): void {
    this._memory(0x3a, offset);
  }
  i32Store16(offset: number): void {
    this._memory(0x3b, offset);
  }
  f32Load(offset: number): void {
    this._memory(0x2a, offset);
  }
  f64Load(offset: number): void {
    this._memory(0x2b, offset);
  }
  f32Store(offset: number): void {
    this._memory(0x38, offset);
  }
  f64Store(offset: number): void {
    this._memory(0x39, offset);
  }
  v128Load(offset: number): void {
    this.byte(0xfd);
    this._memory(0x00, offset);
  }
  /** The other bytes become zero. */
  v128Load32Zero(offset: number): void {
    this.byte(0xfd);
    this._memory(0x5c, offset);
  }
  v128Load64Zero(offset: number): void {
    this.byte(0xfd);
    this._memory(0x5d, offset);
  }
  v128Store(offset: number): void {
    this.byte(0xfd);
    this._memory(0x0b, offset);
  }
  memoryCopy(): void {
    this.append(MEMORY_COPY);
  }
  memoryFill(): void {
    this.append(MEMORY_FILL);
  }
  block(type: number = VOID): void {
    this.byte(0x02);
    this.byte(type);
  }
  loop(type: number = VOID): void {
    this.byte(0x03);
    this.byte(type);
  }
  if(type: number = VOID): void {
    this.byte(0x04);
    this.byte(type);
  }
  else(): void {
    this.byte(0x05);
  }
  end(): void {
    this.byte(0x0b);
  }
  br(label: number): void {
    this.byte(0x0c);
    this.u32(label);
  }
  brIf(label: number): void {
    this.byte(0x0d);
    this.u32(label);
  }
  /** A branch whose label is not known yet: returns where `patchPadded` shall write it. Labels below 16384. */
  brPadded(): number {
    this.byte(0x0c);
    this.byte(0x80);
    this.byte(0);
    return this.length - 2;
  }
  brTable(labels: readonly number[], otherwise: number): void {
    this.byte(0x0e);
    this.u32(labels.length);
    for (const label of labels) this.u32(label);
    this.u32(otherwise);
  }
  call(func: number): void {
    this.byte(0x10);
    this.u32(func);
  }
  /** A call of a function whose index is not known yet: returns where `patchCall` shall write it. */
  callPadded(): number {
    this.byte(0x10);
    for (let i = 0; i < 3; i++) this.byte(i < 2 ? 0x80 : 0);
    return this.length - 3;
  }
  callIndirect(type: number): void {
    this.byte(0x11);
    this.u32(type);
    this.byte(0);
  }
  returnCall(func: number): void {
    this.byte(0x12);
    this.u32(func);
  }
  returnCallIndirect(type: number): void {
    this.byte(0x13);
    this.u32(type);
    this.byte(0);
  }
  private _reserve(more: number): void {
    const bytes = new Uint8Array(Math.max(this._bytes.length * 2, this.length + more));
    bytes.set(this._bytes.subarray(0, this.length));
    this._bytes = bytes;
  }
}

/** Writes the index of a function, below 2^21, where `callPadded` has left room for it. */
export function patchCall(code: Uint8Array, at: number, func: number): void {
  code[at] = (func & 0x7f) | 0x80;
  code[at + 1] = ((func >> 7) & 0x7f) | 0x80;
  code[at + 2] = func >> 14;
}

const MEMORY_COPY = new Uint8Array([0xfc, 10, 0, 0]);
const MEMORY_FILL = new Uint8Array([0xfc, 11, 0]);
