/** mprotect(2), and protection keys, which this CPU does not have: mm/mprotect.c, pkeys(7). */
import { EINVAL, ENOMEM, type Errno } from '../../abi/errno.ts';
import { PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ, PROT_SEM, PROT_WRITE } from '../../abi/mman.ts';
import { isPageAligned, pageUp, U64_MAX, vpnOf } from '../../base/ints.ts';
import type { Task } from '../task/task.ts';
import { prot } from './args/memory.ts';
import { addr, int, size, word } from './args/numbers.ts';
import { syscall } from './define.ts';

const RIGHTS = PROT_READ | PROT_WRITE | PROT_EXEC;
const GROWS = PROT_GROWSDOWN | PROT_GROWSUP;

/**
 * mprotect(2). EINVAL: addr unaligned, unknown rights; PROT_GROWSDOWN without a stack. ENOMEM: a hole in the range;
 * RLIMIT_DATA. EACCES: rights that a file's mapping may not have. What is before the failure has been changed.
 */
export const mprotect = syscall({
  number: 10,
  name: 'mprotect',
  args: { addr, length: size, prot },
  support: 'full',
  run: (task, { addr, length, prot }) => change(task, addr, length, prot, -1),
});

/** pkey_mprotect(2). EINVAL: any key but none. */
export const pkeyMprotect = syscall({
  number: 329,
  name: 'pkey_mprotect',
  args: { addr, length: size, prot, pkey: int },
  support: 'full',
  run: (task, { addr, length, prot, pkey }) => change(task, addr, length, prot, pkey),
});

/** pkey_alloc(2). EINVAL, as Linux has it on a CPU without keys. */
export const pkeyAlloc = syscall({
  number: 330,
  name: 'pkey_alloc',
  args: { flags: word, rights: word },
  support: 'full',
  run: () => EINVAL,
});

/** pkey_free(2). EINVAL: no key is allocated. */
export const pkeyFree = syscall({
  number: 331,
  name: 'pkey_free',
  args: { pkey: int },
  support: 'full',
  run: () => EINVAL,
});

function change(task: Task, address: bigint, length: bigint, prot: number, key: number): number | Errno {
  const { mm } = task;
  if ((prot & GROWS) === GROWS || !isPageAligned(address)) return EINVAL;
  if (length === 0n) return 0;
  if (length > U64_MAX - 0xfffn || address + pageUp(length) > U64_MAX) return ENOMEM;
  if (prot & ~(RIGHTS | PROT_SEM | GROWS) || key !== -1) return EINVAL;
  let start = vpnOf(address);
  const end = vpnOf(address + pageUp(length));
  const first = mm.vmas.findNext(start);
  if (first === undefined) return ENOMEM;
  if (prot & PROT_GROWSDOWN) {
    if (first.start >= end) return ENOMEM;
    start = first.start;
    if (!first.growsDown) return EINVAL;
  } else {
    if (first.start > start) return ENOMEM;
    if (prot & PROT_GROWSUP) return EINVAL; // nothing on x86 grows up
  }
  const range = { start, end };
  const failed = mm.protect(range, prot & RIGHTS);
  task.kernel.report.mapping(task, 'mprotect', range);
  return failed ?? 0;
}
