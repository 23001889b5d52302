/**
 * Registers by Unicorn's numbers: where each is in the CPU's state, or in a saved copy of it. Left out: control and debug
 * registers, descriptor tables, AVX-512; there is no kernel on this CPU that could see them.
 */
import { CF, flagsImage, fopOf, KIND_PACKED, RFLAGS_FIXED, USER_FLAGS } from '../cpu/flags.ts';
import { selectorOf } from '../cpu/isa/segment.ts';
import { type CpuContext, REG_NAMES, STATE } from '../cpu/state.ts';
import * as uc from './constants.ts';

/** Little-endian bytes, or a number of that many bits. */
export type RegisterValue = bigint | number | Uint8Array | readonly number[];

interface Register {
  readonly bytes: number;
  read(state: Bytes): bigint;
  /** False: not this value. */
  write(state: Bytes, value: bigint): boolean;
}

/** Bytes laid out as STATE says. */
class Bytes {
  private readonly _u8: Uint8Array;
  private readonly _view: DataView;
  constructor(u8: Uint8Array) {
    this._u8 = u8;
    this._view = new DataView(u8.buffer, u8.byteOffset);
  }
  read(at: number, bytes: number): bigint {
    return toBigint(this._u8.subarray(at, at + bytes));
  }
  write(at: number, bytes: number, value: bigint): void {
    this._u8.set(toBytes(value, bytes), at);
  }
  u16(at: number): number {
    return this._view.getUint16(at, true);
  }
  u32(at: number): number {
    return this._view.getUint32(at, true);
  }
  setU32(at: number, value: number): void {
    this._view.setUint32(at, value, true);
  }
}

export function toBigint(bytes: Uint8Array | readonly number[]): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] & 0xff);
  return value;
}
export function toBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(8 * length, value);
  for (let i = 0; i < length && rest !== 0n; i += 4, rest >>= 32n) {
    const word = Number(rest & 0xffff_ffffn);
    for (let j = 0; j < 4 && i + j < length; j++) bytes[i + j] = word >>> (8 * j);
  }
  return bytes;
}

const at = (offset: number, bytes: number): Register => ({
  bytes,
  read: (state) => state.read(offset, bytes),
  write(state, value) {
    state.write(offset, bytes, value);
    return true;
  },
});
const readOnly = (bytes: number, read: (state: Bytes) => bigint): Register => ({
  bytes,
  read,
  write: (state, value) => value === read(state),
});

// ---- flags
const flags = (bytes: number): Register => ({
  bytes,
  read: (state) => BigInt.asUintN(8 * bytes, BigInt(readFlags(state))),
  write(state, value) {
    const image = bytes === 2 ? (readFlags(state) & ~0xffff) | Number(value) : Number(BigInt.asUintN(32, value));
    state.setU32(STATE.fop, fopOf(KIND_PACKED, 8));
    state.setU32(STATE.fc, image & CF);
    state.write(STATE.fx, 8, BigInt(image & 0x8d4));
    state.write(STATE.fy, 8, 0n);
    state.setU32(STATE.rflagsRest, (state.u32(STATE.rflagsRest) & ~USER_FLAGS) | (image & USER_FLAGS));
    return true;
  },
});
const readFlags = (state: Bytes): number =>
  flagsImage(state.u32(STATE.fop), state.read(STATE.fx, 8), state.read(STATE.fy, 8), state.u32(STATE.fc)) |
  state.u32(STATE.rflagsRest) |
  RFLAGS_FIXED;

// ---- x87: the registers lie in physical order, the status word's bits 11 to 13 say which is ST0
const X87_STATUS = STATE.x87 + 2, X87_TAGS = STATE.x87 + 4; // biome-ignore format: one line
const physical = (n: number): number => STATE.x87 + 32 + 16 * n;
const stackRegister = (n: number): Register => {
  const place = (state: Bytes) => physical(((state.u16(X87_STATUS) >> 11) + n) & 7);
  return {
    bytes: 10,
    read: (state) => state.read(place(state), 10),
    write(state, value) {
      state.write(place(state), 10, value);
      return true;
    },
  };
};
/** Two bits for each register: 0 valid, 1 zero, 2 special, 3 empty. The state has one: whether it is in use. */
const tagWord: Register = {
  bytes: 2,
  read(state) {
    let word = 0;
    for (let n = 0; n < 8; n++) word |= tagOf(state, n) << (2 * n);
    return BigInt(word);
  },
  write(state, value) {
    let used = 0;
    for (let n = 0; n < 8; n++) if (((Number(value) >> (2 * n)) & 3) !== 3) used |= 1 << n;
    state.write(X87_TAGS, 1, BigInt(used));
    return true;
  },
};
function tagOf(state: Bytes, n: number): number {
  if (((state.u16(X87_TAGS) >> n) & 1) === 0) return 3;
  const mantissa = state.read(physical(n), 8);
  const exponent = state.u16(physical(n) + 8) & 0x7fff;
  if (exponent === 0 && mantissa === 0n) return 1;
  return exponent === 0 || exponent === 0x7fff || mantissa >> 63n === 0n ? 2 : 0;
}

// ---- all of them
const LOW_BYTES = ['AL', 'CL', 'DL', 'BL', 'SPL', 'BPL', 'SIL', 'DIL'];
const HIGH_BYTES = ['AH', 'CH', 'DH', 'BH'];

function* allRegisters(): Generator<[name: string, register: Register]> {
  for (const [n, lower] of REG_NAMES.entries()) {
    const name = lower.toUpperCase();
    const offset = STATE.regs + 8 * n;
    yield [name, at(offset, 8)];
    yield [n < 8 ? `E${name.slice(1)}` : `${name}D`, at(offset, 4)];
    yield [n < 8 ? name.slice(1) : `${name}W`, at(offset, 2)];
    yield [n < 8 ? LOW_BYTES[n] : `${name}B`, at(offset, 1)];
    if (n < 4) yield [HIGH_BYTES[n], at(offset + 1, 1)];
  }
  yield ['RIP', at(STATE.rip, 8)];
  yield ['EIP', at(STATE.rip, 4)];
  yield ['IP', at(STATE.rip, 2)];
  yield ['RFLAGS', flags(8)];
  yield ['EFLAGS', flags(4)];
  yield ['FLAGS', flags(2)];
  for (const segment of ['cs', 'ss', 'ds', 'es', 'fs', 'gs'] as const)
    yield [segment.toUpperCase(), readOnly(2, () => BigInt(selectorOf(segment)))];
  yield ['FS_BASE', at(STATE.fsBase, 8)];
  yield ['GS_BASE', at(STATE.gsBase, 8)];
  yield ['MXCSR', at(STATE.mxcsr, 4)];
  for (let n = 0; n < 16; n++) {
    yield [`XMM${n}`, at(STATE.ymm + 32 * n, 16)];
    yield [`YMM${n}`, at(STATE.ymm + 32 * n, 32)];
  }
  yield ['FPCW', at(STATE.x87, 2)];
  yield ['FPSW', at(X87_STATUS, 2)];
  yield ['FPTAG', tagWord];
  yield ['FOP', at(STATE.x87 + 6, 2)];
  yield ['FIP', at(STATE.x87 + 8, 8)];
  yield ['FDP', at(STATE.x87 + 16, 8)];
  yield ['FCS', readOnly(2, () => 0n)];
  yield ['FDS', readOnly(2, () => 0n)];
  for (let n = 0; n < 8; n++) {
    yield [`ST${n}`, stackRegister(n)];
    yield [`FP${n}`, at(physical(n), 10)];
    yield [`MM${n}`, at(physical(n), 8)];
  }
}

let registers: ReadonlyMap<number, Register> | undefined;
const find = (id: number): Register | undefined => {
  const numbers: Readonly<Record<string, number>> = { ...uc };
  registers ??= new Map([...allRegisters()].map(([name, register]) => [numbers[`UC_X86_REG_${name}`], register]));
  return registers.get(id);
};

/** Reads a register from the CPU's memory, or from a saved context; undefined if there is no such register. */
export function readRegister(state: Uint8Array, id: number): bigint | undefined {
  return find(id)?.read(new Bytes(state));
}
/** False if there is no such register, or it does not take the value. Higher bits than the register has are left out. */
export function writeRegister(state: Uint8Array, id: number, value: RegisterValue): boolean {
  const register = find(id);
  if (register === undefined) return false;
  if (typeof value === 'number' && !Number.isInteger(value)) return false;
  const number = typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : toBigint(value);
  return register.write(new Bytes(state), BigInt.asUintN(8 * register.bytes, number));
}

export const isInstructionPointer = (id: number): boolean =>
  id === uc.UC_X86_REG_RIP || id === uc.UC_X86_REG_EIP || id === uc.UC_X86_REG_IP;

/** State after reset: all zero but MXCSR, the x87 control word, and the form that flags have. */
export function resetState(): CpuContext {
  const context = new Uint8Array(STATE.end - STATE.regs);
  const state = new Bytes(context);
  state.setU32(STATE.fop, fopOf(KIND_PACKED, 8));
  state.setU32(STATE.mxcsr, 0x1f80);
  state.write(STATE.x87, 2, 0x37fn);
  return context;
}
