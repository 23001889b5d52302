/**
 * The registers that gdb asks for, in the order of their numbers there: target-xml.ts describes them, the packet `g` has
 * them one after the other. Each is read from where the task's registers are, and written there.
 */
import { readRflags, writeRflags } from '../cpu/context-image.ts';
import { selectorOf } from '../cpu/isa/segment.ts';
import { type CpuState, RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP, STATE } from '../cpu/state.ts';
import { SEGMENT_NAMES, stateOf } from '../debug/inspect/registers.ts';
import { readX87, type X87State } from '../debug/inspect/x87.ts';
import type { Task } from '../kernel/task/task.ts';
import { hexOfValue, valueOfBytes } from './bytes.ts';

/** What gdb calls a group of registers, with which it knows what they are for. */
export type Feature = 'core' | 'sse' | 'linux' | 'segments' | 'avx';

export interface Register {
  readonly name: string;
  readonly feature: Feature;
  /** A type of target-xml.ts. */
  readonly type: string;
  readonly bits: number;
  readonly group?: string | undefined;
  read(task: Task, state: CpuState): bigint;
  /** Undefined: nothing can be written there. */
  readonly write?: ((task: Task, state: CpuState, value: bigint) => void) | undefined;
}

const WORD = { feature: 'core', bits: 64 } as const;
const general = (name: string, index: number, type = 'int64'): Register => ({
  ...WORD,
  name,
  type,
  read: (_, state) => state.reg(index),
  write: (_, state, value) => state.setReg(index, value),
});

const GENERAL: readonly Register[] = [
  general('rax', RAX), general('rbx', RBX), general('rcx', RCX), general('rdx', RDX), general('rsi', RSI), general('rdi', RDI),
  general('rbp', RBP, 'data_ptr'), general('rsp', RSP, 'data_ptr'),
  ...Array.from({ length: 8 }, (_, i) => general(`r${8 + i}`, 8 + i)),
]; // biome-ignore format: a list

const RIP: Register = {
  ...WORD,
  name: 'rip',
  type: 'code_ptr',
  read: (_, state) => state.rip,
  write: (_, state, value) => {
    state.rip = value;
  },
};

const EFLAGS: Register = {
  name: 'eflags',
  feature: 'core',
  type: 'i386_eflags',
  bits: 32,
  read: (_, state) => BigInt(readRflags(state)),
  write: (_, state, value) => writeRflags(state, Number(value)),
};

const SEGMENTS: readonly Register[] = SEGMENT_NAMES.map((name) => ({
  name,
  feature: 'core',
  type: 'int32',
  bits: 32,
  read: () => BigInt(selectorOf(name)),
}));

// ---- x87: parts of an FXSAVE image
const ST_AT = 32, ST_STRIDE = 16, ST_BYTES = 10; // biome-ignore format: one line

const stack = (index: number): Register => ({
  name: `st${index}`,
  feature: 'core',
  type: 'i387_ext',
  bits: 80,
  read: (_, state) => valueOfBytes(state.fxImage().subarray(stAt(index), stAt(index) + ST_BYTES)),
  write: (_, state, value) => changeImage(state, stAt(index), ST_BYTES, value),
});
const stAt = (index: number): number => ST_AT + ST_STRIDE * index;

const control = (name: string, read: (x87: X87State) => bigint | number, at?: number, sizeBytes = 2): Register => ({
  name,
  feature: 'core',
  type: 'int',
  bits: 32,
  group: 'float',
  read: (task) => BigInt(read(readX87(task)!)),
  write: at === undefined ? undefined : (_, state, value) => changeImage(state, at, sizeBytes, value),
});

/** ST(i) are counted from the top, which the status word has. */
function changeImage(state: CpuState, at: number, sizeBytes: number, value: bigint): void {
  const image = state.fxImage();
  for (let i = 0; i < sizeBytes; i++) image[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  state.setFxImage(image);
}

const low = (x: bigint): bigint => x & 0xffff_ffffn;
const X87_CONTROL: readonly Register[] = [
  control('fctrl', ({ control }) => control, 0),
  control('fstat', ({ status }) => status, 2),
  control('ftag', ({ tagWord }) => tagWord),
  control('fiseg', ({ instruction }) => (instruction >> 32n) & 0xffffn, 12),
  control('fioff', ({ instruction }) => low(instruction), 8, 4),
  control('foseg', ({ operand }) => (operand >> 32n) & 0xffffn, 20),
  control('fooff', ({ operand }) => low(operand), 16, 4),
  control('fop', ({ opcode }) => opcode & 0x7ff, 6),
];

// ---- vectors
const YMM_BYTES = 32;
const halfOfVector = (name: string, feature: Feature, type: string, at: number): Register => ({
  name,
  feature,
  type,
  bits: 128,
  read: (_, state) => state.u64(at) | (state.u64(at + 8) << 64n),
  write: (_, state, value) => {
    state.setU64(at, BigInt.asUintN(64, value));
    state.setU64(at + 8, value >> 64n);
  },
});
const sixteen = (make: (n: number) => Register): Register[] => Array.from({ length: 16 }, (_, n) => make(n));

const MXCSR: Register = {
  name: 'mxcsr',
  feature: 'sse',
  type: 'i386_mxcsr',
  bits: 32,
  group: 'vector',
  read: (_, state) => BigInt(state.u32(STATE.mxcsr)),
  write: (_, state, value) => state.setU32(STATE.mxcsr, Number(value & 0xffffn)),
};

/** The number of the call that the task sleeps in; -1 outside of calls. */
const ORIG_RAX: Register = {
  name: 'orig_rax',
  feature: 'linux',
  type: 'int',
  bits: 64,
  group: 'system',
  read: (task) => BigInt.asUintN(64, BigInt(task.call?.number ?? -1)),
};

const base = (name: string, key: 'fsBase' | 'gsBase'): Register => ({
  name,
  feature: 'segments',
  type: 'int',
  bits: 64,
  read: (_, state) => state[key],
  write: (_, state, value) => {
    state[key] = value;
  },
});

/** By gdb's number. */
export const REGISTERS: readonly Register[] = [
  ...GENERAL,
  RIP,
  EFLAGS,
  ...SEGMENTS,
  ...Array.from({ length: 8 }, (_, index) => stack(index)),
  ...X87_CONTROL,
  ...sixteen((n) => halfOfVector(`xmm${n}`, 'sse', 'vec128', STATE.ymm + YMM_BYTES * n)),
  MXCSR,
  ORIG_RAX,
  base('fs_base', 'fsBase'),
  base('gs_base', 'gsBase'),
  ...sixteen((n) => halfOfVector(`ymm${n}h`, 'avx', 'uint128', STATE.ymm + YMM_BYTES * n + 16)),
];

/** Those that a stop reply brings along: what gdb needs for a frame. */
export const FRAME_REGISTERS: readonly number[] = ['rbp', 'rsp', 'rip'].map((name) =>
  REGISTERS.findIndex((register) => register.name === name),
);

export const bytesOf = ({ bits }: Register): number => bits / 8;

/** A register's bytes in hexadecimal; undefined for a task that has ended. */
export function readRegister(task: Task, register: Register): string | undefined {
  const state = stateOf(task);
  return state && hexOfValue(register.read(task, state), bytesOf(register));
}

/** All of them: what `g` answers. */
export function readAllRegisters(task: Task): string | undefined {
  const state = stateOf(task);
  return state && REGISTERS.map((register) => hexOfValue(register.read(task, state), bytesOf(register))).join('');
}
