/** memfd_create(2): mm/memfd.c. */
import { EFAULT, EINVAL, ENOSYS, Errno } from '../../abi/errno.ts';
import {
  F_SEAL_EXEC, F_SEAL_SEAL, MFD_ALLOW_SEALING, MFD_CLOEXEC, MFD_EXEC, MFD_HUGETLB, MFD_NAMES, MFD_NOEXEC_SEAL,
} from '../../abi/fcntl.ts'; // biome-ignore format: a list
import { copyInSome } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import { openNameless } from '../vfs/memfd.ts';
import { inPath } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { flagsText } from './args/text.ts';
import { syscall } from './define.ts';

const ALL_FLAGS = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC;
/** Bits that say how large huge pages are. */
const HUGE_BITS = 0xfc00_0000;
/** What is left of NAME_MAX after `memfd:`. */
const NAME_BYTES = 249;
const memfdFlags = u32((flags) => flagsText(flags, MFD_NAMES, 'MFD_???'));

/** memfd_create(2). EINVAL: flags, or a name of more than 249 bytes. EFAULT. EMFILE. ENOSYS: huge pages, of which there are none. */
export const memfdCreate = syscall({
  number: 319,
  name: 'memfd_create',
  args: { name: inPath, flags: memfdFlags },
  support: { missing: 'MFD_HUGETLB' },
  run(task, { name, flags }) {
    const known = flags & MFD_HUGETLB ? ALL_FLAGS | HUGE_BITS : ALL_FLAGS;
    const both = MFD_EXEC | MFD_NOEXEC_SEAL;
    if ((flags & ~known) >>> 0 !== 0 || (flags & both) === both) return EINVAL;
    const bytes = copyInSome(task.mm, name, NAME_BYTES + 1);
    const end = bytes.indexOf(0);
    if (end < 0) return bytes.length <= NAME_BYTES ? EFAULT : EINVAL;
    if (flags & MFD_HUGETLB) return ENOSYS;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end));
    const isPlain = (flags & MFD_NOEXEC_SEAL) !== 0;
    const seals = isPlain ? F_SEAL_EXEC : flags & MFD_ALLOW_SEALING ? 0 : F_SEAL_SEAL;
    const file = openNameless(task, `memfd:${text}`, isPlain ? 0o666 : 0o777, seals);
    if (file instanceof Errno) return file;
    const fd = task.files.install(file, (flags & MFD_CLOEXEC) !== 0, descriptorLimit(task));
    if (fd instanceof Errno) file.close();
    return fd;
  },
});
