/**
 * Who waits for something to happen: include/linux/wait.h. A woken task runs its call again. Tasks that wait for a thing
 * that only one of them can have wait exclusively, and a wake-up is for one of those alone. A watcher (an epoll's item)
 * hears of wake-ups without sleeping.
 */
import type { Task } from './task.ts';

/** A wake-up that does not say what has happened. */
export const ANY_EVENT = 0x7fff_ffff;

export interface Watcher {
  /** What has happened: POLL bits. Whether somebody who waits exclusively would have got it. */
  notify(events: number): boolean;
}

export class WaitQueue {
  /** Each in the order of their coming. Mostly there is one, who comes and goes: sets would be made anew all the time. */
  private readonly _waiting: Task[] = [];
  private readonly _exclusive: (Task | Watcher)[] = [];
  private _watchers: Set<Watcher> | undefined;

  /** Whether somebody sleeps in it. */
  get hasSleepers(): boolean {
    return this._waiting.length > 0 || this._exclusive.length > 0 || (this._watchers?.size ?? 0) > 0;
  }

  get size(): number {
    return this._waiting.length + this._exclusive.length;
  }

  /** A task may sleep in several queues; the first that is woken ends its sleep in all. */
  add(task: Task, isExclusive = false): void {
    const line = isExclusive ? this._exclusive : this._waiting;
    // A task that names the queue twice does so at one time.
    if (line.at(-1) === task) return;
    line.push(task);
    task.sleepingIn.push(this);
  }

  remove(task: Task): void {
    drop(this._waiting, task);
    drop(this._exclusive, task);
  }

  watch(watcher: Watcher, isExclusive = false): void {
    if (isExclusive) {
      if (!this._exclusive.includes(watcher)) this._exclusive.push(watcher);
    } else (this._watchers ??= new Set()).add(watcher);
  }

  unwatch(watcher: Watcher): void {
    this._watchers?.delete(watcher);
    drop(this._exclusive, watcher);
  }

  /** Wakes everybody. */
  wakeAll(events: number = ANY_EVENT): void {
    this._wakeShared(events);
    for (const waiter of [...this._exclusive]) tell(waiter, events);
  }

  /**
   * Wakes everybody but those who wait exclusively, and one of those: there is something for one of them. It is the
   * first unless the schedule says otherwise.
   */
  wakeUp(events: number = ANY_EVENT): void {
    this._wakeShared(events);
    if (this._exclusive.length === 0) return;
    const [first] = this._exclusive;
    if (this._exclusive.length === 1 && !('notify' in first)) {
      first.kernel.scheduler.policy.wakes(1);
      first.kernel.scheduler.wake(first);
      return;
    }
    const waiting = [...this._exclusive];
    const policy = waiting.find((waiter) => 'kernel' in waiter)?.kernel.scheduler.policy;
    while (waiting.length > 0) if (tell(waiting.splice(policy?.wakes(waiting.length) ?? 0, 1)[0], events)) return;
  }

  private _wakeShared(events: number): void {
    if (this._waiting.length > 0) for (const task of [...this._waiting]) task.kernel.scheduler.wake(task);
    if (this._watchers !== undefined && this._watchers.size > 0)
      for (const watcher of [...this._watchers]) watcher.notify(events);
  }

  /** Wakes at most so many, those that came first unless the schedule says otherwise; how many it woke. */
  wake(most: number): number {
    const waiting = [...this._waiting];
    let woken = 0;
    for (; woken < most && waiting.length > 0; woken++) {
      const { scheduler } = waiting[0].kernel;
      scheduler.wake(waiting.splice(scheduler.policy.wakes(waiting.length), 1)[0]);
    }
    return woken;
  }
}

function drop<T>(line: T[], waiter: T): void {
  if (line.at(-1) === waiter) {
    line.pop();
    return;
  }
  const at = line.indexOf(waiter);
  if (at >= 0) line.splice(at, 1);
}

function tell(waiter: Task | Watcher, events: number): boolean {
  if ('notify' in waiter) return waiter.notify(events);
  waiter.kernel.scheduler.wake(waiter);
  return true;
}
