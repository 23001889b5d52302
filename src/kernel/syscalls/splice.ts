/** splice(2), tee(2) and vmsplice(2): fs/splice.c. Pages are copied, which no program can tell. */
import { EAGAIN, EBADF, EINVAL, ERESTARTSYS, Errno, ESPIPE } from '../../abi/errno.ts';
import { O_APPEND } from '../../abi/fcntl.ts';
import { BufferStream } from '../vfs/buffer-stream.ts';
import { PipeEnd } from '../vfs/pipe.ts';
import { fd } from './args/files.ts';
import { u32 } from './args/kind.ts';
import { inIovec } from './args/memory.ts';
import { size } from './args/numbers.ts';
import { flagsText } from './args/text.ts';
import { Blocked, syscall } from './define.ts';
import { transferPieces } from './read-write.ts';
import { inOffset, MOST_BYTES, readPosition, transferBetween } from './sendfile.ts';

const SPLICE_F_NONBLOCK = 2;
const SPLICE_FLAGS = { SPLICE_F_MOVE: 1, SPLICE_F_NONBLOCK, SPLICE_F_MORE: 4, SPLICE_F_GIFT: 8 };
const ALL_FLAGS = 0xf;
const spliceFlags = u32((flags) => flagsText(flags, SPLICE_FLAGS, 'SPLICE_F_???'));

/** splice(2). EINVAL: unknown flags, neither is a pipe, both are the same, or the target is appended to. EBADF, ESPIPE, EAGAIN. */
export const splice = syscall({
  number: 275,
  name: 'splice',
  args: { from: fd, fromOffset: inOffset, to: fd, toOffset: inOffset, count: size, flags: spliceFlags },
  support: 'full',
  run(task, args, call) {
    if (args.count === 0n) return 0;
    if (args.flags & ~ALL_FLAGS) return EINVAL;
    return transferBetween(
      task,
      call,
      () => {
        const [source, target] = [task.files.find(args.from), task.files.find(args.to)];
        if (source === undefined || target === undefined || !source.isReadable || !target.isWritable) return EBADF;
        const pipes = [source, target].filter((file) => file instanceof PipeEnd);
        if (pipes.length === 0) return EINVAL;
        if (source instanceof PipeEnd && args.fromOffset !== 0n) return ESPIPE;
        if (target instanceof PipeEnd && args.toOffset !== 0n) return ESPIPE;
        if (pipes.length === 2 && pipes[0].isOf(pipes[1])) return EINVAL;
        if (target.flags & O_APPEND) return EINVAL;
        const from = readPosition(task, source, args.fromOffset);
        if (from instanceof Errno) return from;
        const to = readPosition(task, target, args.toOffset);
        if (to instanceof Errno) return to;
        const isNonBlocking = (args.flags & SPLICE_F_NONBLOCK) !== 0 || pipes.some((pipe) => pipe.isNonBlocking);
        return { from, to, count: Math.min(Number(args.count), MOST_BYTES), isNonBlocking };
      },
      false,
    );
  },
});

/** tee(2). EINVAL: not two different pipes. EAGAIN: nothing to read, or no room. */
export const tee = syscall({
  number: 276,
  name: 'tee',
  args: { from: fd, to: fd, count: size, flags: spliceFlags },
  support: 'full',
  run(task, { from, to, count, flags }) {
    if (flags & ~ALL_FLAGS) return EINVAL;
    if (count === 0n) return 0;
    const [source, target] = [task.files.find(from), task.files.find(to)];
    if (source === undefined || target === undefined || !source.isReadable || !target.isWritable) return EBADF;
    if (!(source instanceof PipeEnd) || !(target instanceof PipeEnd) || source.isOf(target)) return EINVAL;
    const isNonBlocking = (flags & SPLICE_F_NONBLOCK) !== 0 || source.isNonBlocking || target.isNonBlocking;
    if (source.isEmpty) {
      if (!source.hasWriters) return 0;
      return isNonBlocking ? EAGAIN : new Blocked(source.changes.toReaders, undefined, ERESTARTSYS);
    }
    if (target.hasReaders && target.isFull)
      return isNonBlocking ? EAGAIN : new Blocked(target.changes.toWriters, undefined, ERESTARTSYS);
    let done = 0;
    for (const bytes of source.peek(Math.min(Number(count), MOST_BYTES))) {
      if (target.hasReaders && target.isFull) break;
      const result = target.write(task, BufferStream.of(task.mm, bytes));
      if (typeof result !== 'number') return done || (result instanceof Errno ? result : EAGAIN);
      done += result;
    }
    return done;
  },
});

/** vmsplice(2): into a pipe what a program's memory holds, or out of one. EBADF: no pipe. EINVAL: unknown flags. */
export const vmsplice = syscall({
  number: 278,
  name: 'vmsplice',
  args: { fd, iov: inIovec, count: size, flags: spliceFlags },
  support: { missing: 'SPLICE_F_NONBLOCK; the pages are a copy, which later writes do not change' },
  run(task, { fd, iov, count, flags }, call) {
    if (flags & ~ALL_FLAGS) return EINVAL;
    const file = task.files.find(fd);
    if (!(file instanceof PipeEnd)) return EBADF;
    return transferPieces(task, file.isWritable ? 'write' : 'read', { fd, iov, count }, call);
  },
});
