/** Arguments of calls on file systems and on what files have besides their bytes: statfs(2), statx(2), xattr(7), mount(2). */
import { STATFS_BYTES, STATX_BYTES, statfsText, statxMaskText, statxText } from '../../../abi/statfs.ts';
import { failed, input, output, outStruct, u32 } from './kind.ts';
import { bytesText } from './memory.ts';
import { flagParts, flagsText, pointer, quoted } from './text.ts';

export const outStatfs = outStruct(STATFS_BYTES, statfsText);
export const outStatx = outStruct(STATX_BYTES, statxText);
export const statxMask = u32(statxMaskText);

const STATX_SYNC = ['AT_STATX_SYNC_AS_STAT', 'AT_STATX_FORCE_SYNC', 'AT_STATX_DONT_SYNC', 'AT_STATX_FORCE_SYNC|AT_STATX_DONT_SYNC']; // biome-ignore format: one line
const STATX_FLAGS = {
  AT_SYMLINK_NOFOLLOW: 0x100, AT_REMOVEDIR: 0x200, AT_SYMLINK_FOLLOW: 0x400, AT_NO_AUTOMOUNT: 0x800, AT_EMPTY_PATH: 0x1000,
} as const; // biome-ignore format: a list
export const statxFlags = u32((flags) =>
  [STATX_SYNC[(flags >>> 13) & 3], ...flagParts((flags & ~0x6000) >>> 0, STATX_FLAGS)].join('|'),
);

/** Bytes of an attribute: their number is the next argument. */
export const inValue = input((address, call, size) => bytesText(address, call, size));
/** The same, when the call has stored them; without room it only says how many there are. */
export const outValue = output((address, call, size) =>
  failed(call) || size === 0n ? pointer(address) : bytesText(address, call, call.result!),
);
export const outNames = output((address, call, size) => {
  if (failed(call) || size === 0n) return pointer(address);
  const bytes = call.peek(address, Number(call.result));
  return bytes === undefined ? pointer(address) : quoted(bytes);
});
export const xattrFlags = u32((flags) => flagsText(flags, { XATTR_CREATE: 1, XATTR_REPLACE: 2 }, 'XATTR_???'));

export const mountFlags = input((flags) =>
  flagsText(
    Number(flags & 0xffff_ffffn),
    { MS_RDONLY: 1, MS_NOSUID: 2, MS_NODEV: 4, MS_NOEXEC: 8, MS_SYNCHRONOUS: 16, MS_REMOUNT: 32, MS_NOATIME: 1024, MS_BIND: 4096, MS_MOVE: 8192, MS_REC: 16384, MS_SILENT: 32768, MS_PRIVATE: 1 << 18, MS_SLAVE: 1 << 19, MS_SHARED: 1 << 20, MS_RELATIME: 1 << 21 }, // biome-ignore format: one line
    'MS_???',
  ),
);
export const umountFlags = u32((flags) =>
  flagsText(flags, { MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW: 8 }, 'MNT_???'),
);
