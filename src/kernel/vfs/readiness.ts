/** What poll(2) and select(2) ask of files: fs/select.c. */
import { POLLERR, POLLHUP, POLLNVAL } from '../../abi/poll.ts';
import type { Task } from '../task/task.ts';
import type { WaitQueue } from '../task/wait-queue.ts';

/** What a file that is asked for `events` has of them; errors and hang-ups need not be asked for. POLLNVAL: no such file. */
export function readiness(task: Task, fd: number, events: number): number {
  const file = task.files.find(fd);
  return file === undefined ? POLLNVAL : file.poll() & (events | POLLERR | POLLHUP);
}

/** Whom to sleep with until one of the files changes. */
export function queuesOf(task: Task, fds: Iterable<number>): WaitQueue[] {
  const queues = new Set<WaitQueue>();
  for (const fd of fds) for (const queue of task.files.find(fd)?.pollQueues() ?? []) queues.add(queue);
  return [...queues];
}
