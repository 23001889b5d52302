/** epoll(7): linux/eventpoll.h. Readiness bits are those of poll(2). */
import { POLL_NAMES } from './poll.ts';

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLL_CTL_NAMES: Readonly<Record<number, string>> = {
  [EPOLL_CTL_ADD]: 'EPOLL_CTL_ADD', [EPOLL_CTL_DEL]: 'EPOLL_CTL_DEL', [EPOLL_CTL_MOD]: 'EPOLL_CTL_MOD',
}; // biome-ignore format: a table

export const EPOLLEXCLUSIVE = 0x1000_0000;
export const EPOLLWAKEUP = 0x2000_0000;
export const EPOLLONESHOT = 0x4000_0000;
export const EPOLLET = 0x8000_0000;
/** What may go with EPOLLEXCLUSIVE: input, output, error, hang-up, and the last two flags but one. */
export const EXCLUSIVE_ALLOWED = (0x1d | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE) >>> 0;
/** Flags that are not events. */
export const EPOLL_FLAGS = (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET) >>> 0;

/** struct epoll_event, packed: u32 events; u64 data. */
export const EPOLL_EVENT_BYTES = 12;
export const EPOLL_EVENT_NAMES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(POLL_NAMES).flatMap(([name, bit]) => (name === 'POLLNVAL' || name === 'POLLREMOVE' ? [] : [[`E${name}`, bit]]))),
  EPOLLEXCLUSIVE, EPOLLWAKEUP, EPOLLONESHOT, EPOLLET,
}; // biome-ignore format: a table
