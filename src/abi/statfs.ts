/** struct statfs and struct statx of x86-64: asm/statfs.h, linux/stat.h, linux/magic.h. */
import type { Stat } from './stat.ts';
import { deviceMajor, deviceMinor, modeText } from './stat.ts';

export const STATFS_BYTES = 120;
/** Kinds of file systems, by f_type. */
export const TMPFS_MAGIC = 0x0102_1994;
export const PROC_SUPER_MAGIC = 0x9fa0;
export const PIPEFS_MAGIC = 0x5049_5045;
export const SOCKFS_MAGIC = 0x534f_434b;
export const ANON_INODE_FS_MAGIC = 0x0904_1934;
const MAGIC_NAMES: Readonly<Record<number, string>> = {
  [TMPFS_MAGIC]: 'TMPFS_MAGIC', [PROC_SUPER_MAGIC]: 'PROC_SUPER_MAGIC', [PIPEFS_MAGIC]: 'PIPEFS_MAGIC',
  [SOCKFS_MAGIC]: 'SOCKFS_MAGIC', [ANON_INODE_FS_MAGIC]: 'ANON_INODE_FS_MAGIC', 7377: 'DEVPTS_SUPER_MAGIC',
  61267: 'EXT2_SUPER_MAGIC', 1650812274: 'SYSFS_MAGIC', 2035054128: 'OVERLAYFS_SUPER_MAGIC',
}; // biome-ignore format: a table

export const ST_RDONLY = 1;
export const ST_VALID = 0x20;
export const ST_RELATIME = 0x1000;
const ST_NAMES = {
  ST_VALID, ST_RDONLY, ST_NOSUID: 2, ST_NODEV: 4, ST_NOEXEC: 8, ST_SYNCHRONOUS: 16, ST_MANDLOCK: 64, ST_NOATIME: 0x400,
  ST_NODIRATIME: 0x800, ST_RELATIME,
} as const; // biome-ignore format: a list

export interface StatFs {
  readonly magic: number;
  /** Of a page each. */
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly files: number;
  readonly freeFiles: number;
  /** dev_t, in place of an id. */
  readonly device: number;
  readonly flags: number;
}

export function statfsBytes({ magic, blocks, freeBlocks, files, freeFiles, device, flags }: StatFs): Uint8Array {
  const bytes = new Uint8Array(STATFS_BYTES);
  const view = new DataView(bytes.buffer);
  const fields = [magic, 4096, blocks, freeBlocks, freeBlocks, files, freeFiles, device, 255, 4096, flags];
  for (const [i, field] of fields.entries()) view.setBigUint64(i * 8, BigInt(field), true);
  return bytes;
}

/** As strace(1) prints it. */
export function statfsText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (index: number): bigint => view.getBigUint64(index * 8, true);
  const type = Number(at(0));
  const id = (offset: number): string => hex(view.getUint32(56 + offset, true));
  const counts = ['f_blocks', 'f_bfree', 'f_bavail', 'f_files', 'f_ffree'].map((name, i) => `${name}=${at(i + 2)}`);
  const flags = Object.entries(ST_NAMES).flatMap(([name, mask]) => (Number(at(10)) & mask ? [name] : []));
  return `{f_type=${MAGIC_NAMES[type] ?? hex(type)}, f_bsize=${at(1)}, ${counts.join(', ')}, f_fsid={val=[${id(0)}, ${id(4)}]}, f_namelen=${at(8)}, f_frsize=${at(9)}, f_flags=${flags.join('|')}}`;
}

const hex = (x: number): string => (x === 0 ? '0' : `0x${x.toString(16)}`);

// ---- statx(2)

export const STATX_BYTES = 256;
export const STATX_BASIC_STATS = 0x7ff;
export const STATX_CTIME_MTIME = 0x0c0;
export const STATX_BTIME = 0x800;
export const STATX_MNT_ID = 0x1000;
/** Reserved for the kernel. */
export const STATX_RESERVED = 0x8000_0000;
/** Attributes that a file on tmpfs could have: append-only, immutable, no dump; a mount's root, automount, DAX. */
export const STATX_KNOWN_ATTRIBUTES = 0x20_3070;
export const STATX_ATTR_MOUNT_ROOT = 0x2000;
const STATX_NAMES: readonly (readonly [string, number])[] = [
  ['STATX_ALL', 0xfff], ['STATX_BASIC_STATS', 0x7ff], ['STATX_TYPE', 1], ['STATX_MODE', 2], ['STATX_NLINK', 4], ['STATX_UID', 8],
  ['STATX_GID', 0x10], ['STATX_ATIME', 0x20], ['STATX_MTIME', 0x40], ['STATX_CTIME', 0x80], ['STATX_INO', 0x100], ['STATX_SIZE', 0x200],
  ['STATX_BLOCKS', 0x400], ['STATX_BTIME', 0x800], ['STATX_MNT_ID', 0x1000],
]; // biome-ignore format: a list

export function statxMaskText(mask: number): string {
  if (mask === 0) return '0';
  const parts: string[] = [];
  let rest = mask >>> 0;
  for (const [name, bits] of STATX_NAMES) {
    if ((rest & bits) >>> 0 !== bits) continue;
    parts.push(name);
    rest = (rest & ~bits) >>> 0;
  }
  if (rest !== 0) parts.push(hex(rest));
  return parts.length === 1 && rest !== 0 ? `${parts[0]} /* STATX_??? */` : parts.join('|');
}

export function statxBytes(stat: Stat, mask: number, mountId: number, isMountRoot: boolean): Uint8Array {
  const bytes = new Uint8Array(STATX_BYTES);
  const view = new DataView(bytes.buffer);
  const u32 = (at: number, value: number): void => view.setUint32(at, value, true);
  const u64 = (at: number, value: number): void => view.setBigInt64(at, BigInt(value), true);
  u32(0, mask);
  u32(4, stat.blockSize);
  u64(8, isMountRoot ? STATX_ATTR_MOUNT_ROOT : 0);
  u32(16, stat.links);
  u32(20, stat.uid);
  u32(24, stat.gid);
  view.setUint16(28, stat.mode, true);
  u64(32, stat.inode);
  u64(40, stat.size);
  u64(48, stat.blocks);
  u64(56, STATX_KNOWN_ATTRIBUTES);
  const times = [stat.accessed, stat.born, stat.changed, stat.modified];
  for (const [i, { seconds, nanoseconds }] of times.entries()) {
    if (i === 1 && !(mask & STATX_BTIME)) continue;
    u64(64 + i * 16, seconds);
    u32(72 + i * 16, nanoseconds);
  }
  u32(128, deviceMajor(stat.rdev));
  u32(132, deviceMinor(stat.rdev));
  u32(136, deviceMajor(stat.device));
  u32(140, deviceMinor(stat.device));
  u64(144, mountId);
  return bytes;
}

/** As strace(1) prints it. */
export function statxText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = Number(view.getBigUint64(8, true));
  const names = attributes & STATX_ATTR_MOUNT_ROOT ? 'STATX_ATTR_MOUNT_ROOT' : '0';
  const mode = modeText(view.getUint16(28, true));
  return `{stx_mask=${statxMaskText(view.getUint32(0, true))}, stx_attributes=${names}, stx_mode=${mode}, stx_size=${view.getBigUint64(40, true)}, ...}`;
}
