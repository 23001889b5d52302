/** struct msghdr and what travels beside the bytes: net/socket.c, net/core/scm.c, cmsg(3). */
import { EBADF, EINVAL, EMSGSIZE, ENOBUFS, EPERM, Errno } from '../../abi/errno.ts';
import {
  ADDRESS_MAX_BYTES, AF_UNIX, CMSGHDR_BYTES, MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSGHDR_BYTES, SCM_CREDENTIALS, SCM_MAX_FD, SCM_RIGHTS,
  SOL_SOCKET, UCRED_BYTES,
} from '../../abi/socket.ts'; // biome-ignore format: a list
import { copyIn, copyOut, writeU32, writeU64 } from '../mm/user-memory.ts';
import type { Incoming, Sender } from '../net/operation.ts';
import type { Socket } from '../net/socket.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { IoPiece } from '../vfs/user-stream.ts';
import { readIovec } from './iovec.ts';
import { writeAddress } from './socket-args.ts';

const MAX_PIECES = 1024n;
const INT_MAX = 0x7fff_ffffn;

export interface MessageHeader {
  readonly at: bigint;
  readonly name: bigint;
  readonly nameLength: number;
  readonly pieces: readonly IoPiece[];
  readonly control: bigint;
  readonly controlLength: bigint;
}

/** EFAULT; EINVAL: a negative length; EMSGSIZE: too many pieces. */
export function readMessageHeader(task: Task, at: bigint): MessageHeader | Errno {
  const bytes = copyIn(task.mm, at, MSGHDR_BYTES);
  if (bytes instanceof Errno) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const name = view.getBigUint64(0, true);
  const nameLength = name === 0n ? 0 : view.getInt32(8, true);
  if (nameLength < 0) return EINVAL;
  const count = view.getBigUint64(24, true);
  if (count > MAX_PIECES) return EMSGSIZE;
  const pieces = readIovec(task.mm, view.getBigUint64(16, true), count);
  if (pieces instanceof Errno) return pieces;
  const control = view.getBigUint64(32, true);
  const controlLength = view.getBigUint64(40, true);
  return { at, name, nameLength: Math.min(nameLength, ADDRESS_MAX_BYTES), pieces, control, controlLength };
}

const aligned = (bytes: number): number => (bytes + 7) & ~7;

/** What a message is sent with. EINVAL: malformed, or not of this family. EBADF: a file that is none. EPERM: an untrue sender. */
export function readControl(
  task: Task,
  socket: Socket,
  { control, controlLength }: MessageHeader,
): { rights: OpenFile[]; sender?: Sender } | Errno {
  const rights: OpenFile[] = [];
  let sender: Sender | undefined;
  if (controlLength === 0n) return { rights };
  if (controlLength > INT_MAX) return ENOBUFS;
  // net.core.optmem_max.
  if (controlLength > 131_072n) return ENOBUFS;
  const bytes = copyIn(task.mm, control, Number(controlLength));
  if (bytes instanceof Errno) return bytes;
  const fail = (error: Errno): Errno => {
    for (const file of rights) file.close();
    return error;
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + CMSGHDR_BYTES <= bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    if (length < CMSGHDR_BYTES || length > bytes.length - at) return fail(EINVAL);
    if (view.getInt32(at + 8, true) === SOL_SOCKET) {
      const data = at + CMSGHDR_BYTES;
      switch (view.getInt32(at + 12, true)) {
        case SCM_RIGHTS: {
          const count = Math.floor((length - CMSGHDR_BYTES) / 4);
          if (socket.family !== AF_UNIX || rights.length + count > SCM_MAX_FD) return fail(EINVAL);
          for (let i = 0; i < count; i++) {
            const file = task.files.findRaw(view.getInt32(data + 4 * i, true));
            if (file === undefined) return fail(EBADF);
            rights.push(file.retain());
          }
          break;
        }
        case SCM_CREDENTIALS: {
          if (length !== CMSGHDR_BYTES + UCRED_BYTES) return fail(EINVAL);
          sender = {
            pid: view.getInt32(data, true),
            uid: view.getUint32(data + 4, true),
            gid: view.getUint32(data + 8, true),
          };
          if (!isTrue(task, sender)) return fail(EPERM);
          break;
        }
        default:
          return fail(EINVAL);
      }
    }
    at += aligned(length);
  }
  return sender === undefined ? { rights } : { rights, sender };
}

/** Whether a task may say that it is this one: it has all of these numbers (`scm_check_creds`). */
function isTrue({ pid, credentials }: Task, sender: Sender): boolean {
  const { uid, euid, suid, gid, egid, sgid } = credentials;
  return sender.pid === pid && [uid, euid, suid].includes(sender.uid) && [gid, egid, sgid].includes(sender.gid);
}

/** Stores what came beside the bytes, and the fields of the header. EFAULT. */
export function finishReceiving(
  task: Task,
  socket: Socket,
  header: MessageHeader,
  message: Incoming,
): Errno | undefined {
  const used = writeControl(task, socket, header, message);
  message.discard();
  if (header.name !== 0n) {
    const failed = writeAddress(task, message.from, header.name, header.at + 8n);
    if (failed !== undefined) return failed;
  }
  const flags = message.messageFlags | (message.flags & MSG_CMSG_CLOEXEC);
  return writeU32(task.mm, header.at + 48n, flags) ?? writeU64(task.mm, header.at + 40n, BigInt(used));
}

/** How much of the control buffer is used. What does not fit is cut or lost: MSG_CTRUNC. */
function writeControl(
  task: Task,
  socket: Socket,
  { control, controlLength }: MessageHeader,
  message: Incoming,
): number {
  const room = Number(controlLength > INT_MAX ? INT_MAX : controlLength);
  let used = 0;
  const put = (type: number, data: Uint8Array): void => {
    if (control === 0n || room - used < CMSGHDR_BYTES) {
      message.messageFlags |= MSG_CTRUNC;
      return;
    }
    let length = CMSGHDR_BYTES + data.length;
    if (length > room - used) {
      message.messageFlags |= MSG_CTRUNC;
      length = room - used;
    }
    const bytes = new Uint8Array(CMSGHDR_BYTES + data.length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(length), true);
    view.setInt32(8, SOL_SOCKET, true);
    view.setInt32(12, type, true);
    bytes.set(data, CMSGHDR_BYTES);
    if (copyOut(task.mm, control + BigInt(used), bytes.subarray(0, length)) !== undefined) return;
    used = Math.min(room, used + aligned(length));
  };
  if (socket.options.passCredentials && message.sender !== undefined) {
    const { pid, uid, gid } = message.sender;
    put(SCM_CREDENTIALS, new Uint8Array(Uint32Array.of(pid, uid, gid).buffer));
  }
  if (message.rights.length === 0) return used;
  const most = control === 0n ? 0 : Math.max(0, Math.floor((room - used - CMSGHDR_BYTES) / 4));
  const fds: number[] = [];
  const wanted = message.rights.length;
  while (fds.length < most && message.rights.length > 0) {
    const closeOnExec = (message.flags & MSG_CMSG_CLOEXEC) !== 0;
    const fd = task.files.install(message.rights[0], closeOnExec, descriptorLimit(task));
    if (fd instanceof Errno) break;
    message.rights.shift();
    fds.push(fd);
  }
  if (fds.length > 0) put(SCM_RIGHTS, new Uint8Array(Int32Array.from(fds).buffer));
  if (fds.length < wanted) message.messageFlags |= MSG_CTRUNC;
  return used;
}
