/**
 * Cases and results as test/silicon/harness.c reads and writes them, and the guest's memory, which the harness, the
 * recorder and the test set up alike:
 * ```
 *   0x10000000  2 pages   read and write, `background()` plus the case's patches
 *   0x10002000  1 page    read only, the same
 *   0x20000000  2 pages   read and execute, INT3 everywhere but for the case's code
 * ```
 * Nothing is mapped beside them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const DATA_AT = 0x1000_0000n;
export const DATA_BYTES = 0x3000;
/** Of the data pages, the writable ones. */
export const RW_BYTES = 0x2000;
export const CODE_AT = 0x2000_0000n;
export const CODE_BYTES = 0x2000;
/** What a case may set of RFLAGS, and what is compared afterwards: OF DF SF ZF AF PF CF. */
export const FLAGS_MASK = 0xcd5;

const VERSION = 1;
const FEATURE_FXSAVE = 1;
const FEATURE_YMM = 2;
/** Of an FXSAVE image: all but what software may use. */
const FX_BYTES = 464;
const FX_MXCSR = 24;
const FX_XMM = 160;
export const XMM_BYTES = 256;
/** Of an FXSAVE image: x87, with MXCSR and its mask in the middle. */
export const X87_BYTES = FX_XMM;
export const DEFAULT_MXCSR = 0x1f80;
const HEAD_BYTES = 24 + 8 * 20;
const STEP_BYTES = 16 + 8 * 21;

/** Bytes at an offset from DATA_AT. */
export interface Patch {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** XMM0 to XMM15, 16 bytes each, and MXCSR; with them what else a case may be about. */
export interface VectorState {
  readonly xmm: Uint8Array;
  readonly mxcsr: number;
  /** The upper halves of YMM0 to YMM15, 16 bytes each. Without them they are zero and not reported. */
  readonly ymmHigh?: Uint8Array;
  /** The x87 part of an FXSAVE image in its 64-bit form, zero where MXCSR stands; without it x87 is as after FNINIT. */
  readonly x87?: Uint8Array;
}

/** x87 after FNINIT, with zeros in its registers. */
export function initialX87(): Uint8Array {
  const image = new Uint8Array(X87_BYTES);
  image.set([0x7f, 3]);
  return image;
}

export interface Case {
  readonly code: Uint8Array;
  readonly rip: bigint;
  readonly gpr: BigUint64Array;
  readonly flags: number;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
  readonly patches: readonly Patch[];
  /** Of vector state; a case without it neither sets nor reports it. */
  readonly vector?: VectorState;
  /** Runs until this many instructions have retired, one faults, or control leaves the code. */
  readonly maxSteps: number;
}

/** The state after one instruction, or at its fault. */
export interface Step {
  /** Exception vector by number; 1 when the instruction retired. */
  readonly trap: number;
  readonly errorCode: number;
  /** With trap 14. */
  readonly cr2: bigint;
  readonly rip: bigint;
  readonly gpr: BigUint64Array;
  readonly flags: number;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
  /** Where the data pages differ from what the case began with. */
  readonly writes: readonly Patch[];
  /** If the case has it. */
  readonly vector?: VectorState;
}
export const TRAP_RETIRED = 1;
/** Not an exception: the step is of no use, since it set flags that the harness cannot live with. */
export const TRAP_SPOILT = 255;

/** What the data pages hold before a case's patches: a xorshift generator's top bytes. */
export function background(): Uint8Array {
  const bytes = new Uint8Array(DATA_BYTES);
  let x = 0x9e3779b9;
  for (let i = 0; i < DATA_BYTES; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

const range = (at: number, length: number): Buffer<ArrayBuffer> => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(at, 0);
  bytes.writeUInt32LE(length, 4);
  return bytes;
};

function packCase(one: Case): Uint8Array<ArrayBuffer>[] {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(VERSION, 0);
  head.writeUInt32LE((one.vector ? FEATURE_FXSAVE : 0) | (one.vector?.ymmHigh ? FEATURE_YMM : 0), 4);
  head.writeUInt32LE(one.code.length, 8);
  head.writeUInt32LE(one.maxSteps, 12);
  head.writeUInt32LE(one.patches.length, 16);
  head.writeBigUInt64LE(one.rip, 24);
  head.writeBigUInt64LE(BigInt(one.flags), 32);
  head.writeBigUInt64LE(one.fsBase, 40);
  head.writeBigUInt64LE(one.gsBase, 48);
  for (let i = 0; i < 16; i++) head.writeBigUInt64LE(one.gpr[i], 56 + 8 * i);
  const parts: Uint8Array<ArrayBuffer>[] = [head, Buffer.from(one.code)];
  for (const patch of one.patches) parts.push(range(patch.at, patch.bytes.length), Buffer.from(patch.bytes));
  if (one.vector) parts.push(packFx(one.vector));
  return parts;
}

function packFx({ xmm, mxcsr, ymmHigh, x87 = initialX87() }: VectorState): Buffer<ArrayBuffer> {
  const fx = Buffer.alloc(FX_BYTES + (ymmHigh ? XMM_BYTES : 0));
  fx.set(x87);
  fx.writeUInt32LE(mxcsr, FX_MXCSR);
  fx.set(xmm, FX_XMM);
  if (ymmHigh) fx.set(ymmHigh, FX_BYTES);
  return fx;
}

class Results {
  private _at = 0;
  private readonly _bytes: Buffer;
  constructor(bytes: Buffer) {
    this._bytes = bytes;
  }
  private _u32(): number {
    return this._bytes.readUInt32LE((this._at += 4) - 4);
  }
  private _u64(): bigint {
    return this._bytes.readBigUInt64LE((this._at += 8) - 8);
  }
  /** `wanted`: the state that the case began with; what it has comes back. */
  next(wanted: VectorState | undefined): Step[] {
    return Array.from({ length: this._u32() }, () => this._step(wanted));
  }
  private _step(wanted: VectorState | undefined): Step {
    if (this._at + STEP_BYTES > this._bytes.length) throw new Error('the harness wrote too little');
    const [trap, errorCode, runs] = [this._u32(), this._u32(), this._u32(), this._u32()];
    const [cr2, rip, rflags, fsBase, gsBase] = [this._u64(), this._u64(), this._u64(), this._u64(), this._u64()];
    const gpr = BigUint64Array.from({ length: 16 }, () => this._u64());
    const writes = Array.from({ length: runs }, () => {
      const [at, length] = [this._u32(), this._u32()];
      this._at += length;
      return { at, bytes: Uint8Array.from(this._bytes.subarray(this._at - length, this._at)) };
    });
    const flags = Number(rflags) & FLAGS_MASK;
    const step = { trap, errorCode, cr2, rip, gpr, flags, fsBase, gsBase, writes };
    return wanted ? { ...step, vector: this._vector(wanted) } : step;
  }
  private _vector(wanted: VectorState): VectorState {
    const fx = this._bytes.subarray(this._at, (this._at += FX_BYTES));
    const sse = { mxcsr: fx.readUInt32LE(FX_MXCSR), xmm: Uint8Array.from(fx.subarray(FX_XMM, FX_XMM + XMM_BYTES)) };
    const x87 = Uint8Array.from(fx.subarray(0, X87_BYTES)).fill(0, FX_MXCSR, FX_MXCSR + 8);
    const result = wanted.x87 ? { ...sse, x87 } : sse;
    if (!wanted.ymmHigh) return result;
    return { ...result, ymmHigh: Uint8Array.from(this._bytes.subarray(this._at, (this._at += XMM_BYTES))) };
  }
}

/** The CPU under the harness; `close` removes the built program. Needs gcc and an x86-64 Linux. */
export class Silicon {
  private readonly _folder: string = mkdtempSync(join(tmpdir(), 'pml4-silicon-'));
  private readonly _program: string = join(this._folder, 'harness');
  constructor() {
    const source = join(import.meta.dirname, 'harness.c');
    const options = ['-O2', '-Wall', '-fno-stack-protector', '-mfsgsbase', '-static-pie'];
    const built = spawnSync('gcc', [...options, '-o', this._program, source], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`gcc: ${built.error?.message ?? built.stderr}`);
  }
  /** For each case, the state after each of its instructions. */
  run(cases: readonly Case[]): Step[][] {
    const input = Buffer.concat(cases.flatMap(packCase));
    const ran = spawnSync(this._program, { input, maxBuffer: 2 ** 31 - 1 });
    if (ran.status !== 0) throw new Error(`harness: ${ran.stderr.toString() || (ran.signal ?? ran.error?.message)}`);
    const results = new Results(ran.stdout);
    return cases.map((one) => results.next(one.vector));
  }
  close(): void {
    rmSync(this._folder, { recursive: true });
  }
}
