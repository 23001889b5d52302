/** mprotect(2): mm/mprotect.c. */
import { EINVAL, ENOMEM, Errno } from '../../abi/errno.ts';
import { PROT_EXEC, PROT_GROWSDOWN, PROT_READ, PROT_SEM, PROT_WRITE } from '../../abi/mman.ts';
import { isPageAligned, pageUp, U64_MAX } from '../../base/ints.ts';
import { prot } from './args/memory.ts';
import { addr, size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { userPages } from './pages.ts';

const RIGHTS = PROT_READ | PROT_WRITE | PROT_EXEC;

/** mprotect(2). EINVAL: addr unaligned, unknown rights. ENOMEM: a hole in the range; what is before it has been changed. */
export const mprotect = syscall({
  number: 10,
  name: 'mprotect',
  args: { addr, length: size, prot },
  support: { missing: 'PROT_GROWSDOWN, PROT_GROWSUP' },
  run(task, { addr, length, prot }) {
    if (!isPageAligned(addr)) return EINVAL;
    if (length === 0n) return 0;
    if (length > U64_MAX - 0xfffn || addr + pageUp(length) > U64_MAX) return ENOMEM;
    if (prot & ~(RIGHTS | PROT_SEM | PROT_GROWSDOWN)) return EINVAL;
    const pages = userPages(addr, length);
    if (pages instanceof Errno) return ENOMEM;
    const failed = task.mm.protect(pages, prot & RIGHTS);
    task.kernel.report.mapping(task, 'mprotect', pages);
    return failed ?? 0;
  },
});
