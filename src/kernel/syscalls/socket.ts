/** socket(2) and socketpair(2): net/socket.c. */
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { O_NONBLOCK } from '../../abi/fcntl.ts';
import { SOCK_TYPE_MASK } from '../../abi/socket.ts';
import { copyOut } from '../mm/user-memory.ts';
import { createPair, createSocket } from '../net/families.ts';
import { outFds } from './args/files.ts';
import { socketFamily, socketProtocol, socketType } from './args/sockets.ts';
import { syscall } from './define.ts';
import { installSocket, SOCKET_FLAGS } from './socket-args.ts';

/** socket(2). EINVAL: unknown flags or type. EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT, EPERM, EACCES, EMFILE. */
export const socket = syscall({
  number: 41,
  name: 'socket',
  args: { family: socketFamily, type: socketType, protocol: socketProtocol },
  support: { missing: 'families other than AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK' },
  run(task, { family, type, protocol }) {
    const flags = type & ~SOCK_TYPE_MASK;
    if (flags & ~SOCKET_FLAGS) return EINVAL;
    const socket = createSocket(task, family, type & SOCK_TYPE_MASK, protocol, flags & O_NONBLOCK);
    return socket instanceof Errno ? socket : installSocket(task, socket, flags);
  },
});

/** socketpair(2). EOPNOTSUPP: of another family than AF_UNIX. EFAULT: nothing is left open then. */
export const socketpair = syscall({
  number: 53,
  name: 'socketpair',
  args: { family: socketFamily, type: socketType, protocol: socketProtocol, fds: outFds },
  support: 'full',
  run(task, { family, type, protocol, fds }) {
    const flags = type & ~SOCK_TYPE_MASK;
    if (flags & ~SOCKET_FLAGS) return EINVAL;
    const pair = createPair(task, family, type & SOCK_TYPE_MASK, protocol, flags & O_NONBLOCK);
    if (pair instanceof Errno) return pair;
    const one = installSocket(task, pair[0], flags);
    if (one instanceof Errno) {
      pair[1].close();
      return one;
    }
    const other = installSocket(task, pair[1], flags);
    if (other instanceof Errno) {
      task.files.close(one);
      return other;
    }
    if (copyOut(task.mm, fds, new Uint8Array(Int32Array.of(one, other).buffer)) === undefined) return 0;
    task.files.close(one);
    task.files.close(other);
    return EFAULT;
  },
});
