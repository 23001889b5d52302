/** _exit(2), which ends a thread, and exit_group(2), which ends its process. */
import { endProcess, endThread } from '../task/exit.ts';
import { int } from './args/numbers.ts';
import { ENDED, syscall } from './define.ts';

export const exit = syscall({
  number: 60,
  name: 'exit',
  args: { status: int },
  result: 'none',
  support: 'full',
  run(task, { status }) {
    endThread(task, { kind: 'exited', status: status & 0xff });
    return ENDED;
  },
});

export const exitGroup = syscall({
  number: 231,
  name: 'exit_group',
  args: { status: int },
  result: 'none',
  support: 'full',
  run(task, { status }) {
    endProcess(task.process, { kind: 'exited', status: status & 0xff }, task);
    return ENDED;
  },
});
