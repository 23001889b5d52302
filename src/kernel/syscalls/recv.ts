/** recvfrom(2), recvmsg(2) and recvmmsg(2): net/socket.c. */
import { EFAULT, Errno } from '../../abi/errno.ts';
import { MMSGHDR_BYTES, MSG_DONTWAIT, MSG_WAITFORONE, MSGHDR_BYTES } from '../../abi/socket.ts';
import { isUserRange, writeU32 } from '../mm/user-memory.ts';
import type { Incoming } from '../net/operation.ts';
import type { Socket } from '../net/socket.ts';
import type { Task } from '../task/task.ts';
import { UserStream } from '../vfs/user-stream.ts';
import { fd } from './args/files.ts';
import { size, size32 } from './args/numbers.ts';
import { messageFlags, outAddressLength, outMessage, outMessages, outReceived, outSockaddr } from './args/sockets.ts';
import { inTimespec } from './args/time.ts';
import { Blocked, type SyscallResult, syscall } from './define.ts';
import { finishReceiving, type MessageHeader, readMessageHeader } from './message-header.ts';
import { findSocket, writeAddress } from './socket-args.ts';
import { type Deadline, isOver, readDeadline, writeRemaining } from './timeout.ts';

/** recvfrom(2). EFAULT, EBADF, ENOTSOCK, EINVAL, and what the socket says. */
export const recvfrom = syscall({
  number: 45,
  name: 'recvfrom',
  args: { fd, buffer: outReceived, count: size, flags: messageFlags, address: outSockaddr, length: outAddressLength },
  support: 'full',
  run(task, { fd, buffer, count, flags, address, length }, call) {
    if (call.memo === undefined) {
      if (!isUserRange(buffer, count)) return EFAULT;
      const socket = findSocket(task, fd);
      if (socket instanceof Errno) return socket;
      const stream = new UserStream(task.mm, [{ base: buffer, length: count }]);
      call.memo = { socket, message: socket.incoming(task, stream, flags) };
    }
    const { socket, message } = call.memo as Receiving;
    const result = socket.receive(message);
    if (result instanceof Blocked) return result;
    message.discard();
    if (result instanceof Errno || address === 0n) return result;
    return writeAddress(task, message.from, address, length) ?? result;
  },
});

/** A message that is waited for. */
interface Receiving {
  readonly socket: Socket;
  readonly message: Incoming;
}
interface ReceivingWithHeader extends Receiving {
  readonly header: MessageHeader;
}

function begin(task: Task, socket: Socket, at: bigint, flags: number): ReceivingWithHeader | Errno {
  const header = readMessageHeader(task, at);
  if (header instanceof Errno) return header;
  return { socket, header, message: socket.incoming(task, new UserStream(task.mm, header.pieces), flags) };
}

function receive(task: Task, { socket, message, header }: ReceivingWithHeader): SyscallResult {
  const result = socket.receive(message);
  if (result instanceof Blocked) return result;
  if (result instanceof Errno) {
    message.discard();
    return result;
  }
  return finishReceiving(task, socket, header, message) ?? result;
}

/** recvmsg(2). EMSGSIZE: too many pieces. */
export const recvmsg = syscall({
  number: 47,
  name: 'recvmsg',
  args: { fd, message: outMessage, flags: messageFlags },
  support: 'full',
  run(task, { fd, message, flags }, call) {
    if (call.memo === undefined) {
      const socket = findSocket(task, fd);
      if (socket instanceof Errno) return socket;
      const begun = begin(task, socket, message, flags);
      if (begun instanceof Errno) return begun;
      call.memo = begun;
    }
    return receive(task, call.memo as ReceivingWithHeader);
  },
});

/** Several messages that are waited for. */
interface ReceivingMany {
  readonly socket: Socket;
  readonly deadline: Deadline;
  count: number;
  current: ReceivingWithHeader | undefined;
}

/** recvmmsg(2). How many came; an error only if it is that of the first. The timeout is looked at after each. */
export const recvmmsg = syscall({
  number: 299,
  name: 'recvmmsg',
  args: { fd, messages: outMessages, count: size32, flags: messageFlags, timeout: inTimespec },
  support: 'full',
  run(task, { fd, messages, count, flags, timeout }, call) {
    if (call.memo === undefined) {
      const deadline = readDeadline(task, timeout, 'timespec');
      if (deadline instanceof Errno) return deadline;
      const socket = findSocket(task, fd);
      if (socket instanceof Errno) return socket;
      const error = socket.takeError();
      if (error !== undefined) return error;
      call.memo = { socket, deadline, count: 0, current: undefined } satisfies ReceivingMany;
    }
    const under = call.memo as ReceivingMany;
    const finish = (): number => {
      writeRemaining(task, timeout, under.deadline, 'timespec');
      return under.count;
    };
    while (under.count < count) {
      const at = messages + BigInt(under.count * MMSGHDR_BYTES);
      const waits = under.count > 0 && flags & MSG_WAITFORONE ? MSG_DONTWAIT : 0;
      const current = under.current ?? begin(task, under.socket, at, (flags & ~MSG_WAITFORONE) | waits);
      if (current instanceof Errno) return under.count > 0 ? finish() : current;
      const result = receive(task, current);
      if (result instanceof Blocked) {
        under.current = current;
        return under.count === 0 ? result : new Blocked(result.queues, result.until, finish, result.isExclusive);
      }
      under.current = undefined;
      if (result instanceof Errno) return under.count > 0 ? finish() : result;
      if (writeU32(task.mm, at + BigInt(MSGHDR_BYTES), Number(result)) !== undefined)
        return under.count > 0 ? finish() : EFAULT;
      under.count++;
      if (timeout !== 0n && isOver(task, under.deadline)) break;
    }
    return timeout === 0n ? under.count : finish();
  },
});
