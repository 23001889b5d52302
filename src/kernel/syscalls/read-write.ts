/** What read(2), write(2), pread(2), preadv(2) and their kin have in common: fs/read_write.c. */
import { EBADF, EFAULT, EINVAL, Errno, ESPIPE } from '../../abi/errno.ts';
import { isUserRange } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { IoResult, OpenFile } from '../vfs/open-file.ts';
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

/** Where the bytes are: at the file's own offset, or at a place. */
export type Where = 'offset' | { readonly position: bigint };
const AT_OFFSET = 'offset';

/** Begins, or goes on after a sleep. EBADF: closed, or not open for this. */
function transfer(
  task: Task,
  fd: number,
  direction: 'read' | 'write',
  call: PendingCall,
  where: Where,
  findPieces: () => readonly IoPiece[] | Errno,
  refuse?: (stream: UserStream) => Errno | undefined,
): SyscallResult {
  if (where !== AT_OFFSET && where.position < 0n) return EINVAL;
  let under = call.memo;
  if (under instanceof Transfer) under.stream.isResumed = true;
  else {
    const file = task.files.find(fd);
    if (file !== undefined && where !== AT_OFFSET && !file.hasPositions) return ESPIPE;
    if (file === undefined || !(direction === 'read' ? file.isReadable : file.isWritable)) return EBADF;
    const pieces = findPieces();
    if (pieces instanceof Errno) return pieces;
    const stream = new UserStream(task.mm, pieces);
    const refused = refuse?.(stream);
    if (refused !== undefined) return refused;
    call.memo = under = new Transfer(file, stream);
  }
  const { file, stream } = under as Transfer;
  return counted(task, direction, move(task, file, direction, stream, where));
}

function move(task: Task, file: OpenFile, direction: 'read' | 'write', stream: UserStream, where: Where): IoResult {
  if (where === AT_OFFSET) return file[direction](task, stream);
  const position = Number(where.position);
  return direction === 'read' ? file.readAt(task, stream, position) : file.writeAt(task, stream, position);
}

/** Notes in /proc/PID/io what has been moved. */
function counted({ process: { io } }: Task, direction: 'read' | 'write', result: IoResult): IoResult {
  const moved = typeof result === 'number' ? result : 0;
  if (direction === 'read') {
    io.charsRead += moved;
    io.reads++;
  } else {
    io.charsWritten += moved;
    io.writes++;
  }
  return result;
}

/** One buffer. EFAULT: it leaves user space. */
export const transferBuffer = (
  task: Task,
  direction: 'read' | 'write',
  { fd, buffer, count }: { fd: number; buffer: bigint; count: bigint },
  call: PendingCall,
  where: Where = AT_OFFSET,
): SyscallResult =>
  transfer(task, fd, direction, call, where, () =>
    isUserRange(buffer, count) ? [{ base: buffer, length: count }] : EFAULT,
  );

/** A list of buffers. */
export const transferPieces = (
  task: Task,
  direction: 'read' | 'write',
  { fd, iov, count }: { fd: number; iov: bigint; count: bigint },
  call: PendingCall,
  where: Where = AT_OFFSET,
  refuse?: (stream: UserStream) => Errno | undefined,
): SyscallResult => transfer(task, fd, direction, call, where, () => readIovec(task.mm, iov, count), refuse);
