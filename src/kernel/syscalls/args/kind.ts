/**
 * Kinds of arguments: how a register becomes the value that a call gets, and how strace(1) prints it. The kinds are in
 * the other files of this folder, by subject; a record names them (`args: { fd, buffer: outBytes, count: size }`).
 */
import type { Vaddr } from '../../../base/ints.ts';
import type { CallView } from '../define.ts';
import { pointer } from './text.ts';

export interface ArgKind<T extends bigint | number = bigint | number> {
  /** `stack` is RSP, whatever register it stands for. */
  readonly decode: 'i32' | 'u32' | 'u64' | 'stack';
  /** The call stores something there: it is printed when the call has returned. */
  readonly filled: boolean;
  /** What it has to know from before the call: `print` finds it in the call's notes. */
  note?(value: T, call: CallView): string | undefined;
  /** `next` is the value of the argument after it, 0 for the last: often a count. */
  /** Undefined: nothing at all is printed for it. */
  print(value: T, call: CallView, next: bigint): string | undefined;
}

type Print<T> = (value: T, call: CallView, next: bigint) => string | undefined;

/** A 32-bit number with a sign: int, pid_t, a descriptor. */
export const i32 = (print: Print<number>): ArgKind<number> => ({ decode: 'i32', filled: false, print });
/** A 32-bit number without one: flags. */
export const u32 = (print: Print<number>): ArgKind<number> => ({ decode: 'u32', filled: false, print });
/** 64 bits that are no address, or are more than one. */
export const u64 = (print: Print<bigint>): ArgKind<bigint> => ({ decode: 'u64', filled: false, print });
/** An address that the call reads from, or only takes note of. */
export const input = (print: Print<Vaddr>): ArgKind<Vaddr> => ({ decode: 'u64', filled: false, print });
/** An address that the call stores to. */
export const output = (print: Print<Vaddr>): ArgKind<Vaddr> => ({ decode: 'u64', filled: true, print });

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Whether the call has stored nothing. */
export const failed = ({ result }: CallView): boolean => result === undefined || result < 0n;

/** A structure of fixed size that the call reads. */
export const inStruct = (length: number, print: (bytes: Uint8Array) => string): ArgKind<Vaddr> =>
  input((address, { peek }) => {
    const bytes = address === 0n ? undefined : peek(address, length);
    return bytes === undefined ? pointer(address) : print(bytes);
  });

/** A structure of fixed size that the call fills; its address when it filled nothing. */
export const outStruct = (length: number, print: (bytes: Uint8Array) => string): ArgKind<Vaddr> =>
  output((address, call) => filled(address, call, length, print));

/** What the call stored at an address, or the address when it stored nothing. */
export function filled(address: bigint, call: CallView, length: number, print: (bytes: Uint8Array) => string): string {
  const bytes = address === 0n || failed(call) ? undefined : call.peek(address, length);
  return bytes === undefined ? pointer(address) : print(bytes);
}
