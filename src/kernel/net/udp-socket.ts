/** UDP over the loopback: udp(7), net/ipv4/udp.c. What finds no room is lost, as anywhere. */
import {
  EAFNOSUPPORT, ECONNREFUSED, EDESTADDRREQ, EFAULT, EINVAL, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPIPE, Errno,
} from '../../abi/errno.ts'; // biome-ignore format: a list
import { FIONREAD, SIOCOUTQ } from '../../abi/ioctl.ts';
import { POLLERR, POLLHUP, POLLRDHUP, POLLWRBAND, READABLE, WRITABLE } from '../../abi/poll.ts';
import {
  AF_INET, AF_INET6, AF_UNSPEC, IPPROTO_UDP, MSG_OOB, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM,
} from '../../abi/socket.ts'; // biome-ignore format: a list
import type { Kernel } from '../kernel.ts';
import { writeU32 } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';
import type { IoResult } from '../vfs/open-file.ts';
import { ANY4, ANY6, type Endpoint, endpointBytes, isAny, sourceFor } from './inet-address.ts';
import { InetSocket } from './inet-socket.ts';
import type { Incoming, Operation, Outgoing } from './operation.ts';
import { BOTH_SHUT, RECEIVE_SHUT, SEND_SHUT, shutBits } from './socket.ts';
import { familyOf } from './unix-address.ts';
import { datagramTrueSize } from './unix-buffers.ts';

/** What an IPv4 packet can carry behind its headers. */
const MAX_PAYLOAD = 65_507;

interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly trueSize: number;
}

export class UdpSocket extends InetSocket {
  private readonly _queue: Datagram[] = [];
  private _queuedBytes = 0;

  constructor(kernel: Kernel, family: number, flags: number) {
    super(kernel, family, SOCK_DGRAM, IPPROTO_UDP, flags, kernel.network.udp);
  }

  override get isListening(): boolean {
    return false;
  }

  sharesPortWith(other: InetSocket): boolean {
    const { reuseAddress, reusePort } = this.options;
    return (reuseAddress && other.options.reuseAddress) || (reusePort && other.options.reusePort);
  }

  /** Sets where messages go, and whose are let in; AF_UNSPEC ends that. */
  connect(_operation: Operation, address: Uint8Array): number | Errno {
    if (address.length >= 2 && familyOf(address) === AF_UNSPEC) {
      this.remote = undefined;
      return 0;
    }
    const remote = this.target(address);
    if (remote instanceof Errno) return remote;
    const failed = this._bindIfNot();
    if (failed !== undefined) return failed;
    this.remote = remote;
    if (isAny(this.local.host)) this.local = { host: sourceFor(remote.host), port: this.local.port };
    return 0;
  }

  private _bindIfNot(): Errno | undefined {
    return this.local.port === 0 ? this.bindTo(this.family === AF_INET ? ANY4 : ANY6, 0) : undefined;
  }

  /** EDESTADDRREQ: to nobody. EMSGSIZE. ECONNREFUSED: the last one came to nobody. */
  send(message: Outgoing): IoResult {
    const { stream, flags } = message;
    const length = stream.left;
    if (length > MAX_PAYLOAD) return EMSGSIZE;
    if (flags & MSG_OOB) return EOPNOTSUPP;
    let to = this.remote;
    if (message.to !== undefined) {
      if (this.family === AF_INET6 && familyOf(message.to) === AF_UNSPEC && to === undefined) return EAFNOSUPPORT;
      const target = this.target(message.to);
      if (target instanceof Errno) return target;
      if (target.port === 0) return EINVAL;
      to = target;
    }
    if (to === undefined) return EDESTADDRREQ;
    const error = this.takeError();
    if (error !== undefined) return error;
    if (this.shut & SEND_SHUT) return this.broken(message.task, flags, 0, EPIPE);
    const failed = this._bindIfNot();
    if (failed !== undefined) return failed;
    const bytes = stream.take(length);
    if (bytes.length < length) return EFAULT;
    const host = isAny(this.local.host) ? sourceFor(to.host) : this.local.host;
    const from = { host, port: this.local.port };
    const receiver = this.ports.find(to.host, to.port, (socket) =>
      socket instanceof UdpSocket ? socket._fit(from) : 0,
    );
    if (receiver instanceof UdpSocket) receiver._put({ bytes, from, trueSize: datagramTrueSize(length + 28) });
    // The answer that nobody is there only concerns who speaks to nobody else.
    else if (this.remote !== undefined) {
      this.error = ECONNREFUSED;
      this.changed.wakeAll(POLLERR);
    }
    return length;
  }

  /** How well a sender's messages fit: 2 for the one that it is connected to, 0 for others then. */
  private _fit(from: Endpoint): number {
    if (this.remote === undefined) return 1;
    return this.remote.host === from.host && this.remote.port === from.port ? 2 : 0;
  }

  private _put(datagram: Datagram): void {
    if (this._queuedBytes + datagram.trueSize > this.options.receiveBuffer && this._queue.length > 0) return;
    this._queue.push(datagram);
    this._queuedBytes += datagram.trueSize;
    this.changed.wakeUp(READABLE);
  }

  receive(message: Incoming): IoResult {
    const { stream, flags } = message;
    const datagram = this._queue[0];
    if (datagram === undefined) {
      const error = this.takeError();
      if (error !== undefined) return error;
      return this.shut & RECEIVE_SHUT ? 0 : message.wait(this.changed, 0, undefined, true);
    }
    const { length } = datagram.bytes;
    const count = Math.min(length, stream.left);
    const stored = stream.put(datagram.bytes.subarray(0, count));
    if (!(flags & MSG_PEEK)) {
      this._queue.shift();
      this._queuedBytes -= datagram.trueSize;
      if (this._queue.length > 0 && this.changed.size > 0) this.changed.wakeUp(READABLE);
    }
    if (stored < count) return EFAULT;
    message.from = endpointBytes(this.family, datagram.from);
    if (count < length) message.messageFlags |= MSG_TRUNC;
    return flags & MSG_TRUNC ? length : count;
  }

  /** ENOTCONN. It still shuts what there is. */
  shutdown(how: number): Errno | undefined {
    const bits = shutBits(how);
    if (bits instanceof Errno) return bits;
    if (this.remote === undefined) return ENOTCONN;
    this.shut |= bits;
    this.changed.wakeAll();
    return undefined;
  }

  override poll(): number {
    let ready = WRITABLE | POLLWRBAND;
    if (this.error !== undefined) ready |= POLLERR;
    if (this.shut & RECEIVE_SHUT) ready |= READABLE | POLLRDHUP;
    if (this.shut === BOTH_SHUT) ready |= POLLHUP;
    return this._queue.length > 0 ? ready | READABLE : ready;
  }

  protected override control(task: Task, request: number, argument: bigint): number | Errno | undefined {
    if (request === FIONREAD) return writeU32(task.mm, argument, this._queue[0]?.bytes.length ?? 0) ?? 0;
    if (request === SIOCOUTQ) return writeU32(task.mm, argument, 0) ?? 0;
    return super.control(task, request, argument);
  }

  protected release(): void {
    this.unbind();
    this.changed.wakeAll();
  }
}
