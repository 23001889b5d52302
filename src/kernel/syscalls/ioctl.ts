/** ioctl(2): fs/ioctl.c. What is common to all files is here; the rest each file answers. */
import { EBADF, ENOTTY, Errno } from '../../abi/errno.ts';
import { O_ASYNC, O_NONBLOCK, O_PATH } from '../../abi/fcntl.ts';
import { FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD } from '../../abi/ioctl.ts';
import { readU32 } from '../mm/user-memory.ts';
import { fd, ioctlRequest } from './args/files.ts';
import { type ArgKind, failed, output, viewOf } from './args/kind.ts';
import { pointer } from './args/text.ts';
import { type CallView, syscall } from './define.ts';

/** A pointer to an int that is read or stored, for those requests where it is one. */
const ioctlArgument: ArgKind<bigint> = {
  ...output((address, call) => {
    const isStored = call.args.request === FIONREAD && !failed(call);
    return (isStored ? intAt(address, call) : call.notes?.get(ioctlArgument)) ?? pointer(address);
  }),
  note: (address, call) =>
    call.args.request === FIONBIO || call.args.request === FIOASYNC ? intAt(address, call) : undefined,
};
function intAt(address: bigint, { peek }: CallView): string | undefined {
  const bytes = peek(address, 4);
  return bytes && `[${viewOf(bytes).getInt32(0, true)}]`;
}

/** ioctl(2). EBADF; ENOTTY: not a request to this kind of file; what the file says. */
export const ioctl = syscall({
  number: 16,
  name: 'ioctl',
  args: { fd, request: ioctlRequest, argument: ioctlArgument },
  support: { missing: 'O_ASYNC has no effect' },
  argCount: ({ request }) => (request === FIOCLEX || request === FIONCLEX ? 2 : 3),
  run(task, { fd, request, argument }) {
    const descriptor = task.files.findDescriptor(fd);
    if (descriptor === undefined || descriptor.file.flags & O_PATH) return EBADF;
    const { file } = descriptor;
    switch (request) {
      case FIOCLEX:
      case FIONCLEX:
        descriptor.closeOnExec = request === FIOCLEX;
        return 0;
      case FIONBIO:
      case FIOASYNC: {
        const value = readU32(task.mm, argument);
        if (value instanceof Errno) return value;
        if (request === FIOASYNC && file.pollQueues() === undefined) return ENOTTY;
        const flag = request === FIONBIO ? O_NONBLOCK : O_ASYNC;
        file.flags = value === 0 ? file.flags & ~flag : file.flags | flag;
        return 0;
      }
      default:
        return file.ioctl(task, request, argument);
    }
  },
});
