/** fcntl(2): fs/fcntl.c. */
import { EAGAIN, EBADF, EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import {
  F_ADD_SEALS, F_DUPFD, F_DUPFD_CLOEXEC, F_GET_SEALS, F_GETFD, F_GETFL, F_GETLEASE, 
  F_GETOWN, F_GETOWN_EX, F_GETPIPE_SZ, F_GETSIG, F_OWNER_PGRP, F_OWNER_PID, F_SETFD, F_SETFL, F_SETLEASE, F_SETOWN, F_SETOWN_EX, F_SETPIPE_SZ, F_SETSIG, F_UNLCK,FCNTL_NAMES,
  FD_CLOEXEC, 
  LOCK_TYPE_NAMES, O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME, O_NONBLOCK,O_PATH, OWNER_TYPE_NAMES,SEAL_NAMES, 
} from '../../abi/fcntl.ts'; // biome-ignore format: a list
import { signalName } from '../../abi/signal.ts';
import { hex, s64 } from '../../base/ints.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { addSeals } from '../vfs/memfd.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { OpenRegular } from '../vfs/open-regular.ts';
import { identityOf, mustOwn } from '../vfs/permissions.ts';
import { PipeEnd } from '../vfs/pipe.ts';
import { fd, openFlagsText } from './args/files.ts';
import { viewOf } from './args/kind.ts';
import { int, word } from './args/numbers.ts';
import { flagsText, named, pointer, zeroOrHex } from './args/text.ts';
import { type CallView, syscall } from './define.ts';
import { asksForLock, getLock, lockText, setLock, setsLock } from './lock-calls.ts';

/** What F_SETFL may change: SETFL_MASK. */
const SETTABLE = O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME;
const low32 = (value: bigint): number => Number(BigInt.asUintN(32, value));

/** fcntl(2). EBADF. EINVAL: no such command, or an argument that does not fit it. */
export const fcntl = syscall({
  number: 72,
  name: 'fcntl',
  args: { fd, command: int, argument: word },
  support: { missing: 'leases, directory notification, write hints; O_ASYNC and owners have no effect' },
  argsText({ fd, command, argument }, call) {
    const name = FCNTL_NAMES[command] ?? `${hex(command >>> 0)} /* F_??? */`;
    return [fd, name, ...argumentText(command, argument, call)].join(', ');
  },
  argsTextAfter({ command, argument }, call) {
    if (asksForLock(command)) return `, ${lockText(argument, call, true)}`;
    return command === F_GETOWN_EX ? `, ${ownerText(argument, call)}` : '';
  },
  resultNote({ command }, result) {
    if (command === F_GETFD && result === BigInt(FD_CLOEXEC)) return '0x1 (flags FD_CLOEXEC)';
    if (command === F_GETSIG && result > 0n) return `${result} (${signalName(Number(result))})`;
    if (command === F_GETLEASE) return `${zeroOrHex(result)} (${LOCK_TYPE_NAMES[Number(result)]})`;
    if (command === F_GETFL) return `${zeroOrHex(result)} (flags ${openFlagsText(Number(result))})`;
    return undefined;
  },
  run(task, { fd, command, argument }, call) {
    const { files } = task;
    const descriptor = files.findDescriptor(fd);
    if (descriptor === undefined) return EBADF;
    const { file } = descriptor;
    if (file.flags & O_PATH && !OF_DESCRIPTORS.includes(command)) return EBADF;
    if (asksForLock(command)) return getLock(task, file, command, argument);
    if (setsLock(command)) return setLock(task, fd, file, command, argument, call);
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
        if (low32(argument) & ~file.flags & O_NOATIME && file.dentry && mustOwn(identityOf(task), file.dentry.inode))
          return EPERM;
        file.flags = (file.flags & ~SETTABLE) | (low32(argument) & SETTABLE);
        return 0;
      case F_SETOWN:
        return setOwner(task, file, ownerOf(Number(BigInt.asIntN(32, argument))));
      case F_SETOWN_EX: {
        const bytes = copyIn(task.mm, argument, OWNER_BYTES);
        if (bytes instanceof Errno) return EFAULT;
        const view = viewOf(bytes);
        return setOwner(task, file, { type: view.getInt32(0, true), id: view.getInt32(4, true) });
      }
      case F_GETOWN:
        return file.owner.type === F_OWNER_PGRP ? -file.owner.id : file.owner.id;
      case F_GETOWN_EX:
        return copyOut(task.mm, argument, ownerBytes(file.owner)) === undefined ? 0 : EFAULT;
      case F_SETSIG:
        if (argument > BigInt(LAST_SIGNAL)) return EINVAL;
        file.ownerSignal = low32(argument);
        return 0;
      case F_GETSIG:
        return file.ownerSignal;
      case F_GETLEASE:
        return F_UNLCK;
      case F_SETLEASE:
        return low32(argument) === F_UNLCK ? EAGAIN : EINVAL;
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

/** The commands that a descriptor of O_PATH knows. */
const OF_DESCRIPTORS = [F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL];
const LAST_SIGNAL = 64;
/** struct f_owner_ex { int type; pid_t pid; } */
const OWNER_BYTES = 8;

/** A group's number is negative. */
const ownerOf = (id: number): OpenFile['owner'] =>
  id < 0 ? { type: F_OWNER_PGRP, id: -id } : { type: F_OWNER_PID, id };

/** EINVAL: no such type, or no number. ESRCH: nobody has it. */
function setOwner(task: Task, file: OpenFile, owner: OpenFile['owner']): number | Errno {
  const { type, id } = owner;
  if (type < 0 || type > F_OWNER_PGRP || id < 0 || id > 0x7fff_ffff) return EINVAL;
  const { kernel } = task;
  const isThere = type === F_OWNER_PGRP ? kernel.processes().some(({ pgid }) => pgid === id) : kernel.findTask(id);
  if (id !== 0 && !isThere) return ESRCH;
  file.owner = owner;
  return 0;
}

function ownerBytes({ type, id }: OpenFile['owner']): Uint8Array {
  const bytes = new Uint8Array(OWNER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, type, true);
  view.setInt32(4, id, true);
  return bytes;
}

function ownerText(address: bigint, { peek }: CallView): string {
  const bytes = address === 0n ? undefined : peek(address, OWNER_BYTES);
  if (bytes === undefined) return pointer(address);
  const view = viewOf(bytes);
  return `{type=${named(view.getInt32(0, true), OWNER_TYPE_NAMES, 'F_OWNER_???')}, pid=${view.getInt32(4, true)}}`;
}

function argumentText(command: number, argument: bigint, call: CallView): string[] {
  if (setsLock(command)) return [lockText(argument, call, false)];
  if (asksForLock(command)) return [];
  switch (command) {
    case F_SETOWN:
      return [String(BigInt.asIntN(32, argument))];
    case F_SETOWN_EX:
      return [ownerText(argument, call)];
    case F_SETSIG:
      return [argument === 0n ? '0' : signalName(low32(argument))];
    case F_SETLEASE:
      return [named(low32(argument), LOCK_TYPE_NAMES, 'F_???')];
    case F_GETLEASE:
    case F_GETOWN_EX:
    case F_GETFD:
    case F_GETFL:
    case F_GETPIPE_SZ:
    case F_GET_SEALS:
    case F_GETOWN:
    case F_GETSIG:
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
