/** Tasks that wait for something to happen: include/linux/wait.h. A woken task runs its call again. */
import type { Task } from './task.ts';

export class WaitQueue {
  readonly #waiting: Task[] = [];

  add(task: Task): void {
    this.#waiting.push(task);
    task.sleepingIn = this;
  }

  remove(task: Task): void {
    const at = this.#waiting.indexOf(task);
    if (at >= 0) this.#waiting.splice(at, 1);
    task.sleepingIn = undefined;
  }

  wakeAll(): void {
    for (const task of [...this.#waiting]) task.kernel.scheduler.wake(task);
  }
}
