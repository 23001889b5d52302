/**
 * Makes a case of an instruction's bytes: registers and flags with values near the edges, memory operands pointed into
 * the data pages (now and then across a page, or where they fault), immediates and displacements rewritten for that.
 */
import type { Inspected, UsedMemory } from './inspect.ts';
import { inspect, XSAVE_BYTES } from './inspect.ts';
import { below, bits, bytesOf, chance, extendedBytes, floating, interesting, mxcsrWord, pick, type Rng, SHIFT_COUNTS, vectorBytes } from './values.ts'; // biome-ignore format: one line
import { defaultRegisters } from './vector-file.ts';
import { type Case, CODE_AT, DATA_AT, DATA_BYTES, DEFAULT_MXCSR, FLAGS_MASK, initialX87, type Patch, RW_BYTES, type VectorState, XMM_BYTES } from './wire.ts'; // biome-ignore format: one line

export interface Placed {
  readonly insn: Inspected;
  readonly before: Case;
}

const PAGE = 0x1000n;
const wrap = (x: bigint, width = 64): bigint => BigInt.asUintN(width, x);
const fits = (x: bigint, bytes: number): boolean => BigInt.asIntN(8 * bytes, x) === BigInt.asIntN(64, x);

/** Where a memory operand shall point. `safe`: where reads and writes succeed. */
function target(rng: Rng, bytes: number, aligned: boolean, safe: boolean): bigint {
  const kind = safe ? 0 : rng();
  const size = BigInt(Math.max(1, bytes));
  const into = () => BigInt(below(rng, Math.max(1, bytes)));
  let at: bigint;
  if (kind < 0.62) at = DATA_AT + BigInt(64 + below(rng, RW_BYTES - 256 - (bytes > 512 ? bytes : 0)));
  else if (kind < 0.74) at = DATA_AT + PAGE - into();
  else if (kind < 0.79) at = DATA_AT + 2n * PAGE - into();
  else if (kind < 0.84) at = DATA_AT + 2n * PAGE + BigInt(below(rng, 4000));
  else if (kind < 0.89) at = DATA_AT + 3n * PAGE - into();
  else if (kind < 0.92) at = DATA_AT - into();
  else if (kind < 0.97) at = 0x1010_0000n + bits(rng, 16);
  else if (kind < 0.98) at = CODE_AT + bits(rng, 12);
  else at = (1n << 47n) + bits(rng, 48);
  if (bytes === XSAVE_BYTES) return aligned ? at & ~63n : at;
  return aligned ? at & ~((size > 16n ? 16n : size) - 1n) : at;
}

/** A case that is being put together. */
class Placing {
  readonly gpr: BigUint64Array = defaultRegisters();
  readonly patches: Patch[] = [];
  readonly code: Uint8Array;
  insn: Inspected;
  fsBase = 0n;
  gsBase = 0n;
  private readonly _rng: Rng;
  private readonly _rip: bigint;
  private readonly _settled = new Set<number>();

  constructor(code: Uint8Array, rip: bigint, rng: Rng) {
    this._rng = rng;
    this._rip = rip;
    this.code = code.slice();
    this.insn = inspect(this.code, rip);
  }

  registers(): void {
    for (const number of this.insn.registers) {
      if (number === 4 && this.insn.memory.length === 0 && chance(this._rng, 0.7)) continue;
      this.gpr[number] = interesting(this._rng, 64);
    }
  }

  immediate(): void {
    const { immediate, flow, mnemonic } = this.insn;
    if (!immediate || flow === 'branch') return;
    if (mnemonic === 'enter') {
      this.rewrite(immediate.at, BigInt(below(this._rng, 64)), 2);
      this.rewrite(immediate.at + 2, BigInt(pick(this._rng, [0, 0, 1, 2, 3])), 1);
    } else if (flow === 'next' && mnemonic !== 'int' && chance(this._rng, 0.6)) {
      const small = immediate.bytes === 1 && chance(this._rng, 0.5);
      const value = small ? BigInt(pick(this._rng, SHIFT_COUNTS)) : interesting(this._rng, 8 * immediate.bytes);
      this.rewrite(immediate.at, value, immediate.bytes);
    } else if (mnemonic === 'ret') this.rewrite(immediate.at, interesting(this._rng, 16), 2);
  }

  rewrite(at: number, value: bigint, bytes: number): void {
    this.code.set(bytesOf(value, bytes), at);
    this.insn = inspect(this.code, this._rip);
  }

  patch(address: bigint, bytes: Uint8Array): void {
    const from = Number(wrap(address - DATA_AT));
    if (from + bytes.length > DATA_BYTES || from < 0) return;
    this.patches.push({ at: from, bytes });
  }

  settle(number: number, value: bigint): void {
    this.gpr[number] = wrap(value);
    this._settled.add(number);
  }
  isSettled(number: number): boolean {
    return this._settled.has(number);
  }

  /** Points one memory operand at `at`, as near as registers and displacement allow; answers where it points then. */
  point(one: UsedMemory, at: bigint): bigint {
    const { base, index, scale } = one;
    const width = base?.width === 32 || (!base && index?.width === 32) ? 32 : 64;
    if (one.segment === 'fs') this.fsBase ||= this._segmentBase(width);
    if (one.segment === 'gs') this.gsBase ||= this._segmentBase(width);
    const segmentBase = one.segment === 'fs' ? this.fsBase : one.segment === 'gs' ? this.gsBase : 0n;
    const offset = wrap(at - segmentBase, width);
    const read = (register: { number: number; width: number }) => wrap(this.gpr[register.number], register.width);
    if (base && base.number === index?.number && !this._settled.has(base.number)) {
      const each = BigInt(1 + scale);
      this._setAddress(base, wrap(offset - one.displacement, width) / each);
    } else if (base && !this._settled.has(base.number)) {
      const indexed = index ? read(index) * BigInt(scale) : 0n;
      this._setAddress(base, offset - indexed - one.displacement);
      if (index) this._settled.add(index.number);
    } else if (index && !this._settled.has(index.number)) {
      const rest = wrap(offset - (base ? read(base) : 0n) - one.displacement, width);
      this._setAddress(index, rest / BigInt(scale));
    } else if (!base && !index) this._setDisplacement(offset);
    const now = (base ? read(base) : 0n) + (index ? read(index) * BigInt(scale) : 0n);
    const displacement = base || index ? one.displacement : (this.insn.memory[0]?.displacement ?? 0n);
    return wrap(wrap(now + displacement, width) + segmentBase);
  }

  private _segmentBase(width: number): bigint {
    const wide = [DATA_AT, bits(this._rng, 46), 0x7fff_f000_0000n];
    return pick(this._rng, width === 32 ? [8n, 0x1001n] : [8n, 0x1001n, ...wide]);
  }

  private _setAddress(register: { number: number; width: number }, value: bigint): void {
    const upper = register.width === 32 ? bits(this._rng, 32) << 32n : 0n;
    this.settle(register.number, upper | wrap(value, register.width));
  }

  private _setDisplacement(offset: bigint): void {
    const { displacement, ripRelative, length } = this.insn;
    if (!displacement) return;
    const value = ripRelative ? offset - this._rip - BigInt(length) : offset;
    if (displacement.bytes === 8 || fits(value, displacement.bytes))
      this.rewrite(displacement.at, wrap(value), displacement.bytes);
    else this._setDisplacement(DATA_AT + 0x800n);
  }
}

/** Code addresses for indirect jumps, mapped or not, seldom not even canonical. */
const jumpTarget = (rng: Rng): bigint =>
  chance(rng, 0.05)
    ? interesting(rng, 64)
    : pick(rng, [CODE_AT, DATA_AT, 0x40_0000n, 0x7fff_ffff_f000n]) + bits(rng, 8);

const bitTest = (mnemonic: string): boolean => /^bt[crs]?$/.test(mnemonic);
const popsFlags = (mnemonic: string): boolean => mnemonic.startsWith('popf');
const isString = (mnemonic: string): boolean => /^(movs|cmps|stos|lods|scas)[bwdq]$/.test(mnemonic);

/** Registers that a kind of instruction wants in a range where something happens. */
function tune(to: Placing, rng: Rng): void {
  const { insn, gpr } = to;
  const { mnemonic, operands, width } = insn;
  const second = operands[1];
  if (operands.some((one) => one.kind === 'register' && one.number === 1 && one.width === 8))
    gpr[1] = (gpr[1] & ~0xffn) | BigInt(pick(rng, SHIFT_COUNTS));
  if (bitTest(mnemonic) && second?.kind === 'register') {
    const offset = BigInt(below(rng, 4096) - 2048);
    to.settle(second.number, (bits(rng, 64) << BigInt(second.width)) | wrap(offset, second.width));
  }
  if ((mnemonic === 'div' || mnemonic === 'idiv') && chance(rng, 0.7)) {
    const negative = mnemonic === 'idiv' && (gpr[0] >> BigInt(width - 1)) & 1n;
    const high = wrap(negative ? -1n : chance(rng, 0.8) ? 0n : 1n, width);
    if (width === 8) gpr[0] = (gpr[0] & ~0xff00n) | (high << 8n);
    else if (chance(rng, 0.9)) gpr[2] = high;
  }
  if (mnemonic === 'cmpxchg' && operands[0]?.kind === 'register' && chance(rng, 0.5)) gpr[0] = gpr[operands[0].number];
  if (insn.repeated && isString(mnemonic)) {
    const count = BigInt(chance(rng, 0.1) ? below(rng, 300) : below(rng, 12));
    gpr[1] = insn.memory[0]?.base?.width === 32 ? (bits(rng, 32) << 32n) | count : count;
  }
  if (mnemonic === 'jmp' || mnemonic === 'call')
    if (operands[0]?.kind === 'register') gpr[operands[0].number] = jumpTarget(rng);
  if (savesState(mnemonic)) {
    gpr[0] = (bits(rng, 32) << 32n) | bits(rng, 3);
    gpr[2] = bits(rng, 32) << 32n;
  }
  if (mnemonic === 'wrfsbase' || mnemonic === 'wrgsbase')
    if (operands[0]?.kind === 'register' && chance(rng, 0.8)) gpr[operands[0].number] >>= 17n;
}

const savesState = (mnemonic: string): boolean => /^x(save|rstor)(64)?$/.test(mnemonic);

/** Shifts by a vector: its low half is the count. */
const takesCount = (mnemonic: string): boolean => /^ps(ll|rl|ra)[wdq]$/.test(mnemonic);

/** XMM registers that the instruction uses get values, the others tell which they are. */
function vectorState({ insn }: Placing, rng: Rng): VectorState | undefined {
  const { vectors, mnemonic, operands } = insn;
  if (!insn.sse && !insn.x87) return undefined;
  const x87 = insn.x87 ? { x87: x87State(insn, rng) } : {};
  if (!insn.sse) return { xmm: new Uint8Array(XMM_BYTES), mxcsr: DEFAULT_MXCSR, ...x87 };
  const xmm = Uint8Array.from({ length: XMM_BYTES }, (_, i) => 0xc0 + (i >> 4));
  const first = vectorBytes(rng);
  for (const number of vectors) xmm.set(chance(rng, 0.15) ? first : vectorBytes(rng), 16 * number);
  const ymmHigh =
    insn.avx || savesState(mnemonic) || chance(rng, 0.2) ? { ymmHigh: upperHalves(vectors, xmm, rng) } : {};
  if (comparesStrings(mnemonic)) for (const number of vectors) xmm.set(text(rng), 16 * number);
  if (insn.gather) {
    const halves = [xmm, ymmHigh.ymmHigh ?? xmm];
    for (const half of halves) {
      half.set(gatherIndexes(insn.gather.bits, insn.memory[0].scale, rng), 16 * insn.gather.index);
      if (chance(rng, 0.3)) half.fill(0xff, 16 * insn.gather.mask, 16 * insn.gather.mask + 16);
    }
  }
  const count = operands[1]?.kind === 'other' ? vectors.at(-1) : undefined;
  if (takesCount(mnemonic) && count !== undefined && chance(rng, 0.8))
    xmm.set(bytesOf(BigInt(pick(rng, SHIFT_COUNTS)), 8), 16 * count);
  return { xmm, mxcsr: mxcsrWord(rng), ...ymmHigh, ...x87 };
}

const comparesStrings = (mnemonic: string): boolean => /^v?pcmp[ei]str/.test(mnemonic);
/** Few different bytes, so that some are alike, and an end perhaps. */
function text(rng: Rng): Uint8Array {
  const zeros = chance(rng, 0.5) ? 0.08 : 0;
  const few = 2 + below(rng, 6);
  return Uint8Array.from({ length: 16 }, () => (chance(rng, zeros) ? 0 : [0x61, 0x62, 0xff, 0x80, 1, 0x7f, 0x63, 0][below(rng, few)])); // biome-ignore format: one line
}

/** Indexes that stay near the base, but seldom. */
function gatherIndexes(width: 32 | 64, scale: number, rng: Rng): Uint8Array {
  const bytes = new Uint8Array(16);
  const far = chance(rng, 0.25);
  for (let at = 0; at < 16; at += width / 8) {
    const near = BigInt(Math.floor((below(rng, 0x400) - 0x200) / scale));
    bytes.set(bytesOf(far && chance(rng, 0.3) ? interesting(rng, width) : near, width / 8), at);
  }
  return bytes;
}

/** As the lower halves, and now and then the same. */
function upperHalves(used: readonly number[], lower: Uint8Array, rng: Rng): Uint8Array {
  const upper = Uint8Array.from({ length: XMM_BYTES }, (_, i) => 0xe0 + (i >> 4));
  for (const number of used)
    upper.set(chance(rng, 0.2) ? lower.subarray(16 * number, 16 * number + 16) : vectorBytes(rng), 16 * number);
  return upper;
}

const X87_MASKED = 0x3f, X87_ES = 0x80, X87_BUSY = 0x8000; // biome-ignore format: one line
/** Control and status word; an exception is pending only now and then. */
export function x87Words(rng: Rng): [fcw: number, fsw: number] {
  const precision = pick(rng, [3, 3, 3, 3, 2, 2, 0, 0, 1]);
  const rounding = chance(rng, 0.5) ? 0 : below(rng, 4);
  const masks = chance(rng, 0.75) ? X87_MASKED : below(rng, 64);
  const fcw = chance(rng, 0.4) ? 0x37f : 0x40 | (rounding << 10) | (precision << 8) | masks;
  const top = below(rng, 8);
  let flags = chance(rng, 0.5) ? 0 : below(rng, 128);
  if (chance(rng, 0.95)) flags &= fcw | 0x40;
  const isPending = (flags & ~fcw & X87_MASKED) !== 0;
  const conditions = (below(rng, 8) << 8) | (chance(rng, 0.5) ? 0x4000 : 0);
  return [fcw, flags | conditions | (top << 11) | (isPending ? X87_ES | X87_BUSY : 0)];
}

/** An x87 image: the registers that are likely to be used hold special values, the others say which they are. */
function x87State({ mmx, operands, text }: Inspected, rng: Rng): Uint8Array {
  const image = initialX87();
  const [fcw, fsw] = x87Words(rng);
  image.set([...bytesOf(BigInt(fcw), 2), ...bytesOf(BigInt(fsw), 2)]);
  const top = (fsw >> 11) & 7;
  // Which of the eight are in use: all, those from TOP on as a program leaves them, or any.
  const kind = rng();
  const depth = below(rng, 9);
  image[4] = kind < 0.5 ? 0xff : kind < 0.8 ? Array.from({ length: depth }, (_, i) => 1 << ((top + i) & 7)).reduce((all, one) => all | one, 0) : below(rng, 256); // biome-ignore format: one line
  if (chance(rng, 0.3)) image.set([...bytesOf(bits(rng, 11), 2), ...bytesOf(bits(rng, 47), 8), ...bytesOf(bits(rng, 47), 8)], 6); // biome-ignore format: one line
  const named = [...text.matchAll(/st\((\d)\)/g)].map(([, n]) => Number(n));
  const used = new Set([0, 1, ...named]);
  for (let n = 0; n < 8; n++) {
    const at = X87_REGISTERS + 16 * n;
    image.set(used.has(n) || chance(rng, 0.1) ? extendedBytes(rng) : [0, 0, 0, 0, 0, 0, n, 0x80 + n, 0xff, 0x3f], at);
  }
  // MMX registers do not turn with TOP. Their upper bits are ones after any write.
  for (const n of mmx) {
    const at = X87_REGISTERS + 16 * ((n - top) & 7);
    image.set(vectorBytes(rng).subarray(0, 8), at);
    if (chance(rng, 0.7)) image.set([0xff, 0xff], at + 8);
  }
  if (mmx.length > 0 && operands[1]?.kind === 'other' && mmx.length > 1 && chance(rng, 0.3))
    image.set(bytesOf(BigInt(pick(rng, SHIFT_COUNTS)), 8), X87_REGISTERS + 16 * ((mmx[1] - top) & 7));
  return image;
}
const X87_REGISTERS = 32;

/** Any x87 registers and pointers, but no pending exception. */
function fxImage(rng: Rng): Uint8Array {
  const bytes = Uint8Array.from({ length: 512 }, () => below(rng, 256));
  const [fcw, fsw] = x87Words(rng);
  bytes.set([...bytesOf(BigInt(fcw), 2), ...bytesOf(BigInt(fsw), 2)]);
  bytes.set(bytesOf(chance(rng, 0.9) ? bits(rng, 16) : bits(rng, 32), 4), 24);
  return bytes;
}

/** Components at random, in the standard or the compacted form; now and then a header that is not allowed. */
function xsaveImage(rng: Rng): Uint8Array {
  const bytes = Uint8Array.from({ length: XSAVE_BYTES }, () => below(rng, 256));
  bytes.set(fxImage(rng));
  // Reserved bits of MXCSR are found out when half of the state has been loaded.
  bytes.fill(0, 26, 28);
  const isCompacted = chance(rng, 0.3);
  const state = chance(rng, 0.9) ? bits(rng, 3) : 1n << BigInt(pick(rng, [3, 4, 8, 60]));
  const named = isCompacted
    ? (1n << 63n) | (chance(rng, 0.8) ? 7n : bits(rng, 3))
    : chance(rng, 0.95)
      ? 0n
      : bits(rng, 3);
  bytes.fill(0, 512, 576);
  bytes.set([...bytesOf(state, 8), ...bytesOf(named, 8)], 512);
  if (chance(rng, 0.1)) bytes[528 + below(rng, 48)] = 1;
  return bytes;
}

/** Packed decimal digits, seldom bad ones. */
function decimalBytes(rng: Rng): Uint8Array {
  const digit = () => (chance(rng, 0.02) ? below(rng, 16) : below(rng, 10));
  const digits = below(rng, 10);
  return Uint8Array.from({ length: 10 }, (_, i) =>
    i === 9 ? pick(rng, [0, 0x80, 0, 0x80, 0x7f, 0xff]) : i > digits ? 0 : digit() | (digit() << 4),
  );
}

/** What FLDENV (28 bytes) and FRSTOR (108) load. */
function environment(bytes: number, rng: Rng): Uint8Array {
  const [fcw, fsw] = x87Words(rng);
  const image = Uint8Array.from({ length: bytes }, () => below(rng, 256));
  image.set([...bytesOf(BigInt(fcw), 4), ...bytesOf(BigInt(fsw), 4), ...bytesOf(bits(rng, 16), 4)]);
  for (let at = 28; at + 10 <= bytes; at += 10) image.set(extendedBytes(rng), at);
  return image;
}

/** What memory holds where an operand points. */
function content(to: Placing, one: UsedMemory, rng: Rng): Uint8Array {
  const { mnemonic, sse } = to.insn;
  const bytes = Math.max(1, one.bytes);
  if (mnemonic === 'ldmxcsr') return bytesOf(chance(rng, 0.8) ? bits(rng, 16) : interesting(rng, 32), bytes);
  if (mnemonic.startsWith('fxrstor')) return fxImage(rng);
  if (savesState(mnemonic)) return xsaveImage(rng);
  if (takesCount(mnemonic) && chance(rng, 0.8)) return bytesOf(BigInt(pick(rng, SHIFT_COUNTS)), 16);
  if (to.insn.x87 && bytes === 10) return chance(rng, 0.8) ? extendedBytes(rng) : decimalBytes(rng);
  if (to.insn.x87 && mnemonic === 'fldcw') return bytesOf(BigInt(x87Words(rng)[0]), 2);
  if (to.insn.x87 && (bytes === 28 || bytes === 108)) return environment(bytes, rng);
  if (to.insn.x87 && !sse && (bytes === 4 || bytes === 8) && chance(rng, 0.6))
    return bytesOf(floating(rng, bytes === 8 ? 64 : 32), bytes);
  if (comparesStrings(mnemonic)) return text(rng);
  if (sse && bytes === 32) return Uint8Array.from([...vectorBytes(rng), ...vectorBytes(rng)]);
  if (sse && bytes >= 4 && bytes <= 16)
    return bytes === 16
      ? vectorBytes(rng)
      : chance(rng, 0.6)
        ? bytesOf(floating(rng, bytes === 8 ? 64 : 32), bytes)
        : bytesOf(interesting(rng, 8 * bytes), bytes);
  if (mnemonic === 'jmp' || mnemonic === 'call' || mnemonic === 'ret') return bytesOf(jumpTarget(rng), bytes);
  if (popsFlags(mnemonic)) return bytesOf(bits(rng, 16) & BigInt(FLAGS_MASK), bytes);
  if (mnemonic === 'cmpxchg' && chance(rng, 0.5)) return bytesOf(to.gpr[0], bytes);
  if (/^cmpxchg(8b|16b)$/.test(mnemonic) && chance(rng, 0.6)) {
    const half = bytes / 2;
    return Uint8Array.from([...bytesOf(to.gpr[0], half), ...bytesOf(to.gpr[2], half)]);
  }
  if (to.insn.repeated && isString(mnemonic)) {
    const same = below(rng, 64);
    return new Uint8Array(Math.max(bytes, same)).fill(Number(to.gpr[0] & 0xffn));
  }
  const value = interesting(rng, 8 * Math.min(bytes, 8));
  return bytesOf(bytes > 8 ? (interesting(rng, 64) << 64n) | value : value, bytes);
}

export interface PlaceOptions {
  /** No faults on purpose: for sequences. */
  readonly safe?: boolean;
  readonly rip?: bigint;
}

/** A case around an instruction's bytes. The bytes come back with displacement and immediate changed. */
export function place(code: Uint8Array, rng: Rng, { safe = false, rip }: PlaceOptions = {}): Placed {
  const atEnd = BigInt(0x1000 - code.length);
  const at = rip ?? CODE_AT + (chance(rng, 0.8) ? 0x400n : atEnd + BigInt(below(rng, code.length + 1)));
  const to = new Placing(code, at, rng);
  to.registers();
  to.immediate();
  tune(to, rng);
  const aligned = to.insn.locked || to.insn.mnemonic === 'xchg' || ((to.insn.mnemonic === 'cmpxchg16b' || to.insn.sse) && chance(rng, 0.8)); // biome-ignore format: one line
  for (const one of to.insn.memory) {
    // Whether a bad header or a page that is missing is found first depends on the header.
    const wanted = target(rng, one.bytes, aligned, safe || to.insn.mnemonic.startsWith('xrstor'));
    const pointed = to.point(one, wanted);
    if (one.bytes <= XSAVE_BYTES && (savesState(to.insn.mnemonic) || chance(rng, 0.9)))
      to.patch(pointed, content(to, one, rng));
  }
  if (popsFlags(to.insn.mnemonic)) to.patch(to.gpr[4], bytesOf(bits(rng, 16) & BigInt(FLAGS_MASK), 8));
  let flags = Number(bits(rng, 16)) & FLAGS_MASK;
  if (chance(rng, isString(to.insn.mnemonic) ? 0.6 : 0.9)) flags &= ~0x400;
  const { gpr, fsBase, gsBase, patches } = to;
  const state = vectorState(to, rng);
  const vector = state ? { vector: state } : {};
  const before: Case = { code: to.code, rip: at, gpr, flags, fsBase, gsBase, patches, ...vector, maxSteps: 1 };
  return { insn: to.insn, before };
}
