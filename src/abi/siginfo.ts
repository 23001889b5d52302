/**
 * siginfo_t as x86-64 Linux lays it out: asm-generic/siginfo.h. 128 bytes.
 * ```
 *   0 si_signo   4 si_errno   8 si_code   16 by the kind of signal:
 *   a program, SIGCHLD  16 si_pid  20 si_uid  24 si_value, or si_status  32 si_utime  40 si_stime
 *   SI_TIMER            16 si_timerid  20 si_overrun  24 si_value
 *   a fault             16 si_addr        SIGIO  16 si_band  24 si_fd
 * ```
 */
import type { SignalInfo } from './signal.ts';

export const SIGINFO_BYTES = 128;
const AT_UNION = 16;
/** Where what a program may choose begins. */
const AT_RAW = 12;

export function siginfoBytes(info: SignalInfo): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIGINFO_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, info.signal, true);
  view.setInt32(8, info.code, true);
  if (info.raw !== undefined) {
    bytes.set(info.raw, AT_RAW);
    return bytes;
  }
  if (info.address !== undefined) view.setBigUint64(AT_UNION, info.address, true);
  if (info.pid !== undefined) view.setInt32(AT_UNION, info.pid, true);
  if (info.uid !== undefined) view.setUint32(AT_UNION + 4, info.uid, true);
  if (info.timer !== undefined) view.setInt32(AT_UNION, info.timer, true);
  if (info.overrun !== undefined) view.setInt32(AT_UNION + 4, info.overrun, true);
  if (info.value !== undefined) view.setBigUint64(24, BigInt.asUintN(64, info.value), true);
  if (info.status !== undefined) view.setInt32(24, info.status, true);
  if (info.utime !== undefined) view.setBigInt64(32, BigInt(info.utime), true);
  if (info.band !== undefined) view.setBigInt64(AT_UNION, BigInt(info.band), true);
  if (info.fd !== undefined) view.setInt32(24, info.fd, true);
  return bytes;
}

/** What a program has put together itself, for rt_sigqueueinfo(2). */
export function readSiginfo(bytes: Uint8Array): SignalInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    signal: view.getInt32(0, true),
    code: view.getInt32(8, true),
    pid: view.getInt32(AT_UNION, true),
    uid: view.getUint32(AT_UNION + 4, true),
    value: view.getBigUint64(24, true),
    raw: bytes.slice(AT_RAW, SIGINFO_BYTES),
  };
}
