/** Readiness of files: asm-generic/poll.h; the same bits as in linux/eventpoll.h. */
export const POLLIN = 0x1;
export const POLLPRI = 0x2;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;
export const POLLRDNORM = 0x40;
export const POLLRDBAND = 0x80;
export const POLLWRNORM = 0x100;
export const POLLWRBAND = 0x200;
export const POLLMSG = 0x400;
export const POLLRDHUP = 0x2000;

export const READABLE = POLLIN | POLLRDNORM;
export const WRITABLE = POLLOUT | POLLWRNORM;

/** As strace(1) names them, in its order. */
export const POLL_NAMES = {
  POLLIN, POLLPRI, POLLOUT, POLLRDNORM, POLLRDBAND, POLLWRNORM, POLLWRBAND, POLLERR, POLLHUP, POLLNVAL, POLLMSG,
  POLLREMOVE: 0x1000, POLLRDHUP,
} as const; // biome-ignore format: a list

/** struct pollfd { int fd; short events; short revents; } */
export const POLLFD_BYTES = 8;
