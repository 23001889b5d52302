/** Arguments of calls on sockets: strace's src/sockaddr.c, src/net.c, src/msghdr.c. */

import { O_CLOEXEC, O_NONBLOCK } from '../../../abi/fcntl.ts';
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, CMSGHDR_BYTES, FAMILY_NAMES, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPPROTO_UDP,
  IPV6_V6ONLY, MMSGHDR_BYTES, MSG_NAMES, MSGHDR_BYTES, SCM_CREDENTIALS, SCM_RIGHTS, SHUT_NAMES, SO_LINGER, SO_PEERCRED, SO_RCVTIMEO,
  SO_SNDTIMEO, SOCK_TYPE_MASK, SOCKET_OPTION_NAMES, SOCKET_TYPE_NAMES, SOL_NETLINK, SOL_SOCKET, SUN_PATH,TCP_OPTION_NAMES, 
} from '../../../abi/socket.ts'; // biome-ignore format: a list
import type { CallView } from '../define.ts';
import { type ArgKind, failed, i32, input, output, u32, viewOf } from './kind.ts';
import { bytesText, iovecText } from './memory.ts';
import { decimal, flagParts, flagsText, LIST_ITEMS, named, pointer, quoted } from './text.ts';
import { timevalText } from './time.ts';

const PROTOCOLS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [AF_INET]: { [IPPROTO_IP]: 'IPPROTO_IP', 1: 'IPPROTO_ICMP', [IPPROTO_TCP]: 'IPPROTO_TCP', [IPPROTO_UDP]: 'IPPROTO_UDP' },
  [AF_INET6]: { [IPPROTO_IP]: 'IPPROTO_IP', [IPPROTO_TCP]: 'IPPROTO_TCP', [IPPROTO_UDP]: 'IPPROTO_UDP', 58: 'IPPROTO_ICMPV6' },
  [AF_NETLINK]: { 0: 'NETLINK_ROUTE', 15: 'NETLINK_KOBJECT_UEVENT', 16: 'NETLINK_GENERIC' },
}; // biome-ignore format: a table
const SOCKET_FLAG_NAMES = { SOCK_CLOEXEC: O_CLOEXEC, SOCK_NONBLOCK: O_NONBLOCK };

export const socketFamily = i32((value) => named(value, FAMILY_NAMES, 'AF_???'));
export const socketType = i32((value) => {
  const type = named(value & SOCK_TYPE_MASK, SOCKET_TYPE_NAMES, 'SOCK_???');
  return [type, ...flagParts((value & ~SOCK_TYPE_MASK) >>> 0, SOCKET_FLAG_NAMES)].join('|');
});
export const socketProtocol = i32((value, { args }) => {
  const names = PROTOCOLS[Number(args.family)];
  return names === undefined
    ? String(value)
    : named(value, names, Number(args.family) === AF_NETLINK ? 'NETLINK_???' : 'IPPROTO_???');
});
export const acceptFlags = u32((flags) => flagsText(flags, SOCKET_FLAG_NAMES, 'SOCK_???'));
export const shutdownHow = i32((how) => named(how, SHUT_NAMES, 'SHUT_???'));
export const messageFlags = u32((flags) => flagsText(flags, MSG_NAMES, 'MSG_???'));

// ---- addresses ----------------------------------------------------------------------------------------------------

/** sockaddr; its length is the next argument. */
export const inSockaddr = input((address, { peek }, length) => {
  if (address === 0n) return 'NULL';
  const bytes = length >= 2n && length <= 128n ? peek(address, Number(length)) : undefined;
  return bytes === undefined ? pointer(address) : sockaddrText(bytes);
});
/** sockaddr that the call fills; a pointer to its length is the next argument. */
export const outSockaddr = output((address, call, lengthAt) => {
  if (address === 0n || failed(call)) return pointer(address);
  const length = call.peek(lengthAt, 4);
  const count = length === undefined ? 0 : viewOf(length).getUint32(0, true);
  const bytes = count >= 2 ? call.peek(address, Math.min(count, 128)) : undefined;
  return bytes === undefined ? pointer(address) : sockaddrText(bytes);
});
/** The length of an address or option, before and after: `[110 => 2]`. */
export const outAddressLength: ArgKind<bigint> = {
  ...output((address, call) => {
    const length = lengthAt(address, call);
    const before = call.notes?.get(outAddressLength) ?? length;
    if (before === undefined) return pointer(address);
    return length === undefined || before === length || failed(call) ? `[${before}]` : `[${before} => ${length}]`;
  }),
  note: lengthAt,
};
function lengthAt(address: bigint, { peek }: CallView): string | undefined {
  const bytes = address === 0n ? undefined : peek(address, 4);
  return bytes && String(viewOf(bytes).getInt32(0, true));
}
/** Bytes that have come: of a message that was cut, the result may say more. */
export const outReceived = output((address, call, count) => {
  if (failed(call)) return pointer(address);
  return bytesText(address, call, call.result! < count ? call.result! : count);
});

export function sockaddrText(bytes: Uint8Array): string {
  const family = bytes[0] | (bytes[1] << 8);
  const name = named(family, FAMILY_NAMES, 'AF_???');
  const view = viewOf(bytes);
  if (family === AF_UNIX) {
    if (bytes.length <= SUN_PATH) return `{sa_family=${name}}`;
    const path = bytes.subarray(SUN_PATH);
    if (path[0] === 0) return `{sa_family=${name}, sun_path=@${quoted(path.subarray(1), Infinity)}}`;
    const end = path.indexOf(0);
    return `{sa_family=${name}, sun_path=${quoted(end < 0 ? path : path.subarray(0, end), Infinity)}}`;
  }
  if (family === AF_INET && bytes.length >= 16) {
    const host = [...bytes.subarray(4, 8)].join('.');
    return `{sa_family=${name}, sin_port=htons(${view.getUint16(2)}), sin_addr=inet_addr("${host}")}`;
  }
  if (family === AF_INET6 && bytes.length >= 24) {
    const parts = [
      `sin6_port=htons(${view.getUint16(2)})`,
      `sin6_flowinfo=htonl(${view.getUint32(4)})`,
      `inet_pton(AF_INET6, "${ipv6Text(bytes.subarray(8, 24))}", &sin6_addr)`,
      ...(bytes.length >= 28 ? [`sin6_scope_id=${view.getUint32(24, true)}`] : []),
    ];
    return `{sa_family=${name}, ${parts.join(', ')}}`;
  }
  if (family === AF_NETLINK && bytes.length >= 12) {
    const groups = view.getUint32(8, true);
    return `{sa_family=${name}, nl_pid=${view.getInt32(4, true)}, nl_groups=${groups === 0 ? '00000000' : `0x${groups.toString(16)}`}}`;
  }
  return `{sa_family=${name}, sa_data=${quoted(bytes.subarray(2), Infinity)}}`;
}

/** As inet_ntop(3) writes it: the longest run of zeros is left out; an IPv4 address at its end as one. */
export function ipv6Text(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const words = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i));
  let best = { start: 0, length: 0 };
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && words[end] === 0) end++;
    if (end - i > best.length) best = { start: i, length: end - i };
  }
  const isMapped = best.start === 0 && (best.length === 6 || (best.length === 5 && words[5] === 0xffff));
  const texts = isMapped ? words.slice(0, 6).map((word) => word.toString(16)) : words.map((word) => word.toString(16));
  if (isMapped) texts.push([...bytes.subarray(12)].join('.'));
  if (best.length < 2) return texts.join(':');
  return `${texts.slice(0, best.start).join(':')}::${texts.slice(best.start + best.length).join(':')}`;
}

// ---- messages -----------------------------------------------------------------------------------------------------

export const inMessage = input((address, call) => messageText(address, call, undefined));
export const outMessage = output((address, call) =>
  failed(call) ? messageText(address, call, 0n, true) : messageText(address, call, call.result),
);
/** struct mmsghdr[]; their number is the next argument. */
export const inMessages = input((address, call, count) => messagesText(address, call, count));
export const outMessages = output((address, call) =>
  failed(call) ? pointer(address) : messagesText(address, call, call.result ?? 0n),
);

function messagesText(address: bigint, call: CallView, count: bigint): string {
  if (address === 0n) return 'NULL';
  const items: string[] = [];
  for (let i = 0; i < Math.min(Number(count), LIST_ITEMS); i++) {
    const at = address + BigInt(i * MMSGHDR_BYTES);
    const length = call.peek(at + BigInt(MSGHDR_BYTES), 4);
    if (length === undefined) return pointer(address);
    const bytes = viewOf(length).getUint32(0, true);
    const isOut = call.record.name === 'recvmmsg';
    items.push(
      `{msg_hdr=${messageText(at, call, isOut ? BigInt(bytes) : undefined)}${isOut ? `, msg_len=${bytes}` : ''}}`,
    );
  }
  return `[${items.join(', ')}]`;
}

/** `received`: bytes that the call has filled. */
function messageText(address: bigint, call: CallView, received: bigint | undefined, hasFailed = false): string {
  const bytes = address === 0n ? undefined : call.peek(address, MSGHDR_BYTES);
  if (bytes === undefined) return pointer(address);
  const view = viewOf(bytes);
  const [name, iov, count] = [view.getBigUint64(0, true), view.getBigUint64(16, true), view.getBigUint64(24, true)];
  const [control, controlLength] = [view.getBigUint64(32, true), view.getBigUint64(40, true)];
  const nameLength = view.getInt32(8, true);
  if (hasFailed) return `{msg_namelen=${nameLength}}`;
  const address_ = name === 0n || nameLength < 2 ? undefined : call.peek(name, Math.min(nameLength, 128));
  const parts = [
    `msg_name=${address_ === undefined ? pointer(name) : sockaddrText(address_)}`,
    `msg_namelen=${nameLength}`,
    `msg_iov=${iovecText(iov, call, count, received)}`,
    `msg_iovlen=${count}`,
  ];
  if (controlLength > 0n) parts.push(`msg_control=${controlText(control, controlLength, call)}`);
  parts.push(
    `msg_controllen=${controlLength}`,
    `msg_flags=${flagsText(view.getUint32(48, true), MSG_NAMES, 'MSG_???')}`,
  );
  return `{${parts.join(', ')}}`;
}

function controlText(address: bigint, length: bigint, { peek }: CallView): string {
  const bytes = length > 4096n ? undefined : peek(address, Number(length));
  if (bytes === undefined) return pointer(address);
  const view = viewOf(bytes);
  const items: string[] = [];
  for (let at = 0; at + CMSGHDR_BYTES <= bytes.length; ) {
    const size = Number(view.getBigUint64(at, true));
    if (size < CMSGHDR_BYTES) break;
    const [level, type] = [view.getInt32(at + 8, true), view.getInt32(at + 12, true)];
    const data = bytes.subarray(at + CMSGHDR_BYTES, Math.min(bytes.length, at + size));
    const head = `cmsg_len=${size}, cmsg_level=${named(level, LEVEL_NAMES, 'SOL_???')}, cmsg_type=`;
    if (level === SOL_SOCKET && type === SCM_RIGHTS) {
      const fds = Array.from({ length: data.length >> 2 }, (_, i) => viewOf(data).getInt32(4 * i, true));
      items.push(`{${head}SCM_RIGHTS, cmsg_data=[${fds.join(', ')}]}`);
    } else if (level === SOL_SOCKET && type === SCM_CREDENTIALS && data.length >= 12)
      items.push(`{${head}SCM_CREDENTIALS, cmsg_data=${ucredText(data)}}`);
    else
      items.push(
        `{${head}0x${type.toString(16)}${data.length > 0 ? `, cmsg_data=${quoted(data, Infinity, true)}` : ''}}`,
      );
    at += Math.ceil(size / 8) * 8;
  }
  return `[${items.join(', ')}]`;
}

const ucredText = (bytes: Uint8Array): string =>
  `{pid=${viewOf(bytes).getInt32(0, true)}, uid=${viewOf(bytes).getInt32(4, true)}, gid=${viewOf(bytes).getInt32(8, true)}}`;

// ---- options ------------------------------------------------------------------------------------------------------

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  [SOL_SOCKET]: 'SOL_SOCKET', [IPPROTO_IP]: 'SOL_IP', [IPPROTO_TCP]: 'SOL_TCP', [IPPROTO_UDP]: 'SOL_UDP',
  [IPPROTO_IPV6]: 'SOL_IPV6', [SOL_NETLINK]: 'SOL_NETLINK',
}; // biome-ignore format: a table
const OPTION_NAMES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  [SOL_SOCKET]: SOCKET_OPTION_NAMES,
  [IPPROTO_TCP]: TCP_OPTION_NAMES,
  [IPPROTO_IPV6]: { [IPV6_V6ONLY]: 'IPV6_V6ONLY' },
  [IPPROTO_IP]: { 1: 'IP_TOS', 2: 'IP_TTL', 10: 'IP_MTU_DISCOVER', 11: 'IP_RECVERR' },
};
const UNKNOWN: Readonly<Record<number, string>> = {
  [SOL_SOCKET]: 'SO_???', [IPPROTO_TCP]: 'TCP_???', [IPPROTO_IPV6]: 'IPV6_???', [IPPROTO_IP]: 'IP_???',
}; // biome-ignore format: a table

export const optionLevel = i32((level) => named(level, LEVEL_NAMES, 'SOL_???'));
export const optionName = i32((option, { args }) => {
  const level = Number(args.level);
  return named(option, OPTION_NAMES[level] ?? {}, UNKNOWN[level] ?? '???');
});
export const inOption: ArgKind<bigint> = input((address, call, length) => optionText(address, call, Number(length)));
export const outOption = output((address, call, lengthAt) => {
  const length = failed(call) ? undefined : call.peek(lengthAt, 4);
  return length === undefined ? pointer(address) : optionText(address, call, viewOf(length).getInt32(0, true));
});
export const outOptionLength = outAddressLength;

function optionText(address: bigint, { args, peek }: CallView, length: number): string {
  const bytes = address === 0n || length < 4 || length > 256 ? undefined : peek(address, length);
  if (bytes === undefined) return pointer(address);
  const view = viewOf(bytes);
  if (Number(args.level) === SOL_SOCKET) {
    switch (Number(args.option)) {
      case SO_LINGER:
        if (length >= 8) return `{l_onoff=${view.getInt32(0, true)}, l_linger=${view.getInt32(4, true)}}`;
        break;
      case SO_RCVTIMEO:
      case SO_SNDTIMEO:
        if (length >= 16) return timevalText(bytes);
        break;
      case SO_PEERCRED:
        if (length >= 12) return ucredText(bytes);
        break;
    }
  }
  return length === 4 ? `[${decimal(view.getInt32(0, true))}]` : quoted(bytes, 32);
}
