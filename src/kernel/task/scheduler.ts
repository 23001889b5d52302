/**
 * Who runs next: the tasks that are ready stand in a line, and each gets the CPU for a slice of retired instructions. A
 * task that was woken, or has just been made, goes to the end of the line. What is free to choose, the policy chooses.
 */
import { invariant } from '../../base/invariant.ts';
import type { Blocked } from '../syscalls/define.ts';
import type { SchedulePolicy } from './schedule.ts';
import type { Task } from './task.ts';
import { Timers } from './timers.ts';

export class Scheduler {
  readonly policy: SchedulePolicy;
  private readonly _ready: Task[] = [];
  /** Sleeps that end by themselves, and whatever else happens at a time. */
  readonly timers: Timers = new Timers();
  /** Whether somebody who has become ready ends the slice at hand. */
  private _isPreempted = false;

  constructor(policy: SchedulePolicy) {
    this.policy = policy;
  }

  /** Puts a task at the end of the line. */
  enqueue(task: Task): void {
    if (task.state !== 'ready') invariant(false, `task ${task.tid} is not ready`);
    this._ready.push(task);
  }

  /** Takes in a task that has become ready: made, or woken. */
  admit(task: Task): void {
    this.enqueue(task);
    if (this.policy.preempts(task)) this._isPreempted = true;
  }

  /** Whether the running task has to make room for one that was admitted in its slice; it is asked once. */
  takePreemption(): boolean {
    const was = this._isPreempted;
    this._isPreempted = false;
    return was;
  }

  /** Takes one of the line. */
  next(): Task | undefined {
    this._isPreempted = false;
    if (this._ready.length === 0) return undefined;
    const at = this.policy.pick(this._ready);
    return at === this._ready.length - 1 ? this._ready.pop() : this._ready.splice(at, 1)[0];
  }

  hasReady(): boolean {
    return this._ready.length > 0;
  }

  /** The running task sleeps until it is woken, or until a time. */
  sleep(task: Task, { queues, until, isExclusive }: Pick<Blocked, 'queues' | 'until' | 'isExclusive'>): void {
    task.state = 'blocked';
    for (const queue of queues) queue.add(task, isExclusive);
    if (until !== undefined) this.timers.set(task.sleepTimer, until);
  }

  wake(task: Task): void {
    if (task.state !== 'blocked') return;
    this._forget(task);
    task.state = 'ready';
    this.admit(task);
  }

  /** The running task leaves the line until `unpark`: it is stopped. */
  park(task: Task): void {
    task.state = 'stopped';
  }

  unpark(task: Task): void {
    if (task.state !== 'stopped') return;
    task.state = 'ready';
    this.admit(task);
  }

  /** Takes a task that has ended out of everything. */
  remove(task: Task): void {
    this._forget(task);
    const at = this._ready.indexOf(task);
    if (at >= 0) this._ready.splice(at, 1);
  }

  private _forget(task: Task): void {
    for (let queue = task.sleepingIn.pop(); queue !== undefined; queue = task.sleepingIn.pop()) queue.remove(task);
    this.timers.cancel(task.sleepTimer);
  }
}
