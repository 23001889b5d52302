/** Arguments of calls on files: descriptors, paths, flags, stat. */
import { AT_FDCWD, AT_FLAG_NAMES, OPEN_FLAG_NAMES, PATH_MAX, SEEK_NAMES } from '../../../abi/fcntl.ts';
import { IOCTL_NAMES } from '../../../abi/ioctl.ts';
import { STAT_BYTES, statText } from '../../../abi/stat.ts';
import { hex, PAGE_SIZE } from '../../../base/ints.ts';
import type { CallView } from '../define.ts';
import { i32, input, outStruct, u32, viewOf } from './kind.ts';
import { decimal, flagsText, named, pointer, quoted } from './text.ts';

export const fd = i32(decimal);
/** A descriptor that a path starts at. */
export const dirFd = i32((value) => (value === AT_FDCWD ? 'AT_FDCWD' : String(value)));
export const inPath = input(pathText);
export const openFlags = u32((flags) => flagsText(flags, OPEN_FLAG_NAMES, 'O_???'));
export const atFlags = u32((flags) => flagsText(flags, AT_FLAG_NAMES, 'AT_???'));
export const whence = u32((value) => named(value, SEEK_NAMES, 'SEEK_???'));
export const ioctlRequest = u32((request) => IOCTL_NAMES[request] ?? hex(request));
/** The two descriptors of a pipe. */
export const outFds = outStruct(8, (b) => `[${viewOf(b).getInt32(0, true)}, ${viewOf(b).getInt32(4, true)}]`);
export const outStat = outStruct(STAT_BYTES, statText);

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
