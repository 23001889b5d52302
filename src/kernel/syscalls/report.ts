/** Tells the observer about calls: what was asked, that it sleeps, what came of it. Made only when there is an observer. */
import { ENOSYS, type Errno } from '../../abi/errno.ts';
import type { Ending } from '../../abi/wait.ts';
import type { KernelObserver, SyscallEvent } from '../observer.ts';
import type { Task } from '../task/task.ts';
import type { PendingCall } from './define.ts';
import { type CallView, entryText, exitText, resultText, unknownCallText } from './strace.ts';

export class SyscallReporter {
  readonly #observer: KernelObserver;
  /** Calls that have been entered and not left. */
  readonly #open = new Map<Task, { event: SyscallEvent; blocked: boolean; call: PendingCall }>();

  constructor(observer: KernelObserver) {
    this.#observer = observer;
  }

  isInCall(task: Task): boolean {
    return this.#open.has(task);
  }

  enter(task: Task, call: PendingCall): void {
    const view = viewOf(task, call, undefined);
    const event: SyscallEvent = {
      ...task.kernel.moment(task, true),
      number: call.number,
      name: call.record.name,
      args: call.args,
      entryText: () => entryText(view),
    };
    this.#open.set(task, { event, blocked: false, call });
    this.#observer.onSyscallEnter?.(event);
  }

  blocked(task: Task, _call: PendingCall): void {
    const open = this.#open.get(task);
    if (open === undefined) return;
    open.blocked = true;
    this.#observer.onSyscallBlocked?.(open.event);
  }

  exit(task: Task, call: PendingCall, result: bigint | undefined, error: Errno | undefined): void {
    const open = this.#open.get(task);
    if (open === undefined) return;
    this.#open.delete(task);
    const view = viewOf(task, call, result ?? (error && BigInt(-error.number)));
    this.#observer.onSyscallExit?.({
      ...open.event,
      instructions: task.kernel.cpu.retired,
      result,
      error,
      blocked: open.blocked,
      exitText: () => exitText(view),
      resultText: () => resultText(call.record, result, error),
    });
  }

  /** The task has ended: a call like exit(2) never returns. */
  ended(task: Task, _ending: Ending): void {
    const open = this.#open.get(task);
    if (open !== undefined) this.exit(task, open.call, undefined, undefined);
  }

  unknown(task: Task, number: number, name: string | undefined, registers: readonly bigint[]): void {
    const text = unknownCallText(number, name, registers);
    const event: SyscallEvent = {
      ...task.kernel.moment(task, true),
      number,
      name: name ?? text.slice(0, text.indexOf('(')),
      args: {},
      entryText: () => text.slice(0, -1),
    };
    this.#observer.onSyscallEnter?.(event);
    this.#observer.onSyscallExit?.({
      ...event,
      result: BigInt(-ENOSYS.number),
      error: ENOSYS,
      blocked: false,
      exitText: () => ')',
      resultText: () => resultText({ result: 'decimal' }, undefined, ENOSYS),
    });
  }
}

const viewOf = (task: Task, { record, args }: PendingCall, result: bigint | undefined): CallView => ({
  record,
  args,
  result,
  peek: (address, length) => task.kernel.peek(task, address, length),
});
