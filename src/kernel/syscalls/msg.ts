/** msgget(2), msgsnd(2), msgrcv(2), msgctl(2): ipc/msg.c. */
import { E2BIG, EAGAIN, EFAULT, EIDRM, EINTR, EINVAL, ENOMSG, EPERM, Errno } from '../../abi/errno.ts';
import {
  IPC_64, IPC_INFO, IPC_NOWAIT, IPC_PERM_GID, IPC_PERM_MODE, IPC_PERM_UID, IPC_RMID, IPC_SET, IPC_STAT, MSG_COPY,
  MSG_EXCEPT, MSG_INFO, MSG_NOERROR, MSG_STAT, MSG_STAT_ANY, MSGINFO_BYTES, MSQID_BYTES, MSQID_QBYTES,
} from '../../abi/ipc.ts'; // biome-ignore format: a list
import { MessageQueue, MSGMAX, MSGMNB, MSGMNI, type Wanted } from '../ipc/msg.ts';
import { copyIn, copyOut } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import { ipcKey, msgCommand, msgFlags, semGetFlags } from './args/ipc.ts';
import { addr, int, signedOffset, size } from './args/numbers.ts';
import { Blocked, syscall } from './define.ts';
import { putPermissions } from './shm.ts';

const TYPE_BYTES = 8;
const LONG_MIN = -(1n << 63n);
const LONG_MAX = (1n << 63n) - 1n;

/** msgget(2). ENOENT, EEXIST, EACCES, ENOSPC. */
export const msgget = syscall({
  number: 68,
  name: 'msgget',
  args: { key: ipcKey, flags: semGetFlags },
  support: 'full',
  run: (task, { key, flags }) =>
    task.kernel.msg.table.get({
      key,
      flags,
      who: task.credentials,
      check: () => undefined,
      make: () => new MessageQueue(task, key, flags),
    }),
});

/** msgsnd(2). EFAULT. EINVAL: size over kernel.msgmax, a type below 1, no such queue. EACCES, EAGAIN, EIDRM, EINTR. */
export const msgsnd = syscall({
  number: 69,
  name: 'msgsnd',
  args: { id: int, message: addr, size, flags: msgFlags },
  support: 'full',
  run(task, { id, message, size, flags }, call) {
    const head = copyIn(task.mm, message, TYPE_BYTES);
    if (head instanceof Errno) return head;
    const type = new DataView(head.buffer, head.byteOffset).getBigInt64(0, true);
    if (size > BigInt(MSGMAX) || id < 0 || type < 1n) return EINVAL;
    const bytes = copyIn(task.mm, message + BigInt(TYPE_BYTES), Number(size));
    if (bytes instanceof Errno) return bytes;
    const queue = (call.memo as MessageQueue | undefined) ?? task.kernel.msg.table.find(id);
    if (queue instanceof Errno) return queue;
    if (queue.isRemoved) return EIDRM;
    const denied = queue.checkAccess(task.credentials, 0o222);
    if (denied !== undefined) return denied;
    if (!queue.hasRoom(bytes.length)) {
      if (flags & IPC_NOWAIT) return EAGAIN;
      call.memo = queue;
      return new Blocked(queue.drained, undefined, EINTR);
    }
    queue.messages.push({ type, bytes: bytes.slice() });
    queue.senderPid = task.pid;
    queue.sentAt = task.kernel.realTime().seconds;
    queue.filled.wakeAll();
    return 0;
  },
});

/** msgrcv(2). EINVAL; ENOMSG: none, with IPC_NOWAIT. E2BIG: it is longer. EACCES, EFAULT, EIDRM, EINTR. */
export const msgrcv = syscall({
  number: 70,
  name: 'msgrcv',
  args: { id: int, message: addr, size, type: signedOffset, flags: msgFlags },
  support: 'full',
  run(task, { id, message, size, type, flags }, call) {
    if (id < 0 || size > LONG_MAX) return EINVAL;
    if (flags & MSG_COPY && (flags & MSG_EXCEPT || !(flags & IPC_NOWAIT))) return EINVAL;
    const queue = (call.memo as MessageQueue | undefined) ?? task.kernel.msg.table.find(id);
    if (queue instanceof Errno) return queue;
    if (queue.isRemoved) return EIDRM;
    const denied = queue.checkAccess(task.credentials, 0o444);
    if (denied !== undefined) return denied;
    const at = queue.find(wantedOf(BigInt.asIntN(64, type), flags));
    if (at < 0) {
      if (flags & IPC_NOWAIT) return ENOMSG;
      call.memo = queue;
      return new Blocked(queue.filled, undefined, EINTR);
    }
    const found = queue.messages[at];
    if (BigInt(found.bytes.length) > size && !(flags & MSG_NOERROR)) return E2BIG;
    if (!(flags & MSG_COPY)) {
      queue.messages.splice(at, 1);
      queue.receiverPid = task.pid;
      queue.receivedAt = task.kernel.realTime().seconds;
      queue.drained.wakeAll();
    }
    const length = size < BigInt(found.bytes.length) ? Number(size) : found.bytes.length;
    const bytes = new Uint8Array(TYPE_BYTES + length);
    new DataView(bytes.buffer).setBigInt64(0, found.type, true);
    bytes.set(found.bytes.subarray(0, length), TYPE_BYTES);
    return copyOut(task.mm, message, bytes) ?? length;
  },
});

function wantedOf(type: bigint, flags: number): Wanted {
  if (flags & MSG_COPY) return { how: 'number', index: type };
  if (type === 0n) return { how: 'any' };
  if (type < 0n) return { how: 'lowest', type: type === LONG_MIN ? LONG_MAX : -type };
  return { how: flags & MSG_EXCEPT ? 'other' : 'equal', type };
}

/** msgctl(2). EINVAL: no such queue or command. EPERM: not the owner, or more bytes than kernel.msgmnb. EACCES, EFAULT. */
export const msgctl = syscall({
  number: 71,
  name: 'msgctl',
  args: { id: int, command: msgCommand, status: addr },
  support: 'full',
  run(task, { id, command: number, status }) {
    const { table } = task.kernel.msg;
    const command = number & ~IPC_64;
    if (id < 0 || command < 0) return EINVAL;
    switch (command) {
      case IPC_INFO:
      case MSG_INFO:
        return copyOut(task.mm, status, infoBytes(task, command === MSG_INFO)) ?? table.maxIndex;
      case IPC_STAT:
      case MSG_STAT:
      case MSG_STAT_ANY: {
        const queue = command === IPC_STAT ? table.find(id) : table.findAt(id);
        if (queue instanceof Errno) return queue;
        const denied = command === MSG_STAT_ANY ? undefined : queue.checkAccess(task.credentials, 0o444);
        return denied ?? copyOut(task.mm, status, queueBytes(queue)) ?? (command === IPC_STAT ? 0 : queue.id);
      }
      case IPC_SET:
      case IPC_RMID:
        return change(task, id, command, status);
      default:
        return EINVAL;
    }
  },
});

function change(task: Task, id: number, command: number, status: bigint): number | Errno {
  const bytes = command === IPC_SET ? copyIn(task.mm, status, MSQID_BYTES) : undefined;
  if (bytes instanceof Errno) return EFAULT;
  const queue = task.kernel.msg.table.find(id);
  if (queue instanceof Errno) return queue;
  const denied = queue.checkOwner(task.credentials);
  if (denied !== undefined) return denied;
  if (bytes === undefined) {
    task.kernel.msg.remove(queue);
    return 0;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const maxBytes = view.getBigUint64(MSQID_QBYTES, true);
  if (maxBytes > BigInt(MSGMNB)) return EPERM;
  const word = (at: number) => view.getUint32(at, true);
  queue.setPermissions(word(IPC_PERM_UID), word(IPC_PERM_GID), word(IPC_PERM_MODE));
  queue.maxBytes = Number(maxBytes);
  queue.changedAt = task.kernel.realTime().seconds;
  queue.drained.wakeAll();
  return 0;
}

function queueBytes(queue: MessageQueue): Uint8Array {
  const bytes = new Uint8Array(MSQID_BYTES);
  const view = new DataView(bytes.buffer);
  putPermissions(view, queue);
  const { sentAt, receivedAt, changedAt, messages, maxBytes } = queue;
  const words = [sentAt, receivedAt, changedAt, queue.bytes, messages.length, maxBytes];
  for (const [i, value] of words.entries()) view.setBigInt64(48 + i * 8, BigInt(value), true);
  view.setInt32(96, queue.senderPid, true);
  view.setInt32(100, queue.receiverPid, true);
  return bytes;
}

function infoBytes(task: Task, isUse: boolean): Uint8Array {
  const queues = [...task.kernel.msg.table];
  const messages = queues.reduce((sum, queue) => sum + queue.messages.length, 0);
  const used = queues.reduce((sum, queue) => sum + queue.bytes, 0);
  const pool = isUse ? queues.length : (MSGMNI * MSGMNB) / 1024;
  const words = [pool, isUse ? messages : MSGMNB, MSGMAX, MSGMNB, MSGMNI, 16, isUse ? used : MSGMNB];
  const bytes = new Uint8Array(MSGINFO_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of words.entries()) view.setInt32(i * 4, value, true);
  view.setUint16(28, 0xffff, true);
  return bytes;
}
