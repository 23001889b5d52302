/** Which sockets there are: by family, type and protocol. net/socket.c (`__sock_create`), socket(2). */
import {
  EACCES, EAFNOSUPPORT, EINVAL, EOPNOTSUPP, EPERM, EPROTONOSUPPORT, Errno,ESOCKTNOSUPPORT, 
} from '../../abi/errno.ts'; // biome-ignore format: a list
import { NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE } from '../../abi/netlink.ts';
import {
  AF_INET, AF_INET6, AF_MAX, AF_NETLINK, AF_PACKET, AF_UNIX, IPPROTO_ICMP, IPPROTO_IP, IPPROTO_MAX, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM,
  SOCK_MAX, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM,
} from '../../abi/socket.ts'; // biome-ignore format: a list
import type { Task } from '../task/task.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import type { Socket } from './socket.ts';
import { TcpSocket } from './tcp-socket.ts';
import { UdpSocket } from './udp-socket.ts';
import { UnixDatagram, UnixSeqPacket } from './unix-datagram.ts';
import { UnixStream } from './unix-stream.ts';

/** EAFNOSUPPORT, EINVAL: no such family, no such type; ESOCKTNOSUPPORT, EPROTONOSUPPORT: not in it. EPERM: raw packets. */
export function createSocket(
  task: Task,
  family: number,
  type: number,
  protocol: number,
  flags: number,
): Socket | Errno {
  if (family < 0 || family >= AF_MAX) return EAFNOSUPPORT;
  if (type < 0 || type >= SOCK_MAX) return EINVAL;
  switch (family) {
    case AF_UNIX: {
      const made = unixTypeOf(type, protocol);
      return typeof made === 'function' ? new made(task.kernel, flags) : made;
    }
    case AF_INET:
    case AF_INET6:
      return createInet(task, family, type, protocol, flags);
    case AF_NETLINK:
      if (type !== SOCK_RAW && type !== SOCK_DGRAM) return ESOCKTNOSUPPORT;
      if (protocol !== NETLINK_ROUTE && protocol !== NETLINK_KOBJECT_UEVENT) return EPROTONOSUPPORT;
      return new NetlinkSocket(task.kernel, type, protocol, flags);
    case AF_PACKET:
      return EPERM;
    default:
      return EAFNOSUPPORT;
  }
}

/** socketpair(2). EOPNOTSUPP: not of this family. */
export function createPair(
  task: Task,
  family: number,
  type: number,
  protocol: number,
  flags: number,
): readonly [Socket, Socket] | Errno {
  if (family !== AF_UNIX) {
    const socket = createSocket(task, family, type, protocol, flags);
    if (socket instanceof Errno) return socket;
    socket.close();
    return EOPNOTSUPP;
  }
  if (type < 0 || type >= SOCK_MAX) return EINVAL;
  const made = unixTypeOf(type, protocol);
  return typeof made === 'function' ? made.pair(task, flags) : made;
}

function createInet(task: Task, family: number, type: number, protocol: number, flags: number): Socket | Errno {
  if (protocol < 0 || protocol >= IPPROTO_MAX) return EINVAL;
  switch (type) {
    case SOCK_STREAM:
      return protocol === IPPROTO_IP || protocol === IPPROTO_TCP
        ? new TcpSocket(task.kernel, family, flags)
        : EPROTONOSUPPORT;
    case SOCK_DGRAM:
      if (protocol === IPPROTO_IP || protocol === IPPROTO_UDP) return new UdpSocket(task.kernel, family, flags);
      return protocol === IPPROTO_ICMP ? EACCES : EPROTONOSUPPORT;
    case SOCK_RAW:
      return protocol === IPPROTO_IP ? EPROTONOSUPPORT : EPERM;
    default:
      return ESOCKTNOSUPPORT;
  }
}

function unixTypeOf(type: number, protocol: number) {
  if (protocol !== 0 && protocol !== AF_UNIX) return EPROTONOSUPPORT;
  switch (type) {
    case SOCK_STREAM:
      return UnixStream;
    case SOCK_RAW:
    case SOCK_DGRAM:
      return UnixDatagram;
    case SOCK_SEQPACKET:
      return UnixSeqPacket;
    default:
      return ESOCKTNOSUPPORT;
  }
}
