/** SOCK_STREAM of AF_UNIX, and what SOCK_SEQPACKET has in common with it: connections. net/unix/af_unix.c. */
import {
  ECONNREFUSED, EFAULT, EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, EPIPE, EPROTOTYPE, Errno,
} from '../../abi/errno.ts'; // biome-ignore format: a list
import { READABLE } from '../../abi/poll.ts';
import { MSG_OOB, MSG_PEEK, MSG_WAITALL, SOCK_STREAM } from '../../abi/socket.ts';
import type { Kernel } from '../kernel.ts';
import type { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import type { IoResult } from '../vfs/open-file.ts';
import { type Incoming, type Operation, type Outgoing, type Sender, senderOf } from './operation.ts';
import type { Socket } from './socket.ts';
import { RECEIVE_SHUT, SEND_SHUT } from './socket.ts';
import { streamPieceBytes, streamTrueSize } from './unix-buffers.ts';
import { UnixSocket } from './unix-socket.ts';

/** net.core.somaxconn. */
const MOST_WAITING = 4096;

export abstract class ConnectedUnixSocket extends UnixSocket {
  /** Of a listening socket: connections that wait to be accepted. Each is the new end. */
  private readonly _waiting: ConnectedUnixSocket[] = [];

  protected abstract another(): ConnectedUnixSocket;

  /** EINVAL: it has no name, or is connected. */
  override listen(task: Task, backlog: number): Errno | undefined {
    if (this.address === undefined || this.state === 'connected') return EINVAL;
    const before = this.backlog;
    this.backlog = Math.min(backlog >>> 0, MOST_WAITING);
    if (this.backlog > before) this.room.wakeAll();
    this.state = 'listening';
    this.peerCredentials = senderOf(task);
    return undefined;
  }

  /** ECONNREFUSED: nobody listens. EAGAIN: too many wait. EPROTOTYPE: of another type. EISCONN; EINVAL: it listens itself. */
  connect(operation: Operation, address: Uint8Array): number | Errno | Blocked {
    const { task } = operation;
    const other = this.find(task, address);
    if (other instanceof Errno) return other;
    if (other.type !== this.type) return EPROTOTYPE;
    if (!(other instanceof ConnectedUnixSocket) || !other.isListening || other.shut & RECEIVE_SHUT) return ECONNREFUSED;
    if (other._waiting.length > other.backlog) return operation.wait(other.room);
    if (this.state === 'connected') return EISCONN;
    if (this.state === 'listening') return EINVAL;
    if (this.options.passCredentials) this.bindAutomatically();
    const end = other.another();
    end.isAccepted = false;
    end.address = other.address;
    end.peerCredentials = senderOf(task);
    this.peerCredentials = other.peerCredentials;
    this.pairWith(end);
    other._waiting.push(end);
    other.changed.wakeUp(READABLE);
    return 0;
  }

  pairWith(other: ConnectedUnixSocket): void {
    this.peer = other;
    other.peer = this;
    this.state = other.state = 'connected';
  }

  /** EINVAL: it does not listen (any more). */
  override accept(operation: Operation): Socket | Errno | Blocked {
    if (this.state !== 'listening') return EINVAL;
    const end = this._waiting.shift();
    if (end === undefined) {
      if (this.shut & RECEIVE_SHUT) return EINVAL;
      return operation.wait(this.changed, 0, undefined, true) as Errno | Blocked;
    }
    end.isAccepted = true;
    this.room.wakeUp();
    if (this._waiting.length > 0) this.changed.wakeUp(READABLE);
    return end;
  }

  override poll(): number {
    return super.poll() | (this._waiting.length > 0 ? READABLE : 0);
  }

  protected override release(): void {
    super.release();
    for (const end of this._waiting.splice(0)) end.close();
  }
}

export class UnixStream extends ConnectedUnixSocket {
  constructor(kernel: Kernel, flags: number) {
    super(kernel, SOCK_STREAM, flags);
  }
  protected another(): UnixStream {
    return new UnixStream(this.kernel, 0);
  }

  /** EPIPE, with SIGPIPE: nobody can read it. ENOTCONN. EISCONN, EOPNOTSUPP: a receiver is named. */
  send(message: Outgoing): IoResult {
    const { stream, flags, task } = message;
    const { peer } = this;
    if (flags & MSG_OOB) return EOPNOTSUPP;
    if (message.to !== undefined) return this.isConnected ? EISCONN : EOPNOTSUPP;
    if (peer === undefined && !(this.shut & SEND_SHUT)) return ENOTCONN;
    while (stream.left > 0) {
      if (peer === undefined || this.shut & SEND_SHUT || peer.isDead || peer.shut & RECEIVE_SHUT)
        return this.broken(task, flags, stream.done, EPIPE);
      if (!this.mayAllocate) return message.wait(this.changed, stream.done);
      const wanted = streamPieceBytes(stream.left, this.options.sendBuffer);
      const bytes = stream.take(wanted);
      if (bytes.length < wanted) return stream.done > 0 ? stream.done : EFAULT;
      stream.done += wanted;
      const rights = message.rights.splice(0);
      peer.put({ from: this, trueSize: streamTrueSize(wanted), bytes, start: 0, rights, sender: message.sender });
    }
    if (stream.done === 0 && (this.shut & SEND_SHUT) !== 0) return this.broken(task, flags, 0, EPIPE);
    return stream.done;
  }

  /** EINVAL: not connected. 0: nobody writes any more. What came with files, or from somebody else, is read by itself. */
  receive(message: Incoming): IoResult {
    const { stream, flags } = message;
    if (!this.isConnected) return EINVAL;
    if (flags & MSG_OOB) return EINVAL;
    const target =
      flags & MSG_WAITALL
        ? stream.left + stream.done
        : Math.min(this.options.receiveLow, stream.left + stream.done) || 1;
    const isPeek = (flags & MSG_PEEK) !== 0;
    let peeked = 0;
    for (;;) {
      const piece = this.queue[peeked];
      if (piece === undefined) {
        if (stream.done >= target) break;
        const error = isPeek && stream.done > 0 ? undefined : this.takeError();
        if (error !== undefined) return stream.done > 0 ? stream.done : error;
        if (this.shut & RECEIVE_SHUT || (isPeek && stream.done > 0)) break;
        return message.wait(this.changed, stream.done, undefined, false);
      }
      if (message.sender !== undefined && this.options.passCredentials && !isSame(message.sender, piece.sender)) break;
      if (message.from.length === 0 && piece.from.address !== undefined) message.from = piece.from.address.bytes;
      const count = Math.min(piece.bytes.length - piece.start, stream.left);
      if (stream.put(piece.bytes.subarray(piece.start, piece.start + count)) < count)
        return stream.done > 0 ? stream.done : EFAULT;
      stream.done += count;
      const hadRights = piece.rights.length > 0;
      this.hand(piece, message, isPeek);
      if (isPeek) peeked++;
      else {
        piece.start += count;
        if (piece.start === piece.bytes.length) this.taken();
      }
      if (hadRights || stream.left === 0) break;
    }
    return stream.done;
  }

  /** Both ends of a pair. */
  static pair(task: Task, flags: number): [UnixStream, UnixStream] {
    const [one, other] = [new UnixStream(task.kernel, flags), new UnixStream(task.kernel, flags)];
    one.pairWith(other);
    one.peerCredentials = other.peerCredentials = senderOf(task);
    return [one, other];
  }
}

const isSame = (x: Sender, y: Sender): boolean => x.pid === y.pid && x.uid === y.uid && x.gid === y.gid;
