/** Arguments that are plain numbers or addresses. */
import { hex, s64 } from '../../../base/ints.ts';
import { i32, input, outStruct, u32, u64, viewOf } from './kind.ts';
import { decimal, pointer, zeroOrHex } from './text.ts';

/** Any address that is only a number to the call. */
export const addr = input(pointer);
/** As `addr`, but a zero prints as 0. */
export const word = u64(zeroOrHex);
/** Bytes, or another unsigned count. */
export const size = u64(decimal);
/** What strace(1) does not print. */
export const unseen = u64(() => undefined);
/** A count of 32 bits. */
export const size32 = u32(decimal);
export const int = i32(decimal);
/** A 32-bit number that is best read in hexadecimal. */
export const hexInt = u32((value) => (value === 0 ? '0' : hex(value)));
/** File offset, in hexadecimal. */
export const offset = u64(zeroOrHex);
/** File offset, in decimal. */
export const signedOffset = u64((value) => String(s64(value)));

/** Words that the call fills. */
export const outAddress = outStruct(8, (bytes) => `[${pointer(viewOf(bytes).getBigUint64(0, true))}]`);
export const outSize = outStruct(8, (bytes) => `[${viewOf(bytes).getBigUint64(0, true)}]`);
