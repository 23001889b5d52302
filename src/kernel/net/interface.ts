/** The one interface there is, and what ioctl(2) says of it: netdevice(7), net/core/dev_ioctl.c, net/ipv4/devinet.c. */
import { EFAULT, ENODEV, EPERM, Errno } from '../../abi/errno.ts';
import { AF_INET, AF_INET6 } from '../../abi/socket.ts';
import { copyIn, copyOut, writeU32 } from '../mm/user-memory.ts';
import type { Task } from '../task/task.ts';

export const LOOPBACK = {
  name: 'lo',
  index: 1,
  /** IFF_UP, IFF_LOOPBACK, IFF_RUNNING; as netlink shows it also IFF_LOWER_UP. */
  flags: 0x49,
  linkFlags: 0x1_0049,
  mtu: 65_536,
  queueLength: 1000,
  /** ARPHRD_LOOPBACK. */
  hardware: 772,
} as const;

const SIOCGIFNAME = 0x8910;
const SIOCGIFCONF = 0x8912;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCGIFADDR = 0x8915;
const SIOCSIFADDR = 0x8916;
const SIOCGIFDSTADDR = 0x8917;
const SIOCGIFBRDADDR = 0x8919;
const SIOCGIFNETMASK = 0x891b;
const SIOCGIFMETRIC = 0x891d;
const SIOCGIFMTU = 0x8921;
const SIOCSIFMTU = 0x8922;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
const SIOCGIFTXQLEN = 0x8942;
/** Only sockets of IP answer these. */
const ADDRESS_REQUESTS = new Set([SIOCGIFADDR, SIOCSIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK]);
const CHANGES = new Set([SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFMTU]);
/** struct ifreq: a name of 16 bytes, then a union of 24. */
const IFREQ_BYTES = 40;
const NAME_BYTES = 16;

/** A request about an interface; undefined when it is about something else. ENODEV: there is no such interface. EPERM: a change. */
export function interfaceControl(
  task: Task,
  family: number,
  request: number,
  argument: bigint,
): number | Errno | undefined {
  if (request === SIOCGIFCONF) return listInterfaces(task, argument);
  if (ADDRESS_REQUESTS.has(request) && family !== AF_INET && family !== AF_INET6) return undefined;
  if (CHANGES.has(request)) return EPERM;
  const fill = FILLERS[request];
  if (fill === undefined) return undefined;
  const bytes = copyIn(task.mm, argument, IFREQ_BYTES);
  if (bytes instanceof Errno) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, IFREQ_BYTES);
  if (request === SIOCGIFNAME) {
    if (view.getInt32(NAME_BYTES, true) !== LOOPBACK.index) return ENODEV;
    putName(bytes);
  } else if (nameIn(bytes) !== LOOPBACK.name) return ENODEV;
  fill(view);
  return copyOut(task.mm, argument, bytes) ?? 0;
}

const putInet = (view: DataView, host: number): void => {
  for (let i = 0; i < 16; i++) view.setUint8(NAME_BYTES + i, 0);
  view.setUint16(NAME_BYTES, AF_INET, true);
  view.setUint32(NAME_BYTES + 4, host);
};
const putInt = (value: number) => (view: DataView) => view.setInt32(NAME_BYTES, value, true);

const FILLERS: Readonly<Record<number, (view: DataView) => void>> = {
  [SIOCGIFNAME]: () => {},
  [SIOCGIFFLAGS]: (view) => view.setUint16(NAME_BYTES, LOOPBACK.flags, true),
  [SIOCGIFADDR]: (view) => putInet(view, 0x7f00_0001),
  [SIOCGIFDSTADDR]: (view) => putInet(view, 0x7f00_0001),
  [SIOCGIFBRDADDR]: (view) => putInet(view, 0),
  [SIOCGIFNETMASK]: (view) => putInet(view, 0xff00_0000),
  [SIOCGIFMETRIC]: putInt(0),
  [SIOCGIFMTU]: putInt(LOOPBACK.mtu),
  [SIOCGIFINDEX]: putInt(LOOPBACK.index),
  [SIOCGIFTXQLEN]: putInt(LOOPBACK.queueLength),
  [SIOCGIFHWADDR]: (view) => {
    for (let i = 0; i < 16; i++) view.setUint8(NAME_BYTES + i, 0);
    view.setUint16(NAME_BYTES, LOOPBACK.hardware, true);
  },
};

const nameIn = (bytes: Uint8Array): string => {
  const end = bytes.subarray(0, NAME_BYTES).indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? NAME_BYTES - 1 : end));
};
const putName = (bytes: Uint8Array): void => {
  bytes.fill(0, 0, NAME_BYTES);
  for (const [i, char] of [...LOOPBACK.name].entries()) bytes[i] = char.charCodeAt(0);
};

/** struct ifconf: a length and a pointer to struct ifreq[], or none to ask how long it would be. */
function listInterfaces(task: Task, argument: bigint): number | Errno {
  const bytes = copyIn(task.mm, argument, 16);
  if (bytes instanceof Errno) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const [room, at] = [view.getInt32(0, true), view.getBigUint64(8, true)];
  let length = IFREQ_BYTES;
  if (at !== 0n) {
    if (room < IFREQ_BYTES) length = 0;
    else {
      const entry = new Uint8Array(IFREQ_BYTES);
      putName(entry);
      putInet(new DataView(entry.buffer), 0x7f00_0001);
      if (copyOut(task.mm, at, entry) !== undefined) return EFAULT;
    }
  }
  return writeU32(task.mm, argument, length) ?? 0;
}
