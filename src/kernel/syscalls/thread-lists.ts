/** What a C library registers for each thread when it starts: set_robust_list(2), rseq(2). */
import { EINVAL, ENOSYS } from '../../abi/errno.ts';
import { addr, hexInt, size, word } from './args/numbers.ts';
import { syscall } from './define.ts';

/** sizeof(struct robust_list_head). */
const ROBUST_LIST_BYTES = 24n;

/** set_robust_list(2). EINVAL: a size other than that of the structure. */
export const setRobustList = syscall({
  number: 273,
  name: 'set_robust_list',
  args: { head: addr, length: size },
  support: { missing: 'locks are not marked when a thread ends while it holds them' },
  run(task, { head, length }) {
    if (length !== ROBUST_LIST_BYTES) return EINVAL;
    task.robustList = head;
    return 0;
  },
});

/** rseq(2). ENOSYS, as from a kernel without CONFIG_RSEQ: C libraries go on without. */
export const rseq = syscall({
  number: 334,
  name: 'rseq',
  args: { area: word, length: hexInt, flags: hexInt, signature: hexInt },
  support: { missing: 'everything: it answers ENOSYS' },
  run: () => ENOSYS,
});
