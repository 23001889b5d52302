/** Arguments of calls on time. */
import { readPair } from '../../../abi/structs.ts';
import { CLOCK_NAMES } from '../../../abi/time.ts';
import { i32, inStruct, output, outStruct, viewOf } from './kind.ts';
import { flagsText, named, pointer } from './text.ts';

export const clock = i32((value) => named(value, CLOCK_NAMES, 'CLOCK_???'));
export const timerFlags = i32((flags) => flagsText(flags >>> 0, { TIMER_ABSTIME: 1 }, 'TIMER_???'));
export const inTimespec = inStruct(16, timespecText);
export const outTimespec = outStruct(16, timespecText);
export const inItimerspec = inStruct(32, itimerspecText);
export const outItimerspec = outStruct(32, itimerspecText);
/** What is left of a sleep: only filled when it was cut short. */
export const outRemainder = output(pointer);
export const inTimeval = inStruct(16, timevalText);
export const outTimeval = outStruct(16, timevalText);
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
