/** close_range(2): fs/file.c. */
import { EINVAL } from '../../abi/errno.ts';
import { CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE } from '../../abi/fcntl.ts';
import { u32 } from './args/kind.ts';
import { size32 } from './args/numbers.ts';
import { flagsText } from './args/text.ts';
import { syscall } from './define.ts';

const rangeFlags = u32((flags) => flagsText(flags, { CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC }, 'CLOSE_RANGE_???'));

/** close_range(2): closes all from one number to another, or marks them for execve(2). EINVAL: flags, an empty range. */
export const closeRange = syscall({
  number: 436,
  name: 'close_range',
  args: { first: size32, last: size32, flags: rangeFlags },
  support: 'full',
  run(task, { first, last, flags }) {
    if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last) return EINVAL;
    if (flags & CLOSE_RANGE_UNSHARE && task.files.isShared) {
      const own = task.files.copy();
      task.files.release();
      task.files = own;
    }
    for (const fd of task.files.numbers()) {
      if (fd < first || fd > last) continue;
      if (flags & CLOSE_RANGE_CLOEXEC) task.files.findDescriptor(fd)!.closeOnExec = true;
      else task.files.close(fd);
    }
    return 0;
  },
});
