/** Arguments of calls on files: descriptors, paths, flags, stat. */
import {
  ACCESS_MODE_NAMES, AT_EMPTY_PATH, AT_FDCWD, AT_FLAG_NAMES, AT_NO_AUTOMOUNT, AT_REMOVEDIR, AT_SYMLINK_FOLLOW,
  AT_SYMLINK_NOFOLLOW, FALLOC_NAMES, O_ACCMODE, O_CREAT, O_DIRECTORY, O_TMPFILE, OPEN_FLAG_NAMES, PATH_MAX, SEEK_NAMES,
} from '../../../abi/fcntl.ts'; // biome-ignore format: a list
import { IOCTL_NAMES } from '../../../abi/ioctl.ts';
import { deviceMajor, deviceMinor, modeText, octalText, STAT_BYTES, statText } from '../../../abi/stat.ts';
import { hex, PAGE_SIZE } from '../../../base/ints.ts';
import type { CallView } from '../define.ts';
import { failed, i32, input, output, outStruct, u32, viewOf } from './kind.ts';
import { decimal, flagParts, flagsText, named, pointer, quoted, zeroOrHex } from './text.ts';

export const fd = i32(decimal);
/** A descriptor that a path starts at. */
export const dirFd = i32((value) => (value === AT_FDCWD ? 'AT_FDCWD' : String(value)));
export const inPath = input(pathText);
/** Flags of a call that makes descriptors, such as pipe2(2): without an access mode. */
export const fdFlags = u32((flags) => flagsText(flags, OPEN_FLAG_NAMES, 'O_???'));
export const openFlags = u32(openFlagsText);
/** Permissions of a new file; without O_CREAT or O_TMPFILE strace(1) says nothing. */
export const openMode = u32((mode, { args }) =>
  args.flags === undefined || Number(args.flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? octalText(mode) : undefined,
);
export const fileMode = u32(octalText);
/** A file's kind and permissions. */
export const nodeMode = u32(modeText);
export const atFlags = u32((flags) => flagsText(flags, AT_FLAG_NAMES, 'AT_???'));
export const unlinkFlags = u32((flags) => flagsText(flags, { AT_REMOVEDIR }, 'AT_???'));
export const deviceId = u32(
  (device) => `makedev(${zeroOrHex(deviceMajor(device))}, ${zeroOrHex(deviceMinor(device))})`,
);
export const whence = u32((value) => named(value, SEEK_NAMES, 'SEEK_???'));
export const ioctlRequest = u32((request) => IOCTL_NAMES[request] ?? hex(request));
/** The two descriptors of a pipe. */
export const outFds = outStruct(8, (b) => `[${viewOf(b).getInt32(0, true)}, ${viewOf(b).getInt32(4, true)}]`);
export const outStat = outStruct(STAT_BYTES, statText);

/** `O_RDWR|O_CREAT`: access mode and flags of an open file. */
export function openFlagsText(flags: number): string {
  return [ACCESS_MODE_NAMES[flags & O_ACCMODE], ...flagParts((flags & ~O_ACCMODE) >>> 0, OPEN_FLAG_NAMES)].join('|');
}

/** A path as far as it can be read, in full. */
export function pathText(address: bigint, { peek }: CallView): string {
  if (address === 0n) return 'NULL';
  const all: number[] = [];
  while (all.length < PATH_MAX) {
    const at = address + BigInt(all.length);
    const bytes = peek(at, PAGE_SIZE - Number(at % BigInt(PAGE_SIZE)));
    if (bytes === undefined) return pointer(address);
    const end = bytes.indexOf(0);
    all.push(...(end < 0 ? bytes : bytes.subarray(0, end)));
    if (end >= 0) return quoted(Uint8Array.from(all), Infinity);
  }
  return quoted(Uint8Array.from(all), PATH_MAX - 1);
}

export const renameFlags = u32((flags) =>
  flagsText(flags, { RENAME_NOREPLACE: 1, RENAME_EXCHANGE: 2, RENAME_WHITEOUT: 4 }, 'RENAME_??'),
);
export const linkFlags = u32((flags) => flagsText(flags, { AT_SYMLINK_FOLLOW, AT_EMPTY_PATH }, 'AT_???'));
export const rwFlags = u32((flags) =>
  flagsText(flags, { RWF_HIPRI: 1, RWF_DSYNC: 2, RWF_SYNC: 4, RWF_NOWAIT: 8, RWF_APPEND: 16 }, 'RWF_???'),
);
export const fallocateMode = u32((mode) => flagsText(mode, FALLOC_NAMES, 'FALLOC_FL_???'));
/** uid_t or gid_t; -1 leaves it as it is. */
export const ownerId = u32((id) => (id === 0xffff_ffff ? '-1' : String(id)));
/** What access(2) asks for. */
export const accessMode = u32((mode) => (mode === 0 ? 'F_OK' : flagsText(mode, { R_OK: 4, W_OK: 2, X_OK: 1 }, '?_OK')));
/** Where its bit means AT_EACCESS. */
export const accessFlags = u32((flags) =>
  flagsText(
    flags,
    { AT_SYMLINK_NOFOLLOW, AT_EACCESS: 0x200, AT_SYMLINK_FOLLOW, AT_NO_AUTOMOUNT, AT_EMPTY_PATH },
    'AT_???',
  ),
);

/** Entries of a directory, which strace(1) only counts. */
export const direntList = output((address, call) => {
  if (failed(call)) return pointer(address);
  const bytes = call.peek(address, Number(call.result));
  if (bytes === undefined) return pointer(address);
  let count = 0;
  for (let at = 0; at < bytes.length; at += viewOf(bytes).getUint16(at + 16, true)) count++;
  return `${pointer(address)} /* ${count} entries */`;
});

/** The path that getcwd(2) stored. */
export const cwdText = output((address, call) => (failed(call) ? pointer(address) : pathText(address, call)));
