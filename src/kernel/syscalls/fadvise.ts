/** posix_fadvise(2) and readahead(2): mm/fadvise.c, mm/readahead.c. There is nothing to do early: pages come at once. */
import { EBADF, EINVAL, ESPIPE } from '../../abi/errno.ts';
import { S_IFBLK, S_IFIFO, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { s64 } from '../../base/ints.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { fd } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { signedOffset, size } from './args/numbers.ts';
import { named } from './args/text.ts';
import { syscall } from './define.ts';

const ADVICE_NAMES = [
  'POSIX_FADV_NORMAL', 'POSIX_FADV_RANDOM', 'POSIX_FADV_SEQUENTIAL', 'POSIX_FADV_WILLNEED', 'POSIX_FADV_DONTNEED', 'POSIX_FADV_NOREUSE',
] as const; // biome-ignore format: a list
const fileAdvice = u32((advice) => named(advice, ADVICE_NAMES, 'POSIX_FADV_???'));

/** fadvise64(2). EBADF; ESPIPE: a pipe; EINVAL: a negative length, no such advice. */
export const fadvise64 = syscall({
  number: 221,
  name: 'fadvise64',
  args: { fd, offset: signedOffset, length: size, advice: fileAdvice },
  support: 'full',
  run(task, { fd, length, advice }) {
    const file = task.files.find(fd);
    if (file === undefined) return EBADF;
    if ((file.stat().mode & S_IFMT) === S_IFIFO) return ESPIPE;
    return s64(length) < 0n || advice >= ADVICE_NAMES.length ? EINVAL : 0;
  },
});

/** readahead(2). EBADF: also when it is not open for reading. EINVAL: it has no pages. */
export const readahead = syscall({
  number: 187,
  name: 'readahead',
  args: { fd, offset: signedOffset, count: size },
  support: 'full',
  run(task, { fd }) {
    const file = task.files.find(fd);
    if (file === undefined || !file.isReadable) return EBADF;
    const kind = file.stat().mode & S_IFMT;
    return file instanceof OpenRegular && (kind === S_IFREG || kind === S_IFBLK) ? 0 : EINVAL;
  },
});
