/**
 * A process without a program and a CPU that executes nothing: system calls are made by name, pages touched as an
 * instruction would touch them. For stories about the kernel alone.
 */
import { Errno } from '../../src/abi/errno.ts';
import { type Pfn, vaddr } from '../../src/base/ints.ts';
import { invariant } from '../../src/base/invariant.ts';
import type { Exit } from '../../src/cpu/exit.ts';
import { CpuState, STATE } from '../../src/cpu/state.ts';
import type { Terminal } from '../../src/host/host.ts';
import { Kernel, type KernelCpu, type KernelOptions } from '../../src/kernel/kernel.ts';
import { AddressSpace } from '../../src/kernel/mm/address-space.ts';
import type { FaultResult } from '../../src/kernel/mm/fault.ts';
import type { KernelObserver } from '../../src/kernel/observer.ts';
import type { ArgKind } from '../../src/kernel/syscalls/args/kind.ts';
import { ENDED } from '../../src/kernel/syscalls/define.ts';
import { findSyscall, supportedSyscalls } from '../../src/kernel/syscalls/table.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { Frames } from '../../src/mem/frames.ts';
import { type Access, translate } from '../../src/mem/mmu.ts';

export const PAGE = 4096n;
export const RW = 3;
export const PRIVATE_ANON = 0x22;
export const SHARED_ANON = 0x21;
export const FIXED = 0x10;

/** Runs what a test hands it: each call of `run` takes the next step. */
export class ScriptedCpu implements KernelCpu {
  readonly state: CpuState;
  retired = 0;
  readonly log: string[] = [];
  /** By address space: what its "program" does next. */
  script: (cpu: ScriptedCpu, budget: number) => Exit = () => ({ kind: 'exception', vector: 'UD', errorCode: 0 });

  constructor(frames: Frames) {
    this.state = new CpuState(frames);
  }
  run(budget: number): Exit {
    return this.script(this, budget);
  }
  /** SYSCALL with these registers; one instruction. */
  syscall(number: number, args: readonly bigint[]): Exit {
    this.retired++;
    this.state.setReg(0, BigInt(number));
    for (const [i, register] of [7, 6, 2, 10, 8, 9].entries())
      this.state.setReg(register, BigInt.asUintN(64, args[i] ?? 0n));
    return { kind: 'syscall' };
  }
  switchTo(): void {}
  invalidatePage(_cr3: number, address: bigint): void {
    this.log.push(`page ${address.toString(16)}`);
  }
  invalidateAll(): void {
    this.log.push('all');
  }
  cloneAddressSpace(): void {}
  forgetAddressSpace(): void {}
}

export interface BareMachine {
  readonly kernel: Kernel;
  readonly cpu: ScriptedCpu;
  readonly frames: Frames;
  readonly output: string[];
  readonly diagnostics: string[];
}

export function bareMachine(
  observer?: KernelObserver,
  memoryBytes = 64 * 1024 * 1024,
  { terminal, ...options }: Pick<KernelOptions, 'schedule' | 'hostTree'> & { terminal?: Terminal } = {},
): BareMachine {
  const frames = new Frames(memoryBytes);
  const cpu = new ScriptedCpu(frames);
  const output: string[] = [];
  const diagnostics: string[] = [];
  const host = {
    console: {
      write: (fd: 1 | 2, bytes: Uint8Array) => void output.push(`${fd}: ${new TextDecoder().decode(bytes)}`),
      read: () => new Uint8Array(0),
      isReadable: () => true,
      isPending: () => false,
    },
    terminal,
    now: () => 0,
    wallClock: () => 0,
    diagnose: (message: string) => void diagnostics.push(message),
  };
  return {
    kernel: new Kernel({ frames, cpu, host, observer, quantum: 1000, ...options }),
    cpu,
    frames,
    output,
    diagnostics,
  };
}

type Arg = bigint | number;
type Calls = { readonly [name: string]: (...args: Arg[]) => bigint | string };

export interface BareProcess extends BareMachine {
  readonly task: Task;
  /** A call's result: a number, or the name of its error. */
  readonly call: Calls;
}

/** A process with nothing mapped and nothing running. */
export function bareProcess(...options: Parameters<typeof bareMachine>): BareProcess {
  const machine = bareMachine(...options);
  const { kernel } = machine;
  const space = AddressSpace.create(kernel);
  invariant(space !== undefined, 'no memory');
  space.brkStart = space.brk = vaddr(0x600000n);
  const context = new Uint8Array(STATE.end - STATE.regs);
  const task = kernel.firstTask(space, context, 'bare');
  return { ...machine, task, call: callsOf(task) };
}

const NUMBERS = new Map(supportedSyscalls().map(({ name, number }) => [name, number]));

/** What the gate makes of a register. */
function decoded({ decode }: ArgKind<never>, value: Arg): Arg {
  if (decode === 'u64' || decode === 'stack') return BigInt.asUintN(64, BigInt(value));
  return Number(decode === 'i32' ? BigInt.asIntN(32, BigInt(value)) : BigInt.asUintN(32, BigInt(value)));
}

/** Calls that do not wait, made by a task directly. */
export function callsOf(task: Task): Calls {
  return new Proxy({} as Calls, {
    get:
      (_, name: string) =>
      (...values: Arg[]) => {
        const record = findSyscall(NUMBERS.get(name) ?? -1);
        invariant(record !== undefined, `no system call ${name}`);
        const args = Object.fromEntries(record.args.map(([key, kind], i) => [key, decoded(kind, values[i] ?? 0n)]));
        const result = record.run(task, args, {
          record,
          number: record.number,
          args,
          memo: undefined,
          blocked: undefined,
        });
        if (result instanceof Errno) return result.name;
        if (result === ENDED) return 'ended';
        return typeof result === 'object' ? 'blocked' : BigInt(result as bigint | number);
      },
  });
}

/** One access as an instruction makes it: translated, faulted in if need be. The frame, or why there is none. */
export function touch(
  task: Task,
  address: bigint,
  access: Access = 'write',
): { pfn: Pfn; did: FaultResult[] } | FaultResult {
  const did: FaultResult[] = [];
  for (;;) {
    const found = translate(task.mm.frames, task.mm.cr3, address, access);
    if (found.kind === 'translation') return { pfn: found.pfn, did };
    const result = task.mm.fault(address, access);
    if (typeof result !== 'string' || result === 'out of memory') return result;
    did.push(result);
    invariant(did.length < 5, 'a fault does not go away');
  }
}

/** Writes to each of several pages. */
export function touchPages(task: Task, start: bigint, pages: number, access: Access = 'write'): void {
  for (let i = 0; i < pages; i++) touch(task, start + BigInt(i) * PAGE, access);
}

/** Stores a byte, touching its page. */
export function poke(task: Task, address: bigint, value: number): void {
  const found = touch(task, address, 'write');
  invariant(typeof found === 'object' && 'pfn' in found, 'not writable');
  task.mm.frames.bytes(found.pfn)[Number(address & 0xfffn)] = value;
}

export function peekByte(task: Task, address: bigint): number {
  const found = touch(task, address, 'read');
  invariant(typeof found === 'object' && 'pfn' in found, 'not readable');
  return task.mm.frames.bytes(found.pfn)[Number(address & 0xfffn)];
}
