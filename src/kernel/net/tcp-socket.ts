/**
 * TCP over the loopback: tcp(7), net/ipv4/tcp.c. Segments are not modeled: what is written goes to the other end as far as
 * that has room, and a handshake is over at once if the listener has room. What programs see of the protocol is there:
 * states, half-closed connections, resets, ports that stay in use for a while.
 */
import {
  EADDRNOTAVAIL, EAFNOSUPPORT, EALREADY, ECONNABORTED, ECONNREFUSED, ECONNRESET, EFAULT, EINPROGRESS, EINVAL, EISCONN, ENOTCONN,
  EOPNOTSUPP, EPIPE, Errno,ETIMEDOUT, 
} from '../../abi/errno.ts'; // biome-ignore format: a list
import { FIONREAD, SIOCOUTQ } from '../../abi/ioctl.ts';
import { POLLERR, POLLHUP, POLLRDHUP, READABLE, WRITABLE } from '../../abi/poll.ts';
import {
  AF_INET, AF_UNSPEC, IPPROTO_TCP, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SHUT_WR, SOCK_STREAM,
} from '../../abi/socket.ts'; // biome-ignore format: a list
import { NS_PER_SECOND } from '../../abi/structs.ts';
import type { Kernel } from '../kernel.ts';
import { writeU32 } from '../mm/user-memory.ts';
import type { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import { Timer } from '../task/timers.ts';
import type { IoResult } from '../vfs/open-file.ts';
import { ANY4, ANY6, isAny, sourceFor } from './inet-address.ts';
import { InetSocket } from './inet-socket.ts';
import type { Incoming, Operation, Outgoing } from './operation.ts';
import { BOTH_SHUT, RECEIVE_SHUT, SEND_SHUT, type Socket } from './socket.ts';
import { familyOf } from './unix-address.ts';

/** net.ipv4.tcp_wmem and tcp_rmem: before and after a connection has been made. */
const FIRST_SEND_BUFFER = 16_384;
const RECEIVE_BUFFER = 131_072;
const SEND_BUFFER = 2_626_560;
/** What a receive buffer holds of data: the window. */
const WINDOW_SHARE = 2;
const MOST_WAITING = 4096;
const TIME_WAIT_NS = 60 * NS_PER_SECOND;
/** After so long a connection that nobody answers is given up: tcp_syn_retries. */
const CONNECT_TIMEOUT_NS = 131 * NS_PER_SECOND;
const CHUNK = 65_536;

/** Bytes in the order of their coming. */
class ByteQueue {
  private readonly _chunks: Uint8Array[] = [];
  private _start = 0;
  length = 0;

  push(bytes: Uint8Array): void {
    this._chunks.push(bytes);
    this.length += bytes.length;
  }

  /** The next bytes, at most so many, that are in one piece. */
  first(most: number, skip = 0): Uint8Array {
    let left = skip + this._start;
    for (const chunk of this._chunks) {
      if (left < chunk.length) return chunk.subarray(left, Math.min(chunk.length, left + most));
      left -= chunk.length;
    }
    return new Uint8Array(0);
  }

  drop(count: number): void {
    this.length -= count;
    this._start += count;
    while (this._chunks.length > 0 && this._start >= this._chunks[0].length)
      this._start -= this._chunks.shift()!.length;
  }

  clear(): void {
    this._chunks.length = this._start = this.length = 0;
  }
}

type TcpState = 'closed' | 'listening' | 'connecting' | 'established';

export class TcpSocket extends InetSocket {
  private _state: TcpState = 'closed';
  /** connect(2) has been called and has not said yet how it went. */
  private _isAttempt = false;
  /** It has been connected, which it stays for connect(2) whatever became of it. */
  private _wasConnected = false;
  /** The other end; it may have been closed by its process. */
  private _peer: TcpSocket | undefined;
  private readonly _toSend = new ByteQueue();
  private readonly _received = new ByteQueue();
  /** The end of what is sent has been announced, or has come from the other end. */
  private _finSent = false;
  private _finReceived = false;
  /** No process has it any more. */
  private _isOrphan = false;
  /** Of a listener: connections that wait to be accepted, and those that find no room. */
  private readonly _waiting: TcpSocket[] = [];
  private readonly _knocking = new Set<TcpSocket>();
  private _backlog = 0;
  private _knockedAt: TcpSocket | undefined;
  private readonly _giveUp = new Timer(() => this._fail(ETIMEDOUT));

  constructor(kernel: Kernel, family: number, flags: number) {
    super(kernel, family, SOCK_STREAM, IPPROTO_TCP, flags, kernel.network.tcp);
    this.options.sendBuffer = FIRST_SEND_BUFFER;
    this.options.receiveBuffer = RECEIVE_BUFFER;
  }

  override get isListening(): boolean {
    return this._state === 'listening';
  }

  sharesPortWith(other: InetSocket): boolean {
    const reuses = this.options.reuseAddress && other.options.reuseAddress && !other.isListening;
    return reuses || (this.options.reusePort && other.options.reusePort);
  }

  // ---- connections ----------------------------------------------------------------------------------------------

  /** EINVAL: connected. EADDRINUSE: another socket listens there. */
  override listen(_task: Task, backlog: number): Errno | undefined {
    if (this._state !== 'closed' && this._state !== 'listening') return EINVAL;
    if (this.local.port === 0) {
      const failed = this.bindTo(this.family === AF_INET ? ANY4 : ANY6, 0);
      if (failed !== undefined) return failed;
    }
    this._backlog = Math.min(backlog >>> 0, MOST_WAITING);
    this._state = 'listening';
    return undefined;
  }

  /** EISCONN, EALREADY, EINPROGRESS, ECONNREFUSED; ECONNABORTED: an attempt that has failed and has been told of. */
  connect(operation: Operation, address: Uint8Array): number | Errno | Blocked {
    if (address.length < 2) return EINVAL;
    if (familyOf(address) === AF_UNSPEC) {
      this._disconnect();
      return 0;
    }
    if (!this._isAttempt) {
      if (this._state !== 'closed' || this._wasConnected) return EISCONN;
      const failed = this._begin(address);
      if (failed !== undefined) return failed;
      this._isAttempt = true;
      if (operation.isNonBlocking) return EINPROGRESS;
    } else if (operation.isNonBlocking && this._state === 'connecting') return EALREADY;
    if (this._state === 'connecting') return operation.wait(this.changed, 0, EINPROGRESS);
    this._isAttempt = false;
    if (this._state === 'established') {
      this._wasConnected = true;
      return 0;
    }
    const error = this.takeError() ?? ECONNABORTED;
    this.shut = 0;
    return error;
  }

  private _begin(address: Uint8Array): Errno | undefined {
    const remote = this.target(address);
    if (remote instanceof Errno) return remote;
    const host = isAny(this.local.host) ? sourceFor(remote.host) : this.local.host;
    if (this.local.port === 0) {
      const failed = this.bindTo(host, 0);
      if (failed !== undefined) return failed === EAFNOSUPPORT ? failed : EADDRNOTAVAIL;
    } else this.local = { host, port: this.local.port };
    this.remote = remote;
    const listener = this.ports.find(remote.host, remote.port, (socket) => (socket.isListening ? 1 : 0)) as
      | TcpSocket
      | undefined;
    if (listener === undefined || remote.port === 0) {
      this._fail(ECONNREFUSED);
      return undefined;
    }
    this._state = 'connecting';
    if (listener._waiting.length <= listener._backlog) listener._admit(this);
    else {
      listener._knocking.add(this);
      this._knockedAt = listener;
      this.kernel.scheduler.timers.set(this._giveUp, this.kernel.now() + CONNECT_TIMEOUT_NS);
    }
    return undefined;
  }

  /** The handshake: there are two ends now, of which one waits to be accepted. */
  private _admit(client: TcpSocket): void {
    const end = new TcpSocket(this.kernel, this.family, 0);
    const { options } = this;
    Object.assign(end.options, options, { receiveTimeoutNs: 0, sendTimeoutNs: 0 });
    end.options.receiveTimeoutNs = options.receiveTimeoutNs;
    end.options.sendTimeoutNs = options.sendTimeoutNs;
    end.isV6Only = this.isV6Only;
    end.local = { host: client.remote!.host, port: this.local.port };
    end.remote = client.local;
    this.ports.add(end, this.local.port);
    for (const socket of [end, client]) {
      socket._state = 'established';
      if (socket.options.sendBuffer === FIRST_SEND_BUFFER) socket.options.sendBuffer = SEND_BUFFER;
    }
    client._endAttempt();
    end._wasConnected = true;
    end._peer = client;
    client._peer = end;
    this._waiting.push(end);
    client.changed.wakeAll(WRITABLE);
    this.changed.wakeUp(READABLE);
  }

  private _endAttempt(): void {
    if (this._knockedAt !== undefined) this._knockedAt._knocking.delete(this);
    this._knockedAt = undefined;
    this.kernel.scheduler.timers.cancel(this._giveUp);
  }

  override accept(operation: Operation): Socket | Errno | Blocked {
    if (this._state !== 'listening') return EINVAL;
    const end = this._waiting.shift();
    if (end === undefined) return operation.wait(this.changed, 0, undefined, true) as Errno | Blocked;
    const [next] = this._knocking;
    if (next !== undefined) this._admit(next);
    if (this._waiting.length > 0) this.changed.wakeUp(READABLE);
    return end;
  }

  private _disconnect(): void {
    if (this._state === 'listening') this._stopListening();
    else this._reset();
    this._state = 'closed';
    this._isAttempt = this._wasConnected = false;
    this.remote = undefined;
    this.error = undefined;
    this.shut = 0;
    this._finReceived = this._finSent = false;
  }

  override peerName(): Uint8Array | Errno {
    return this._state === 'established' ? super.peerName() : ENOTCONN;
  }

  // ---- data -----------------------------------------------------------------------------------------------------

  /** EPIPE, with SIGPIPE: not connected, or shut. What went wrong meanwhile comes first. */
  send(message: Outgoing): IoResult {
    const { stream, flags, task } = message;
    if (flags & MSG_OOB) return EOPNOTSUPP;
    for (;;) {
      if (this._state === 'connecting') return message.wait(this.changed, stream.done);
      if (this.error !== undefined) return stream.done > 0 ? stream.done : this.takeError()!;
      if (this._state !== 'established' || this.shut & SEND_SHUT) return this.broken(task, flags, stream.done, EPIPE);
      if (stream.left === 0) return stream.done;
      const room = this.options.sendBuffer - this._toSend.length;
      if (room <= 0) return message.wait(this.changed, stream.done);
      const wanted = Math.min(stream.left, room, CHUNK);
      const bytes = stream.take(wanted);
      if (bytes.length < wanted) return stream.done > 0 ? stream.done : EFAULT;
      stream.done += wanted;
      this._toSend.push(bytes);
      this._flow();
    }
  }

  /** What has been written, and its end, go to the other end as far as there is room. */
  private _flow(): void {
    const peer = this._peer;
    if (peer === undefined) return;
    if (peer._isOrphan && this._toSend.length > 0) {
      // Nobody is there to read it: the answer is a reset.
      this._wasReset();
      return;
    }
    const window = Math.max(1, Math.floor(peer.options.receiveBuffer / WINDOW_SHARE));
    let moved = 0;
    while (this._toSend.length > 0 && peer._received.length < window) {
      const bytes = this._toSend.first(window - peer._received.length);
      peer._received.push(bytes);
      this._toSend.drop(bytes.length);
      moved += bytes.length;
    }
    if (moved > 0) peer.changed.wakeAll(READABLE);
    if (this._finSent && this._toSend.length === 0 && !peer._finReceived) {
      peer._finReceived = true;
      peer.shut |= RECEIVE_SHUT;
      peer.changed.wakeAll(READABLE | POLLRDHUP);
      this._endIfOver();
    }
  }

  /** ENOTCONN. 0: the other end writes no more. MSG_TRUNC: what is read is thrown away. */
  receive(message: Incoming): IoResult {
    const { stream, flags } = message;
    if (flags & MSG_OOB) return EINVAL;
    if (this._state === 'listening') return ENOTCONN;
    const wanted = stream.left + stream.done;
    const target = flags & MSG_WAITALL ? wanted : Math.min(this.options.receiveLow, wanted) || 1;
    const isPeek = (flags & MSG_PEEK) !== 0;
    let peeked = isPeek ? stream.done : 0;
    for (;;) {
      while (stream.left > 0 && this._received.length > peeked) {
        const bytes = this._received.first(stream.left, peeked);
        const stored = flags & MSG_TRUNC ? stream.skip(bytes.length) : stream.put(bytes);
        if (!isPeek) this._received.drop(stored);
        else peeked += stored;
        stream.done += stored;
        if (stored < bytes.length) return stream.done > 0 ? stream.done : EFAULT;
      }
      if (!isPeek) this._madeRoom();
      if (stream.done >= target || (stream.left === 0 && stream.done > 0)) return stream.done;
      if (stream.done > 0 && (this.error !== undefined || this._state === 'closed' || this.shut & RECEIVE_SHUT))
        return stream.done;
      const error = this.takeError();
      if (error !== undefined) return error;
      if (this.shut & RECEIVE_SHUT) return 0;
      if (this._state === 'closed') return ENOTCONN;
      return message.wait(this.changed, stream.done);
    }
  }

  private _madeRoom(): void {
    const peer = this._peer;
    if (peer === undefined || peer._toSend.length === 0) return;
    const before = peer._isWritable;
    peer._flow();
    if (!before && peer._isWritable) peer.changed.wakeAll(WRITABLE);
  }

  /** sk_stream_is_writeable: a third of the buffer is free. */
  private get _isWritable(): boolean {
    return this._toSend.length * 3 <= this.options.sendBuffer * 2;
  }

  override poll(): number {
    if (this._state === 'listening') return this._waiting.length > 0 ? READABLE : 0;
    let ready = this.error === undefined ? 0 : POLLERR;
    if (this.shut === BOTH_SHUT || this._state === 'closed') ready |= POLLHUP;
    if (this.shut & RECEIVE_SHUT) ready |= READABLE | POLLRDHUP;
    if (this._state === 'connecting') return ready;
    if (this._received.length >= this.options.receiveLow) ready |= READABLE;
    return this.shut & SEND_SHUT || this._isWritable ? ready | WRITABLE : ready;
  }

  // ---- ends -----------------------------------------------------------------------------------------------------

  /** EINVAL, ENOTCONN. A listener whose reading is shut listens no more. */
  shutdown(how: number): Errno | undefined {
    if (how < 0 || how > 2) return EINVAL;
    if (this._state === 'closed') {
      // It is shut all the same, also for a connection that comes.
      this.shut |= how + 1;
      this.changed.wakeAll();
      return ENOTCONN;
    }
    if (this._state === 'listening') {
      if (how !== SHUT_WR) this._stopListening();
      return undefined;
    }
    this.shut |= how + 1;
    if (this._state === 'connecting') {
      this._fail(ECONNRESET);
      this.error = undefined;
    } else if ((how + 1) & SEND_SHUT) this._finish();
    this.changed.wakeAll();
    return undefined;
  }

  private _finish(): void {
    if (this._finSent) return;
    this._finSent = true;
    this._flow();
  }

  /** Both ends have said that they are done. Who said so first keeps the port for a while. */
  private _endIfOver(): void {
    const peer = this._peer;
    if (peer === undefined || !this._finReceived || !this._finSent || !peer._finReceived) return;
    peer._keepPort();
    for (const socket of [this as TcpSocket, peer]) {
      socket._state = 'closed';
      socket._peer = undefined;
      socket.shut = BOTH_SHUT;
      socket.changed.wakeAll();
    }
  }

  private _keepPort(): void {
    const { host, port } = this.local;
    const until = this.kernel.now() + TIME_WAIT_NS;
    this.ports.linger(port, { host, reuseAddress: this.options.reuseAddress, until });
  }

  private _fail(error: Errno): void {
    this._endAttempt();
    this._state = 'closed';
    this.error = error;
    this.shut = BOTH_SHUT;
    this.changed.wakeAll();
  }

  /** The other end has given up the connection. */
  private _wasReset(): void {
    const isHalfClosed = this._finReceived;
    this._toSend.clear();
    this._peer = undefined;
    this._fail(isHalfClosed ? EPIPE : ECONNRESET);
  }

  /** Gives up the connection. */
  private _reset(): void {
    const peer = this._peer;
    this._peer = undefined;
    this._toSend.clear();
    this._received.clear();
    this._endAttempt();
    if (peer !== undefined) peer._wasReset();
  }

  private _stopListening(): void {
    this._state = 'closed';
    for (const end of this._waiting.splice(0)) {
      end._reset();
      end.close();
    }
    for (const client of [...this._knocking]) client._fail(ECONNREFUSED);
    this.changed.wakeAll();
  }

  /** What has not been read is answered with a reset; else the end is announced, and what was written still goes. */
  protected release(): void {
    if (this._state === 'listening') this._stopListening();
    this._isOrphan = true;
    if (this._received.length > 0 || this.options.lingerSeconds === 0) this._reset();
    else if (this._state === 'established') {
      this.shut = BOTH_SHUT;
      this._finish();
      // The other end may go on writing; the first of that brings a reset.
    } else this._reset();
    this.unbind();
    this.changed.wakeAll();
  }

  protected override control(task: Task, request: number, argument: bigint): number | Errno | undefined {
    if (request === FIONREAD) {
      if (this._state === 'listening') return EINVAL;
      return writeU32(task.mm, argument, this._received.length) ?? 0;
    }
    if (request === SIOCOUTQ)
      return this._state === 'listening' ? EINVAL : (writeU32(task.mm, argument, this._toSend.length) ?? 0);
    return super.control(task, request, argument);
  }

  override getOption(level: number, option: number): number | undefined {
    return level === IPPROTO_TCP
      ? (this._tcpOptions.get(option) ?? TCP_DEFAULTS[option])
      : super.getOption(level, option);
  }
  override setOption(task: Task, level: number, option: number, value: number): boolean | Errno {
    if (level !== IPPROTO_TCP) return super.setOption(task, level, option, value);
    if (TCP_DEFAULTS[option] === undefined) return false;
    this._tcpOptions.set(option, SWITCHES.has(option) ? Number(value !== 0) : value);
    return true;
  }
  private readonly _tcpOptions = new Map<number, number>();
}

/** NODELAY, MAXSEG, CORK, KEEPIDLE, KEEPINTVL, KEEPCNT, SYNCNT, LINGER2, DEFER_ACCEPT, QUICKACK, USER_TIMEOUT, FASTOPEN. */
const TCP_DEFAULTS: Readonly<Record<number, number>> = {
  1: 0, 2: 536, 3: 0, 4: 7200, 5: 75, 6: 9, 7: 6, 8: 60, 9: 0, 12: 1, 18: 0, 23: 0,
}; // biome-ignore format: a table
const SWITCHES = new Set([1, 3, 12]);
