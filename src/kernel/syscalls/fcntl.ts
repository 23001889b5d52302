/** fcntl(2): fs/fcntl.c. */
import { EBADF, EINVAL } from '../../abi/errno.ts';
import {
  F_ADD_SEALS, F_DUPFD, F_DUPFD_CLOEXEC, F_GET_SEALS, F_GETFD, F_GETFL, F_GETPIPE_SZ, F_SETFD, F_SETFL, F_SETPIPE_SZ, FCNTL_NAMES,
  FD_CLOEXEC, O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME, O_NONBLOCK,SEAL_NAMES, 
} from '../../abi/fcntl.ts'; // biome-ignore format: a list
import { hex, s64 } from '../../base/ints.ts';
import { descriptorLimit } from '../task/limits.ts';
import { addSeals } from '../vfs/memfd.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { PipeEnd } from '../vfs/pipe.ts';
import { fd, openFlagsText } from './args/files.ts';
import { int, word } from './args/numbers.ts';
import { flagsText, zeroOrHex } from './args/text.ts';
import { syscall } from './define.ts';

/** What F_SETFL may change: SETFL_MASK. */
const SETTABLE = O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME;
const low32 = (value: bigint): number => Number(BigInt.asUintN(32, value));

/** fcntl(2). EBADF. EINVAL: no such command, or an argument that does not fit it. */
export const fcntl = syscall({
  number: 72,
  name: 'fcntl',
  args: { fd, command: int, argument: word },
  support: { missing: 'locks, owners, signals, leases; O_ASYNC has no effect' },
  argsText({ fd, command, argument }) {
    const name = FCNTL_NAMES[command] ?? `${hex(command >>> 0)} /* F_??? */`;
    return [fd, name, ...argumentText(command, argument)].join(', ');
  },
  resultNote({ command }, result) {
    if (command === F_GETFD && result === BigInt(FD_CLOEXEC)) return '0x1 (flags FD_CLOEXEC)';
    if (command === F_GETFL) return `${zeroOrHex(result)} (flags ${openFlagsText(Number(result))})`;
    return undefined;
  },
  run(task, { fd, command, argument }) {
    const { files } = task;
    const descriptor = files.findDescriptor(fd);
    if (descriptor === undefined) return EBADF;
    const { file } = descriptor;
    switch (command) {
      case F_DUPFD:
      case F_DUPFD_CLOEXEC:
        return files.duplicate(fd, command === F_DUPFD_CLOEXEC, descriptorLimit(task), low32(argument));
      case F_GETFD:
        return descriptor.closeOnExec ? FD_CLOEXEC : 0;
      case F_SETFD:
        descriptor.closeOnExec = (argument & BigInt(FD_CLOEXEC)) !== 0n;
        return 0;
      case F_GETFL:
        return file.flags;
      case F_SETFL:
        file.flags = (file.flags & ~SETTABLE) | (low32(argument) & SETTABLE);
        return 0;
      case F_GETPIPE_SZ:
        return file instanceof PipeEnd ? file.sizeBytes : EBADF;
      case F_SETPIPE_SZ:
        return file instanceof PipeEnd ? file.resize(low32(argument)) : EBADF;
      case F_ADD_SEALS:
        return addSeals(file, argument);
      case F_GET_SEALS:
        return (file instanceof OpenRegular ? file.inode.seals : undefined) ?? EINVAL;
      default:
        return EINVAL;
    }
  },
});

function argumentText(command: number, argument: bigint): string[] {
  switch (command) {
    case F_GETFD:
    case F_GETFL:
    case F_GETPIPE_SZ:
    case F_GET_SEALS:
    case 9: // F_GETOWN
    case 11: // F_GETSIG
      return [];
    case F_SETFD:
      return [flagsText(low32(argument), { FD_CLOEXEC }, 'FD_???')];
    case F_SETFL:
      return [openFlagsText(low32(argument))];
    case F_ADD_SEALS:
      return [flagsText(low32(argument), SEAL_NAMES, 'F_SEAL_???')];
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return [String(argument)];
    case F_SETPIPE_SZ:
      return [String(s64(argument))];
    default:
      return [zeroOrHex(argument)];
  }
}
