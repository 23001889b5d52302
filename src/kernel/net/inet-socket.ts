/**
 * What TCP and UDP sockets have in common: where they are bound, and what they may speak to. ip(7), ipv6(7), net/ipv4/af_inet.c.
 * There is the loopback alone; every other address is ENETUNREACH, and nothing leaves the machine.
 */
import {
  EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, ENOTCONN, Errno,
} from '../../abi/errno.ts'; // biome-ignore format: a list
import {
  AF_INET, AF_INET6, AF_UNSPEC, INET_ADDRESS_BYTES, INET6_ADDRESS_MIN_BYTES, IPPROTO_IP, IPPROTO_IPV6, IPV6_V6ONLY,
} from '../../abi/socket.ts'; // biome-ignore format: a list
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import {
  ANY4, ANY6, destinationOf, type Endpoint, endpointBytes, isAny, isIpv4, isLoopback, parseEndpoint,
} from './inet-address.ts'; // biome-ignore format: a list
import { FIRST_UNPRIVILEGED_PORT, type Ports } from './ports.ts';
import { Socket } from './socket.ts';
import { familyOf } from './unix-address.ts';

export abstract class InetSocket extends Socket {
  readonly ports: Ports;
  local: Endpoint;
  remote: Endpoint | undefined;
  isV6Only = false;
  /** Options that have no effect here, by level and number. */
  private readonly _kept = new Map<string, number>();

  constructor(kernel: Kernel, family: number, type: number, protocol: number, flags: number, ports: Ports) {
    super(kernel, family, type, protocol, flags);
    this.ports = ports;
    this.local = { host: family === AF_INET ? ANY4 : ANY6, port: 0 };
  }

  /** Whether two sockets may have one port although an address may mean both. */
  abstract sharesPortWith(other: InetSocket): boolean;

  get addressBytes(): number {
    return this.family === AF_INET ? INET_ADDRESS_BYTES : INET6_ADDRESS_MIN_BYTES;
  }

  /** EINVAL: bound already, or too short. EAFNOSUPPORT. EADDRNOTAVAIL: not of this machine. EACCES: a port below 1024. EADDRINUSE. */
  bind(_task: Task, address: Uint8Array): Errno | undefined {
    if (address.length < this.addressBytes) return EINVAL;
    const family = familyOf(address);
    const { host, port } = parseEndpoint(this.family, address);
    // 0.0.0.0 is taken without a family, too, as it always was.
    if (family !== this.family && !(this.family === AF_INET && family === AF_UNSPEC && host === ANY4))
      return EAFNOSUPPORT;
    if (isIpv4(host) && this.family === AF_INET6 && this.isV6Only) return EINVAL;
    if (!isAny(host) && !isLoopback(host)) return EADDRNOTAVAIL;
    if (port !== 0 && port < FIRST_UNPRIVILEGED_PORT) return EACCES;
    if (this.local.port !== 0 || this.remote !== undefined) return EINVAL;
    return this.bindTo(host, port);
  }

  bindTo(host: bigint, port: number): Errno | undefined {
    const bound = this.ports.bind(this, host, port, this.kernel.now());
    if (bound instanceof Errno) return bound;
    this.local = { host, port: bound };
    return undefined;
  }

  /** Whom an address means. EINVAL: too short. EAFNOSUPPORT. ENETUNREACH: nobody in this machine. */
  protected target(address: Uint8Array): Endpoint | Errno {
    if (address.length < this.addressBytes) return EINVAL;
    const family = familyOf(address);
    // A socket of both families takes addresses of IPv4 as such in some places only; here they must be mapped.
    if (family !== this.family) return EAFNOSUPPORT;
    const { host, port } = parseEndpoint(this.family, address);
    const meant = destinationOf(host);
    if (isIpv4(meant) && this.isV6Only) return ENETUNREACH;
    if (!isLoopback(meant)) return ENETUNREACH;
    // From an address of the other family there is no way.
    if (!isAny(this.local.host) && isIpv4(this.local.host) !== isIpv4(meant))
      return isIpv4(meant) ? ENETUNREACH : EINVAL;
    return { host: meant, port };
  }

  protected unbind(): void {
    if (this.local.port !== 0) this.ports.remove(this, this.local.port);
  }

  name(): Uint8Array {
    return endpointBytes(this.family, this.local);
  }
  peerName(): Uint8Array | Errno {
    return this.remote === undefined ? ENOTCONN : endpointBytes(this.family, this.remote);
  }

  override hasLevel(level: number): boolean {
    return [IPPROTO_IP, IPPROTO_IPV6, this.protocol].includes(level);
  }
  override getOption(level: number, option: number): number | undefined {
    if (level === IPPROTO_IPV6 && option === IPV6_V6ONLY && this.family === AF_INET6) return this.isV6Only ? 1 : 0;
    return this._kept.get(`${level} ${option}`) ?? DEFAULTS[level]?.[option];
  }

  override setOption(_task: Task, level: number, option: number, value: number): boolean | Errno {
    if (level === IPPROTO_IPV6 && option === IPV6_V6ONLY && this.family === AF_INET6) {
      if (this.local.port !== 0) return EINVAL;
      this.isV6Only = value !== 0;
      return true;
    }
    if (DEFAULTS[level]?.[option] === undefined) return false;
    this._kept.set(`${level} ${option}`, value);
    return true;
  }
}

/** Options that are taken and given back and mean nothing on a loopback: of IP (TOS, TTL, MTU_DISCOVER, RECVERR), of IPv6. */
const DEFAULTS: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  [IPPROTO_IP]: { 1: 0, 2: 64, 8: 0, 10: 1, 11: 0 },
  [IPPROTO_IPV6]: { 16: 64, 23: 1, 25: 0, 49: 0, 66: 0, 67: 0 },
};
