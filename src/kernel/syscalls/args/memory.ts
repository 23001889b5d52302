/** Arguments of mmap(2) and its family; bytes in memory. */
import { MADV_NAMES, MAP_FLAG_NAMES, MAP_TYPE, MAP_TYPE_NAMES, MCL_NAMES, MLOCK_NAMES, MREMAP_NAMES, MS_NAMES, PROT_NAMES } from '../../../abi/mman.ts'; // biome-ignore format: one line
import { IOVEC_BYTES } from '../../../abi/structs.ts';
import type { CallView } from '../define.ts';
import { failed, input, output, u32, viewOf } from './kind.ts';
import { flagParts, flagsText, LIST_ITEMS, named, pointer, quoted, STRING_BYTES } from './text.ts';

export const prot = u32((value) => (value === 0 ? 'PROT_NONE' : flagsText(value, PROT_NAMES, 'PROT_???')));
export const mapFlags = u32((flags) => {
  const rest = flagParts((flags & ~MAP_TYPE) >>> 0, MAP_FLAG_NAMES);
  return [named(flags & MAP_TYPE, MAP_TYPE_NAMES, 'MAP_???'), ...rest].join('|');
});

export const mremapFlags = u32((flags) => flagsText(flags, MREMAP_NAMES, 'MREMAP_???'));
export const msyncFlags = u32((flags) => flagsText(flags, MS_NAMES, 'MS_???'));
export const mlockFlags = u32((flags) => flagsText(flags, MLOCK_NAMES, 'MLOCK_???'));
export const mlockallFlags = u32((flags) => flagsText(flags, MCL_NAMES, 'MCL_???'));
export const advice = u32((value) => named(value, MADV_NAMES, 'MADV_???'));

/** A byte for each page of the argument before it: strace(1) prints them as a list. */
export const outResidency = output((address, call) => {
  const length = BigInt(call.args.length);
  const pages = Number((length + 0xfffn) >> 12n);
  const bytes = failed(call) || address === 0n ? undefined : call.peek(address, Math.min(pages, LIST_ITEMS));
  if (bytes === undefined) return pointer(address);
  const items = [...bytes].map((byte) => String(byte & 1));
  return `[${items.join(', ')}${pages > LIST_ITEMS ? ', ...' : ''}]`;
});

/** Bytes that the call reads; their number is the next argument. */
export const inBytes = input((address, call, count) => bytesText(address, call, count));
/** Bytes that the call fills; their number is the result. */
export const outBytes = output((address, call) =>
  failed(call) ? pointer(address) : bytesText(address, call, call.result!),
);
/** As `outBytes`, of randomness. */
export const outRandom = output((address, call) =>
  failed(call) ? pointer(address) : bytesText(address, call, call.result!, true),
);
/** struct iovec[]; their number is the next argument. */
export const inIovec = input((address, call, count) => iovecText(address, call, count, undefined));
export const outIovec = output((address, call, count) =>
  iovecText(address, call, count, failed(call) ? 'nothing' : call.result),
);

export function bytesText(address: bigint, { peek }: CallView, count: bigint, forceHex = false): string {
  if (address === 0n) return 'NULL';
  if (count === 0n) return '""';
  // Only what will be shown, and one byte more for "...".
  const shown = Number(count > BigInt(STRING_BYTES + 1) ? BigInt(STRING_BYTES + 1) : count);
  const bytes = peek(address, shown);
  if (bytes === undefined) return pointer(address);
  return quoted(bytes, STRING_BYTES, forceHex);
}

/** `limit`: bytes that a read has filled, over all pieces; after one that failed only addresses are shown. */
export function iovecText(
  address: bigint,
  call: CallView,
  count: bigint,
  limit: bigint | 'nothing' | undefined,
): string {
  if (address === 0n) return 'NULL';
  if (count === 0n) return '[]';
  if (count > 0xffff_ffffn) return pointer(address);
  const bytes = (call.peekGiven ?? call.peek)(address, Math.min(Number(count), LIST_ITEMS) * IOVEC_BYTES);
  if (bytes === undefined) return pointer(address);
  const items: string[] = [];
  let left = limit;
  for (let at = 0; at < bytes.length; at += IOVEC_BYTES) {
    const base = viewOf(bytes).getBigUint64(at, true);
    const length = viewOf(bytes).getBigUint64(at + 8, true);
    const shown = left === undefined || left === 'nothing' || left > length ? length : left;
    if (typeof left === 'bigint') left -= shown;
    items.push(`{iov_base=${left === 'nothing' ? pointer(base) : bytesText(base, call, shown)}, iov_len=${length}}`);
  }
  if (count > BigInt(LIST_ITEMS)) items.push('...');
  return `[${items.join(', ')}]`;
}
