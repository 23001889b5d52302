/**
 * The CPU alone, behind the API of Unicorn 2 (https://www.unicorn-engine.org) as its JavaScript and Python bindings have
 * it: memory that the user maps, registers, hooks. x86-64 user mode. README.md says what differs and what is left out.
 *
 * Without hooks on code or memory, translated code runs until something happens; with them, one instruction is
 * executed after the other by the cold tier, which lets accesses be watched.
 */
import { hex, u64 } from '../base/ints.ts';
import { invariant, unreachable } from '../base/invariant.ts';
import type { ExceptionVector } from '../cpu/builder.ts';
import type { MemoryWatch } from '../cpu/eval-builder.ts';
import type { Exit } from '../cpu/exit.ts';
import { asImm } from '../cpu/isa/common.ts';
import type { Insn, InstructionDef } from '../cpu/isa/define.ts';
import { CPUID, INT, INT1, INT3, RDTSC, RDTSCP } from '../cpu/isa/system.ts';
import { Cpu } from '../cpu/run.ts';
import { type CpuContext, RAX, RDX, STATE } from '../cpu/state.ts';
import { DEFAULT_MEMORY_BYTES, Frames } from '../mem/frames.ts';
import { PF_FETCH, PF_WRITE } from '../mem/mmu.ts';
import * as uc from './constants.ts';
import { UnicornError } from './error.ts';
import {
  type CodeHook,
  type EdgeHook,
  type Hook,
  Hooks,
  type InHook,
  type InsnHook,
  type InterruptHook,
  type InvalidInsnHook,
  type MemHook,
  type OutHook,
  type TlbHook,
  type TranslationBlock,
} from './hooks.ts';
import { GuestMemory, type MemRegion, type TlbEntry } from './memory.ts';
import {
  isInstructionPointer,
  type RegisterValue,
  readRegister,
  resetState,
  toBigint,
  toBytes,
  writeRegister,
} from './registers.ts';

export * from './constants.ts';
export { strerror, UnicornError } from './error.ts';
export type * from './hooks.ts';
export type { MemRegion, TlbEntry } from './memory.ts';
export type { RegisterValue } from './registers.ts';

/** Major, minor and patch of the Unicorn whose API this is, as uc_version gives them. */
export const version = (): number => (uc.UC_API_MAJOR << 24) | (uc.UC_API_MINOR << 16) | 0xff;
export const arch_supported = (arch: number): boolean => arch === uc.UC_ARCH_X86;

/** A saved copy of the registers. Memory is not part of it. */
export class UnicornContext {
  bytes: CpuContext = resetState();
  reg_read(id: number): bigint {
    return readRegister(this.bytes, id) ?? fail(uc.UC_ERR_ARG, `register ${id}`);
  }
  reg_write(id: number, value: RegisterValue): void {
    if (!writeRegister(this.bytes, id, value)) fail(uc.UC_ERR_ARG, `register ${id}`);
  }
}

export interface UnicornOptions {
  /** Bytes of memory that may be in use. Default: 1 GiB. */
  readonly memory?: number;
}

/** Guest addresses and sizes: bigint, or a number that holds it exactly; -1 is the highest address. */
export type Address = bigint | number;

const MODE_MASK = uc.UC_MODE_16 | uc.UC_MODE_32 | uc.UC_MODE_64;
/** Hooks that need one instruction executed after the other. */
const STEPPING =
  uc.UC_HOOK_BLOCK | uc.UC_HOOK_EDGE_GENERATED | uc.UC_HOOK_MEM_READ | uc.UC_HOOK_MEM_WRITE | uc.UC_HOOK_MEM_FETCH | uc.UC_HOOK_MEM_READ_AFTER; // biome-ignore format: a sum
/** So many addresses with UC_HOOK_CODE are stops of translated code. */
const MAX_STOPS = 64;
/** Instructions between two looks at the clock. */
const SLICE = 1_000_000;
/** Where a basic block ends that does not end by itself. */
const MAX_BLOCK_INSNS = 512;

const VECTOR_NUMBERS: Readonly<Record<ExceptionVector, number>> = {
  DE: 0, DB: 1, BP: 3, OF: 4, BR: 5, UD: 6, SS: 12, GP: 13, MF: 16, AC: 17, XM: 19,
}; // biome-ignore format: a table
const TRAPS: ReadonlyMap<number, InstructionDef> = new Map([
  [uc.UC_X86_INS_CPUID, CPUID],
  [uc.UC_X86_INS_RDTSC, RDTSC],
  [uc.UC_X86_INS_RDTSCP, RDTSCP],
]);
const HOOKED_INSNS = new Set([...TRAPS.keys(), uc.UC_X86_INS_SYSCALL, uc.UC_X86_INS_IN, uc.UC_X86_INS_OUT]);

/** What differs between reading, writing and fetching when it is not possible. */
interface AccessKind {
  readonly right: number;
  readonly unmapped: { readonly hook: number; readonly access: number; readonly errno: number };
  readonly denied: { readonly hook: number; readonly access: number; readonly errno: number };
}
const READ: AccessKind = {
  right: uc.UC_PROT_READ,
  unmapped: { hook: uc.UC_HOOK_MEM_READ_UNMAPPED, access: uc.UC_MEM_READ_UNMAPPED, errno: uc.UC_ERR_READ_UNMAPPED },
  denied: { hook: uc.UC_HOOK_MEM_READ_PROT, access: uc.UC_MEM_READ_PROT, errno: uc.UC_ERR_READ_PROT },
};
const WRITE: AccessKind = {
  right: uc.UC_PROT_WRITE,
  unmapped: { hook: uc.UC_HOOK_MEM_WRITE_UNMAPPED, access: uc.UC_MEM_WRITE_UNMAPPED, errno: uc.UC_ERR_WRITE_UNMAPPED },
  denied: { hook: uc.UC_HOOK_MEM_WRITE_PROT, access: uc.UC_MEM_WRITE_PROT, errno: uc.UC_ERR_WRITE_PROT },
};
const FETCH: AccessKind = {
  right: uc.UC_PROT_EXEC,
  unmapped: { hook: uc.UC_HOOK_MEM_FETCH_UNMAPPED, access: uc.UC_MEM_FETCH_UNMAPPED, errno: uc.UC_ERR_FETCH_UNMAPPED },
  denied: { hook: uc.UC_HOOK_MEM_FETCH_PROT, access: uc.UC_MEM_FETCH_PROT, errno: uc.UC_ERR_FETCH_PROT },
};
const TLB_ACCESS: Readonly<Record<number, number>> = {
  [uc.UC_PROT_READ]: uc.UC_MEM_READ,
  [uc.UC_PROT_WRITE]: uc.UC_MEM_WRITE,
  [uc.UC_PROT_EXEC]: uc.UC_MEM_FETCH,
};

/** One call of emu_start; hooks may nest them. */
interface Emulation {
  readonly until: bigint;
  /** Instructions that may still run. */
  left: number;
  readonly deadline: number | undefined;
  isStopped: boolean;
  /** The basic block last entered, and where the rest of it begins. */
  block: TranslationBlock | undefined;
  inBlock: bigint | undefined;
}

export class Unicorn {
  readonly arch: number;
  readonly mode: number;
  private readonly _frames: Frames;
  private readonly _cpu: Cpu;
  private readonly _memory: GuestMemory;
  private readonly _hooks = new Hooks();
  private readonly _watch: MemoryWatch;
  private _emulation: Emulation | undefined;
  private _isClosed = false;
  private _errno: number = uc.UC_ERR_OK;
  private _hasTimedOut = false;
  /** A step is under way: hooks are called from its middle. */
  private _isStepping = false;
  private _mustStep = false;
  private _traps: ReadonlySet<InstructionDef> = new Set();
  /** A hook has said where to go on. */
  private _ripWritten = false;
  /** Why the watch has refused an access. */
  private _refusal: UnicornError | undefined;
  private _exits: ReadonlySet<bigint> | undefined;
  private readonly _edges = new Set<string>();

  constructor(arch: number, mode: number, options: UnicornOptions = {}) {
    if (arch !== uc.UC_ARCH_X86) fail(uc.UC_ERR_ARCH);
    if ((mode & MODE_MASK) !== uc.UC_MODE_64 || mode !== uc.UC_MODE_64) fail(uc.UC_ERR_MODE, '64-bit mode only');
    this.arch = arch;
    this.mode = mode;
    this._frames = new Frames(options.memory ?? DEFAULT_MEMORY_BYTES);
    this._cpu = new Cpu(this._frames);
    this._memory = new GuestMemory(this._frames, this._cpu);
    this._cpu.state.restore(resetState());
    this._watch = {
      beforeRead: (address, bytes) => this._beforeRead(address, bytes),
      afterRead: (address, bytes, at) => this._afterRead(address, bytes, at),
      beforeWrite: (address, bytes, value) => this._beforeWrite(address, bytes, value),
    };
  }

  // ---- memory
  /** Maps zeroed memory. Address and size are whole pages; the place must be free. */
  mem_map(address: Address, size: Address, perms: number = uc.UC_PROT_ALL): void {
    this._call(() => this._memory.map(addressOf(address), addressOf(size), perms));
  }
  mem_unmap(address: Address, size: Address): void {
    this._call(() => this._memory.unmap(addressOf(address), addressOf(size)));
  }
  mem_protect(address: Address, size: Address, perms: number = uc.UC_PROT_ALL): void {
    this._call(() => this._memory.protect(addressOf(address), addressOf(size), perms));
  }
  /** A copy of the bytes, whatever the rights. */
  mem_read(address: Address, size: number): Uint8Array<ArrayBuffer> {
    return this._call(() => this._memory.read(addressOf(address), sizeOf(size)));
  }
  /** Writes bytes, whatever the rights. */
  mem_write(address: Address, bytes: Uint8Array | readonly number[]): void {
    this._call(() => this._memory.write(addressOf(address), Uint8Array.from(bytes)));
  }
  /** What is mapped, by address. */
  mem_regions(): MemRegion[] {
    return this._call(() => this._memory.regions());
  }

  // ---- registers
  reg_read(id: number): bigint;
  /** With a size: that many bytes, as unicorn.js gives them. */
  reg_read(id: number, size: number): Uint8Array;
  reg_read(id: number, size?: number): bigint | Uint8Array {
    return this._call(() => {
      const value = readRegister(this._frames.u8, id) ?? fail(uc.UC_ERR_ARG, `register ${id}`);
      return size === undefined ? value : toBytes(value, sizeOf(size));
    });
  }
  /** A number, or bytes, little-endian. Written to RIP by a hook, it says where to go on. */
  reg_write(id: number, value: RegisterValue): void {
    this._call(() => {
      if (!writeRegister(this._frames.u8, id, value)) fail(uc.UC_ERR_ARG, `register ${id}`);
      if (isInstructionPointer(id)) this._ripWritten = true;
    });
  }
  reg_read_batch(ids: Iterable<number>): bigint[] {
    return Array.from(ids, (id) => this.reg_read(id));
  }
  reg_write_batch(pairs: Iterable<readonly [id: number, value: RegisterValue]>): void {
    for (const [id, value] of pairs) this.reg_write(id, value);
  }

  // ---- contexts
  context_alloc(): UnicornContext {
    return new UnicornContext();
  }
  /** Saves all registers, in a new context or a given one. */
  context_save(context: UnicornContext = new UnicornContext()): UnicornContext {
    return this._call(() => {
      context.bytes = this._cpu.state.save();
      return context;
    });
  }
  context_restore(context: UnicornContext): void {
    this._call(() => {
      this._cpu.state.restore(context.bytes);
      this._ripWritten = true;
    });
  }
  /** For symmetry: memory is the collector's. */
  context_free(_context: UnicornContext): void {}

  // ---- hooks
  /**
   * Calls `callback` from now on, at addresses `begin` to `end`, both inclusive; everywhere when begin > end. `insn`:
   * UC_X86_INS_* for UC_HOOK_INSN.
   */
  hook_add<T>(type: typeof uc.UC_HOOK_CODE | typeof uc.UC_HOOK_BLOCK, callback: CodeHook<T>, userData?: T, begin?: Address, end?: Address): Hook; // biome-ignore format: one line
  hook_add<T>(type: typeof uc.UC_HOOK_INTR, callback: InterruptHook<T>, userData?: T, begin?: Address, end?: Address): Hook; // biome-ignore format: one line
  hook_add<T>(type: typeof uc.UC_HOOK_INSN, callback: InHook<T>, userData: T | undefined, begin: Address, end: Address, insn: typeof uc.UC_X86_INS_IN): Hook; // biome-ignore format: one line
  hook_add<T>(type: typeof uc.UC_HOOK_INSN, callback: OutHook<T>, userData: T | undefined, begin: Address, end: Address, insn: typeof uc.UC_X86_INS_OUT): Hook; // biome-ignore format: one line
  hook_add<T>(type: typeof uc.UC_HOOK_INSN, callback: InsnHook<T>, userData: T | undefined, begin: Address, end: Address, insn: number): Hook; // biome-ignore format: one line
  hook_add<T>(type: typeof uc.UC_HOOK_INSN_INVALID, callback: InvalidInsnHook<T>, userData?: T, begin?: Address, end?: Address): Hook; // biome-ignore format: one line
  hook_add<T>(type: typeof uc.UC_HOOK_EDGE_GENERATED, callback: EdgeHook<T>, userData?: T, begin?: Address, end?: Address): Hook; // biome-ignore format: one line
  hook_add<T>(type: typeof uc.UC_HOOK_TLB_FILL, callback: TlbHook<T>, userData?: T, begin?: Address, end?: Address): Hook; // biome-ignore format: one line
  hook_add<T>(type: number, callback: MemHook<T>, userData?: T, begin?: Address, end?: Address): Hook;
  hook_add(
    type: number,
    callback: (...args: never[]) => unknown,
    userData?: unknown,
    begin: Address = 1n,
    end: Address = 0n,
    insn = 0,
  ): Hook {
    return this._call(() => {
      const isKnown = type > 0 && type < uc.UC_HOOK_TLB_FILL * 2 && (type & uc.UC_HOOK_TCG_OPCODE) === 0;
      if (!isKnown || ((type & uc.UC_HOOK_INSN) !== 0 && !HOOKED_INSNS.has(insn))) fail(uc.UC_ERR_HOOK);
      const hook: Hook = {
        type,
        callback,
        userData,
        begin: addressOf(begin),
        end: addressOf(end),
        insn,
        isDeleted: false,
      };
      this._hooks.add(hook);
      this._hooksHaveChanged();
      return hook;
    });
  }
  hook_del(hook: Hook): void {
    this._call(() => {
      this._hooks.delete(hook);
      this._hooksHaveChanged();
    });
  }
  private _hooksHaveChanged(): void {
    this._mustStep = this._hooks.has(STEPPING) || this._hookedAddresses() === undefined;
    const insns = new Set(this._hooks.of(uc.UC_HOOK_INSN).map(({ insn }) => insn));
    const traps = new Set([...TRAPS].filter(([insn]) => insns.has(insn)).map(([, def]) => def));
    if (traps.size !== this._traps.size || [...traps].some((def) => !this._traps.has(def))) {
      this._traps = traps;
      this._cpu.setTraps(traps);
    }
    this._setStops();
  }
  /** Addresses with UC_HOOK_CODE; undefined when they are too many for stops. */
  private _hookedAddresses(): Set<bigint> | undefined {
    const addresses = new Set<bigint>();
    for (const { begin, end } of this._hooks.of(uc.UC_HOOK_CODE)) {
      if (begin > end || end - begin >= MAX_STOPS) return undefined;
      for (let at = begin; at <= end; at++) addresses.add(at);
    }
    return addresses.size > MAX_STOPS ? undefined : addresses;
  }
  private _setStops(): void {
    const run = this._emulation;
    if (run === undefined) return;
    this._cpu.setStops([...(this._exits ?? [run.until]), ...(this._hookedAddresses() ?? [])]);
  }

  // ---- running
  /**
   * Runs from `begin` until RIP is `until`, for at most `timeout` microseconds and `count` instructions (0: no limit).
   * Throws UnicornError for what nobody handles; registers are then as before the instruction. A hook may start another
   * emulation; after it, its own goes on where it was.
   */
  emu_start(begin: Address, until: Address, timeout: Address = 0, count: Address = 0): void {
    this._call(() => {
      if (this._isStepping) fail(uc.UC_ERR_RESOURCE, 'a hook on memory cannot start an emulation');
      const outer = this._emulation;
      const run: Emulation = {
        until: addressOf(until),
        left: Number(count) > 0 ? Number(count) : Number.POSITIVE_INFINITY,
        deadline: Number(timeout) > 0 ? performance.now() + Number(timeout) / 1000 : undefined,
        isStopped: false,
        block: undefined,
        inBlock: undefined,
      };
      const { state } = this._cpu;
      const [outerRip, outerWritten] = [state.rip, this._ripWritten];
      state.rip = addressOf(begin);
      this._hasTimedOut = false;
      this._emulation = run;
      this._setStops();
      try {
        this._run(run);
      } finally {
        this._emulation = outer;
        this._setStops();
        if (outer !== undefined) [state.rip, this._ripWritten] = [outerRip, outerWritten];
      }
    });
  }
  /** From a hook: ends emu_start. An instruction under way is finished. */
  emu_stop(): void {
    this._call(() => {
      if (this._emulation) this._emulation.isStopped = true;
    });
  }

  private _run(run: Emulation): void {
    const { state } = this._cpu;
    while (!run.isStopped && run.left > 0) {
      if (run.deadline !== undefined && performance.now() >= run.deadline) {
        this._hasTimedOut = true;
        return;
      }
      if (this._mustStep) {
        if (this._isExit(state.rip)) return;
        this._turn(run, true);
        continue;
      }
      const slice = run.deadline === undefined ? Number.MAX_SAFE_INTEGER : SLICE;
      const exit = this._counted(run, () => this._cpu.run(Math.min(run.left, slice)));
      if (exit.kind !== 'stop') this._handle(run, exit, false);
      else if (this._isExit(state.rip)) return;
      else this._turn(run, true);
    }
  }
  private _isExit(rip: bigint): boolean {
    return this._exits?.has(rip) ?? this._emulation?.until === rip;
  }
  private _counted<T>(run: Emulation, act: () => T): T {
    const before = this._cpu.retired;
    try {
      return act();
    } finally {
      run.left -= this._cpu.retired - before;
    }
  }

  /** One instruction, watched; with the hooks that come before it if `announced`. */
  private _turn(run: Emulation, announced: boolean): void {
    const insn = this._cpu.peek();
    if ('kind' in insn) return this._handle(run, insn, true);
    try {
      if (announced && !this._announce(run, insn)) return;
      if (this._traps.has(insn.def) && this._isReplaced(run, insn)) return;
      const exit = this._step(run);
      if (exit) this._handle(run, exit, true);
    } finally {
      this._memory.endLoans();
    }
  }
  private _step(run: Emulation): Exit | undefined {
    for (;;) {
      this._isStepping = true;
      try {
        const exit = this._counted(run, () => this._cpu.step(this._watch));
        // What an instruction checks before it reads or writes.
        if (exit?.kind !== 'pageFault' || exit.errorCode & PF_FETCH) return exit;
        if (!this._isPossible(exit.errorCode & PF_WRITE ? WRITE : READ, exit.address, 1, 0n)) throw this._refused();
      } finally {
        this._isStepping = false;
      }
    }
  }
  private _refused(): UnicornError {
    const error = this._refusal;
    invariant(error, 'an access was refused without a reason');
    this._refusal = undefined;
    return error;
  }

  /** Calls a hook. False: it has stopped the emulation, or gone elsewhere. */
  private _isToGoOn(run: Emulation, act: () => void): boolean {
    this._ripWritten = false;
    act();
    if (!this._ripWritten) return !run.isStopped;
    run.inBlock = undefined;
    return false;
  }

  // ---- hooks before an instruction
  private _announce(run: Emulation, insn: Insn): boolean {
    const { rip } = insn;
    if (this._hooks.has(uc.UC_HOOK_BLOCK | uc.UC_HOOK_EDGE_GENERATED)) {
      if (rip !== run.inBlock && !this._enterBlock(run, insn)) return false;
      const isLast = (insn.def.flow ?? 'next') !== 'next' || insn.next >= run.block!.pc + BigInt(run.block!.size);
      run.inBlock = isLast ? undefined : insn.next;
    }
    for (const { callback, userData } of this._hooks.at(uc.UC_HOOK_CODE, rip)) {
      if (!this._isToGoOn(run, () => (callback as CodeHook)(this, rip, insn.length, userData))) return false;
    }
    for (const { callback, userData } of this._hooks.at(uc.UC_HOOK_MEM_FETCH, rip)) {
      const call = () => (callback as MemHook)(this, uc.UC_MEM_FETCH, rip, insn.length, 0n, userData);
      if (!this._isToGoOn(run, call)) return false;
    }
    return true;
  }
  private _enterBlock(run: Emulation, first: Insn): boolean {
    const previous = run.block;
    const block = this._measureBlock(first);
    run.block = block;
    if (previous !== undefined) {
      const edge = `${previous.pc}-${block.pc}`;
      if (!this._edges.has(edge)) {
        this._edges.add(edge);
        for (const { callback, userData } of this._hooks.at(uc.UC_HOOK_EDGE_GENERATED, block.pc)) {
          if (!this._isToGoOn(run, () => (callback as EdgeHook)(this, block, previous, userData))) return false;
        }
      }
    }
    for (const { callback, userData } of this._hooks.at(uc.UC_HOOK_BLOCK, block.pc)) {
      if (!this._isToGoOn(run, () => (callback as CodeHook)(this, block.pc, block.size, userData))) return false;
    }
    return true;
  }
  /** Up to an instruction that control may leave by, or to an exit. */
  private _measureBlock(first: Insn): TranslationBlock {
    let last = first;
    let icount = 1;
    while ((last.def.flow ?? 'next') === 'next' && icount < MAX_BLOCK_INSNS && !this._isExit(last.next)) {
      const insn = this._insnAt(last.next);
      if (insn === undefined) break;
      last = insn;
      icount++;
    }
    return { pc: first.rip, icount, size: Number(last.next - first.rip) };
  }
  private _insnAt(address: bigint): Insn | undefined {
    const insn = this._cpu.insnAt(address);
    if (insn !== undefined) return insn;
    // Its pages may not have been touched so far.
    for (const at of [address, address + 14n]) this._memory.open(at, uc.UC_PROT_EXEC);
    return this._cpu.insnAt(address);
  }
  /** Whether a hook stands in for this instruction. */
  private _isReplaced(run: Emulation, insn: Insn): boolean {
    for (const { insn: number, callback, userData } of this._hooks.at(uc.UC_HOOK_INSN, insn.rip)) {
      if (TRAPS.get(number) !== insn.def) continue;
      let isSkipped: unknown;
      const goesOn = this._isToGoOn(run, () => {
        isSkipped = (callback as InsnHook)(this, userData);
      });
      if (this._ripWritten) return true;
      if (isSkipped) {
        this._retire(run, insn.next);
        return true;
      }
      if (!goesOn) return true;
    }
    return false;
  }
  /** An instruction that a hook has done. */
  private _retire(run: Emulation, next: bigint): void {
    this._cpu.state.rip = next;
    run.left--;
  }

  // ---- memory accesses
  private _beforeRead(address: bigint, bytes: number): boolean {
    if (!this._areMapped(READ, address, bytes, 0n)) return false;
    this._report(uc.UC_HOOK_MEM_READ, uc.UC_MEM_READ, address, bytes, 0n);
    return this._isPossible(READ, address, bytes, 0n);
  }
  private _afterRead(address: bigint, bytes: number, at: number): void {
    if (this._hooks.of(uc.UC_HOOK_MEM_READ_AFTER).length === 0) return;
    const value = toBigint(this._frames.u8.subarray(at, at + bytes));
    this._report(uc.UC_HOOK_MEM_READ_AFTER, uc.UC_MEM_READ_AFTER, address, bytes, value);
  }
  private _beforeWrite(address: bigint, bytes: number, value: bigint): boolean {
    this._report(uc.UC_HOOK_MEM_WRITE, uc.UC_MEM_WRITE, address, bytes, value);
    return this._isPossible(WRITE, address, bytes, value);
  }
  private _report(type: number, access: number, address: bigint, size: number, value: bigint): void {
    for (const { callback, userData } of this._hooks.at(type, address))
      (callback as MemHook)(this, access, address, size, value, userData);
  }
  /** Whether all bytes may be accessed, after asking hooks; the page table then lets the CPU do it. */
  private _isPossible(kind: AccessKind, address: bigint, size: number, value: bigint): boolean {
    if (!this._areMapped(kind, address, size, value)) return false;
    for (const [at, rest] of pieces(address, size)) {
      if (this._memory.check(at, kind.right) !== 'ok' && !this._isSettled(kind, 'denied', at, rest, value))
        return false;
      this._memory.open(at, kind.right, true);
    }
    return true;
  }
  private _areMapped(kind: AccessKind, address: bigint, size: number, value: bigint): boolean {
    for (const [at, rest] of pieces(address, size)) {
      if (this._memory.check(at, kind.right) !== 'unmapped') continue;
      if (!this._isSettled(kind, 'unmapped', at, rest, value)) return false;
    }
    return true;
  }
  /** Asks hooks about an access that is not possible; if it still is not, says why in _refusal. */
  private _isSettled(
    kind: AccessKind,
    problem: 'unmapped' | 'denied',
    address: bigint,
    size: number,
    value: bigint,
  ): boolean {
    const { hook: type, access, errno } = kind[problem];
    let isHandled = false;
    for (const { callback, userData } of this._hooks.at(type, address)) {
      isHandled = Boolean((callback as MemHook)(this, access, address, size, value, userData));
      if (isHandled) break;
    }
    const status = this._memory.check(address, kind.right);
    if (isHandled && (status === 'ok' || (problem === 'unmapped' && status === 'denied'))) return true;
    const code = isHandled && problem === 'unmapped' ? uc.UC_ERR_MAP : errno;
    this._refusal = new UnicornError(code, `${hex(address)}, by the instruction at ${hex(this._cpu.state.rip)}`);
    return false;
  }
  private _translate(page: bigint, right: number): TlbEntry | undefined {
    const hooks = [...this._hooks.at(uc.UC_HOOK_TLB_FILL, page)];
    const entry: TlbEntry = { paddr: page, perms: uc.UC_PROT_ALL };
    if (hooks.length === 0) return entry;
    for (const { callback, userData } of hooks)
      if ((callback as TlbHook)(this, page, TLB_ACCESS[right], entry, userData)) return entry;
    return undefined;
  }

  // ---- exits
  /** `stepped`: the exit is a watched step's. */
  private _handle(run: Emulation, exit: Exit, stepped: boolean): void {
    switch (exit.kind) {
      case 'budget':
      case 'stop':
      case 'watched':
      case 'yield':
        return;
      case 'syscall':
        return this._syscall(run);
      case 'refused':
        throw this._refused();
      case 'pageFault':
        return this._pageFault(run, exit.address, exit.errorCode);
      case 'exception':
        return this._exception(run, exit.vector, stepped);
      default:
        unreachable(exit);
    }
  }

  /** During the call RIP is the instruction's own, as in Unicorn. */
  private _syscall(run: Emulation): void {
    const { state } = this._cpu;
    const next = state.rip;
    state.rip = u64(next - 2n);
    for (const { insn, callback, userData } of this._hooks.at(uc.UC_HOOK_INSN, state.rip)) {
      if (insn !== uc.UC_X86_INS_SYSCALL) continue;
      this._isToGoOn(run, () => (callback as InsnHook)(this, userData));
      if (this._ripWritten) return;
      if (run.isStopped) break;
    }
    state.rip = next;
  }

  private _pageFault(run: Emulation, address: bigint, errorCode: number): void {
    if ((errorCode & PF_FETCH) === 0) {
      const { right } = errorCode & PF_WRITE ? WRITE : READ;
      if (!this._memory.open(address, right)) this._turn(run, false);
      return;
    }
    if (this._memory.open(address, FETCH.right)) return;
    this._ripWritten = false;
    const problem = this._memory.check(address, FETCH.right);
    if (problem === 'ok') {
      this._memory.open(address, FETCH.right, true);
      return this._turn(run, true);
    }
    const isSettled = this._isSettled(FETCH, problem, address, 1, 0n);
    if (this._ripWritten || isSettled) return;
    throw this._refused();
  }

  private _exception(run: Emulation, vector: ExceptionVector, stepped: boolean): void {
    const { state } = this._cpu;
    switch (vector) {
      case 'UD':
        for (const { callback, userData } of this._hooks.of(uc.UC_HOOK_INSN_INVALID))
          if ((callback as InvalidInsnHook)(this, userData)) return;
        throw new UnicornError(uc.UC_ERR_INSN_INVALID, `at ${hex(state.rip)}`);
      case 'BP':
      case 'OF':
      case 'DB': {
        const next = state.rip;
        const shortForm = this._cpu.insnAt(u64(next - 1n))?.def;
        state.rip = u64(next - (shortForm === INT3 || shortForm === INT1 ? 1n : 2n));
        return this._interrupt(run, VECTOR_NUMBERS[vector], next);
      }
      case 'GP': {
        const insn = this._cpu.peek();
        if (!('kind' in insn) && this._generalProtection(run, insn, stepped)) return;
        return this._interrupt(run, VECTOR_NUMBERS.GP, undefined);
      }
      default:
        return this._interrupt(run, VECTOR_NUMBERS[vector], undefined);
    }
  }
  /** What #GP stands for here: interrupts, ports, HLT, and addresses that cannot be mapped. */
  private _generalProtection(run: Emulation, insn: Insn, stepped: boolean): boolean {
    const { def, next } = insn;
    if (def === INT) {
      this._interrupt(run, Number(asImm(insn.ops[0]).value), next);
      return true;
    }
    switch (def.mnemonic) {
      case 'hlt':
        this._retire(run, next);
        run.isStopped = true;
        return true;
      case 'in':
      case 'out':
        return this._port(run, insn);
      default:
        if (stepped) return false;
        // Watched, an access to such an address is one to unmapped memory.
        this._turn(run, false);
        return true;
    }
  }
  private _port(run: Emulation, insn: Insn): boolean {
    const { state } = this._cpu;
    const isIn = insn.def.mnemonic === 'in';
    const [data, port] = isIn ? insn.ops : [insn.ops[1], insn.ops[0]];
    const number = port.kind === 'imm' ? Number(port.value) : Number(state.reg(RDX) & 0xffffn);
    const bits = data.kind === 'reg' ? data.width : 32;
    const mask = (1n << BigInt(bits)) - 1n;
    const wanted = isIn ? uc.UC_X86_INS_IN : uc.UC_X86_INS_OUT;
    const hooks = [...this._hooks.at(uc.UC_HOOK_INSN, insn.rip)].filter(({ insn: of }) => of === wanted);
    if (hooks.length === 0) return false;
    const old = state.reg(RAX);
    this._ripWritten = false;
    for (const { callback, userData } of hooks) {
      if (isIn) {
        const value = BigInt((callback as InHook)(this, number, bits / 8, userData)) & mask;
        state.setReg(RAX, bits === 32 ? value : (old & ~mask) | value);
        break;
      }
      (callback as OutHook)(this, number, bits / 8, Number(old & mask), userData);
    }
    run.left--;
    if (!this._ripWritten) state.rip = insn.next;
    return true;
  }
  /** `next`: where an interrupt instruction goes on; a fault goes on where it was, if no hook says otherwise. */
  private _interrupt(run: Emulation, vector: number, next: bigint | undefined): void {
    const { state } = this._cpu;
    const hooks = this._hooks.of(uc.UC_HOOK_INTR);
    if (hooks.length === 0) throw new UnicornError(uc.UC_ERR_EXCEPTION, `vector ${vector} at ${hex(state.rip)}`);
    if (next !== undefined) run.left--;
    this._ripWritten = false;
    for (const hook of hooks) if (!hook.isDeleted) (hook.callback as InterruptHook)(this, vector, hook.userData);
    if (next !== undefined && !this._ripWritten) state.rip = next;
  }

  // ---- the rest
  /** UC_QUERY_*; of the timeout: 1 when the last emu_start has ended by it. */
  query(type: number): number {
    return this._call(() => {
      switch (type) {
        case uc.UC_QUERY_MODE:
          return this.mode;
        case uc.UC_QUERY_PAGE_SIZE:
          return 4096;
        case uc.UC_QUERY_ARCH:
          return this.arch;
        case uc.UC_QUERY_TIMEOUT:
          return Number(this._hasTimedOut);
        default:
          return fail(uc.UC_ERR_ARG, `query ${type}`);
      }
    });
  }
  /** The number of the last call's error; UC_ERR_OK if it had none. */
  errno(): number {
    return this._errno;
  }
  /** Several exits in place of `until`. */
  ctl_exits_enabled(isEnabled: boolean): void {
    this._call(() => {
      this._exits = isEnabled ? new Set() : undefined;
      this._setStops();
    });
  }
  ctl_set_exits(addresses: Iterable<Address>): void {
    this._call(() => {
      if (this._exits === undefined) fail(uc.UC_ERR_ARG, 'exits are not enabled');
      this._exits = new Set(Array.from(addresses, addressOf));
      this._setStops();
    });
  }
  ctl_get_exits(): bigint[] {
    return this._call(() => [...(this._exits ?? fail(uc.UC_ERR_ARG, 'exits are not enabled'))]);
  }
  /** UC_TLB_VIRTUAL: addresses are translated by UC_HOOK_TLB_FILL, one to one where no such hook is. */
  ctl_tlb_mode(mode: number): void {
    this._call(() => {
      if (mode !== uc.UC_TLB_CPU && mode !== uc.UC_TLB_VIRTUAL) fail(uc.UC_ERR_ARG);
      const isVirtual = mode === uc.UC_TLB_VIRTUAL;
      this._memory.translateBy(isVirtual ? (page, right) => this._translate(page, right) : undefined);
    });
  }
  /** Has everything translated anew. */
  ctl_flush_tlb(): void {
    this._call(() => this._memory.flushTlb());
  }
  /** Has edges reported anew. */
  ctl_flush_tb(): void {
    this._call(() => this._edges.clear());
  }
  /** No other call is possible afterwards. */
  close(): void {
    this._isClosed = true;
  }

  private _call<T>(act: () => T): T {
    this._errno = uc.UC_ERR_OK;
    try {
      if (this._isClosed) fail(uc.UC_ERR_HANDLE);
      return act();
    } catch (error) {
      if (error instanceof UnicornError) this._errno = error.errno;
      throw error;
    }
  }
}

function fail(errno: number, detail?: string): never {
  throw new UnicornError(errno, detail);
}

/** As unsigned 64 bits. */
function addressOf(address: Address): bigint {
  if (typeof address === 'number' && !Number.isSafeInteger(address)) fail(uc.UC_ERR_ARG, 'not an exact number');
  return u64(BigInt(address));
}
function sizeOf(size: number): number {
  return Number.isSafeInteger(size) && size >= 0 ? size : fail(uc.UC_ERR_ARG, `size ${size}`);
}

/** An access by pages: where each part begins, and how many bytes are left from there. */
function pieces(address: bigint, size: number): [at: bigint, rest: number][] {
  const first = 4096 - Number(address & 0xfffn);
  return size <= first ? [[address, size]] : [[address, size], [u64(address + BigInt(first)), size - first]]; // biome-ignore format: one line
}

invariant(STATE.regs === 0, 'registers are read from the beginning of memory');
