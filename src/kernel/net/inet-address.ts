/**
 * Addresses of ip(7) and ipv6(7) as numbers of 128 bits: an IPv4 address is one of IPv6 that begins with ::ffff, as sockets
 * of both families see it. The machine has the loopback interface alone: 127.0.0.0/8 and ::1.
 */
import {
  AF_INET, AF_INET6, INET_ADDRESS_BYTES,INET6_ADDRESS_BYTES, 
} from '../../abi/socket.ts'; // biome-ignore format: a list

/** A host and a port. */
export interface Endpoint {
  readonly host: bigint;
  readonly port: number;
}

const MAPPED = 0xffffn << 32n;
/** 0.0.0.0 and ::. */
export const ANY4: bigint = MAPPED;
export const ANY6 = 0n;
export const LOOPBACK4: bigint = MAPPED | 0x7f00_0001n;
export const LOOPBACK6 = 1n;

export const isIpv4 = (host: bigint): boolean => host >> 32n === 0xffffn;
export const isAny = (host: bigint): boolean => host === ANY4 || host === ANY6;
export const isLoopback = (host: bigint): boolean =>
  host === LOOPBACK6 || (isIpv4(host) && (host & 0xff00_0000n) === 0x7f00_0000n);

/** Where something that is sent to a host goes: to no host in particular means to this one. */
export const destinationOf = (host: bigint): bigint => (host === ANY4 ? LOOPBACK4 : host === ANY6 ? LOOPBACK6 : host);
/** The address that this machine speaks from to a host. */
export const sourceFor = (host: bigint): bigint => (isIpv4(host) ? LOOPBACK4 : LOOPBACK6);

/** From a sockaddr that is long enough. */
export function parseEndpoint(family: number, address: Uint8Array): Endpoint {
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  const port = view.getUint16(2);
  if (family === AF_INET) return { host: MAPPED | BigInt(view.getUint32(4)), port };
  return { host: (view.getBigUint64(8) << 64n) | view.getBigUint64(16), port };
}

/** As a sockaddr of a socket's family. */
export function endpointBytes(family: number, { host, port }: Endpoint): Uint8Array {
  const bytes = new Uint8Array(family === AF_INET ? INET_ADDRESS_BYTES : INET6_ADDRESS_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family === AF_INET ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  if (family === AF_INET) view.setUint32(4, Number(host & 0xffff_ffffn));
  else {
    view.setBigUint64(8, host >> 64n);
    view.setBigUint64(16, BigInt.asUintN(64, host));
  }
  return bytes;
}
