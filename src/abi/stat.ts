/** struct stat of x86-64: asm/stat.h; the kinds of file of linux/stat.h. */
import type { Timestamp } from './time.ts';

export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;
/** Permission bits, with the three above. */
export const S_IALLUGO = 0o7777;
const TYPE_NAMES: Readonly<Record<number, string>> = {
  [S_IFIFO]: 'S_IFIFO', [S_IFCHR]: 'S_IFCHR', [S_IFDIR]: 'S_IFDIR', [S_IFBLK]: 'S_IFBLK', [S_IFREG]: 'S_IFREG',
  [S_IFLNK]: 'S_IFLNK', [S_IFSOCK]: 'S_IFSOCK',
}; // biome-ignore format: a table

export const STAT_BYTES = 144;
/** What st_blocks counts in. */
export const STAT_BLOCK_BYTES = 512;

export interface Stat {
  /** dev_t of the file system. */
  readonly device: number;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  /** dev_t of a device node; 0 for other files. */
  readonly rdev: number;
  readonly size: number;
  readonly blockSize: number;
  /** Of 512 bytes. */
  readonly blocks: number;
  /** Last access, last change of contents, last change of this; birth, for statx(2). */
  readonly accessed: Timestamp;
  readonly modified: Timestamp;
  readonly changed: Timestamp;
  readonly born: Timestamp;
}

/** Of a file that has one name or none, no size, and one time for all: a pipe, a socket, an eventfd. */
export const plainStat = (
  of: Pick<Stat, 'device' | 'inode' | 'mode' | 'uid' | 'gid'> & { readonly time: Timestamp },
): Stat => ({
  device: of.device,
  inode: of.inode,
  mode: of.mode,
  links: 1,
  uid: of.uid,
  gid: of.gid,
  rdev: 0,
  size: 0,
  blockSize: 4096,
  blocks: 0,
  accessed: of.time,
  modified: of.time,
  changed: of.time,
  born: of.time,
});

/** dev_t of a device's two numbers: linux/kdev_t.h (`new_encode_dev`), which is glibc's makedev for small ones. */
export const deviceNumber = (major: number, minor: number): number => (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12); // biome-ignore format: one line
export const deviceMajor = (device: number): number => (device >>> 8) & 0xfff;
export const deviceMinor = (device: number): number => (device & 0xff) | ((device >>> 12) & 0xfff00);

export function statBytes(stat: Stat): Uint8Array {
  const bytes = new Uint8Array(STAT_BYTES);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: number): void => view.setBigInt64(at, BigInt(value), true);
  u64(0, stat.device);
  u64(8, stat.inode);
  u64(16, stat.links);
  view.setUint32(24, stat.mode, true);
  view.setUint32(28, stat.uid, true);
  view.setUint32(32, stat.gid, true);
  u64(40, stat.rdev);
  u64(48, stat.size);
  u64(56, stat.blockSize);
  u64(64, stat.blocks);
  for (const [at, time] of [
    [72, stat.accessed],
    [88, stat.modified],
    [104, stat.changed],
  ] as const) {
    // biome-ignore format: one line
    u64(at, time.seconds);
    u64(at + 8, time.nanoseconds);
  }
  return bytes;
}

/** `{st_mode=S_IFREG|0600, st_size=0, ...}`: as strace(1) prints it. A device has its numbers in place of a size. */
export function statText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mode = view.getUint32(24, true);
  const rdev = Number(view.getBigUint64(40, true));
  const type = mode & S_IFMT;
  const isDevice = type === S_IFCHR || type === S_IFBLK;
  const what = isDevice
    ? `st_rdev=makedev(${hex(deviceMajor(rdev))}, ${hex(deviceMinor(rdev))})`
    : `st_size=${view.getBigInt64(48, true)}`;
  return `{st_mode=${modeText(mode)}, ${what}, ...}`;
}

const hex = (x: number): string => (x === 0 ? '0' : `0x${x.toString(16)}`);

/** `0644`, `022`, `000`: printf's %#03o. */
export const octalText = (value: number): string => (value === 0 ? '' : `0${value.toString(8)}`).padStart(3, '0');

/** `S_IFREG|0644`, `S_IFDIR|S_ISVTX|0777`. */
export function modeText(mode: number): string {
  const type = mode & S_IFMT;
  const parts = [TYPE_NAMES[type] ?? `0${type.toString(8)}`];
  for (const [name, bit] of [['S_ISUID', S_ISUID], ['S_ISGID', S_ISGID], ['S_ISVTX', S_ISVTX]] as const) // biome-ignore format: one line
    if (mode & bit) parts.push(name);
  return [...parts, octalText(mode & 0o777)].join('|');
}
