/**
 * Random programs for the fuzzer: instructions of every set among what translated code is careful about. Loops run the
 * same code several times, with other registers; functions are called and flags read afterwards; operands lie near each
 * other, at tables' ends too, and beside pages that are not there; strings are short; divisions are near their limits;
 * MXCSR and the x87 control word change on the way.
 *
 * A program is made at once and run; what faults or reads undefined flags is taken out, mostly, and it is run again.
 */
import type { CodeSampler } from './codes.ts';
import type { Inspected } from './inspect.ts';
import { assemble, type Part } from './parts.ts';
import { x87Words } from './place.ts';
import { vectorOf } from './sequences.ts';
import { below, bits, bytesOf, chance, extendedBytes, floating, interesting, mxcsrWord, pick, type Rng, vectorBytes } from './values.ts'; // biome-ignore format: one line
import type { Vector } from './vector-file.ts';
import { type Case, CODE_AT, DATA_AT, FLAGS_MASK, initialX87, type Silicon, type Step, TRAP_RETIRED } from './wire.ts';

const RSP = 4, RBP = 5, INDEX = 12, R13 = 13, R14 = 14, COUNTER = 15; // biome-ignore format: one line
/** What memory operands are based on. Only `moves` of the program's own change them. */
const ANCHORS: readonly number[] = [RBP, R13, R14];
/** Holds a small number, for operands in tables. */
const RESERVED: ReadonlySet<number> = new Set([RSP, INDEX, COUNTER, ...ANCHORS]);
const MOST_BYTES = 440;
const MOST_STEPS = 256;

/** An encoding, and which group of a program's choice it belongs to. */
interface Known {
  readonly sample: CodeSampler;
  readonly insn: Inspected;
}
/** Encodings by their set. */
export type Sets = ReadonlyMap<string, readonly Known[]>;

/** Not among others: large images, and what would mostly unmask exceptions or set flags that cannot be. */
const LEFT_OUT =
  /^(fx|x)(save|rstor)|^(popf|leave|enter|ret|call|jmp|syscall|ud2|hlt|int3|rdfsbase|rdgsbase|wrfsbase|wrgsbase|v?ldmxcsr|fldcw|fldenv|frstor)|^(in|out)s?[bwd]?$|^clflush/;
/** May be an ulp off. */
const TRANSCENDENTAL = /^(fsin|fcos|fsincos|fptan|fpatan|f2xm1|fyl2x|fyl2xp1)$/;

function setOf({ feature, sse, x87, mmx, avx, mnemonic, gather }: Inspected): string {
  if (gather) return 'gather';
  if (x87 && mmx.length === 0 && /^f|^wait/.test(mnemonic)) return 'x87';
  if (x87) return 'mmx';
  if (sse || avx) return avx && feature === 'AES' ? 'AVX' : feature;
  return 'integer';
}

export function setsOf(samplers: readonly CodeSampler[], rng: Rng): Sets {
  const known = samplers.map((sample): Known => ({ sample, insn: sample(rng).insn }));
  const wanted = known.filter(
    ({ insn: { mnemonic, flow } }) => flow === 'next' && !LEFT_OUT.test(mnemonic) && !TRANSCENDENTAL.test(mnemonic),
  );
  const isString = ({ mnemonic }: Inspected) => /^(movs|cmps|stos|lods|scas)[bwdq]$|maskmov(q|dqu)$/.test(mnemonic);
  return Map.groupBy(wanted, ({ insn }) => (isString(insn) ? 'string' : setOf(insn)));
}

/** A program that is being written. */
class Writing {
  readonly parts: { bytes: Uint8Array; link?: { at: number; size: number; target: number } }[] = [];
  bytes = 0;

  emit(...bytes: readonly number[]): void {
    this.parts.push({ bytes: Uint8Array.from(bytes) });
    this.bytes += bytes.length;
  }
  /** The opcode, then a displacement of `size` bytes; answers what settles where it leads. */
  link(size: number, ...opcode: readonly number[]): { to(target: number): void } {
    const link = { at: opcode.length, size, target: -1 };
    this.parts.push({ bytes: Uint8Array.from([...opcode, ...new Uint8Array(size)]), link });
    this.bytes += opcode.length + size;
    return {
      to(target) {
        link.target = target;
      },
    };
  }
  get here(): number {
    return this.parts.length;
  }
}

/** REX.W (or not), an opcode, and ModRM with [anchor + disp8]. */
function withAnchor(rng: Rng, wide: boolean, opcode: readonly number[], reg: number, disp = slot(rng)): number[] {
  const anchor = pick(rng, ANCHORS);
  const rex = 0x40 | (wide ? 8 : 0) | (reg > 7 ? 4 : 0) | (anchor > 7 ? 1 : 0);
  return [rex, ...opcode, 0x40 | ((reg & 7) << 3) | (anchor & 7), disp & 0xff];
}
/** A small offset, mostly one that keeps an operand aligned. */
const slot = (rng: Rng): number =>
  chance(rng, 0.45) ? 32 * (below(rng, 5) - 2) : chance(rng, 0.6) ? below(rng, 40) - 20 : below(rng, 200) - 100;
const imm32 = (value: number): Uint8Array => bytesOf(BigInt(value), 4);
const movImm = (register: number, value: bigint): number[] => [register < 8 ? 0x48 : 0x49, 0xb8 | (register & 7), ...bytesOf(value, 8)]; // biome-ignore format: one line
/** Registers that instructions may use as they like. */
const FREE = [0, 1, 2, 3, 6, 7, 8, 9, 10, 11];

class Program {
  private readonly _rng: Rng;
  private readonly _sets: Sets;
  /** The sets that this program takes its instructions from. */
  private readonly _chosen: readonly string[];
  private readonly _functions: number[] = [];
  /** How many vector registers it mostly uses: with few, results are operands soon. */
  private readonly _spread: number;
  readonly to = new Writing();

  constructor(sets: Sets, rng: Rng) {
    this._rng = rng;
    this._sets = sets;
    this._spread = pick(rng, [2, 3, 8]);
    const names = [...sets.keys()].filter((name) => name !== 'string');
    const vectors = names.filter((name) => name !== 'integer' && name !== 'x87' && name !== 'mmx');
    const legacy = chance(rng, 0.35) ? [pick(rng, ['x87', 'x87', 'mmx'])] : [];
    const others = Array.from({ length: below(rng, 4) }, () => pick(rng, vectors));
    const integer = others.length + legacy.length === 0 || chance(rng, 0.7) ? ['integer', 'integer'] : [];
    this._chosen = [...integer, ...legacy, ...others].filter((name) => names.includes(name));
    this._write();
  }

  private _write(): void {
    const { to } = this;
    const rng = this._rng;
    if (chance(rng, 0.5)) {
      const start = to.link(4, 0xe9);
      for (let n = 1 + below(rng, 2); n > 0; n--) this._function();
      start.to(to.here);
    }
    const wanted = 6 + below(rng, 22);
    // All of it in a loop, or loops here and there.
    const whole = chance(rng, 0.4) ? this._loopStart() : undefined;
    while (to.here < wanted && to.bytes < MOST_BYTES - 120) this._piece(whole === undefined ? 2 : 1);
    if (whole !== undefined) this._loopEnd(whole);
  }

  private _function(): void {
    const start = this.to.here;
    for (let n = below(this._rng, 4); n > 0; n--) this._piece(0);
    if (chance(this._rng, 0.1)) this.to.emit(0xc2, 8 * below(this._rng, 3), 0);
    else this.to.emit(0xc3);
    this._functions.push(start);
  }

  /** `depth` 2: anything; 1: no loops, since their counter is in use; 0: no branches either. */
  private _piece(depth: number): void {
    const rng = this._rng;
    const kind = rng();
    if (this.to.bytes > MOST_BYTES - 60) return;
    if (depth > 1 && kind < 0.1) this._loop();
    else if (depth > 0 && kind < 0.2) this._branch(depth);
    else if (kind < 0.3 && this._functions.length > 0) this._call();
    else if (kind < 0.36) this._index();
    else if (kind < 0.42) this._string();
    else if (kind < 0.47) this._divide();
    else if (kind < 0.52) this._control();
    else if (kind < 0.55) this._move();
    else if (kind < 0.6) this._flags();
    else this._instruction();
  }

  /** Any instruction of the program's sets. */
  private _instruction(): void {
    const bytes = this._sampled(pick(this._rng, this._chosen));
    if (bytes) this.to.emit(...bytes);
  }

  private _sampled(set: string): Uint8Array | undefined {
    const rng = this._rng;
    const { sample, insn: known } = pick(rng, this._sets.get(set) ?? []);
    for (let tries = 0; tries < 40; tries++) {
      const { bytes, insn } = sample(rng, known.gather ? this._indexed() : this._operand());
      if (!isHarmless(insn, set)) continue;
      if (insn.avx) this._gatherUp(bytes);
      return bytes;
    }
    return undefined;
  }

  /** Changes VEX.vvvv, if it is in use, to one of the few registers. */
  private _gatherUp(bytes: Uint8Array): void {
    const vex = bytes.findIndex((byte) => byte === 0xc4 || byte === 0xc5);
    const at = vex + (bytes[vex] === 0xc4 ? 2 : 1);
    if ((bytes[at] & 0x78) !== 0x78) bytes[at] = (bytes[at] & ~0x78) | ((15 - below(this._rng, this._spread)) << 3);
  }

  /** ModRM and what follows it: a register, an anchor with an offset, or with the small index too. */
  private _operand(): number[] {
    const rng = this._rng;
    const reg = below(rng, this._spread) << 3;
    const kind = rng();
    if (kind < 0.35) return [0xc0 | reg | below(rng, this._spread)];
    const offset = slot(rng);
    if (kind < 0.75) return [0x40 | reg | pick(rng, [5, 5, 6]), offset & 0xff];
    if (kind < 0.85) return [0x80 | reg | pick(rng, [5, 5, 6]), ...imm32(offset * pick(rng, [1, 1, 4]))];
    return this._indexed();
  }
  /** With the small index, or by a vector of small numbers. */
  private _indexed(): number[] {
    const rng = this._rng;
    const reg = below(rng, this._spread) << 3;
    return [0x44 | reg, (below(rng, 4) << 6) | (4 << 3) | pick(rng, [5, 5, 6]), slot(rng) & 0xff];
  }

  private _loop(): void {
    const start = this._loopStart();
    for (let n = 1 + below(this._rng, 6); n > 0; n--) this._piece(1);
    this._loopEnd(start);
  }
  private _loopStart(): number {
    this.to.emit(0x41, 0xbf, ...imm32(1 + below(this._rng, 5))); // mov r15d, n
    return this.to.here;
  }
  private _loopEnd(start: number): void {
    if (chance(this._rng, 0.7))
      this.to.emit(0x41, 0xff, 0xcf); // dec r15d
    else this.to.emit(0x49, 0x83, 0xef, 1); // sub r15, 1
    this.to.link(4, 0x0f, 0x85).to(start);
  }

  /** Forward, over a few pieces. */
  private _branch(depth: number): void {
    const { to } = this;
    const rng = this._rng;
    const condition = below(rng, 16);
    const kind = rng();
    const link = kind < 0.6 ? to.link(4, 0x0f, 0x80 | condition) : kind < 0.85 ? to.link(1, 0x70 | condition) : kind < 0.92 ? to.link(4, 0xe9) : to.link(1, pick(rng, [0xe0, 0xe1, 0xe2, 0xe3])); // biome-ignore format: one line
    for (let n = 1 + below(rng, 2); n > 0; n--) this._piece(Math.min(depth, 1) - (chance(rng, 0.7) ? 1 : 0));
    link.to(to.here);
  }

  private _call(): void {
    const { to } = this;
    const rng = this._rng;
    const target = pick(rng, this._functions);
    const kind = rng();
    if (kind < 0.7) to.link(4, 0xe8).to(target);
    else if (kind < 0.85) {
      to.link(4, 0x48, 0x8d, 0x05).to(target); // lea rax, [rip+target]; call rax
      to.emit(0xff, 0xd0);
    } else {
      to.link(4, 0x4c, 0x8d, 0x1d).to(to.here + 3); // return addresses that no call has pushed
      to.emit(0x41, 0x53);
      to.link(4, 0x48, 0x8d, 0x05).to(target);
      to.emit(0xff, 0xe0);
    }
    if (chance(rng, 0.6)) this._flags();
  }

  /** Reads flags. */
  private _flags(): void {
    const rng = this._rng;
    const register = pick(rng, FREE.slice(0, 4));
    const other = pick(rng, FREE.slice(0, 4));
    const forms: readonly (readonly number[])[] = [
      [0x48, 0x11, 0xc0 | (register << 3) | other], // adc
      [0x19, 0xc0 | (register << 3) | other], // sbb
      [0x0f, 0x90 | below(rng, 16), 0xc0 | other],
      [0x48, 0x0f, 0x40 | below(rng, 16), 0xc0 | (register << 3) | other],
      [0x48, 0xd1, 0xd0 | register], // rcl
      [0x9c, 0x58 | register], // pushfq; pop
      [0x9c, 0x48, 0x81, 0x34, 0x24, ...imm32(Number(bits(rng, 12)) & FLAGS_MASK & ~0x400), 0x9d], // pushfq; xor [rsp], n; popfq
      [0x9f], // lahf
      [0xf5], // cmc
      [0x48, 0xff, 0xc0 | register], // inc, which leaves CF
    ];
    const form = pick(rng, forms);
    if (form[0] !== 0x9c) return this.to.emit(...form);
    this.to.emit(0x9c);
    if (form.length > 2) this.to.emit(...form.slice(1, 9));
    this.to.emit(form[form.length - 1]);
  }

  /** A small number in the index register, known to be one or not. */
  private _index(): void {
    const rng = this._rng;
    const { to } = this;
    const kind = below(rng, 6);
    if (kind === 0)
      to.emit(...withAnchor(rng, false, [0x0f, 0xb6], INDEX)); // movzx r12d, byte
    else if (kind === 1)
      to.emit(0x44, 0x0f, 0xb6, 0xe0 | below(rng, 4)); // movzx r12d, al
    else if (kind === 2)
      to.emit(0x41, 0x83, 0xe4, below(rng, 128)); // and r12d, n
    else if (kind === 3) {
      to.emit(0x41, 0x89, 0xc4 | (below(rng, 4) << 3)); // mov r12d, eax; shr r12d, 24
      to.emit(0x41, 0xc1, 0xec, 24 + below(rng, 4));
    } else if (kind === 4) to.emit(...movImm(INDEX, BigInt(below(rng, 64))));
    else to.emit(0x41, 0x81, 0xe4, ...imm32(-16)); // and r12d, -16
    // mov r, [anchor + r12*4 + d], or a store there.
    const anchor = pick(rng, ANCHORS);
    const reg = pick(rng, FREE);
    const rex = 0x42 | (chance(rng, 0.5) ? 8 : 0) | (reg > 7 ? 4 : 0) | (anchor > 7 ? 1 : 0);
    const sib = (below(rng, 4) << 6) | 0x20 | (anchor & 7);
    const opcode = pick(rng, [0x8b, 0x8b, 0x89, 0x03, 0x33]);
    to.emit(rex, opcode, 0x44 | ((reg & 7) << 3), sib, slot(rng) & 0xff);
  }

  private _string(): void {
    const rng = this._rng;
    const { to } = this;
    to.emit(...withAnchor(rng, true, [0x8d], 6)); // lea rsi, lea rdi
    to.emit(...withAnchor(rng, true, [0x8d], 7));
    to.emit(0xb9, ...imm32(below(rng, 12))); // mov ecx, n
    // By the same registers before and after: mov r, [rsi+d] or [rdi+d], or stores.
    const access = () => {
      if (chance(rng, 0.5)) to.emit(0x48, pick(rng, [0x8b, 0x89]), 0x40 | pick(rng, [6, 7]), below(rng, 32) - 16);
    };
    access();
    const bytes = this._sampled('string');
    if (bytes) to.emit(...bytes);
    access();
    if (chance(rng, 0.1)) to.emit(0xfd, ...(bytes ?? []), 0xfc); // std; cld
  }

  /** DIV or IDIV with a quotient near what fits. */
  private _divide(): void {
    const rng = this._rng;
    const { to } = this;
    const isSigned = chance(rng, 0.5);
    const width = pick(rng, [8, 16, 32, 64]);
    const divisor = interesting(rng, width);
    const d = isSigned ? BigInt.asIntN(width, divisor) : divisor;
    const quotient = isSigned ? BigInt.asIntN(width, interesting(rng, width)) : interesting(rng, width);
    const size = d < 0n ? -d : d;
    const remainder = size === 0n ? 0n : (bits(rng, 64) % size) * (quotient * d < 0n ? -1n : 1n);
    const dividend = BigInt.asUintN(2 * width, quotient * d + remainder + (chance(rng, 0.1) ? 1n : 0n));
    const high = bits(rng, 64) << BigInt(Math.min(width, 63));
    if (width === 8) to.emit(...movImm(0, (bits(rng, 48) << 16n) | dividend));
    else {
      const upper = width === 64 ? 0n : high;
      to.emit(...movImm(0, BigInt.asUintN(width, dividend) | upper));
      to.emit(...movImm(2, (dividend >> BigInt(width)) | upper));
    }
    const register = pick(rng, [1, 3]);
    to.emit(...movImm(register, divisor));
    const modrm = 0xc0 | (isSigned ? 0x38 : 0x30) | register;
    const prefix = width === 16 ? [0x66] : width === 64 ? [0x48] : [];
    to.emit(...prefix, width === 8 ? 0xf6 : 0xf7, modrm);
  }

  /** MXCSR, the x87 control word, or the upper halves of the YMM registers. */
  private _control(): void {
    const rng = this._rng;
    const { to } = this;
    const kind = rng();
    const at = slot(rng);
    const anchor = pick(rng, ANCHORS);
    const rex = 0x40 | (anchor > 7 ? 1 : 0);
    const modrm = (reg: number) => [0x40 | (reg << 3) | (anchor & 7), at & 0xff];
    if (kind < 0.6) {
      to.emit(rex, 0xc7, ...modrm(0), ...imm32(mxcsrWord(rng, 0.02)));
      to.emit(rex, 0x0f, 0xae, ...modrm(2));
    } else if (kind < 0.9) {
      const [fcw] = x87Words(rng);
      to.emit(rex, 0xc7, ...modrm(0), ...imm32(chance(rng, 0.9) ? fcw | 0x3f : fcw));
      to.emit(rex, 0xd9, ...modrm(5));
    } else if (kind < 0.95) to.emit(0xc5, 0xf8, 0x77);
    else to.emit(0xdb, 0xe3); // fninit
  }

  /** An anchor by a little. */
  private _move(): void {
    const rng = this._rng;
    const anchor = pick(rng, ANCHORS);
    const by = chance(rng, 0.8) ? 32 * (below(rng, 5) - 2) : below(rng, 64) - 32;
    if (chance(rng, 0.5)) this.to.emit(anchor > 7 ? 0x49 : 0x48, 0x83, 0xc0 | (anchor & 7), by & 0xff);
    else this.to.emit(anchor > 7 ? 0x4d : 0x48, 0x8d, 0x40 | ((anchor & 7) * 9), by & 0xff);
  }
}

/** Whether it leaves alone what the program needs, and its operands lie where those of the program do. */
function isHarmless(insn: Inspected, set: string): boolean {
  if (insn.flow !== 'next' || LEFT_OUT.test(insn.mnemonic)) return false;
  if (insn.operands.some((one) => one.kind === 'register' && RESERVED.has(one.number))) return false;
  if (insn.mnemonic === 'cmpxchg16b' || insn.mnemonic === 'cmpxchg8b') return insn.memory.length === 1;
  return insn.memory.every(({ base, index, segment }) => {
    if (segment) return false;
    if (set === 'string' && base && [6, 7].includes(base.number)) return true;
    if (base?.number === RSP) return /^(push|pop)/.test(insn.mnemonic);
    return base !== undefined && ANCHORS.includes(base.number) && (!index || index.number === INDEX);
  });
}

/** Where operands lie: in the middle of the pages, mostly, or around the end of one. */
function anchorAt(rng: Rng): bigint {
  if (chance(rng, 0.3))
    return DATA_AT + BigInt(pick(rng, [0x1000, 0x1000, 0x2000, 0x2000, 0x3000, 0]) + below(rng, 48) - 24);
  const around = pick(
    rng,
    [0x400, 0x800, 0x800, 0x1400, 0x1800, 0x1800, 0x1000, 0x1000, 0x2000, 0x3000, 0, 0xd00, 0x1d00],
  );
  const near = chance(rng, around % 0x1000 === 0 ? 0.4 : 0.75) ? 32 * (below(rng, 9) - 4) : below(rng, 256) - 128;
  return DATA_AT + BigInt(around + near);
}

/** Indexes for gathers, of 32 or 64 bits. */
function smallNumbers(rng: Rng): Uint8Array {
  const bytes = new Uint8Array(16);
  for (let at = 0, step = pick(rng, [4, 8]); at < 16; at += step) bytes[at] = below(rng, 100);
  return bytes;
}

function startOf(rng: Rng): Case {
  const gpr = BigUint64Array.from({ length: 16 }, () => interesting(rng, 64));
  const anchor = anchorAt(rng);
  for (const one of ANCHORS) gpr[one] = chance(rng, 0.6) ? anchor : anchorAt(rng);
  gpr[RSP] = DATA_AT + BigInt(0xc00 + 8 * below(rng, 512));
  gpr[INDEX] = BigInt(below(rng, chance(rng, 0.5) ? 16 : 256));
  gpr[COUNTER] = BigInt(below(rng, 4));
  const withIndexes = chance(rng, 0.4);
  const halves = () =>
    Uint8Array.from(Array.from({ length: 16 }, (_, n) => [...(withIndexes && (n & 7) === 4 ? smallNumbers(rng) : vectorBytes(rng))]).flat()); // biome-ignore format: one line
  const x87 = initialX87();
  const [fcw, fsw] = x87Words(rng);
  x87.set(bytesOf(BigInt(chance(rng, 0.9) ? fcw | 0x3f : fcw), 2));
  const flags = fsw & (fcw | 0x40) & 0x7f;
  x87.set(bytesOf(BigInt((fsw & 0x7f00) | flags), 2), 2);
  x87[4] = pick(rng, [0, 0xff, 0xff, below(rng, 256)]);
  for (let n = 0; n < 8; n++) x87.set(chance(rng, 0.8) ? extendedBytes(rng) : [...vectorBytes(rng).subarray(0, 8), 0xff, 0xff], 32 + 16 * n); // biome-ignore format: one line
  const numbers = Array.from({ length: 16 }, () => [...bytesOf(floating(rng, 64), 8), ...bytesOf(floating(rng, 32), 4), ...bytesOf(interesting(rng, 32), 4)]); // biome-ignore format: one line
  const at = Number(anchor - DATA_AT) - 96;
  const patches = at >= 0 && at + 256 <= 0x3000 ? [{ at, bytes: Uint8Array.from(numbers.flat()) }] : [];
  return {
    code: new Uint8Array(),
    rip: chance(rng, 0.8) ? CODE_AT + 0x400n : CODE_AT + 0x1000n - BigInt(1 + below(rng, 300)),
    gpr,
    flags: Number(bits(rng, 16)) & FLAGS_MASK & ~0x400,
    fsBase: 0n,
    gsBase: 0n,
    patches,
    // Often as a program is that has computed something.
    vector: { xmm: halves(), ymmHigh: halves(), mxcsr: chance(rng, 0.5) ? 0x1fa0 : mxcsrWord(rng, 0.05), x87 },
    maxSteps: MOST_STEPS,
  };
}

interface Open {
  readonly parts: readonly Part[];
  readonly start: Case;
  readonly dropped: Set<number>;
  /** Whether what faults is left in. */
  readonly mayFault: boolean;
}

/** The part at fault if the program should run without it; undefined when it is good. */
function tooMuch(
  { parts, dropped, mayFault }: Open,
  before: Case,
  starts: readonly number[],
  trace: readonly Step[],
): number | undefined {
  // biome-ignore format: one line
  const good = vectorOf(before, trace);
  const last = trace.at(-1);
  const retired = good?.after.trap === TRAP_RETIRED;
  const cut = good === undefined || (retired && good.before.maxSteps < trace.length);
  const faulted = !retired && !mayFault;
  if (!cut && !faulted && trace.length < MOST_STEPS) return undefined;
  if (!cut && !faulted) {
    // Too long: without a jump back.
    const back = parts.findIndex(({ link }, index) => !dropped.has(index) && link && Number(link.target) <= index);
    return back < 0 ? undefined : back;
  }
  const steps = good?.before.maxSteps ?? Math.max(0, trace.length - 1);
  const at = faulted ? last?.rip : steps === 0 ? before.rip : trace[steps - 1].rip;
  const offset = Number((at ?? before.rip) - before.rip);
  const index = starts.findIndex((start, one) => start === offset && !dropped.has(one));
  return index < 0 || index >= parts.length ? undefined : index;
}

/** As many programs as asked for, with what the CPU made of them. */
export function recordPrograms(silicon: Silicon, sets: Sets, rng: Rng, count: number): Vector[] {
  let open = Array.from({ length: count }, (): Open => {
    return {
      parts: new Program(sets, rng).to.parts,
      start: startOf(rng),
      dropped: new Set(),
      mayFault: chance(rng, 0.2),
    };
  });
  const vectors: Vector[] = [];
  for (let round = 0; open.length > 0; round++) {
    const made = open.flatMap((one) => {
      const { parts, start, dropped } = one;
      const assembled = assemble(parts, start.rip, (index) => !dropped.has(index));
      if (!assembled || assembled.code.length === 0 || assembled.code.length > 500) return [];
      return { one, starts: assembled.starts, before: { ...start, code: assembled.code } };
    });
    const traces = silicon.run(made.map(({ before }) => before));
    open = [];
    for (const [i, { one, starts, before }] of made.entries()) {
      const part = round < 8 ? tooMuch(one, before, starts, traces[i]) : undefined;
      if (part !== undefined) {
        one.dropped.add(part);
        open.push(one);
        continue;
      }
      const vector = vectorOf(before, traces[i]);
      if (vector) vectors.push(vector);
    }
  }
  return vectors;
}
