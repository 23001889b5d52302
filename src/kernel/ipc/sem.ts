/**
 * System V semaphores: sets whose operations happen all together or not at all, in the order in which they were asked
 * for. Whoever changes a set carries out what others wait for that has become possible. ipc/sem.c.
 */
import { EAGAIN, EIDRM, ERANGE, type Errno } from '../../abi/errno.ts';
import { IPC_NOWAIT, SEM_UNDO } from '../../abi/ipc.ts';
import type { PendingCall } from '../syscalls/define.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import type { WaitQueue } from '../task/wait-queue.ts';
import { IpcObject, IpcTable } from './ipc-table.ts';

/** kernel.sem. */
export const SEMMSL = 32000;
export const SEMMNS = 1024000000;
export const SEMOPM = 500;
export const SEMMNI = 32000;
export const SEMVMX = 32767;

export interface SemaphoreOp {
  readonly index: number;
  readonly change: number;
  readonly flags: number;
}

/** Operations that wait to be carried out by somebody else. */
export interface WaitingOps {
  readonly task: Task;
  /** The call that waits: when its task does so no longer, the operations are off. */
  readonly call: PendingCall;
  readonly ops: readonly SemaphoreOp[];
  readonly queue: WaitQueue;
  /** Which of them cannot happen yet. */
  blocking: SemaphoreOp;
  /** Set when it is over. */
  result: Errno | 0 | undefined;
}

export class SemaphoreSet extends IpcObject {
  readonly values: { value: number; pid: number }[];
  /** Seconds; 0 for never. */
  operatedAt = 0;
  changedAt: number;
  waiting: WaitingOps[] = [];
  /** What is to be added when a process ends: SEM_UNDO. */
  readonly undo = new Map<Process, Int32Array>();

  constructor(task: Task, key: number, mode: number, count: number) {
    super(key, mode, task.credentials);
    this.values = Array.from({ length: count }, () => ({ value: 0, pid: 0 }));
    this.changedAt = task.kernel.realTime().seconds;
  }

  /** Carries operations out: 0, ERANGE, EAGAIN with IPC_NOWAIT, or the one that has to wait. */
  perform(task: Task, ops: readonly SemaphoreOp[]): Errno | 0 | SemaphoreOp {
    const { process } = task;
    const before = new Map<number, number>();
    const adjustments = new Map<number, number>();
    for (const op of ops) {
      const value = before.get(op.index) ?? this.values[op.index].value;
      const result = value + op.change;
      if ((op.change === 0 && value !== 0) || result < 0) return op.flags & IPC_NOWAIT ? EAGAIN : op;
      if (result > SEMVMX) return ERANGE;
      if (op.flags & SEM_UNDO) {
        const adjusted = (adjustments.get(op.index) ?? this.undo.get(process)?.[op.index] ?? 0) - op.change;
        if (adjusted < -SEMVMX - 1 || adjusted > SEMVMX) return ERANGE;
        adjustments.set(op.index, adjusted);
      }
      before.set(op.index, result);
    }
    for (const [index, value] of before) this.values[index] = { value, pid: process.pid };
    for (const [index, adjusted] of adjustments) {
      let undo = this.undo.get(process);
      if (undo === undefined) this.undo.set(process, (undo = new Int32Array(this.values.length)));
      undo[index] = adjusted;
    }
    this.operatedAt = task.kernel.realTime().seconds;
    return 0;
  }

  /** Carries out what waits and has become possible, the oldest first, until nothing more has. */
  update(): void {
    for (let again = true; again; ) {
      again = false;
      for (const waiting of this.alive()) {
        const result = this.perform(waiting.task, waiting.ops);
        if (isOp(result)) {
          waiting.blocking = result;
          continue;
        }
        this.finish(waiting, result);
        again ||= result === 0 && waiting.ops.some(({ change }) => change !== 0);
        if (again) break;
      }
    }
  }

  /** Those that still wait. */
  alive(): readonly WaitingOps[] {
    this.waiting = this.waiting.filter(({ task, call }) => task.call === call);
    return this.waiting;
  }

  finish(waiting: WaitingOps, result: Errno | 0): void {
    waiting.result = result;
    this.waiting = this.waiting.filter((other) => other !== waiting);
    waiting.queue.wakeAll();
  }

  /** How many wait for a semaphore to become more, or 0. */
  countWaiting(index: number, forZero: boolean): number {
    const isMeant = ({ blocking }: WaitingOps) => blocking.index === index && (blocking.change === 0) === forZero;
    return this.alive().filter(isMeant).length;
  }

  /** IPC_RMID. */
  abandon(): void {
    for (const waiting of [...this.waiting]) this.finish(waiting, EIDRM);
  }
}

export const isOp = (result: Errno | 0 | SemaphoreOp): result is SemaphoreOp =>
  typeof result === 'object' && 'change' in result;

export class Semaphores {
  readonly table = new IpcTable<SemaphoreSet>(SEMMNI);

  get count(): number {
    return [...this.table].reduce((sum, { values }) => sum + values.length, 0);
  }

  remove(set: SemaphoreSet): void {
    this.table.remove(set);
    set.abandon();
  }

  /** A process has ended: what it did with SEM_UNDO is undone. */
  undoAll(process: Process): void {
    for (const set of this.table) {
      const undo = set.undo.get(process);
      if (undo === undefined) continue;
      set.undo.delete(process);
      for (const [index, change] of undo.entries()) {
        if (change === 0) continue;
        const value = Math.min(SEMVMX, Math.max(0, set.values[index].value + change));
        set.values[index] = { value, pid: process.pid };
      }
      set.update();
    }
  }
}
