/** connect(2) and accept(2): net/socket.c. */
import { ECONNABORTED, EINVAL, Errno } from '../../abi/errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../abi/fcntl.ts';
import { Operation } from '../net/operation.ts';
import type { Socket } from '../net/socket.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { fd } from './args/files.ts';
import { int } from './args/numbers.ts';
import { acceptFlags, inSockaddr, outAddressLength, outSockaddr } from './args/sockets.ts';
import { Blocked, type PendingCall, type SyscallResult, syscall } from './define.ts';
import { findSocket, installSocket, readAddress, SOCKET_FLAGS, writeAddress } from './socket-args.ts';

/** A connect or accept that sleeps. */
interface Waiting {
  readonly socket: Socket;
  readonly address: Uint8Array;
  readonly operation: Operation;
}

/** connect(2). EBADF, ENOTSOCK, EFAULT, EINVAL; ECONNREFUSED, EINPROGRESS, EISCONN, EALREADY, ENETUNREACH, EAGAIN, ... */
export const connect = syscall({
  number: 42,
  name: 'connect',
  args: { fd, address: inSockaddr, length: int },
  support: 'full',
  run(task, { fd, address, length }, call) {
    if (call.memo === undefined) {
      const socket = findSocket(task, fd);
      if (socket instanceof Errno) return socket;
      const bytes = readAddress(task, address, length);
      if (bytes instanceof Errno) return bytes;
      const operation = new Operation(task, socket.isNonBlocking, socket.options.sendTimeoutNs);
      call.memo = { socket, address: bytes, operation } satisfies Waiting;
    }
    const under = call.memo as Waiting;
    return under.socket.connect(under.operation, under.address);
  },
});

/** accept(2). EBADF, ENOTSOCK, EMFILE; EINVAL: it does not listen. EOPNOTSUPP, EAGAIN, EFAULT: the connection is lost. */
export const accept = syscall({
  number: 43,
  name: 'accept',
  args: { fd, address: outSockaddr, length: outAddressLength },
  support: 'full',
  run: (task, { fd, address, length }, call) => takeConnection(task, fd, address, length, 0, call),
});

/** accept4(2). EINVAL: unknown flags. */
export const accept4 = syscall({
  number: 288,
  name: 'accept4',
  args: { fd, address: outSockaddr, length: outAddressLength, flags: acceptFlags },
  support: 'full',
  run: (task, { fd, address, length, flags }, call) => takeConnection(task, fd, address, length, flags, call),
});

function takeConnection(
  task: Task,
  fd: number,
  address: bigint,
  length: bigint,
  flags: number,
  call: PendingCall,
): SyscallResult {
  if (call.memo === undefined) {
    if (flags & ~SOCKET_FLAGS) return EINVAL;
    const socket = findSocket(task, fd);
    if (socket instanceof Errno) return socket;
    const number = task.files.lowestFree(descriptorLimit(task));
    if (number instanceof Errno) return number;
    const operation = new Operation(task, socket.isNonBlocking, socket.options.receiveTimeoutNs);
    call.memo = { socket, address: new Uint8Array(0), operation } satisfies Waiting;
  }
  const { socket, operation } = call.memo as Waiting;
  const made = socket.accept(operation);
  if (made instanceof Errno || made instanceof Blocked) return made;
  made.flags |= flags & O_NONBLOCK;
  if (address !== 0n) {
    const name = made.peerName();
    const failed = name instanceof Errno ? ECONNABORTED : writeAddress(task, name, address, length);
    if (failed !== undefined) {
      made.close();
      return failed;
    }
  }
  return installSocket(task, made, flags & O_CLOEXEC);
}
