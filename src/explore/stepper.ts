/**
 * Stands between the kernel and the CPU and runs a task instruction by instruction up to its next point: an access to
 * memory that other tasks reach, or a system call that others can tell. There it stops until it is given a turn, which is
 * for that one point. Between points a task runs alone.
 *
 * An instruction that reads and then writes memory without a lock has two points, since another processor may come in
 * between: the read is done and its value kept; at the write the instruction is executed with the value that it read. What
 * an instruction reads it reads at one time, and what it writes it writes at one time; locked instructions, XCHG with
 * memory and repeated string instructions have one point.
 */
import { PAGE_SIZE, vpnOf } from '../base/ints.ts';
import { mnemonicOf } from '../cpu/disasm.ts';
import type { Exit } from '../cpu/exit.ts';
import type { Insn } from '../cpu/isa/define.ts';
import type { Cpu } from '../cpu/run.ts';
import { STATE } from '../cpu/state.ts';
import type { AddressSpace } from '../kernel/mm/address-space.ts';
import { findSyscall } from '../kernel/syscalls/table.ts';
import type { Task } from '../kernel/task/task.ts';
import { CpuBetween } from '../machine/cpu-between.ts';
import { translate } from '../mem/mmu.ts';
import { isLocalCall, usesTime } from './calls.ts';
import { PLACE_BYTES } from './footprint.ts';
import { SpinLog } from './spin.ts';

/** Where a task has stopped: before what. */
export interface Point {
  readonly kind: 'call' | 'read' | 'write';
  readonly rip: bigint;
  /** Of a call its name, else the instruction. */
  readonly what: string | Insn;
  /** Of an access. */
  readonly address: bigint | undefined;
}

/** An access that was made, a piece of one page. */
export interface SharedAccess {
  readonly address: bigint;
  readonly bytes: number;
  readonly paddr: number;
  readonly isWrite: boolean;
  /** Of a write: memory is not as it was. */
  readonly isChange: boolean;
}

/** What the stepper keeps of a task. */
export class Walker {
  readonly task: Task;
  /** Undefined: it has yet to get there. */
  point: Point | undefined;
  /** The read half of the instruction at the point has been done, and gave this. */
  half: readonly { readonly address: bigint; readonly bytes: Uint8Array }[] | undefined;
  /** Points that it has passed, whether or not they are points that it stops at. */
  steps = 0;
  readonly spin = new SpinLog();
  /** Instructions since it has last stopped. */
  free = 0;
  constructor(task: Task) {
    this.task = task;
  }
}

export interface StepperOptions {
  /** Tasks are led from now on; before that they run as fast as they can. */
  readonly isLeading: () => boolean;
  readonly walkerOf: (task: Task) => Walker;
  readonly current: () => Task | undefined;
  /** Places of virtual addresses at which a task stops; undefined for all. */
  readonly stops: ReadonlySet<number> | undefined;
  /** `isPoint`: the task has stopped for it, and was given the turn. */
  readonly onAccess: (walker: Walker, access: SharedAccess, isPoint: boolean) => void;
  readonly onTime: () => void;
}

/**
 * After so many instructions without a stop a task stops at any access to memory that others reach: it may be looking at a
 * place of which it is not known yet that somebody else writes there.
 */
const MOST_FREE = 2000;
const YIELD: Exit = { kind: 'yield' }, BUDGET: Exit = { kind: 'budget' }; // biome-ignore format: one line

interface Noted {
  readonly address: bigint;
  readonly bytes: number;
  readonly isWrite: boolean;
  readonly isPoint: boolean;
  readonly isChange: boolean;
}

export class Stepper extends CpuBetween {
  private readonly _options: StepperOptions;
  /** Who may do what it has stopped before. */
  private _turn: Walker | undefined;

  constructor(cpu: Cpu, options: StepperOptions) {
    super(cpu);
    this._options = options;
  }

  /** The task may pass its point when it runs next. */
  giveTurn(walker: Walker): void {
    this._turn = walker;
  }

  run(budget: number): Exit {
    const task = this._options.current();
    if (task === undefined || !this._options.isLeading()) return this.cpu.run(budget);
    const walker = this._options.walkerOf(task);
    const end = this.retired + budget;
    while (this.retired < end) {
      // A signal has led it elsewhere: that was its turn.
      if (walker.point !== undefined && walker.point.rip !== this.state.rip) {
        walker.point = undefined;
        walker.half = undefined;
        this._turn = undefined;
      }
      const insn = this.cpu.peek();
      if ('kind' in insn) return insn;
      const exit = insn.def.flow === 'syscall' ? this._call(walker, insn) : this._step(walker, insn);
      if (exit !== undefined) return exit;
    }
    return BUDGET;
  }

  private _call(walker: Walker, insn: Insn): Exit | undefined {
    const name = findSyscall(this.state.u32(STATE.regs))?.name ?? 'unknown call';
    if (usesTime(name)) this._options.onTime();
    if (name !== 'sched_yield') walker.spin.clear();
    if (!isLocalCall(name, walker.task)) {
      if (this._turn !== walker) {
        walker.point = { kind: 'call', rip: insn.rip, what: name, address: undefined };
        return YIELD;
      }
      this._pass(walker);
    }
    return this.cpu.step();
  }

  private _pass(walker: Walker): void {
    this._turn = undefined;
    walker.point = undefined;
    walker.steps++;
  }

  /** One instruction, or its first half; undefined when it has retired and nothing keeps the task from going on. */
  private _step(walker: Walker, insn: Insn): Exit | undefined {
    const { task, half } = walker;
    const hasTurn = this._turn === walker;
    const isWhole = insn.lock || insn.rep !== undefined || isExchange(insn);
    const noted: Noted[] = [];
    const values: { address: bigint; bytes: Uint8Array }[] = [];
    let patched: { at: number; bytes: Uint8Array } | undefined;
    let stoppedAt: { address: bigint; isWrite: boolean } | undefined;
    let isSplit = false;
    let hasChanged = false;
    const unpatch = () => {
      if (patched !== undefined) this.cpu.frames.u8.set(patched.bytes, patched.at);
      patched = undefined;
    };
    const refuse = (address: bigint, isWrite: boolean): false => {
      stoppedAt = { address, isWrite };
      return false;
    };

    const exit = this.cpu.step({
      beforeRead: (address, bytes) => {
        unpatch();
        if (!isShared(task.mm, address)) return true;
        const isPoint = this._isStop(walker, address, bytes);
        if (isPoint && !hasTurn) return refuse(address, false);
        noted.push({ address, bytes, isWrite: false, isPoint, isChange: false });
        return true;
      },
      afterRead: (address, bytes, at) => {
        if (!isShared(task.mm, address)) return;
        const memory = this.cpu.frames.u8;
        const known = half?.find((read) => read.address === address && read.bytes.length === bytes);
        if (known !== undefined) {
          patched = { at, bytes: memory.slice(at, at + bytes) };
          memory.set(known.bytes, at);
        }
        values.push({ address, bytes: memory.slice(at, at + bytes) });
      },
      beforeWrite: (address, bytes, value) => {
        unpatch();
        const isChange = this._valueAt(task.mm, address, bytes) !== value;
        if (!isShared(task.mm, address)) {
          hasChanged ||= isChange;
          return true;
        }
        const isPoint = this._isStop(walker, address, bytes);
        if (isPoint && !hasTurn) return refuse(address, true);
        const hasRead = noted.some((access) => !access.isWrite && access.isPoint);
        const hasWritten = noted.some((access) => access.isWrite);
        if (isPoint && half === undefined && !isWhole && hasRead && !hasWritten) {
          isSplit = true;
          return refuse(address, true);
        }
        hasChanged ||= isChange;
        noted.push({ address, bytes, isWrite: true, isPoint, isChange });
        return true;
      },
    });
    unpatch();

    walker.free++;
    if (exit?.kind === 'refused') {
      const { address, isWrite } = stoppedAt!;
      if (isSplit) {
        this._pass(walker);
        this._tell(walker, noted);
        walker.half = values;
      }
      walker.point = { kind: isWrite ? 'write' : 'read', rip: insn.rip, what: insn, address };
      walker.free = 0;
      if (isWrite) walker.spin.clear();
      else walker.spin.visit(insn.rip, this.state.save());
      return YIELD;
    }
    if (exit !== undefined) return exit;
    const reads = noted.some(({ isWrite }) => !isWrite);
    const writes = noted.some(({ isWrite }) => isWrite);
    // What was read in the first half has been told.
    this._tell(walker, half === undefined ? noted : noted.filter(({ isWrite }) => isWrite));
    walker.steps += half !== undefined ? 1 : reads && writes && !isWhole ? 2 : noted.length > 0 ? 1 : 0;
    walker.half = undefined;
    if (hasChanged) walker.spin.clear();
    if (noted.some(({ isPoint }) => isPoint)) {
      this._turn = undefined;
      walker.point = undefined;
    }
    return undefined;
  }

  private _isStop(walker: Walker, address: bigint, bytes: number): boolean {
    const { stops } = this._options;
    if (stops === undefined || walker.free > MOST_FREE) return true;
    const first = Math.floor(Number(address) / PLACE_BYTES);
    const last = Math.floor((Number(address) + bytes - 1) / PLACE_BYTES);
    for (let place = first; place <= last; place++) if (stops.has(place)) return true;
    return false;
  }

  /** What is in memory; undefined where that is more than a number, or not to be read. */
  private _valueAt({ frames, cr3 }: AddressSpace, address: bigint, bytes: number): bigint | undefined {
    const found = translate(frames, cr3, address, 'read');
    const isOnePage = Number(address & PAGE_MASK) + bytes <= PAGE_SIZE;
    if (found.kind !== 'translation' || bytes > 8 || !isOnePage) return undefined;
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(frames.u8[found.paddr + i]);
    return value;
  }

  /** Of accesses that have been made, so that their pages are there. */
  private _tell(walker: Walker, noted: readonly Noted[]): void {
    const { mm } = walker.task;
    for (const { address, bytes, isWrite, isPoint, isChange } of noted) {
      for (let done = 0; done < bytes; ) {
        const at = address + BigInt(done);
        const count = Math.min(PAGE_SIZE - Number(at & PAGE_MASK), bytes - done);
        const found = translate(mm.frames, mm.cr3, at, isWrite ? 'write' : 'read');
        if (found.kind === 'translation') {
          const { paddr } = found;
          if (!isWrite) walker.spin.read(paddr, count);
          this._options.onAccess(walker, { address: at, bytes: count, paddr, isWrite, isChange }, isPoint);
        }
        done += count;
      }
    }
  }
}

const PAGE_MASK = 0xfffn;

/** Whether another task may reach it: a shared mapping, or memory that tasks have in common. */
export function isShared(space: AddressSpace, address: bigint): boolean {
  return space.users > 1 || space.vmas.find(vpnOf(address))?.shared === true;
}

const isExchange = (insn: Insn): boolean => mnemonicOf(insn) === 'xchg' && insn.ops.some(({ kind }) => kind === 'mem');
