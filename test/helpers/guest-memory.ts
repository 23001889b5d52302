/** Structures in a process's memory, for stories about calls that take them. */
import { invariant } from '../../src/base/invariant.ts';
import type { AddressSpace } from '../../src/kernel/mm/address-space.ts';
import { copyIn, copyOut } from '../../src/kernel/mm/user-memory.ts';

export interface GuestMemory {
  bytes(address: bigint, length: number): Uint8Array;
  view(address: bigint, length: number): DataView;
  put(address: bigint, bytes: Uint8Array | string): void;
  putI32(address: bigint, ...values: number[]): void;
  putU64(address: bigint, ...values: (bigint | number)[]): void;
  i32(address: bigint): number;
  u64(address: bigint): bigint;
  text(address: bigint, length: number): string;
}

/** Of the address space that `space` gives at the time: in a story, that of the process that runs. */
export function guestMemory(space: () => AddressSpace): GuestMemory {
  const put = (address: bigint, bytes: Uint8Array): void =>
    invariant(copyOut(space(), address, bytes) === undefined, 'not writable');
  const bytes = (address: bigint, length: number): Uint8Array => {
    const found = copyIn(space(), address, length);
    invariant(found instanceof Uint8Array, 'not readable');
    return found;
  };
  const view = (address: bigint, length: number): DataView => {
    const found = bytes(address, length);
    return new DataView(found.buffer, found.byteOffset, length);
  };
  return {
    bytes,
    view,
    put: (address, given) => put(address, typeof given === 'string' ? new TextEncoder().encode(given) : given),
    putI32: (address, ...values) => put(address, new Uint8Array(Int32Array.from(values).buffer)),
    putU64: (address, ...values) => put(address, new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer)),
    i32: (address) => view(address, 4).getInt32(0, true),
    u64: (address) => view(address, 8).getBigUint64(0, true),
    text: (address, length) => new TextDecoder().decode(bytes(address, length)),
  };
}
