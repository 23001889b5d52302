/** netlink(7), rtnetlink(7): linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h. */
export const NETLINK_ROUTE = 0;
export const NETLINK_KOBJECT_UEVENT = 15;
/** MAX_LINKS: one more than the last protocol. */
export const NETLINK_PROTOCOLS = 32;

/** struct sockaddr_nl: u16 family, u16 padding, u32 port, u32 groups. */
export const NETLINK_ADDRESS_BYTES = 12;
/** struct nlmsghdr: u32 length with this header, u16 type, u16 flags, u32 sequence number, u32 port. */
export const NLMSGHDR_BYTES = 16;

export const NLM_F_REQUEST = 1;
export const NLM_F_MULTI = 2;
export const NLM_F_ACK = 4;
/** NLM_F_ROOT and NLM_F_MATCH: all of them. */
export const NLM_F_DUMP = 0x300;
export const NLM_F_CAPPED = 0x100;
/** Types below are netlink's own. */
export const NLMSG_MIN_TYPE = 0x10;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_GETADDR = 22;
export const RTM_GETROUTE = 26;

export const IFLA_ADDRESS = 1;
export const IFLA_BROADCAST = 2;
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_QDISC = 6;
export const IFLA_STATS = 7;
export const IFLA_TXQLEN = 13;
export const IFLA_OPERSTATE = 16;
export const IFLA_LINKMODE = 17;
export const IFLA_STATS64 = 23;
export const IFLA_GROUP = 27;
export const IFLA_PROMISCUITY = 30;
export const IFLA_NUM_TX_QUEUES = 31;
export const IFLA_NUM_RX_QUEUES = 32;
export const IFLA_CARRIER = 33;

export const IFA_ADDRESS = 1;
export const IFA_LOCAL = 2;
export const IFA_LABEL = 3;
export const IFA_CACHEINFO = 6;
export const IFA_FLAGS = 8;
export const IFA_PROTO = 11;
export const IFA_F_PERMANENT = 0x80;
export const RT_SCOPE_HOST = 254;
