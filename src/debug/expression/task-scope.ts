/**
 * The scope of expressions that a task is: its registers, its memory, the symbols of the files that it has mapped. What
 * belongs to the session (variables, history) is handed in.
 */
import { PROT_EXEC } from '../../abi/mman.ts';
import { hex, vpnOf } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { writeRflags } from '../../cpu/context-image.ts';
import { type CpuState, REG_NAMES, STATE } from '../../cpu/state.ts';
import type { Task } from '../../kernel/task/task.ts';
import { writeForced } from '../../kernel/vfs/fs/proc/memory-files.ts';
import { readMemory } from '../inspect/memory.ts';
import { findSymbol, type SymbolPlace, symbolAt } from '../inspect/modules.ts';
import { type Registers, readRegisters, SEGMENT_NAMES, stateOf } from '../inspect/registers.ts';
import { readMxcsr, readVectors, YMM_BYTES } from '../inspect/vectors.ts';
import { readX87 } from '../inspect/x87.ts';
import type { PlacedSymbol, Scope } from './evaluate.ts';
import { findRegister, type RegisterBanks, registerValue } from './registers.ts';
import type { Value } from './values.ts';

export interface SessionValues {
  readonly variables: Map<string, Value>;
  readonly history: readonly Value[];
  warn(text: string): void;
  /** Changes the task where the machine stands. Absent: who asks only wants to look. */
  change?(apply: (task: Task) => void): void;
}

const ONLY_LOOKS = 'Nothing can be assigned here.';

/** Stores a bank where the task's registers are. */
const WRITERS: Partial<Record<keyof RegisterBanks, (state: CpuState, bank: Uint8Array) => void>> = {
  general(state, bank) {
    const words = new BigUint64Array(bank.buffer, bank.byteOffset);
    for (let i = 0; i < REG_NAMES.length; i++) state.setReg(i, words[i]);
    const [rip, rflags, fsBase, gsBase] = words.subarray(REG_NAMES.length);
    state.rip = rip;
    writeRflags(state, Number(rflags));
    state.fsBase = fsBase;
    state.gsBase = gsBase;
  },
  vectors(state, bank) {
    const words = new BigUint64Array(bank.buffer, bank.byteOffset);
    for (const [i, word] of words.entries()) state.setU64(STATE.ymm + 8 * i, word);
  },
  mxcsr: (state, bank) => state.setU32(STATE.mxcsr, new Uint32Array(bank.buffer, bank.byteOffset)[0] & MXCSR_BITS),
  x87(state, bank) {
    const image = state.fxImage();
    for (let i = 0; i < 8; i++) image.set(bank.subarray(10 * i, 10 * i + 10), FX_REGISTERS + FX_STRIDE * i);
    state.setFxImage(image);
  },
};
const MXCSR_BITS = 0xffff;
/** Of an FXSAVE image. */
const FX_REGISTERS = 32, FX_STRIDE = 16; // biome-ignore format: one line

/** Registers of a caller further up the stack, as far as they are known there. */
export interface CallersRegisters {
  readonly rip: bigint;
  /** By encoding. Undefined: what the function that it called has there. */
  readonly general: readonly (bigint | undefined)[];
}

/** `task` undefined: there is no program any more, and only constants are left. `caller`: seen from there. */
export function taskScope(task: Task | undefined, values: SessionValues, caller?: CallersRegisters): Scope {
  const banks = task && banksOf(task, caller);
  return {
    read(address, length) {
      if (task === undefined) return undefined;
      const bytes = readMemory(task, address, length);
      return bytes.length === length ? bytes : undefined;
    },
    register(name) {
      const record = findRegister(name);
      if (record === undefined) return undefined;
      if (banks === undefined) throw new UsageError('No registers.');
      return registerValue(record, banks);
    },
    findSymbol(name) {
      const place = task && findSymbol(task, name);
      return place && placed(task, place);
    },
    symbolAt(address) {
      const place = task && symbolAt(task, address);
      return place && { symbol: placed(task, place), offset: place.offset };
    },
    ...values,
    writeMemory(address, bytes) {
      if (values.change === undefined) throw new UsageError(ONLY_LOOKS);
      if (task === undefined || readMemory(task, address, bytes.length).length < bytes.length)
        throw new UsageError(`Cannot access memory at address ${hex(address)}`);
      values.change((now) => void (now.hasMemory() && writeForced(now.mm, address, bytes)));
    },
    writeRegister(name, bytes) {
      if (values.change === undefined) throw new UsageError(ONLY_LOOKS);
      if (caller !== undefined)
        throw new UsageError("A caller's registers cannot be changed; down goes to the innermost frame.");
      const record = findRegister(name)!;
      const write = WRITERS[record.bank];
      if (write === undefined) throw new UsageError(`$${name} cannot be changed.`);
      values.change((now) => {
        const state = stateOf(now);
        if (state === undefined) return;
        const bank = banksOf(now)[record.bank]();
        bank.set(bytes.subarray(0, record.size), record.offset);
        write(state, bank);
      });
    },
  };
}

function placed(task: Task, { symbol, address }: SymbolPlace): PlacedSymbol {
  const { name, sizeBytes } = symbol;
  return { name, address, sizeBytes, isText: isExecutable(task, address) };
}

function isExecutable(task: Task, address: bigint): boolean {
  if (!task.hasMemory()) return false;
  const vma = task.mm.vmas.find(vpnOf(address));
  return vma !== undefined && (vma.prot & PROT_EXEC) !== 0;
}

/** Each bank is read when the first of its registers is. Throws UsageError for a task that has ended. */
export function banksOf(task: Task, caller?: CallersRegisters): RegisterBanks {
  const alive = <T>(view: T | undefined): T => {
    if (view === undefined) throw new UsageError(`No registers: thread ${task.tid} has ended.`);
    return view;
  };
  return {
    general: () => generalBytes(withCaller(alive(readRegisters(task)), caller)),
    segments() {
      const { segments } = alive(readRegisters(task));
      return new Uint8Array(Uint32Array.from(SEGMENT_NAMES, (name) => segments[name]).buffer);
    },
    vectors() {
      const bytes = new Uint8Array(16 * YMM_BYTES);
      for (const vector of alive(readVectors(task))) bytes.set(vector.bytes, vector.number * YMM_BYTES);
      return bytes;
    },
    mxcsr: () => new Uint8Array(Uint32Array.of(alive(readMxcsr(task)).value).buffer),
    x87() {
      const bytes = new Uint8Array(80);
      for (const register of alive(readX87(task)).stack) bytes.set(register.bytes, register.index * 10);
      return bytes;
    },
    x87Control() {
      const { control, status, tagWord, opcode, instruction, operand } = alive(readX87(task));
      const low = (address: bigint): number => Number(address & 0xffff_ffffn);
      const high = (address: bigint): number => Number((address >> 32n) & 0xffffn);
      const words = [
        control,
        status,
        tagWord,
        high(instruction),
        low(instruction),
        high(operand),
        low(operand),
        opcode,
      ];
      return new Uint8Array(Uint32Array.from(words).buffer);
    },
  };
}

function withCaller(now: Registers, caller: CallersRegisters | undefined): Registers {
  if (caller === undefined) return now;
  const general = Object.fromEntries(REG_NAMES.map((name, i) => [name, caller.general[i] ?? now.general[name]]));
  return { ...now, rip: caller.rip, general: general as Registers['general'] };
}

function generalBytes({ general, rip, rflags, fsBase, gsBase }: Registers): Uint8Array {
  const words = [...REG_NAMES.map((name) => general[name]), rip, BigInt(rflags), fsBase, gsBase];
  return new Uint8Array(BigUint64Array.from(words).buffer);
}
