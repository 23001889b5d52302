/** SOCK_DGRAM and SOCK_SEQPACKET of AF_UNIX: whole messages, in their order. net/unix/af_unix.c. */
import {
  ECONNREFUSED, ECONNRESET, EFAULT, EISCONN, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE, EPROTOTYPE, Errno,
} from '../../abi/errno.ts'; // biome-ignore format: a list
import { AF_UNSPEC, MSG_OOB, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM, SOCK_SEQPACKET } from '../../abi/socket.ts';
import type { Kernel } from '../kernel.ts';
import type { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import type { IoResult } from '../vfs/open-file.ts';
import { type Incoming, type Operation, type Outgoing, senderOf } from './operation.ts';
import { RECEIVE_SHUT, SEND_SHUT } from './socket.ts';
import { familyOf } from './unix-address.ts';
import { datagramTrueSize } from './unix-buffers.ts';
import { UnixSocket } from './unix-socket.ts';
import { ConnectedUnixSocket } from './unix-stream.ts';

/** Sends a message as a whole. EMSGSIZE: the buffer could never hold it. */
function sendWhole(from: UnixSocket, to: UnixSocket, message: Outgoing): IoResult {
  const { stream } = message;
  const length = stream.left;
  if (length > from.options.sendBuffer - 32) return EMSGSIZE;
  if (!from.mayAllocate) return message.wait(from.changed);
  if (to.peer !== from && to.isFull) return message.wait(to.room);
  const bytes = stream.take(length);
  if (bytes.length < length) return EFAULT;
  const rights = message.rights.splice(0);
  to.put({ from, trueSize: datagramTrueSize(length), bytes, start: 0, rights, sender: message.sender });
  return length;
}

export class UnixDatagram extends UnixSocket {
  constructor(kernel: Kernel, flags: number) {
    super(kernel, SOCK_DGRAM, flags);
  }

  /** Sets where messages go, and whose are let in; AF_UNSPEC ends that. EPERM: the other one is connected elsewhere. */
  connect({ task }: Operation, address: Uint8Array): number | Errno | Blocked {
    if (familyOf(address) === AF_UNSPEC && address.length >= 2) {
      this._setPeer(undefined);
      return 0;
    }
    if (this.options.passCredentials) this.bindAutomatically();
    const other = this.find(task, address);
    if (other instanceof Errno) return other;
    if (!(other instanceof UnixDatagram)) return EPROTOTYPE;
    if (other.peer !== undefined && other.peer !== this) return EPERM;
    this._setPeer(other);
    return 0;
  }

  private _setPeer(peer: UnixDatagram | undefined): void {
    const before = this.peer;
    this.peer = peer;
    this.state = peer === undefined ? 'closed' : 'connected';
    // What the former peer has sent is no longer for it.
    if (before !== undefined && before !== peer) {
      if (this.queue.length > 0) {
        this.dropQueue();
        if (before.peer === this) before.error = ECONNRESET;
      }
      before.room.wakeAll();
    }
  }

  /** ENOTCONN: to nobody. ECONNREFUSED: there is nobody (any more). EPERM: who lets in only another. EPIPE, without SIGPIPE. */
  send(message: Outgoing): IoResult {
    if (message.flags & MSG_OOB) return EOPNOTSUPP;
    const { task } = message;
    if (this.options.passCredentials) this.bindAutomatically();
    let to = this.peer;
    if (message.to !== undefined) {
      const found = this.find(task, message.to);
      if (found instanceof Errno) return found;
      if (!(found instanceof UnixDatagram)) return EPROTOTYPE;
      to = found;
    }
    const error = this.takeError();
    if (error !== undefined) return error;
    if (this.shut & SEND_SHUT) return this.broken(task, message.flags, 0, EPIPE);
    if (to === undefined) return ENOTCONN;
    if (to.isDead) {
      if (to === this.peer) this._setPeer(undefined);
      return ECONNREFUSED;
    }
    if (to.peer !== undefined && to.peer !== this) return EPERM;
    if (to.shut & RECEIVE_SHUT) return this.broken(task, message.flags, 0, EPIPE);
    return sendWhole(this, to, message);
  }

  receive(message: Incoming): IoResult {
    return receiveWhole(
      this,
      message,
      (piece, isPeek) => this.hand(piece, message, isPeek),
      () => this.taken(),
    );
  }

  static pair(task: Task, flags: number): [UnixDatagram, UnixDatagram] {
    const [one, other] = [new UnixDatagram(task.kernel, flags), new UnixDatagram(task.kernel, flags)];
    one._setPeer(other);
    other._setPeer(one);
    one.peerCredentials = other.peerCredentials = senderOf(task);
    return [one, other];
  }
}

export class UnixSeqPacket extends ConnectedUnixSocket {
  constructor(kernel: Kernel, flags: number) {
    super(kernel, SOCK_SEQPACKET, flags);
  }
  protected another(): UnixSeqPacket {
    return new UnixSeqPacket(this.kernel, 0);
  }

  /** ENOTCONN. EPIPE, with SIGPIPE. */
  send(message: Outgoing): IoResult {
    if (message.flags & MSG_OOB) return EOPNOTSUPP;
    const { peer } = this;
    const error = this.takeError();
    if (error !== undefined) return error;
    if (!this.isConnected) return ENOTCONN;
    if (message.to !== undefined) return EISCONN;
    if (this.shut & SEND_SHUT || peer === undefined || peer.shut & RECEIVE_SHUT)
      return this.broken(message.task, message.flags, 0, EPIPE);
    return sendWhole(this, peer, message);
  }

  receive(message: Incoming): IoResult {
    if (!this.isConnected) return ENOTCONN;
    return receiveWhole(
      this,
      message,
      (piece, isPeek) => this.hand(piece, message, isPeek),
      () => this.taken(),
    );
  }

  static pair(task: Task, flags: number): [UnixSeqPacket, UnixSeqPacket] {
    const [one, other] = [new UnixSeqPacket(task.kernel, flags), new UnixSeqPacket(task.kernel, flags)];
    one.pairWith(other);
    one.peerCredentials = other.peerCredentials = senderOf(task);
    return [one, other];
  }
}

/** The part of a message that there is room for; the rest is lost. 0 at the end, and for a message without bytes. */
function receiveWhole(
  socket: UnixSocket,
  message: Incoming,
  hand: (piece: UnixSocket['queue'][number], isPeek: boolean) => void,
  taken: () => void,
): IoResult {
  const { stream, flags } = message;
  if (flags & MSG_OOB) return EOPNOTSUPP;
  const piece = socket.queue[0];
  if (piece === undefined) {
    const error = socket.takeError();
    if (error !== undefined) return error;
    return socket.shut & RECEIVE_SHUT ? 0 : message.wait(socket.changed, 0, undefined, true);
  }
  if (piece.from.address !== undefined) message.from = piece.from.address.bytes;
  const isPeek = (flags & MSG_PEEK) !== 0;
  const { length } = piece.bytes;
  const count = Math.min(length, stream.left);
  const stored = stream.put(piece.bytes.subarray(0, count));
  if (stored < count) {
    if (!isPeek) {
      hand(piece, false);
      message.discard();
      taken();
    }
    return EFAULT;
  }
  if (count < length) message.messageFlags |= MSG_TRUNC;
  hand(piece, isPeek);
  if (!isPeek) taken();
  if (socket.queue.length > 0 && socket.changed.size > 0) socket.changed.wakeUp();
  return flags & MSG_TRUNC ? length : count;
}
