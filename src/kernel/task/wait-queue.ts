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

  /** Wakes those that came first, at most so many; how many it woke. */
  wake(most: number): number {
    const woken = [...this.#waiting].slice(0, most);
    for (const task of woken) task.kernel.scheduler.wake(task);
    return woken.length;
  }
}
