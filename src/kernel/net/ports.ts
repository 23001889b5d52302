/** Who has which port of a protocol: net/ipv4/inet_connection_sock.c, inet_hashtables.c, udp.c. */
import { EADDRINUSE, type Errno } from '../../abi/errno.ts';
import { ANY4, ANY6, isAny, isIpv4 } from './inet-address.ts';
import type { InetSocket } from './inet-socket.ts';

/** net.ipv4.ip_local_port_range. */
const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;
/** Ports below this are for the superuser. */
export const FIRST_UNPRIVILEGED_PORT = 1024;

/** A connection that has ended here first: its port is in use for a while (TCP_TIMEWAIT_LEN). */
interface Remnant {
  readonly host: bigint;
  readonly reuseAddress: boolean;
  readonly until: number;
}

export class Ports {
  private readonly _sockets = new Map<number, Set<InetSocket>>();
  private readonly _remnants = new Map<number, Remnant[]>();
  private _lastEphemeral = FIRST_EPHEMERAL - 1;

  /** EADDRINUSE. With port 0: one that is free. */
  bind(socket: InetSocket, host: bigint, port: number, now: number): number | Errno {
    const chosen = port === 0 ? this._ephemeral(socket, host, now) : port;
    if (chosen === undefined || (port !== 0 && this._isTaken(socket, host, port, now))) return EADDRINUSE;
    this.add(socket, chosen);
    return chosen;
  }

  add(socket: InetSocket, port: number): void {
    let sockets = this._sockets.get(port);
    if (sockets === undefined) this._sockets.set(port, (sockets = new Set()));
    sockets.add(socket);
  }

  remove(socket: InetSocket, port: number): void {
    const sockets = this._sockets.get(port);
    sockets?.delete(socket);
    if (sockets?.size === 0) this._sockets.delete(port);
  }

  /** Keeps a port in use for a while. */
  linger(port: number, remnant: Remnant): void {
    const remnants = this._remnants.get(port);
    if (remnants === undefined) this._remnants.set(port, [remnant]);
    else remnants.push(remnant);
  }

  /** Of those for which `fits` holds: the one that is bound to the very host, else one that is to any; the latest of several. */
  find(host: bigint, port: number, fits: (socket: InetSocket) => number): InetSocket | undefined {
    let best: InetSocket | undefined;
    let bestScore = 0;
    for (const socket of this._sockets.get(port) ?? []) {
      if (!receives(socket, host)) continue;
      const fit = fits(socket);
      const score = fit === 0 ? 0 : fit * 4 + (isAny(socket.local.host) ? 0 : 2) + (isIpv4(host) === isIpv4(socket.local.host) ? 1 : 0); // biome-ignore format: one line
      if (score > 0 && score >= bestScore) [best, bestScore] = [socket, score];
    }
    return best;
  }

  private _ephemeral(socket: InetSocket, host: bigint, now: number): number | undefined {
    for (let tries = LAST_EPHEMERAL - FIRST_EPHEMERAL; tries >= 0; tries--) {
      this._lastEphemeral = this._lastEphemeral >= LAST_EPHEMERAL ? FIRST_EPHEMERAL : this._lastEphemeral + 1;
      const port = this._lastEphemeral;
      if (!this._sockets.has(port) && !this._isTaken(socket, host, port, now)) return port;
    }
    return undefined;
  }

  private _isTaken(socket: InetSocket, host: bigint, port: number, now: number): boolean {
    for (const other of this._sockets.get(port) ?? []) if (overlaps(socket, host, other.local.host, other.isV6Only) && !socket.sharesPortWith(other)) return true; // biome-ignore format: one line
    const remnants = this._remnants.get(port)?.filter(({ until }) => until > now) ?? [];
    if (remnants.length === 0) this._remnants.delete(port);
    else this._remnants.set(port, remnants);
    return remnants.some(
      (old) => overlaps(socket, host, old.host, false) && !(socket.options.reuseAddress && old.reuseAddress),
    );
  }
}

/** Whether what is sent to a host reaches a socket, by where that is bound. */
function receives(socket: InetSocket, host: bigint): boolean {
  const bound = socket.local.host;
  if (bound === ANY6) return !isIpv4(host) || !socket.isV6Only;
  return bound === ANY4 ? isIpv4(host) : bound === host;
}

/** Whether two bindings may both be meant by one address. */
function overlaps(socket: InetSocket, host: bigint, other: bigint, otherV6Only: boolean): boolean {
  if (host === other) return true;
  if (host === ANY6) return isIpv4(other) ? !socket.isV6Only : true;
  if (other === ANY6) return isIpv4(host) ? !otherV6Only : true;
  if (host === ANY4) return isIpv4(other);
  return other === ANY4 && isIpv4(host);
}
