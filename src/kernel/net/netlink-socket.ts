/**
 * AF_NETLINK: what getifaddrs(3) and if_nameindex(3) ask of the loopback interface. netlink(7), net/netlink/af_netlink.c,
 * net/core/rtnetlink.c, net/ipv4/devinet.c. A request is answered at once; there is nobody else to speak to.
 */
import {
  ECONNREFUSED, EFAULT, EINVAL, EMSGSIZE, ENODEV, EOPNOTSUPP, EPERM, type Errno,
} from '../../abi/errno.ts'; // biome-ignore format: a list
import {
  IFA_ADDRESS, IFA_CACHEINFO, IFA_F_PERMANENT, IFA_FLAGS, IFA_LABEL, IFA_LOCAL, IFA_PROTO, IFLA_ADDRESS, IFLA_BROADCAST, IFLA_CARRIER,
  IFLA_GROUP, IFLA_IFNAME, IFLA_LINKMODE, IFLA_MTU, IFLA_NUM_RX_QUEUES, IFLA_NUM_TX_QUEUES, IFLA_OPERSTATE, IFLA_PROMISCUITY, IFLA_QDISC,
  IFLA_STATS, IFLA_STATS64, IFLA_TXQLEN, NETLINK_ADDRESS_BYTES, NETLINK_ROUTE, NLM_F_ACK, NLM_F_CAPPED, NLM_F_DUMP, NLM_F_MULTI,
  NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NLMSG_MIN_TYPE, NLMSGHDR_BYTES, RT_SCOPE_HOST, RTM_GETADDR, RTM_GETLINK, RTM_GETROUTE,
  RTM_NEWADDR, RTM_NEWLINK,
} from '../../abi/netlink.ts'; // biome-ignore format: a list
import { READABLE, WRITABLE } from '../../abi/poll.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNSPEC, MSG_OOB, MSG_PEEK, MSG_TRUNC } from '../../abi/socket.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import type { IoResult } from '../vfs/open-file.ts';
import { LOOPBACK } from './interface.ts';
import type { Incoming, Operation, Outgoing } from './operation.ts';
import { Socket } from './socket.ts';
import { familyOf } from './unix-address.ts';

/** The kernel, as a sender. */
const KERNEL_ADDRESS = addressBytes(0, 0);

export class NetlinkSocket extends Socket {
  private _port = 0;
  private _groups = 0;
  private _peer: { readonly port: number; readonly groups: number } | undefined;
  private readonly _queue: Uint8Array[] = [];

  constructor(kernel: Kernel, type: number, protocol: number, flags: number) {
    super(kernel, AF_NETLINK, type, protocol, flags);
  }

  override get isListening(): boolean {
    return false;
  }

  /** EINVAL: too short, of another family, or another port than it has. */
  bind(task: Task, address: Uint8Array): Errno | undefined {
    if (address.length < NETLINK_ADDRESS_BYTES || familyOf(address) !== AF_NETLINK) return EINVAL;
    const view = new DataView(address.buffer, address.byteOffset);
    const port = view.getUint32(4, true);
    if (this._port !== 0 && port !== this._port && port !== 0) return EINVAL;
    this._groups = view.getUint32(8, true);
    if (this._port === 0) this._take(task, port);
    return undefined;
  }

  private _take(task: Task, port = 0): void {
    const { netlinkPorts } = this.kernel.network;
    let chosen = port === 0 ? task.pid : port;
    for (let other = 0xffff_f000; netlinkPorts.has(chosen); other--) chosen = other;
    netlinkPorts.add(chosen);
    this._port = chosen;
  }

  connect({ task }: Operation, address: Uint8Array): number | Errno {
    if (address.length >= 2 && familyOf(address) === AF_UNSPEC) {
      this._peer = undefined;
      return 0;
    }
    if (address.length < NETLINK_ADDRESS_BYTES || familyOf(address) !== AF_NETLINK) return EINVAL;
    const view = new DataView(address.buffer, address.byteOffset);
    if (this._port === 0) this._take(task);
    this._peer = { port: view.getUint32(4, true), groups: view.getUint32(8, true) };
    return 0;
  }

  name(): Uint8Array {
    return addressBytes(this._port, this._groups);
  }
  peerName(): Uint8Array {
    return addressBytes(this._peer?.port ?? 0, this._peer?.groups ?? 0);
  }
  shutdown(): Errno {
    return EOPNOTSUPP;
  }

  /** ECONNREFUSED: to anybody but the kernel. */
  send({ stream, flags, to, task }: Outgoing): IoResult {
    if (flags & MSG_OOB) return EOPNOTSUPP;
    let port = this._peer?.port ?? 0;
    if (to !== undefined) {
      if (to.length < NETLINK_ADDRESS_BYTES || familyOf(to) !== AF_NETLINK) return EINVAL;
      port = new DataView(to.buffer, to.byteOffset).getUint32(4, true);
    }
    if (this._port === 0) this._take(task);
    const length = stream.left;
    if (length > this.options.sendBuffer - 32) return EMSGSIZE;
    const bytes = stream.take(length);
    if (bytes.length < length) return EFAULT;
    if (port !== 0) return ECONNREFUSED;
    if (this.protocol === NETLINK_ROUTE) this._answerAll(bytes);
    return length;
  }

  receive(message: Incoming): IoResult {
    const { stream, flags } = message;
    if (flags & MSG_OOB) return EOPNOTSUPP;
    const bytes = this._queue[0];
    if (bytes === undefined) return message.wait(this.changed, 0, undefined, true);
    const count = Math.min(bytes.length, stream.left);
    const stored = stream.put(bytes.subarray(0, count));
    if (!(flags & MSG_PEEK)) this._queue.shift();
    if (stored < count) return EFAULT;
    message.from = KERNEL_ADDRESS;
    if (count < bytes.length) message.messageFlags |= MSG_TRUNC;
    return flags & MSG_TRUNC ? bytes.length : count;
  }

  override poll(): number {
    return this._queue.length > 0 ? READABLE | WRITABLE : WRITABLE;
  }

  protected release(): void {
    this.kernel.network.netlinkPorts.delete(this._port);
  }

  // ---- answers --------------------------------------------------------------------------------------------------

  private _answerAll(bytes: Uint8Array): void {
    for (let at = 0; at + NLMSGHDR_BYTES <= bytes.length; ) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at);
      const length = view.getUint32(0, true);
      if (length < NLMSGHDR_BYTES || length > bytes.length - at) return;
      const flags = view.getUint16(6, true);
      if (flags & NLM_F_REQUEST && view.getUint16(4, true) >= NLMSG_MIN_TYPE)
        this._answer(bytes.subarray(at, at + length), flags);
      at += (length + 3) & ~3;
    }
  }

  private _answer(request: Uint8Array, flags: number): void {
    const view = new DataView(request.buffer, request.byteOffset, request.length);
    const type = view.getUint16(4, true);
    const sequence = view.getUint32(8, true);
    const family = request.length > NLMSGHDR_BYTES ? request[NLMSGHDR_BYTES] : AF_UNSPEC;
    const message = (kind: number, bits: number, payload: Uint8Array): Uint8Array =>
      this._message(kind, bits, sequence, payload);
    const isDump = (flags & NLM_F_DUMP) !== 0;
    if (type !== RTM_GETLINK && type !== RTM_GETADDR && type !== RTM_GETROUTE) {
      // What would change something is for the superuser; GET is the third of four.
      this._put(this._error(request, type <= 120 && (type & 3) !== 2 ? EPERM : EOPNOTSUPP));
    } else if (isDump) {
      const found: Uint8Array[] = [];
      if (type === RTM_GETLINK) found.push(message(RTM_NEWLINK, NLM_F_MULTI, linkPayload()));
      if (type === RTM_GETADDR)
        for (const payload of addressPayloads(family)) found.push(message(RTM_NEWADDR, NLM_F_MULTI, payload));
      if (found.length > 0) this._put(joined(found));
      this._put(message(NLMSG_DONE, NLM_F_MULTI, new Uint8Array(4)));
    } else if (type === RTM_GETLINK) {
      const index = request.length >= NLMSGHDR_BYTES + 8 ? view.getInt32(NLMSGHDR_BYTES + 4, true) : 0;
      if (index !== LOOPBACK.index) this._put(this._error(request, ENODEV));
      else {
        this._put(message(RTM_NEWLINK, 0, linkPayload()));
        if (flags & NLM_F_ACK) this._put(this._error(request, undefined));
      }
    } else this._put(this._error(request, EOPNOTSUPP));
  }

  private _put(bytes: Uint8Array): void {
    this._queue.push(bytes);
    this.changed.wakeUp(READABLE);
  }

  private _message(type: number, flags: number, sequence: number, payload: Uint8Array): Uint8Array {
    const bytes = new Uint8Array((NLMSGHDR_BYTES + payload.length + 3) & ~3);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, NLMSGHDR_BYTES + payload.length, true);
    view.setUint16(4, type, true);
    view.setUint16(6, flags, true);
    view.setUint32(8, sequence, true);
    view.setUint32(12, this._port, true);
    bytes.set(payload, NLMSGHDR_BYTES);
    return bytes;
  }

  /** struct nlmsgerr: a number, and the request; of one that went well only its header. */
  private _error(request: Uint8Array, error: Errno | undefined): Uint8Array {
    const shown = error === undefined ? request.subarray(0, NLMSGHDR_BYTES) : request;
    const payload = new Uint8Array(4 + shown.length);
    new DataView(payload.buffer).setInt32(0, -(error?.number ?? 0), true);
    payload.set(shown, 4);
    const sequence = new DataView(request.buffer, request.byteOffset).getUint32(8, true);
    return this._message(NLMSG_ERROR, error === undefined ? NLM_F_CAPPED : 0, sequence, payload);
  }
}

function addressBytes(port: number, groups: number): Uint8Array {
  const bytes = new Uint8Array(NETLINK_ADDRESS_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(4, port, true);
  view.setUint32(8, groups, true);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** struct rtattr: u16 length with these four bytes, u16 type, then the value, padded. */
function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((4 + value.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}
const u8 = (value: number): Uint8Array => Uint8Array.of(value);
const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const text = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`);

/** struct ifinfomsg: family, padding, u16 kind of hardware, i32 index, u32 flags, u32 changed flags; attributes. */
function linkPayload(): Uint8Array {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setUint16(2, LOOPBACK.hardware, true);
  view.setInt32(4, LOOPBACK.index, true);
  view.setUint32(8, LOOPBACK.linkFlags, true);
  return joined([
    header,
    attribute(IFLA_IFNAME, text(LOOPBACK.name)),
    attribute(IFLA_TXQLEN, u32(LOOPBACK.queueLength)),
    attribute(IFLA_OPERSTATE, u8(0)),
    attribute(IFLA_LINKMODE, u8(0)),
    attribute(IFLA_MTU, u32(LOOPBACK.mtu)),
    attribute(IFLA_GROUP, u32(0)),
    attribute(IFLA_PROMISCUITY, u32(0)),
    attribute(IFLA_NUM_TX_QUEUES, u32(1)),
    attribute(IFLA_NUM_RX_QUEUES, u32(1)),
    attribute(IFLA_CARRIER, u8(1)),
    attribute(IFLA_QDISC, text('noqueue')),
    attribute(IFLA_ADDRESS, new Uint8Array(6)),
    attribute(IFLA_BROADCAST, new Uint8Array(6)),
    attribute(IFLA_STATS64, new Uint8Array(200)),
    attribute(IFLA_STATS, new Uint8Array(96)),
  ]);
}

/** struct ifaddrmsg: family, length of the prefix, flags, scope, u32 index; attributes. */
function addressPayloads(family: number): Uint8Array[] {
  const header = (of: number, prefix: number): Uint8Array =>
    joined([Uint8Array.of(of, prefix, IFA_F_PERMANENT, RT_SCOPE_HOST), u32(LOOPBACK.index)]);
  const lifetime = attribute(IFA_CACHEINFO, u32(0xffff_ffff, 0xffff_ffff, 0, 0));
  const flags = attribute(IFA_FLAGS, u32(IFA_F_PERMANENT));
  const found: Uint8Array[] = [];
  if (family !== AF_INET6) {
    const host = Uint8Array.of(127, 0, 0, 1);
    found.push(
      joined([
        header(AF_INET, 8),
        attribute(IFA_ADDRESS, host),
        attribute(IFA_LOCAL, host),
        attribute(IFA_LABEL, text(LOOPBACK.name)),
        flags,
        lifetime,
      ]),
    );
  }
  if (family !== AF_INET) {
    const host = new Uint8Array(16);
    host[15] = 1;
    found.push(
      joined([header(AF_INET6, 128), attribute(IFA_ADDRESS, host), lifetime, flags, attribute(IFA_PROTO, u8(1))]),
    );
  }
  return found;
}
