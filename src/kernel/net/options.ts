/** Options of SOL_SOCKET: socket(7), net/core/sock.c (`sk_setsockopt`, `sk_getsockopt`). */
import { EACCES, EDOM, EINVAL, ENOPROTOOPT, EOPNOTSUPP, EPERM, type Errno } from '../../abi/errno.ts';
import {AF_UNIX,
  SO_ACCEPTCONN, SO_BROADCAST, SO_DEBUG, SO_DOMAIN, SO_DONTROUTE, SO_ERROR, SO_KEEPALIVE, SO_LINGER, SO_OOBINLINE,
  SO_PASSCRED, SO_PEERCRED, SO_PRIORITY, SO_PROTOCOL, SO_RCVBUF, SO_RCVBUFFORCE, SO_RCVLOWAT, SO_RCVTIMEO, SO_REUSEADDR,
  SO_REUSEPORT, SO_SNDBUF, SO_SNDBUFFORCE, SO_SNDLOWAT, SO_SNDTIMEO, SO_TIMESTAMP, SO_TYPE, 
} from '../../abi/socket.ts'; // biome-ignore format: a list
import { NS_PER_SECOND, pairBytes, readPair } from '../../abi/structs.ts';
import type { Socket, SocketOptions } from './socket.ts';

/** net.core.wmem_max and rmem_max; the least that a buffer can be made. */
const MOST_BUFFER = 212_992;
const LEAST_SEND_BUFFER = 4608;
const LEAST_RECEIVE_BUFFER = 2304;
const US_PER_SECOND = 1_000_000n;

/** Options that are on or off and that is all. */
const SWITCHES: Readonly<Record<number, keyof { [K in keyof SocketOptions as SocketOptions[K] extends boolean ? K : never]: 1 }>> = {
  [SO_DEBUG]: 'debug', [SO_REUSEADDR]: 'reuseAddress', [SO_DONTROUTE]: 'dontRoute', [SO_BROADCAST]: 'broadcast',
  [SO_KEEPALIVE]: 'keepAlive', [SO_OOBINLINE]: 'outOfBandInline', [SO_REUSEPORT]: 'reusePort', [SO_TIMESTAMP]: 'timestamp',
}; // biome-ignore format: a table

const int = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

/** An option's value. ENOPROTOOPT: no such option. */
export function getSocketOption(socket: Socket, option: number): Uint8Array | Errno {
  const { options } = socket;
  const flag = SWITCHES[option];
  if (flag !== undefined) return int(options[flag] ? 1 : 0);
  switch (option) {
    case SO_TYPE:
      return int(socket.type);
    case SO_PROTOCOL:
      return int(socket.protocol);
    case SO_DOMAIN:
      return int(socket.family);
    case SO_ERROR:
      return int(socket.takeError()?.number ?? 0);
    case SO_ACCEPTCONN:
      return int(socket.isListening ? 1 : 0);
    case SO_SNDBUF:
      return int(options.sendBuffer);
    case SO_RCVBUF:
      return int(options.receiveBuffer);
    case SO_PRIORITY:
      return int(options.priority);
    case SO_RCVLOWAT:
      return int(options.receiveLow);
    case SO_SNDLOWAT:
      return int(1);
    case SO_LINGER: {
      const { lingerSeconds } = options;
      return new Uint8Array(Int32Array.of(lingerSeconds === undefined ? 0 : 1, lingerSeconds ?? 0).buffer);
    }
    case SO_RCVTIMEO:
    case SO_SNDTIMEO: {
      const ns = option === SO_RCVTIMEO ? options.receiveTimeoutNs : options.sendTimeoutNs;
      return pairBytes(Math.floor(ns / NS_PER_SECOND), Math.floor((ns % NS_PER_SECOND) / 1000));
    }
    case SO_PASSCRED:
      return socket.family === AF_UNIX ? int(options.passCredentials ? 1 : 0) : EOPNOTSUPP;
    case SO_PEERCRED: {
      const { pid, uid, gid } = socket.peerSender();
      return new Uint8Array(Uint32Array.of(pid, uid, gid).buffer);
    }
    default:
      return ENOPROTOOPT;
  }
}

/** Sets an option. ENOPROTOOPT; EINVAL: too short, or a value that it cannot have. EDOM: a bad time. EPERM. */
export function setSocketOption(socket: Socket, option: number, bytes: Uint8Array): Errno | undefined {
  if (bytes.length < 4) return EINVAL;
  const { options } = socket;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = view.getInt32(0, true);
  const flag = SWITCHES[option];
  if (flag !== undefined) {
    if (flag === 'debug' && value !== 0) return EACCES;
    options[flag] = value !== 0;
    return undefined;
  }
  switch (option) {
    case SO_TYPE:
    case SO_PROTOCOL:
    case SO_DOMAIN:
    case SO_ERROR:
      return ENOPROTOOPT;
    // Doubled, for what the kernel itself needs of it.
    case SO_SNDBUF:
      options.sendBuffer = Math.max(Math.min(value >>> 0, MOST_BUFFER) * 2, LEAST_SEND_BUFFER);
      return undefined;
    case SO_RCVBUF:
      options.receiveBuffer = Math.max(Math.min(value >>> 0, MOST_BUFFER) * 2, LEAST_RECEIVE_BUFFER);
      return undefined;
    case SO_SNDBUFFORCE:
    case SO_RCVBUFFORCE:
      return EPERM;
    case SO_PRIORITY:
      if (value < 0 || value > 6) return EPERM;
      options.priority = value;
      return undefined;
    case SO_RCVLOWAT:
      options.receiveLow = (value < 0 ? 0x7fff_ffff : value) || 1;
      return undefined;
    case SO_LINGER:
      if (bytes.length < 8) return EINVAL;
      options.lingerSeconds = value === 0 ? undefined : view.getInt32(4, true);
      return undefined;
    case SO_RCVTIMEO:
    case SO_SNDTIMEO: {
      if (bytes.length < 16) return EINVAL;
      const { first: seconds, second: rest } = readPair(bytes);
      if (rest < 0n || rest >= US_PER_SECOND) return EDOM;
      const ns = seconds < 0n ? 1 : Number(seconds * BigInt(NS_PER_SECOND) + rest * 1000n);
      if (option === SO_RCVTIMEO) options.receiveTimeoutNs = ns;
      else options.sendTimeoutNs = ns;
      return undefined;
    }
    case SO_PASSCRED:
      if (socket.family !== AF_UNIX) return EOPNOTSUPP;
      options.passCredentials = value !== 0;
      return undefined;
    default:
      return ENOPROTOOPT;
  }
}
