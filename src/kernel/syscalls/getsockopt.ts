/** getsockopt(2) and setsockopt(2): net/socket.c. */
import { EFAULT, EINVAL, ENOPROTOOPT, EOPNOTSUPP, Errno } from '../../abi/errno.ts';
import { AF_UNIX, SO_ERROR, SO_TYPE, SOL_SOCKET } from '../../abi/socket.ts';
import { copyIn, copyOut, readU32, writeU32 } from '../mm/user-memory.ts';
import { getSocketOption, setSocketOption } from '../net/options.ts';
import { fd } from './args/files.ts';
import { int } from './args/numbers.ts';
import { inOption, optionLevel, optionName, outOption, outOptionLength } from './args/sockets.ts';
import { syscall } from './define.ts';
import { findSocket } from './socket-args.ts';

const SUPPORT = { missing: 'most options above SOL_SOCKET are not there, or have no effect' };
/** Longer values are cut. */
const MOST_BYTES = 256;

/** getsockopt(2). EBADF, ENOTSOCK, EFAULT; EINVAL: a negative length. ENOPROTOOPT, EOPNOTSUPP: no such option or level. */
export const getsockopt = syscall({
  number: 55,
  name: 'getsockopt',
  args: { fd, level: optionLevel, option: optionName, value: outOption, length: outOptionLength },
  support: SUPPORT,
  run(task, { fd, level, option, value, length }) {
    const socket = findSocket(task, fd);
    if (socket instanceof Errno) return socket;
    let bytes: Uint8Array | Errno;
    const room = readU32(task.mm, length);
    if (level === SOL_SOCKET) {
      if (room instanceof Errno) return room;
      if ((room | 0) < 0) return EINVAL;
      bytes = getSocketOption(socket, option);
    } else {
      const found = socket.getOption(level, option);
      if (found === undefined) return socket.hasLevel(level) ? ENOPROTOOPT : EOPNOTSUPP;
      if (room instanceof Errno) return room;
      if ((room | 0) < 0) return EINVAL;
      bytes = new Uint8Array(Int32Array.of(found).buffer);
    }
    if (bytes instanceof Errno) return bytes;
    const shown = bytes.subarray(0, room);
    if (shown.length > 0 && copyOut(task.mm, value, shown) !== undefined) return EFAULT;
    return writeU32(task.mm, length, shown.length) ?? 0;
  },
});

/** setsockopt(2). EBADF, ENOTSOCK; EINVAL: a length or value that does not fit. ENOPROTOOPT, EOPNOTSUPP, EFAULT, EDOM, EPERM. */
export const setsockopt = syscall({
  number: 54,
  name: 'setsockopt',
  args: { fd, level: optionLevel, option: optionName, value: inOption, length: int },
  support: SUPPORT,
  run(task, { fd, level, option, value, length }) {
    if (length < 0) return EINVAL;
    const socket = findSocket(task, fd);
    if (socket instanceof Errno) return socket;
    if (level === SOL_SOCKET) {
      if (option === SO_TYPE || option === SO_ERROR) return length < 4 ? EINVAL : ENOPROTOOPT;
      const bytes = copyIn(task.mm, value, length < 4 ? 0 : Math.min(length, MOST_BYTES));
      return bytes instanceof Errno ? bytes : (setSocketOption(socket, option, bytes) ?? 0);
    }
    if (socket.family === AF_UNIX) return EOPNOTSUPP;
    const bytes = copyIn(task.mm, value, Math.min(length, 4));
    if (bytes instanceof Errno) return bytes;
    const number = bytes.length < 4 ? (bytes[0] ?? 0) : new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
    const done = socket.setOption(task, level, option, number);
    if (done instanceof Errno) return done;
    return done ? 0 : ENOPROTOOPT;
  },
});
