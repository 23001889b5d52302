/** bind(2), listen(2) and shutdown(2): net/socket.c. */
import { Errno } from '../../abi/errno.ts';
import { fd } from './args/files.ts';
import { int } from './args/numbers.ts';
import { inSockaddr, shutdownHow } from './args/sockets.ts';
import { syscall } from './define.ts';
import { findSocket, readAddress } from './socket-args.ts';

/** bind(2). EBADF, ENOTSOCK, EFAULT, EINVAL, EADDRINUSE, EADDRNOTAVAIL, EACCES, and what a path may fail with. */
export const bind = syscall({
  number: 49,
  name: 'bind',
  args: { fd, address: inSockaddr, length: int },
  support: 'full',
  run(task, { fd, address, length }) {
    const socket = findSocket(task, fd);
    if (socket instanceof Errno) return socket;
    const bytes = readAddress(task, address, length);
    return bytes instanceof Errno ? bytes : (socket.bind(task, bytes) ?? 0);
  },
});

/** listen(2). EOPNOTSUPP: of this type there are no connections. EINVAL, EADDRINUSE. */
export const listen = syscall({
  number: 50,
  name: 'listen',
  args: { fd, backlog: int },
  support: 'full',
  run(task, { fd, backlog }) {
    const socket = findSocket(task, fd);
    return socket instanceof Errno ? socket : (socket.listen(task, backlog) ?? 0);
  },
});

/** shutdown(2). EINVAL: no such direction. ENOTCONN. */
export const shutdown = syscall({
  number: 48,
  name: 'shutdown',
  args: { fd, how: shutdownHow },
  support: 'full',
  run(task, { fd, how }) {
    const socket = findSocket(task, fd);
    return socket instanceof Errno ? socket : (socket.shutdown(how) ?? 0);
  },
});
