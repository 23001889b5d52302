/**
 * Who runs next: the tasks that are ready stand in a line, and each gets the CPU for a slice of retired instructions. A
 * task that was woken, or has just been made, goes to the end of the line. What is free to choose, the policy chooses.
 */
import { invariant } from '../../base/invariant.ts';
import type { SchedulePolicy } from './schedule.ts';
import type { Task } from './task.ts';
import type { WaitQueue } from './wait-queue.ts';

export class Scheduler {
  readonly policy: SchedulePolicy;
  readonly #ready: Task[] = [];
  /** Tasks that wake up by themselves, in no order. */
  readonly #sleepers: Task[] = [];
  /** Whether somebody who has become ready ends the slice at hand. */
  #isPreempted = false;

  constructor(policy: SchedulePolicy) {
    this.policy = policy;
  }

  /** Puts a task at the end of the line. */
  enqueue(task: Task): void {
    invariant(task.state === 'ready', `task ${task.pid} is not ready`);
    this.#ready.push(task);
  }

  /** Takes in a task that has become ready: made, or woken. */
  admit(task: Task): void {
    this.enqueue(task);
    if (this.policy.preempts()) this.#isPreempted = true;
  }

  /** Whether the running task has to make room for one that was admitted in its slice; it is asked once. */
  takePreemption(): boolean {
    const was = this.#isPreempted;
    this.#isPreempted = false;
    return was;
  }

  /** Takes one of the line. */
  next(): Task | undefined {
    const { length } = this.#ready;
    this.#isPreempted = false;
    return length <= 1 ? this.#ready.pop() : this.#ready.splice(this.policy.pick(length), 1)[0];
  }

  /** Whether somebody will wake up by himself. */
  hasSleepers(): boolean {
    return this.#sleepers.length > 0;
  }

  hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** The running task sleeps until it is woken, or until a time. */
  sleep(task: Task, queues: readonly WaitQueue[], wakeAt: number | undefined): void {
    task.state = 'blocked';
    for (const queue of queues) queue.add(task);
    task.wakeAt = wakeAt;
    if (wakeAt !== undefined) this.#sleepers.push(task);
  }

  wake(task: Task): void {
    if (task.state !== 'blocked') return;
    this.#forget(task);
    task.state = 'ready';
    this.admit(task);
  }

  /** Takes a task that has ended out of everything. */
  remove(task: Task): void {
    this.#forget(task);
    const at = this.#ready.indexOf(task);
    if (at >= 0) this.#ready.splice(at, 1);
  }

  /** The next time at which somebody wakes up by himself. */
  nextWakeUp(): number | undefined {
    let earliest: number | undefined;
    for (const { wakeAt } of this.#sleepers)
      if (wakeAt !== undefined && (earliest === undefined || wakeAt < earliest)) earliest = wakeAt;
    return earliest;
  }

  /** Wakes everybody whose time has come, the earliest first. */
  wakeSleepers(now: number): void {
    if (this.#sleepers.length === 0) return;
    const due = this.#sleepers.filter((task) => task.wakeAt !== undefined && task.wakeAt <= now);
    for (const task of due.sort((a, b) => a.wakeAt! - b.wakeAt!)) this.wake(task);
  }

  #forget(task: Task): void {
    for (const queue of task.sleepingIn.splice(0)) queue.remove(task);
    task.wakeAt = undefined;
    const at = this.#sleepers.indexOf(task);
    if (at >= 0) this.#sleepers.splice(at, 1);
  }
}
