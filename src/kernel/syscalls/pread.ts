/** pread(2), pwrite(2), preadv(2), pwritev(2) and their newer forms with flags: fs/read_write.c. */
import { EINVAL, ENOTSUP, type Errno } from '../../abi/errno.ts';
import { O_APPEND, RWF_APPEND, RWF_DSYNC, RWF_HIPRI, RWF_NOAPPEND, RWF_SYNC } from '../../abi/fcntl.ts';
import { s64 } from '../../base/ints.ts';
import type { UserStream } from '../vfs/user-stream.ts';
import { fd, rwFlags } from './args/files.ts';
import { inBytes, inIovec, outBytes, outIovec } from './args/memory.ts';
import { signedOffset, size, unseen } from './args/numbers.ts';
import { syscall } from './define.ts';
import { transferBuffer, transferPieces, type Where } from './read-write.ts';

const at = (offset: bigint): Where => ({ position: s64(offset) });
/** -1 is the file's own offset. */
const atOrOffset = (offset: bigint): Where => (s64(offset) === -1n ? 'offset' : at(offset));

/** pread64(2). EINVAL: a negative place. EBADF; ESPIPE: a pipe; EFAULT. */
export const pread64 = syscall({
  number: 17,
  name: 'pread64',
  args: { fd, buffer: outBytes, count: size, offset: signedOffset },
  support: 'full',
  run: (task, args, call) => transferBuffer(task, 'read', args, call, at(args.offset)),
});

/** pwrite64(2). */
export const pwrite64 = syscall({
  number: 18,
  name: 'pwrite64',
  args: { fd, buffer: inBytes, count: size, offset: signedOffset },
  support: 'full',
  run: (task, args, call) => transferBuffer(task, 'write', args, call, at(args.offset)),
});

/** preadv(2). The upper half of the offset is for 32-bit programs. */
export const preadv = syscall({
  number: 295,
  name: 'preadv',
  args: { fd, iov: outIovec, count: size, offset: signedOffset, high: unseen },
  support: 'full',
  run: (task, args, call) => transferPieces(task, 'read', args, call, at(args.offset)),
});

/** pwritev(2). */
export const pwritev = syscall({
  number: 296,
  name: 'pwritev',
  args: { fd, iov: inIovec, count: size, offset: signedOffset, high: unseen },
  support: 'full',
  run: (task, args, call) => transferPieces(task, 'write', args, call, at(args.offset)),
});

/** What tmpfs takes of RWF_. EOPNOTSUPP: the rest. EINVAL: two that contradict each other. */
const KNOWN = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND | RWF_NOAPPEND;
const refuseFlags =
  (flags: number) =>
  (stream: UserStream): Errno | undefined => {
    if (stream.left === 0) return undefined;
    if (flags & ~KNOWN) return ENOTSUP;
    return flags & RWF_APPEND && flags & RWF_NOAPPEND ? EINVAL : undefined;
  };

/** preadv2(2). EOPNOTSUPP: a flag that the file does not know. */
export const preadv2 = syscall({
  number: 327,
  name: 'preadv2',
  args: { fd, iov: outIovec, count: size, offset: signedOffset, high: unseen, flags: rwFlags },
  support: { missing: 'RWF_NOWAIT, RWF_DONTCACHE and RWF_ATOMIC are EOPNOTSUPP on every file' },
  run: (task, args, call) => transferPieces(task, 'read', args, call, atOrOffset(args.offset), refuseFlags(args.flags)),
});

/** pwritev2(2). */
export const pwritev2 = syscall({
  number: 328,
  name: 'pwritev2',
  args: { fd, iov: inIovec, count: size, offset: signedOffset, high: unseen, flags: rwFlags },
  support: { missing: 'RWF_NOWAIT, RWF_DONTCACHE and RWF_ATOMIC are EOPNOTSUPP on every file' },
  run(task, args, call) {
    const { flags } = args;
    const file = task.files.find(args.fd);
    if (file === undefined || !(flags & (RWF_APPEND | RWF_NOAPPEND)))
      return transferPieces(task, 'write', args, call, atOrOffset(args.offset), refuseFlags(flags));
    // For this one call the file is as if it had been opened with O_APPEND, or without.
    const before = file.flags;
    file.flags = flags & RWF_APPEND ? before | O_APPEND : before & ~O_APPEND;
    const result = transferPieces(task, 'write', args, call, atOrOffset(args.offset), refuseFlags(flags));
    file.flags = before;
    return result;
  },
});
