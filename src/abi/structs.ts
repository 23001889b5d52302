/**
 * Structures that cross the border between program and kernel, as x86-64 lays them out: byte offsets and sizes.
 * linux/time_types.h, linux/utsname.h, linux/resource.h, linux/uio.h.
 */

/** struct timespec { i64 tv_sec; i64 tv_nsec; } */
export const TIMESPEC_BYTES = 16;
/** struct iovec { void *iov_base; u64 iov_len; } */
export const IOVEC_BYTES = 16;
/** struct rusage: ru_utime and ru_stime (timeval), then fourteen i64, of which some are never counted. */
export const RUSAGE_BYTES = 144;
export const RUSAGE = {
  utime: 0, stime: 16, maxrss: 32, minflt: 64, majflt: 72, inblock: 88, oublock: 96, nvcsw: 128, nivcsw: 136,
} as const; // biome-ignore format: offsets
/** struct new_utsname: six strings of 65 bytes. */
export const UTSNAME_FIELD_BYTES = 65;
export const UTSNAME_BYTES = 6 * UTSNAME_FIELD_BYTES;

/**
 * struct sysinfo: uptime, loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap (64 bits each), u16 procs,
 * then at 88 totalhigh, freehigh, u32 mem_unit.
 */
export const SYSINFO_BYTES = 112;
export const SYSINFO_TOTALRAM = 32;
export const SYSINFO_FREERAM = 40;
export const SYSINFO_PROCS = 80;
export const SYSINFO_MEM_UNIT = 104;

export const NS_PER_SECOND = 1_000_000_000;

/** Two 64-bit fields, little-endian: a timespec, a timeval. */
export function pairBytes(first: number | bigint, second: number | bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(first), true);
  view.setBigInt64(8, BigInt(second), true);
  return bytes;
}

export function readPair(bytes: Uint8Array, at = 0): { first: bigint; second: bigint } {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 16);
  return { first: view.getBigInt64(0, true), second: view.getBigInt64(8, true) };
}
