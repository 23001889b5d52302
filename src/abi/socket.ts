/** Sockets: linux/socket.h, asm-generic/socket.h, linux/un.h, linux/in.h, linux/in6.h, linux/tcp.h. */
export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
/** AF_MAX: one more than the last family. */
export const AF_MAX = 46;
export const FAMILY_NAMES: Readonly<Record<number, string>> = {
  [AF_UNSPEC]: 'AF_UNSPEC', [AF_UNIX]: 'AF_UNIX', [AF_INET]: 'AF_INET', [AF_INET6]: 'AF_INET6', [AF_NETLINK]: 'AF_NETLINK',
  [AF_PACKET]: 'AF_PACKET', 31: 'AF_BLUETOOTH', 38: 'AF_ALG', 40: 'AF_VSOCK',
}; // biome-ignore format: a table

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_SEQPACKET = 5;
/** SOCK_MAX, and the bits that hold the type. */
export const SOCK_MAX = 11;
export const SOCK_TYPE_MASK = 0xf;
export const SOCKET_TYPE_NAMES: Readonly<Record<number, string>> = {
  [SOCK_STREAM]: 'SOCK_STREAM', [SOCK_DGRAM]: 'SOCK_DGRAM', [SOCK_RAW]: 'SOCK_RAW', 4: 'SOCK_RDM',
  [SOCK_SEQPACKET]: 'SOCK_SEQPACKET', 6: 'SOCK_DCCP', 10: 'SOCK_PACKET',
}; // biome-ignore format: a table

export const IPPROTO_IP = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_MAX = 263;

export const MSG_OOB = 0x1;
export const MSG_PEEK = 0x2;
export const MSG_CTRUNC = 0x8;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_EOR = 0x80;
export const MSG_WAITALL = 0x100;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;
export const MSG_WAITFORONE = 0x1_0000;
export const MSG_CMSG_CLOEXEC = 0x4000_0000;
export const MSG_NAMES = {
  MSG_OOB, MSG_PEEK, MSG_DONTROUTE: 4, MSG_CTRUNC, MSG_PROBE: 0x10, MSG_TRUNC, MSG_DONTWAIT, MSG_EOR, MSG_WAITALL, MSG_FIN: 0x200,
  MSG_SYN: 0x400, MSG_CONFIRM: 0x800, MSG_RST: 0x1000, MSG_ERRQUEUE, MSG_NOSIGNAL, MSG_MORE, MSG_WAITFORONE,
  MSG_BATCH: 0x4_0000, MSG_ZEROCOPY: 0x400_0000, MSG_FASTOPEN: 0x2000_0000, MSG_CMSG_CLOEXEC,
} as const; // biome-ignore format: a table

export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;
export const SHUT_NAMES = ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'] as const;

export const SOL_SOCKET = 1;
export const SOL_NETLINK = 270;
export const SO_DEBUG = 1;
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_DONTROUTE = 5;
export const SO_BROADCAST = 6;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_OOBINLINE = 10;
export const SO_PRIORITY = 12;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_PASSCRED = 16;
export const SO_PEERCRED = 17;
export const SO_RCVLOWAT = 18;
export const SO_SNDLOWAT = 19;
export const SO_RCVTIMEO = 20;
export const SO_SNDTIMEO = 21;
export const SO_TIMESTAMP = 29;
export const SO_ACCEPTCONN = 30;
export const SO_PEERSEC = 31;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_PROTOCOL = 38;
export const SO_DOMAIN = 39;
export const SOCKET_OPTION_NAMES: Readonly<Record<number, string>> = {
  [SO_DEBUG]: 'SO_DEBUG', [SO_REUSEADDR]: 'SO_REUSEADDR', [SO_TYPE]: 'SO_TYPE', [SO_ERROR]: 'SO_ERROR',
  [SO_DONTROUTE]: 'SO_DONTROUTE', [SO_BROADCAST]: 'SO_BROADCAST', [SO_SNDBUF]: 'SO_SNDBUF', [SO_RCVBUF]: 'SO_RCVBUF',
  [SO_KEEPALIVE]: 'SO_KEEPALIVE', [SO_OOBINLINE]: 'SO_OOBINLINE', [SO_PRIORITY]: 'SO_PRIORITY', [SO_LINGER]: 'SO_LINGER',
  [SO_REUSEPORT]: 'SO_REUSEPORT', [SO_PASSCRED]: 'SO_PASSCRED', [SO_PEERCRED]: 'SO_PEERCRED', [SO_RCVLOWAT]: 'SO_RCVLOWAT',
  [SO_SNDLOWAT]: 'SO_SNDLOWAT', [SO_RCVTIMEO]: 'SO_RCVTIMEO_OLD', [SO_SNDTIMEO]: 'SO_SNDTIMEO_OLD',
  [SO_TIMESTAMP]: 'SO_TIMESTAMP_OLD', [SO_ACCEPTCONN]: 'SO_ACCEPTCONN', [SO_PEERSEC]: 'SO_PEERSEC',
  [SO_SNDBUFFORCE]: 'SO_SNDBUFFORCE', [SO_RCVBUFFORCE]: 'SO_RCVBUFFORCE', [SO_PROTOCOL]: 'SO_PROTOCOL', [SO_DOMAIN]: 'SO_DOMAIN',
}; // biome-ignore format: a table

export const TCP_NODELAY = 1;
export const TCP_MAXSEG = 2;
export const TCP_CORK = 3;
export const TCP_INFO = 11;
export const TCP_OPTION_NAMES: Readonly<Record<number, string>> = {
  [TCP_NODELAY]: 'TCP_NODELAY', [TCP_MAXSEG]: 'TCP_MAXSEG', [TCP_CORK]: 'TCP_CORK', 4: 'TCP_KEEPIDLE', 5: 'TCP_KEEPINTVL',
  6: 'TCP_KEEPCNT', 7: 'TCP_SYNCNT', 8: 'TCP_LINGER2', 9: 'TCP_DEFER_ACCEPT', 10: 'TCP_WINDOW_CLAMP', [TCP_INFO]: 'TCP_INFO',
  12: 'TCP_QUICKACK', 13: 'TCP_CONGESTION', 18: 'TCP_USER_TIMEOUT', 23: 'TCP_FASTOPEN',
}; // biome-ignore format: a table
export const IPV6_V6ONLY = 26;

export const SCM_RIGHTS = 1;
export const SCM_CREDENTIALS = 2;
export const SCM_MAX_FD = 253;

/** struct sockaddr_storage: no address is longer. */
export const ADDRESS_MAX_BYTES = 128;
/** struct sockaddr_un: u16 family, then a path; an abstract name begins with NUL. */
export const SUN_PATH = 2;
export const UNIX_ADDRESS_BYTES = 110;
/** struct sockaddr_in: u16 family, u16 port and u32 address in network order, 8 bytes of padding. */
export const INET_ADDRESS_BYTES = 16;
/** struct sockaddr_in6: u16 family, u16 port (network order), u32 flow, 16 bytes, u32 scope. */
export const INET6_ADDRESS_BYTES = 28;
/** A sockaddr_in6 without the scope: what the kernel asks for at least. */
export const INET6_ADDRESS_MIN_BYTES = 24;

/** struct msghdr: name, namelen (32 bits, padded), iov, iovlen, control, controllen, flags (32 bits, padded). */
export const MSGHDR_BYTES = 56;
/** struct mmsghdr: a msghdr, then a 32-bit length, padded. */
export const MMSGHDR_BYTES = 64;
/** struct cmsghdr: u64 length with this header, i32 level, i32 type. */
export const CMSGHDR_BYTES = 16;
export const UCRED_BYTES = 12;
