/** What read(2), write(2), pread(2), preadv(2) and their kin have in common: fs/read_write.c. */

import { EBADF, EFAULT, EINVAL, Errno, ESPIPE } from '../../abi/errno.ts';
import { numberOf } from '../../base/ints.ts';
import { isUserSpan } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { IoResult, OpenFile } from '../vfs/open-file.ts';
import { UserStream } from '../vfs/user-stream.ts';
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

/** EINVAL: before the beginning. EBADF: closed, or not open for this. ESPIPE: it has no places. */
function fileFor(task: Task, fd: number, direction: 'read' | 'write', where: Where): OpenFile | Errno {
  const file = task.files.find(fd);
  if (where !== AT_OFFSET) {
    if (where.position < 0n) return EINVAL;
    if (file !== undefined && !file.hasPositions) return ESPIPE;
  }
  return file !== undefined && (direction === 'read' ? file.isReadable : file.isWritable) ? file : EBADF;
}

function begin(
  task: Task,
  direction: 'read' | 'write',
  call: PendingCall,
  file: OpenFile,
  stream: UserStream,
  where: Where,
): SyscallResult {
  call.memo = new Transfer(file, stream);
  return counted(task, direction, move(task, file, direction, stream, where));
}

/** After a sleep. */
function goOn(task: Task, direction: 'read' | 'write', { file, stream }: Transfer, where: Where): SyscallResult {
  stream.isResumed = true;
  return counted(task, direction, move(task, file, direction, stream, where));
}

function move(task: Task, file: OpenFile, direction: 'read' | 'write', stream: UserStream, where: Where): IoResult {
  if (where === AT_OFFSET) return direction === 'read' ? file.read(task, stream) : file.write(task, stream);
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
export function transferBuffer(
  task: Task,
  direction: 'read' | 'write',
  { fd, buffer, count }: { fd: number; buffer: bigint; count: bigint },
  call: PendingCall,
  where: Where = AT_OFFSET,
): SyscallResult {
  if (call.memo instanceof Transfer) return goOn(task, direction, call.memo, where);
  const file = fileFor(task, fd, direction, where);
  if (file instanceof Errno) return file;
  if (!isUserSpan(numberOf(buffer), numberOf(count))) return EFAULT;
  return begin(task, direction, call, file, new UserStream(task.mm, [{ base: buffer, length: count }]), where);
}

/** A list of buffers. */
export function transferPieces(
  task: Task,
  direction: 'read' | 'write',
  { fd, iov, count }: { fd: number; iov: bigint; count: bigint },
  call: PendingCall,
  where: Where = AT_OFFSET,
  refuse?: (stream: UserStream) => Errno | undefined,
): SyscallResult {
  if (call.memo instanceof Transfer) return goOn(task, direction, call.memo, where);
  const file = fileFor(task, fd, direction, where);
  if (file instanceof Errno) return file;
  const pieces = readIovec(task.mm, iov, count);
  if (pieces instanceof Errno) return pieces;
  const stream = new UserStream(task.mm, pieces);
  return refuse?.(stream) ?? begin(task, direction, call, file, stream, where);
}
