/** What read(2), write(2), readv(2) and writev(2) have in common: fs/read_write.c. */
import { EBADF, EFAULT, Errno } from '../../abi/errno.ts';
import { isUserRange } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { type IoPiece, UserStream } from '../vfs/user-stream.ts';
import type { PendingCall, SyscallResult } from './define.ts';
import { readIovec } from './iovec.ts';

/** A transfer under way: what a call that sleeps keeps, whatever becomes of its descriptor meanwhile. */
class Transfer {
  readonly file: OpenFile;
  readonly stream: UserStream;
  constructor(file: OpenFile, stream: UserStream) {
    this.file = file;
    this.stream = stream;
  }
}

/** Begins, or goes on after a sleep. EBADF: closed, or not open for this. */
function transfer(
  task: Task,
  fd: number,
  direction: 'read' | 'write',
  call: PendingCall,
  findPieces: () => readonly IoPiece[] | Errno,
): SyscallResult {
  let under = call.memo;
  if (under instanceof Transfer) under.stream.isResumed = true;
  else {
    const file = task.files.find(fd);
    if (file === undefined || !(direction === 'read' ? file.isReadable : file.isWritable)) return EBADF;
    const pieces = findPieces();
    if (pieces instanceof Errno) return pieces;
    call.memo = under = new Transfer(file, new UserStream(task.mm, pieces));
  }
  const { file, stream } = under as Transfer;
  return file[direction](task, stream);
}

/** One buffer. EFAULT: it leaves user space. */
export const transferBuffer = (
  task: Task,
  direction: 'read' | 'write',
  { fd, buffer, count }: { fd: number; buffer: bigint; count: bigint },
  call: PendingCall,
): SyscallResult =>
  transfer(task, fd, direction, call, () => (isUserRange(buffer, count) ? [{ base: buffer, length: count }] : EFAULT));

/** A list of buffers. */
export const transferPieces = (
  task: Task,
  direction: 'read' | 'write',
  { fd, iov, count }: { fd: number; iov: bigint; count: bigint },
  call: PendingCall,
): SyscallResult => transfer(task, fd, direction, call, () => readIovec(task.mm, iov, count));
