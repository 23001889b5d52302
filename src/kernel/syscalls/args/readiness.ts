/** Arguments of poll(2), select(2) and epoll(7). */

import { EPOLL_EVENT_BYTES, EPOLL_EVENT_NAMES } from '../../../abi/epoll.ts';
import { POLL_NAMES, POLLFD_BYTES } from '../../../abi/poll.ts';
import type { CallView } from '../define.ts';
import { failed, input, inStruct, output, viewOf } from './kind.ts';
import { flagsText, LIST_ITEMS, pointer } from './text.ts';

const pollText = (events: number): string => flagsText(events, POLL_NAMES, 'POLL???');

/** struct pollfd[]; their number is the next argument. */
export const inPollfds = input((address, { peek }, count) => {
  if (address === 0n) return 'NULL';
  if (count === 0n) return '[]';
  const shown = Math.min(Number(count), LIST_ITEMS);
  const bytes = peek(address, shown * POLLFD_BYTES);
  if (bytes === undefined) return pointer(address);
  const items = Array.from({ length: shown }, (_, i) => {
    const fd = viewOf(bytes).getInt32(i * POLLFD_BYTES, true);
    return fd < 0
      ? `{fd=${fd}}`
      : `{fd=${fd}, events=${pollText(viewOf(bytes).getUint16(i * POLLFD_BYTES + 4, true))}}`;
  });
  if (count > BigInt(LIST_ITEMS)) items.push('...');
  return `[${items.join(', ')}]`;
});

/** `[{fd=3, revents=POLLIN}]`: those that have something. */
export function reventsText(address: bigint, count: number, { peek }: CallView): string {
  const bytes = peek(address, count * POLLFD_BYTES);
  if (bytes === undefined) return pointer(address);
  const items: string[] = [];
  for (let at = 0; at < bytes.length; at += POLLFD_BYTES) {
    const fd = viewOf(bytes).getInt32(at, true);
    const revents = viewOf(bytes).getUint16(at + 6, true);
    if (fd >= 0 && revents !== 0) items.push(`{fd=${fd}, revents=${pollText(revents)}}`);
  }
  if (items.length > LIST_ITEMS) items.splice(LIST_ITEMS, Infinity, '...');
  return `[${items.join(', ')}]`;
}

/** `left {tv_sec=1, tv_usec=0}`; empty for a call without a timeout. */
export function remainingText(address: bigint, { peek }: CallView, text: (bytes: Uint8Array) => string): string {
  const bytes = address === 0n ? undefined : peek(address, 16);
  return bytes === undefined ? '' : `left ${text(bytes)}`;
}

export const inEpollEvent = inStruct(EPOLL_EVENT_BYTES, epollEventText);
/** struct epoll_event[]; their number is the result. */
export const outEpollEvents = output((address, call) => {
  if (failed(call)) return pointer(address);
  const count = Number(call.result);
  const shown = Math.min(count, LIST_ITEMS);
  const bytes = call.peek(address, shown * EPOLL_EVENT_BYTES);
  if (bytes === undefined) return pointer(address);
  const items = Array.from({ length: shown }, (_, i) => epollEventText(bytes.subarray(i * EPOLL_EVENT_BYTES)));
  if (count > LIST_ITEMS) items.push('...');
  return `[${items.join(', ')}]`;
});

function epollEventText(bytes: Uint8Array): string {
  const events = flagsText(viewOf(bytes).getUint32(0, true), EPOLL_EVENT_NAMES, 'EPOLL???');
  return `{events=${events}, data={u32=${viewOf(bytes).getUint32(4, true)}, u64=${viewOf(bytes).getBigUint64(4, true)}}}`;
}

/** fd_set; the number of its descriptors is the first argument, `count`. */
export const inFdSet = input((address, { args, peek }) => {
  if (address === 0n) return 'NULL';
  const count = Number(args.count);
  const fds = count < 0 ? undefined : fdsIn(address, count, peek);
  return fds === undefined ? pointer(address) : `[${fds.join(' ')}]`;
});

export function fdsIn(address: bigint, count: number, peek: CallView['peek']): number[] | undefined {
  const most = Math.min(Math.max(count, 0), 1 << 16);
  const bytes = peek(address, Math.ceil(most / 64) * 8);
  if (bytes === undefined) return undefined;
  return Array.from({ length: most }, (_, fd) => fd).filter((fd) => bytes[fd >> 3] & (1 << (fd & 7)));
}
