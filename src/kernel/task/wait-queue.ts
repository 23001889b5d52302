/** Tasks that wait for something to happen: include/linux/wait.h. A woken task runs its call again. */
import type { Task } from './task.ts';

export class WaitQueue {
  /** In the order of their coming. */
  readonly #waiting = new Set<Task>();

  get size(): number {
    return this.#waiting.size;
  }

  /** A task may sleep in several queues; the first that is woken ends its sleep in all. */
  add(task: Task): void {
    this.#waiting.add(task);
    task.sleepingIn.push(this);
  }

  remove(task: Task): void {
    this.#waiting.delete(task);
  }

  wakeAll(): void {
    for (const task of [...this.#waiting]) task.kernel.scheduler.wake(task);
  }

  /** Wakes at most so many, those that came first unless the schedule says otherwise; how many it woke. */
  wake(most: number): number {
    const waiting = [...this.#waiting];
    let woken = 0;
    for (; woken < most && waiting.length > 0; woken++) {
      const { scheduler } = waiting[0].kernel;
      scheduler.wake(waiting.splice(scheduler.policy.wakes(waiting.length), 1)[0]);
    }
    return woken;
  }
}
