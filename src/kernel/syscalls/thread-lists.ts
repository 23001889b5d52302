/** What a C library registers for each thread when it starts: set_robust_list(2), rseq(2). */
import { EFAULT, EINVAL, ENOSYS, EPERM, ESRCH } from '../../abi/errno.ts';
import { ROBUST_LIST_BYTES } from '../../abi/futex.ts';
import { writeU64 } from '../mm/user-memory.ts';
import { mayInspect } from '../task/credentials.ts';
import { INIT_PID } from '../task/process.ts';
import { addr, hexInt, outAddress, outSize, size, word } from './args/numbers.ts';
import { pid } from './args/processes.ts';
import { syscall } from './define.ts';

/** set_robust_list(2). EINVAL: a size other than that of the structure. */
export const setRobustList = syscall({
  number: 273,
  name: 'set_robust_list',
  args: { head: addr, length: size },
  support: 'full',
  run(task, { head, length }) {
    if (length !== BigInt(ROBUST_LIST_BYTES)) return EINVAL;
    task.robustList = head;
    return 0;
  },
});

/** get_robust_list(2). ESRCH: no such thread. EPERM: another user's. EFAULT. */
export const getRobustList = syscall({
  number: 274,
  name: 'get_robust_list',
  args: { tid: pid, head: outAddress, length: outSize },
  support: 'full',
  run(task, { tid, head, length }) {
    if (tid === INIT_PID) return EPERM;
    const target = tid === 0 ? task : task.kernel.findTask(tid);
    if (target === undefined) return ESRCH;
    if (!mayInspect(task, target)) return EPERM;
    if (writeU64(task.mm, length, BigInt(ROBUST_LIST_BYTES)) !== undefined) return EFAULT;
    return writeU64(task.mm, head, target.robustList) ?? 0;
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
