/** sched_yield(2): the rest of the slice goes to the others. */
import { syscall } from './define.ts';

export const schedYield = syscall({
  number: 24,
  name: 'sched_yield',
  args: {},
  support: 'full',
  run(task) {
    task.kernel.yieldSlice();
    return 0;
  },
});
