/** getsockname(2) and getpeername(2): net/socket.c. */
import { Errno } from '../../abi/errno.ts';
import type { Socket } from '../net/socket.ts';
import type { Task } from '../task/task.ts';
import { fd } from './args/files.ts';
import { outAddressLength, outSockaddr } from './args/sockets.ts';
import { syscall } from './define.ts';
import { findSocket, writeAddress } from './socket-args.ts';

interface NameArgs {
  readonly fd: number;
  readonly address: bigint;
  readonly length: bigint;
}

/** getsockname(2). EBADF, ENOTSOCK, EFAULT; EINVAL: a negative length. */
export const getsockname = syscall({
  number: 51,
  name: 'getsockname',
  args: { fd, address: outSockaddr, length: outAddressLength },
  support: 'full',
  run: (task, args) => giveName(task, args, (socket) => socket.name()),
});

/** getpeername(2). ENOTCONN. */
export const getpeername = syscall({
  number: 52,
  name: 'getpeername',
  args: { fd, address: outSockaddr, length: outAddressLength },
  support: 'full',
  run: (task, args) => giveName(task, args, (socket) => socket.peerName()),
});

function giveName(task: Task, { fd, address, length }: NameArgs, nameOf: (socket: Socket) => Uint8Array | Errno) {
  const socket = findSocket(task, fd);
  if (socket instanceof Errno) return socket;
  const name = nameOf(socket);
  return name instanceof Errno ? name : (writeAddress(task, name, address, length) ?? 0);
}
