/** brk(2): mm/mmap.c. The system call returns the new end, or the old one when it could not move. */
import { pageUp, vpnOf } from '../../base/ints.ts';
import { addr } from './args/numbers.ts';
import { syscall } from './define.ts';

export const brk = syscall({
  number: 12,
  name: 'brk',
  args: { addr },
  result: 'address',
  support: 'full',
  run(task, { addr }) {
    const { mm } = task;
    const before = mm.brk;
    const after = mm.setBrk(addr);
    const ends = [vpnOf(pageUp(before)), vpnOf(pageUp(after))].sort((a, b) => a - b);
    if (ends[0] !== ends[1]) task.kernel.report.mapping(task, 'brk', { start: ends[0], end: ends[1] });
    return after;
  },
});
