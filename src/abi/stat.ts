/** struct stat of x86-64: asm/stat.h; the kinds of file of linux/stat.h. */
export const S_IFMT = 0o170000;
export const S_IFIFO = 0o010000;
const TYPE_NAMES: Readonly<Record<number, string>> = {
  [S_IFIFO]: 'S_IFIFO', 4802: 'S_IFCHR', 9604: 'S_IFDIR', 14406: 'S_IFBLK', 16807: 'S_IFREG',
  21609: 'S_IFLNK', 26411: 'S_IFSOCK',
}; // biome-ignore format: a table

export const STAT_BYTES = 144;

export interface Stat {
  readonly device: number;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly blockSize: number;
  /** Of its last access, change of contents and change of this: seconds and nanoseconds since 1970. */
  readonly time: { readonly seconds: number; readonly nanoseconds: number };
}

export function statBytes(stat: Stat): Uint8Array {
  const bytes = new Uint8Array(STAT_BYTES);
  const view = new DataView(bytes.buffer);
  const u64 = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  u64(0, stat.device);
  u64(8, stat.inode);
  u64(16, stat.links);
  view.setUint32(24, stat.mode, true);
  view.setUint32(28, stat.uid, true);
  view.setUint32(32, stat.gid, true);
  u64(48, stat.size);
  u64(56, stat.blockSize);
  for (const at of [72, 88, 104]) {
    u64(at, stat.time.seconds);
    u64(at + 8, stat.time.nanoseconds);
  }
  return bytes;
}

/** `{st_mode=S_IFIFO|0600, st_size=0, ...}`: as strace(1) prints it. */
export function statText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mode = view.getUint32(24, true);
  const type = TYPE_NAMES[mode & S_IFMT] ?? `0${(mode & S_IFMT).toString(8)}`;
  const permissions = (mode & ~S_IFMT).toString(8).padStart(3, '0');
  return `{st_mode=${type}|0${permissions}, st_size=${view.getBigInt64(48, true)}, ...}`;
}
