/** Arguments of calls on time. */

import { signalName } from '../../../abi/signal.ts';
import { readPair } from '../../../abi/structs.ts';
import {
  CLOCK_NAMES,
  ITIMER_NAMES,
  SIGEV_NAMES,
  SIGEV_THREAD_ID,
  SIGEVENT_BYTES,
  UTIME_NOW,
  UTIME_OMIT,
} from '../../../abi/time.ts';
import { i32, input, inStruct, output, outStruct, viewOf } from './kind.ts';
import { flagsText, named, pointer } from './text.ts';

export const clock = i32((value) => named(value, CLOCK_NAMES, 'CLOCK_???'));
export const timerFlags = i32((flags) => flagsText(flags >>> 0, { TIMER_ABSTIME: 1 }, 'TIMER_???'));
export const inTimespec = inStruct(16, timespecText);
export const outTimespec = outStruct(16, timespecText);
export const inItimerspec = inStruct(32, itimerspecText);
export const outItimerspec = outStruct(32, itimerspecText);
/** What is left of a sleep: only filled when it was cut short. */
export const outRemainder = output((address, { result, peek, peekGiven = peek }) => {
  const bytes = result === RESTARTED && address !== 0n ? peekGiven(address, 16) : undefined;
  return bytes === undefined ? pointer(address) : timespecText(bytes);
});
/** A time limit that strace(1) has read when the call began, and shows when it ends, failed or not. */
export const givenTimespec = input((address, { peek, peekGiven = peek }) => {
  const bytes = address === 0n ? undefined : peekGiven(address, 16);
  return bytes === undefined ? pointer(address) : timespecText(bytes);
});
/** -ERESTART_RESTARTBLOCK. */
const RESTARTED = -516n;
export const whichTimer = i32((which) => named(which, ITIMER_NAMES, 'ITIMER_???'));
const itimervalText = (bytes: Uint8Array): string =>
  `{it_interval=${timevalText(bytes)}, it_value=${timevalText(bytes.subarray(16))}}`;
export const inItimerval = inStruct(32, itimervalText);
export const outItimerval = outStruct(32, itimervalText);
export const outTimerId = outStruct(4, (bytes) => `[${viewOf(bytes).getInt32(0, true)}]`);
/** struct tms: times(2). */
export const outTms = outStruct(32, (bytes) => {
  const names = ['tms_utime', 'tms_stime', 'tms_cutime', 'tms_cstime'];
  return `{${names.map((name, i) => `${name}=${viewOf(bytes).getBigInt64(8 * i, true)}`).join(', ')}}`;
});
/** struct sigevent. */
export const inSigevent = inStruct(SIGEVENT_BYTES, (bytes) => {
  const view = viewOf(bytes);
  const [value, signal, notify] = [view.getBigUint64(0, true), view.getInt32(8, true), view.getInt32(12, true)];
  const parts = [`sigev_signo=${signalName(signal)}`, `sigev_notify=${named(notify, SIGEV_NAMES, 'SIGEV_???')}`];
  if (value !== 0n) parts.unshift(`sigev_value={sival_int=${view.getInt32(0, true)}, sival_ptr=${pointer(value)}}`);
  if (notify === SIGEV_THREAD_ID) parts.push(`sigev_notify_thread_id=${view.getInt32(16, true)}`);
  return `{${parts.join(', ')}}`;
});
export const inTimeval = inStruct(16, timevalText);
export const outTimeval = outStruct(16, timevalText);
/** struct utimbuf: two times in seconds. */
export const inUtimbuf = inStruct(16, (bytes) => {
  const { first, second } = readPair(bytes);
  return `{actime=${first}${dateNote(first, 0n)}, modtime=${second}${dateNote(second, 0n)}}`;
});
/** Two times of a file, access and change of contents. */
export const inTimevals = inStruct(32, (bytes) => {
  const text = (at: number): string => {
    const { first, second } = readPair(bytes, at);
    return `${timevalText(bytes.subarray(at))}${dateNote(first, second * 1000n)}`;
  };
  return `[${text(0)}, ${text(16)}]`;
});
/** The same with nanoseconds, or words in their place. */
export const inFileTimes = inStruct(32, (bytes) => `[${fileTimeText(bytes)}, ${fileTimeText(bytes.subarray(16))}]`);

function fileTimeText(bytes: Uint8Array): string {
  const { first, second } = readPair(bytes);
  if (second === BigInt(UTIME_NOW)) return 'UTIME_NOW';
  if (second === BigInt(UTIME_OMIT)) return 'UTIME_OMIT';
  return `${timespecText(bytes)}${dateNote(first, second)}`;
}

/** The date in a comment: nothing for the very start, and for what is no time. */
function dateNote(seconds: bigint, nanoseconds: bigint): string {
  if ((seconds === 0n && nanoseconds === 0n) || nanoseconds < 0n || nanoseconds >= 1_000_000_000n) return '';
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 || date.getUTCFullYear() < 0) return '';
  const places = nanoseconds % 1000n === 0n ? 6 : 9;
  const fraction = nanoseconds === 0n ? '' : `.${String(nanoseconds).padStart(9, '0').slice(0, places)}`;
  return ` /* ${date.toISOString().slice(0, 19)}${fraction}+0000 */`;
}

export const outTime = outStruct(8, (bytes) => `[${viewOf(bytes).getBigInt64(0, true)}]`);

export function timespecText(bytes: Uint8Array): string {
  const { first, second } = readPair(bytes);
  return `{tv_sec=${first}, tv_nsec=${BigInt.asUintN(64, second)}}`;
}

export function timevalText(bytes: Uint8Array): string {
  const { first, second } = readPair(bytes);
  return `{tv_sec=${first}, tv_usec=${BigInt.asUintN(64, second)}}`;
}

function itimerspecText(bytes: Uint8Array): string {
  return `{it_interval=${timespecText(bytes)}, it_value=${timespecText(bytes.subarray(16))}}`;
}
