/** openat2(2): openat(2) that takes no nonsense, and may be told how far a path may lead. fs/open.c (`build_open_flags`). */
import { E2BIG, EAGAIN, EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import {
  O_CREAT, O_LARGEFILE, O_PATH, O_TRUNC, OPEN_HOW_BYTES, RESOLVE_BENEATH, RESOLVE_CACHED, RESOLVE_IN_ROOT, RESOLVE_NAMES,
  RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV,
} from '../../abi/fcntl.ts'; // biome-ignore format: a list
import { octalText, S_IALLUGO } from '../../abi/stat.ts';
import { PAGE_SIZE } from '../../base/ints.ts';
import { copyIn } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { dirFd, inPath, openFlagsText } from './args/files.ts';
import { input, viewOf } from './args/kind.ts';
import { size } from './args/numbers.ts';
import { flagsText, pointer } from './args/text.ts';
import { syscall } from './define.ts';
import { __TMPFILE, KNOWN, type OpenArguments, openFile, PATH_FLAGS } from './open.ts';

interface OpenHow {
  readonly flags: bigint;
  readonly mode: bigint;
  readonly resolve: bigint;
}

function parse(bytes: Uint8Array): OpenHow {
  const view = viewOf(bytes);
  const [flags, mode, resolve] = [0, 8, 16].map((at) => view.getBigUint64(at, true));
  return { flags, mode, resolve };
}

/** struct open_how; its size is the next argument. */
const inHow = input((address, { peek }, length) => {
  const bytes = length < BigInt(OPEN_HOW_BYTES) || address === 0n ? undefined : peek(address, OPEN_HOW_BYTES);
  if (bytes === undefined) return pointer(address);
  const { flags, mode, resolve } = parse(bytes);
  const parts = [`flags=${openFlagsText(Number(flags & 0xffff_ffffn))}`];
  if (Number(flags) & (O_CREAT | __TMPFILE) || mode !== 0n) parts.push(`mode=${octalText(Number(mode))}`);
  if (resolve !== 0n) parts.push(`resolve=${flagsText(Number(resolve & 0xffff_ffffn), RESOLVE_NAMES, 'RESOLVE_???')}`);
  else parts.push('resolve=0');
  return `{${parts.join(', ')}}`;
});
/**
 * openat2(2). EINVAL: a size below that of the structure, or flags that are unknown or do not go together. E2BIG: fields
 * that are unknown. EXDEV: RESOLVE_BENEATH, RESOLVE_NO_XDEV; ELOOP: RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS.
 */
export const openat2 = syscall({
  number: 437,
  name: 'openat2',
  args: { fd: dirFd, path: inPath, how: inHow, size },
  support: 'full',
  run(task, { fd, path, how, size }, call) {
    const read = readHow(task, how, size);
    if (read instanceof Errno) return read;
    const asked = check(read);
    return asked instanceof Errno ? asked : openFile(task, { ...asked, fd, path }, call);
  },
});

function readHow(task: Task, address: bigint, length: bigint): OpenHow | Errno {
  if (length < BigInt(OPEN_HOW_BYTES)) return EINVAL;
  if (length > BigInt(PAGE_SIZE)) return E2BIG;
  const bytes = copyIn(task.mm, address, Number(length));
  if (bytes instanceof Errno) return EFAULT;
  return bytes.subarray(OPEN_HOW_BYTES).some((byte) => byte !== 0) ? E2BIG : parse(bytes);
}

function check({ flags: wide, mode, resolve: how }: OpenHow): Omit<OpenArguments, 'fd' | 'path'> | Errno {
  if (wide & ~BigInt(KNOWN) || how & ~0x3fn) return EINVAL;
  const flags = Number(wide);
  const resolve = Number(how);
  if (resolve & RESOLVE_BENEATH && resolve & RESOLVE_IN_ROOT) return EINVAL;
  if (mode !== 0n && (mode & ~BigInt(S_IALLUGO) || !(flags & (O_CREAT | __TMPFILE)))) return EINVAL;
  if (flags & O_PATH && flags & ~(PATH_FLAGS | O_LARGEFILE)) return EINVAL;
  if (resolve & RESOLVE_CACHED && flags & (O_TRUNC | O_CREAT | __TMPFILE)) return EAGAIN;
  const outside = resolve & RESOLVE_BENEATH ? 'refused' : resolve & RESOLVE_IN_ROOT ? 'root' : undefined;
  const walk = {
    noLinks: (resolve & RESOLVE_NO_SYMLINKS) !== 0,
    noMagicLinks: (resolve & RESOLVE_NO_MAGICLINKS) !== 0,
    noMounts: (resolve & RESOLVE_NO_XDEV) !== 0,
    ...(outside && ({ outside } as const)),
  };
  return { flags, mode: Number(mode), walk };
}
