/** sendto(2), sendmsg(2) and sendmmsg(2): net/socket.c. */
import { EFAULT, Errno } from '../../abi/errno.ts';
import { MMSGHDR_BYTES, MSGHDR_BYTES } from '../../abi/socket.ts';
import { isUserRange, writeU32 } from '../mm/user-memory.ts';
import type { Outgoing } from '../net/operation.ts';
import type { Socket } from '../net/socket.ts';
import type { Task } from '../task/task.ts';
import { UserStream } from '../vfs/user-stream.ts';
import { fd } from './args/files.ts';
import { inBytes } from './args/memory.ts';
import { int, size, size32 } from './args/numbers.ts';
import { inMessage, inMessages, inSockaddr, messageFlags } from './args/sockets.ts';
import { Blocked, type SyscallResult, syscall } from './define.ts';
import { readControl, readMessageHeader } from './message-header.ts';
import { findSocket, readAddress } from './socket-args.ts';

const MOST_MESSAGES = 1024;

/** A message on its way. */
interface Sending {
  readonly socket: Socket;
  readonly message: Outgoing;
}

function send({ socket, message }: Sending): SyscallResult {
  const result = socket.send(message);
  if (!(result instanceof Blocked)) message.discard();
  return result;
}

/** sendto(2). EFAULT, EBADF, ENOTSOCK, EINVAL, and what the socket says. */
export const sendto = syscall({
  number: 44,
  name: 'sendto',
  args: { fd, buffer: inBytes, count: size, flags: messageFlags, address: inSockaddr, length: int },
  support: 'full',
  run(task, { fd, buffer, count, flags, address, length }, call) {
    if (call.memo === undefined) {
      if (!isUserRange(buffer, count)) return EFAULT;
      const socket = findSocket(task, fd);
      if (socket instanceof Errno) return socket;
      const to = address === 0n ? undefined : readAddress(task, address, length);
      if (to instanceof Errno) return to;
      const stream = new UserStream(task.mm, [{ base: buffer, length: count }]);
      call.memo = { socket, message: socket.outgoing(task, stream, flags, to && { to }) };
    }
    return send(call.memo as Sending);
  },
});

/** sendmsg(2). EMSGSIZE: too many pieces. EBADF: also a file that is to be sent. */
export const sendmsg = syscall({
  number: 46,
  name: 'sendmsg',
  args: { fd, message: inMessage, flags: messageFlags },
  support: 'full',
  run(task, { fd, message, flags }, call) {
    if (call.memo === undefined) {
      const socket = findSocket(task, fd);
      if (socket instanceof Errno) return socket;
      const begun = begin(task, socket, message, flags);
      if (begun instanceof Errno) return begun;
      call.memo = begun;
    }
    return send(call.memo as Sending);
  },
});

function begin(task: Task, socket: Socket, at: bigint, flags: number): Sending | Errno {
  const header = readMessageHeader(task, at);
  if (header instanceof Errno) return header;
  const to = header.nameLength === 0 ? undefined : readAddress(task, header.name, header.nameLength);
  if (to instanceof Errno) return to;
  const control = readControl(task, socket, header);
  if (control instanceof Errno) return control;
  const stream = new UserStream(task.mm, header.pieces);
  return { socket, message: socket.outgoing(task, stream, flags, { ...control, ...(to && { to }) }) };
}

/** Several messages on their way. */
interface SendingMany {
  readonly socket: Socket;
  count: number;
  current: Sending | undefined;
}

/** sendmmsg(2). How many were sent; an error only if it is that of the first. */
export const sendmmsg = syscall({
  number: 307,
  name: 'sendmmsg',
  args: { fd, messages: inMessages, count: size32, flags: messageFlags },
  support: 'full',
  run(task, { fd, messages, count, flags }, call) {
    if (call.memo === undefined) {
      const socket = findSocket(task, fd);
      if (socket instanceof Errno) return socket;
      call.memo = { socket, count: 0, current: undefined } satisfies SendingMany;
    }
    const under = call.memo as SendingMany;
    while (under.count < Math.min(count, MOST_MESSAGES)) {
      const at = messages + BigInt(under.count * MMSGHDR_BYTES);
      const current = under.current ?? begin(task, under.socket, at, flags);
      if (current instanceof Errno) return under.count || current;
      const result = send(current);
      if (result instanceof Blocked) {
        under.current = current;
        return under.count === 0 ? result : new Blocked(result.queues, result.until, under.count, result.isExclusive);
      }
      under.current = undefined;
      if (result instanceof Errno) return under.count || result;
      if (writeU32(task.mm, at + BigInt(MSGHDR_BYTES), Number(result)) !== undefined) return under.count || EFAULT;
      under.count++;
    }
    return under.count;
  },
});
