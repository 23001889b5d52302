/** Arguments of calls on users, groups and capabilities. */
import { CAP_HEADER_BYTES, CAP_NAMES, CAP_VERSION_NAMES, capabilityBytes } from '../../../abi/credentials.ts';
import type { CallView } from '../define.ts';
import { failed, i32, input, inStruct, output, outStruct, viewOf } from './kind.ts';
import { LIST_ITEMS, named, pointer } from './text.ts';

/** A number of a user or group; -1 is none. */
export const userId = i32((id) => String(id === -1 ? -1 : id >>> 0));
export const outId = outStruct(4, (bytes) => `[${viewOf(bytes).getUint32(0, true)}]`);

/** gid_t[]; their number is the argument before it, `size`, or the result. */
export const inGroups = input((address, call) => groupsText(address, Number(call.args.size), call));
export const outGroups = output((address, call) => {
  if (failed(call)) return pointer(address);
  return call.args.size === 0 ? '[]' : groupsText(address, Number(call.result), call);
});

function groupsText(address: bigint, count: number, { peek }: CallView): string {
  if (address === 0n) return 'NULL';
  if (count <= 0) return '[]';
  const shown = Math.min(count, LIST_ITEMS);
  const bytes = peek(address, 4 * shown);
  if (bytes === undefined) return pointer(address);
  const items = Array.from({ length: shown }, (_, i) => String(viewOf(bytes).getUint32(4 * i, true)));
  return `[${items.join(', ')}${count > shown ? ', ...' : ''}]`;
}

export const inCapHeader = inStruct(CAP_HEADER_BYTES, (bytes) => {
  const version = viewOf(bytes).getUint32(0, true);
  return `{version=${named(version, CAP_VERSION_NAMES, '_LINUX_CAPABILITY_VERSION_???')}, pid=${viewOf(bytes).getInt32(4, true)}}`;
});
export const inCapData = input((address, call) => capDataText(address, call));
export const outCapData = output((address, call) => (failed(call) ? pointer(address) : capDataText(address, call)));

function capDataText(address: bigint, { args, peek }: CallView): string {
  if (address === 0n) return 'NULL';
  const header = peek(args.header as bigint, CAP_HEADER_BYTES);
  const length = (header && capabilityBytes(viewOf(header).getUint32(0, true))) ?? 12;
  const bytes = peek(address, length);
  if (bytes === undefined) return pointer(address);
  const set = (index: number): bigint => {
    const low = viewOf(bytes).getUint32(4 * index, true);
    const high = length > 12 ? viewOf(bytes).getUint32(12 + 4 * index, true) : 0;
    return BigInt(low) | (BigInt(high) << 32n);
  };
  return `{effective=${capSetText(set(0))}, permitted=${capSetText(set(1))}, inheritable=${capSetText(set(2))}}`;
}

const capSetText = (set: bigint): string => {
  const names = Array.from({ length: 64 }, (_, i) => i).filter((i) => set & (1n << BigInt(i)));
  return names.length === 0 ? '0' : names.map((i) => `1<<${CAP_NAMES[i] ?? i}`).join('|');
};
