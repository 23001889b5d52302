/** sendfile(2) and copy_file_range(2): fs/read_write.c. */
import { EBADF, EFAULT, EINVAL, EISDIR, Errno, ESPIPE } from '../../abi/errno.ts';
import { O_APPEND } from '../../abi/fcntl.ts';
import { readU64, writeU64 } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { FileTransfer } from '../vfs/file-transfer.ts';
import { isDirectory } from '../vfs/inode.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { PipeEnd } from '../vfs/pipe.ts';
import { fd } from './args/files.ts';
import { failed, input, inStruct, viewOf } from './args/kind.ts';
import { hexInt, size } from './args/numbers.ts';
import { pointer } from './args/text.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';

/** MAX_RW_COUNT. */
export const MOST_BYTES = 0x7fff_f000;

/** A pointer to an offset: `[0]`, and what it was and has become. */
export const offsetPointer: ReturnType<typeof input> = {
  ...input((address, call) => {
    const before = call.notes?.get(offsetPointer) ?? offsetAt(address, call.peek);
    if (before === undefined) return pointer(address);
    const after = failed(call) ? before : offsetAt(address, call.peek);
    return before === after ? `[${before}]` : `[${before}] => [${after}]`;
  }),
  filled: true,
  note: (address, { peek }) => offsetAt(address, peek),
};
function offsetAt(
  address: bigint,
  peek: (address: bigint, length: number) => Uint8Array | undefined,
): string | undefined {
  const bytes = address === 0n ? undefined : peek(address, 8);
  return bytes && String(viewOf(bytes).getBigUint64(0, true));
}

/** A pointer to an offset, as it is before the call. */
export const inOffset = inStruct(8, (bytes) => `[${viewOf(bytes).getBigInt64(0, true)}]`);

/** Where a file is read or written: at an offset of the program's, or at its own, which moves then. */
interface Position {
  readonly file: OpenFile;
  /** The program's offset; 0n for the file's own. */
  readonly pointer: bigint;
  readonly start: number | undefined;
}

/** EFAULT; EINVAL: negative. ESPIPE: the file has no offsets. */
function readPosition(task: Task, file: OpenFile, address: bigint): Position | Errno {
  if (address === 0n) return { file, pointer: 0n, start: file instanceof OpenRegular ? file.position : undefined };
  const offset = readU64(task.mm, address);
  if (offset instanceof Errno) return offset;
  if (!file.hasPositions) return ESPIPE;
  return offset >= 1n << 53n ? EINVAL : { file, pointer: address, start: Number(offset) };
}

/** Moves an offset on. EFAULT. */
function movePosition(task: Task, { file, pointer, start }: Position, done: number): Errno | undefined {
  if (start === undefined) return undefined;
  if (pointer !== 0n) return writeU64(task.mm, pointer, BigInt(start + done));
  if (file instanceof OpenRegular) file.position = start + done;
  return undefined;
}

/** A transfer that may sleep. */
interface Sending {
  readonly transfer: FileTransfer;
  readonly from: Position;
  readonly to: Position;
}

function go(task: Task, { transfer, from, to }: Sending, all: boolean): SyscallResult {
  const finish = (result: number | Errno): number | Errno => {
    const failedToStore = movePosition(task, from, transfer.done) ?? movePosition(task, to, transfer.done);
    return failedToStore === undefined ? result : EFAULT;
  };
  const result = transfer.run(task, all);
  if (!(result instanceof Blocked)) return finish(result);
  const { interrupted } = result;
  const giveUp = () => finish(typeof interrupted === 'function' ? interrupted() : (interrupted ?? 0));
  return new Blocked(result.queues, result.until, giveUp, result.isExclusive);
}

export function transferBetween(
  task: Task,
  call: PendingCall,
  begin: () => { from: Position; to: Position; count: number; isNonBlocking: boolean } | Errno,
  all: boolean,
): SyscallResult {
  if (call.memo === undefined) {
    const begun = begin();
    if (begun instanceof Errno) return begun;
    const { from, to, count, isNonBlocking } = begun;
    const transfer = new FileTransfer(from.file, to.file, count, { from: from.start, to: to.start }, isNonBlocking);
    call.memo = { transfer, from, to } satisfies Sending;
  }
  return go(task, call.memo as Sending, all);
}
export { readPosition };

/** sendfile(2). EBADF; EINVAL: from something else than a file, or to one that is appended to. EFAULT, ESPIPE. */
export const sendfile = syscall({
  number: 40,
  name: 'sendfile',
  args: { out: fd, from: fd, offset: offsetPointer, count: size },
  support: 'full',
  run: (task, { out, from: fromFd, offset, count }, call) =>
    transferBetween(
      task,
      call,
      () => {
        const source = task.files.find(fromFd);
        if (source === undefined || !source.isReadable) return EBADF;
        const from = readPosition(task, source, offset);
        if (from instanceof Errno) return from;
        const target = task.files.find(out);
        if (target === undefined || !target.isWritable) return EBADF;
        if (target.flags & O_APPEND) return EINVAL;
        if (!(source instanceof OpenRegular) && !(target instanceof PipeEnd && source instanceof PipeEnd))
          return EINVAL;
        const to = readPosition(task, target, 0n);
        if (to instanceof Errno) return to;
        return { from, to, count: Math.min(Number(count), MOST_BYTES), isNonBlocking: false };
      },
      true,
    ),
});

/** copy_file_range(2). EBADF; EINVAL: flags, no regular files, or ranges of one file that overlap. EISDIR. */
export const copyFileRange = syscall({
  number: 326,
  name: 'copy_file_range',
  args: { from: fd, fromOffset: inOffset, to: fd, toOffset: inOffset, count: size, flags: hexInt },
  support: { missing: 'EXDEV between file systems' },
  run: (task, args, call) =>
    transferBetween(
      task,
      call,
      () => {
        const [source, target] = [task.files.find(args.from), task.files.find(args.to)];
        if (source === undefined || target === undefined) return EBADF;
        const from = readPosition(task, source, args.fromOffset);
        if (from instanceof Errno) return from;
        const to = readPosition(task, target, args.toOffset);
        if (to instanceof Errno) return to;
        if (args.flags !== 0) return EINVAL;
        if ([source, target].some(({ dentry }) => dentry !== undefined && isDirectory(dentry.inode))) return EISDIR;
        if (!(source instanceof OpenRegular) || !(target instanceof OpenRegular)) return EINVAL;
        if (!source.isReadable || !target.isWritable || target.flags & O_APPEND) return EBADF;
        const left = Math.max(0, source.inode.sizeBytes - from.start!);
        const count = Math.min(Number(args.count), MOST_BYTES, left);
        const distance = Math.abs(from.start! - to.start!);
        if (source.inode === target.inode && distance < count) return EINVAL;
        return { from, to, count, isNonBlocking: false };
      },
      true,
    ),
});
