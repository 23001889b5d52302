/**
 * Turns what happens in the kernel into the observer's events. Without an observer, or without the callbacks in
 * question, each method returns at once.
 */
import { ENOSYS, type Errno } from '../abi/errno.ts';
import { SIGKILL, type SignalInfo } from '../abi/signal.ts';
import type { Ending } from '../abi/wait.ts';
import { vaddr } from '../base/ints.ts';
import { nameOfBytes } from '../base/names.ts';
import { STATE } from '../cpu/state.ts';
import type { Access } from '../mem/mmu.ts';
import { PTE_P, type Pte, ptePfn } from '../mem/pte.ts';
import type { Kernel } from './kernel.ts';
import type { AddressSpace } from './mm/address-space.ts';
import type { FaultResult } from './mm/fault.ts';
import type { PageRange } from './mm/vma.ts';
import type {
  FaultEvent,
  ForkEvent,
  KernelObserver,
  MappingEvent,
  Moment,
  SignalEvent,
  SyscallEvent,
} from './observer.ts';
import type { CallView, PendingCall } from './syscalls/define.ts';
import { endingText, entryText, execText, exitText, resultText, signalText, stopText, unknownCallText } from './syscalls/strace.ts'; // biome-ignore format: one line
import type { LoadedProgram } from './task/exec.ts';
import type { ExecuteRequest } from './task/execute.ts';
import type { Task } from './task/task.ts';

/** SYSCALL is two bytes long. */
const SYSCALL_BYTES = 2n;

/** A call that has been entered and not left. */
interface OpenCall {
  readonly event: SyscallEvent;
  readonly call: PendingCall;
  blocked: boolean;
  readonly notes: CallView['notes'];
}

export class Reporter {
  private readonly _kernel: Kernel;
  private readonly _observer: KernelObserver;
  readonly watchesPages: boolean;
  /** Somebody wants to know of signals, even of those that are ignored. */
  readonly watchesSignals: boolean;
  readonly watchesCalls: boolean;
  private readonly _open = new Map<Task, OpenCall>();

  constructor(kernel: Kernel, observer: KernelObserver | undefined) {
    this._kernel = kernel;
    this._observer = observer ?? {};
    const { onFirstTouch, onCopyOnWrite, onSyscallEnter, onSyscallBlocked, onSyscallExit } = this._observer;
    this.watchesPages = (onFirstTouch ?? onCopyOnWrite) !== undefined;
    this.watchesSignals = this._observer.onSignal !== undefined;
    this.watchesCalls = this.watchesPages || (onSyscallEnter ?? onSyscallBlocked ?? onSyscallExit) !== undefined;
  }

  // ---- processes ------------------------------------------------------------------------------------------------

  /** A program in the place of another, or of nothing: `isFirst`. */
  exec(task: Task, { path, args, env }: ExecuteRequest, program: LoadedProgram, isFirst: boolean): void {
    const names = (list: readonly Uint8Array[]): string[] => list.map(nameOfBytes);
    const text = () => execText(path, names(args), program.envp, env.length);
    const event = { path, args: names(args), env: names(env), text, isFirst };
    this._observer.onExec?.({ ...this._moment(task, false), ...event });
  }

  fork(task: Task, child: Task, call: ForkEvent['call']): void {
    this._observer.onFork?.({ ...this._moment(task, true), child, isThread: child.process === task.process, call });
  }

  switched(from: Task | undefined, to: Task): void {
    this._observer.onSwitch?.({ from, to, instructions: this._kernel.cpu.retired });
  }

  /** SIGKILL is not delivered, as a tracer sees it: the process is simply gone. */
  signal(task: Task, info: SignalInfo, action: SignalEvent['action']): void {
    if (info.signal === SIGKILL) return;
    this._observer.onSignal?.({ ...this._moment(task, false), info, action, text: () => signalText(info) });
  }

  stopped(task: Task, signal: number): void {
    this._observer.onStop?.({ ...this._moment(task, false), signal, text: () => stopText(signal) });
  }

  /** Before the memory goes; a call that the task was in, like exit(2), never returns. */
  exit(task: Task, ending: Ending): void {
    const open = this._open.get(task);
    if (open !== undefined) this.callExit(task, open.call, undefined, undefined);
    this._observer.onExit?.({ ...this._moment(task, false), ending, text: () => endingText(ending) });
  }

  // ---- memory ---------------------------------------------------------------------------------------------------

  mapping(task: Task, cause: MappingEvent['cause'], range: PageRange): void {
    this._observer.onMapping?.({ ...this._moment(task, true), cause, range });
  }

  fault(space: AddressSpace, address: bigint, access: Access, before: Pte, after: Pte, result: FaultResult): void {
    const task = this._kernel.current;
    if (typeof result !== 'string' || result === 'out of memory' || result === 'spurious') return;
    if (task === undefined || !task.hasMemory() || task.mm !== space) return;
    const breaks = result === 'copied' || result === 'reused';
    const frame = (entry: Pte) => ({ pfn: ptePfn(entry), references: space.frames.references(ptePfn(entry)) });
    const inCall = this._open.has(task);
    const event: FaultEvent = {
      ...this._moment(task, inCall),
      by: inCall ? 'kernel' : 'program',
      resolution: result,
      address: vaddr(address),
      access,
      before,
      after,
      oldFrame: breaks && before & PTE_P ? frame(before) : undefined,
      newFrame: frame(after),
    };
    if (breaks) this._observer.onCopyOnWrite?.(event);
    else this._observer.onFirstTouch?.(event);
  }

  // ---- system calls ---------------------------------------------------------------------------------------------

  /** Of calls nothing is to be told unless somebody `watchesCalls`. */
  callEnter(task: Task, call: PendingCall): void {
    const view = viewOf(task, call, undefined);
    const event: SyscallEvent = {
      ...this._moment(task, true),
      number: call.number,
      name: call.record.name,
      args: call.args,
      entryText: () => entryText(view),
    };
    this._open.set(task, { event, call, blocked: false, notes: notesOf(view) });
    this._observer.onSyscallEnter?.(event);
  }

  callBlocked(task: Task): void {
    const open = this._open.get(task);
    if (open === undefined) return;
    open.blocked = true;
    this._observer.onSyscallBlocked?.(open.event);
  }

  /** `result` is undefined for a call that never returns, or was interrupted. */
  callExit(task: Task, call: PendingCall, result: bigint | undefined, error: Errno | undefined): void {
    const open = this._open.get(task);
    if (open === undefined) return;
    this._open.delete(task);
    const view = { ...viewOf(task, call, result), notes: open.notes };
    this._observer.onSyscallExit?.({
      ...open.event,
      instructions: this._kernel.cpu.retired,
      result,
      error,
      blocked: open.blocked,
      exitText: () => exitText(view),
      resultText: () => resultText(call.record, result, error, view),
    });
  }

  /** The call that a task sleeps in, as far as it is known before its end. */
  describeCall(task: Task): string {
    if (task.call === undefined) return 'no call';
    const view = viewOf(task, task.call, undefined);
    return entryText(view) + exitText(view);
  }

  unknownCall(task: Task, number: number, name: string | undefined, registers: readonly bigint[]): void {
    if (!this.watchesCalls) return;
    const text = unknownCallText(number, name, registers);
    const event: SyscallEvent = {
      ...this._moment(task, true),
      number,
      name: text.slice(0, text.indexOf('(')),
      args: {},
      entryText: () => text.slice(0, -1),
    };
    this._observer.onSyscallEnter?.(event);
    this._observer.onSyscallExit?.({
      ...event,
      result: BigInt(-ENOSYS.number),
      error: ENOSYS,
      blocked: false,
      exitText: () => ')',
      resultText: () => resultText({ result: 'decimal', resultNote: undefined }, undefined, ENOSYS),
    });
  }

  /** Now, in a task; in a call the instruction is its SYSCALL. */
  private _moment(task: Task, inCall: boolean): Moment {
    const { cpu, current } = this._kernel;
    const rip = task === current ? cpu.state.rip : new DataView(task.context.buffer).getBigUint64(STATE.rip, true);
    return { task, pid: task.tid, instructions: cpu.retired, rip: inCall ? rip - SYSCALL_BYTES : rip };
  }
}

function notesOf(view: CallView): CallView['notes'] {
  let notes: Map<unknown, string> | undefined;
  for (const [name, kind] of view.record.args) {
    const note = kind.note?.(view.args[name], view);
    if (note !== undefined) (notes ??= new Map()).set(kind, note);
  }
  return notes;
}

const viewOf = (task: Task, { record, args }: PendingCall, result: bigint | undefined): CallView => ({
  record,
  args,
  result,
  restarted: task.restart?.record.name,
  peek: (address, length) => task.kernel.peek(task, address, length),
});
