/** What the calls on sockets have in common: from descriptors and pointers to sockets and addresses. net/socket.c. */
import { EBADF, EFAULT, EINVAL, ENOTSOCK, Errno } from '../../abi/errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../abi/fcntl.ts';
import { ADDRESS_MAX_BYTES } from '../../abi/socket.ts';
import { copyIn, copyOut, readU32, writeU32 } from '../mm/user-memory.ts';
import { Socket } from '../net/socket.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';

/** EBADF, ENOTSOCK. */
export function findSocket(task: Task, fd: number): Socket | Errno {
  const file = task.files.find(fd);
  if (file === undefined) return EBADF;
  return file instanceof Socket ? file : ENOTSOCK;
}

/** A sockaddr from a program (`move_addr_to_kernel`). EINVAL: longer than any. EFAULT. */
export function readAddress(task: Task, address: bigint, length: number): Uint8Array | Errno {
  if (length < 0 || length > ADDRESS_MAX_BYTES) return EINVAL;
  return length === 0 ? new Uint8Array(0) : copyIn(task.mm, address, length);
}

/** A sockaddr to a program, as much as there is room for; its length in full (`move_addr_to_user`). EFAULT, EINVAL. */
export function writeAddress(task: Task, bytes: Uint8Array, address: bigint, lengthAt: bigint): Errno | undefined {
  const room = readU32(task.mm, lengthAt);
  if (room instanceof Errno) return room;
  if ((room | 0) < 0) return EINVAL;
  const shown = bytes.subarray(0, room);
  if (shown.length > 0 && copyOut(task.mm, address, shown) !== undefined) return EFAULT;
  return writeU32(task.mm, lengthAt, bytes.length);
}

/** Gives a socket a descriptor. EMFILE: it is closed again. */
export function installSocket(task: Task, socket: Socket, flags: number): number | Errno {
  const fd = task.files.install(socket, (flags & O_CLOEXEC) !== 0, descriptorLimit(task));
  if (fd instanceof Errno) socket.close();
  return fd;
}

/** Flags of a new socket: SOCK_CLOEXEC and SOCK_NONBLOCK are the O_ flags of these names. */
export const SOCKET_FLAGS: number = O_CLOEXEC | O_NONBLOCK;
