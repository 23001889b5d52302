/** The memory of a process as bytes, read without a fault, a bit or a time that changes: through the page tables and VMAs. */
import { PAGE_SIZE } from '../../base/ints.ts';
import type { Task } from '../../kernel/task/task.ts';

/**
 * The bytes from an address on, in a copy: fewer where they end, none where nothing is mapped. Pages without a frame
 * show what a first touch would bring.
 */
export function readMemory(task: Task, address: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const at = BigInt.asUintN(64, address + BigInt(done));
    const count = Math.min(PAGE_SIZE - Number(at & 0xfffn), length - done);
    const piece = task.kernel.peek(task, at, count);
    if (piece === undefined) return bytes.subarray(0, done);
    bytes.set(piece, done);
    done += count;
  }
  return bytes;
}

/** Eight bytes as a number; undefined where they are not all there. */
export function readWord(task: Task, address: bigint): bigint | undefined {
  const bytes = readMemory(task, address, 8);
  return bytes.length < 8 ? undefined : new DataView(bytes.buffer).getBigUint64(0, true);
}

const MAX_TEXT_PIECE = 256;

/** The bytes up to a NUL, at most so many; undefined where nothing is mapped. `isWhole`: the NUL is there. */
export function readText(
  task: Task,
  address: bigint,
  most: number,
): { readonly bytes: Uint8Array; readonly isWhole: boolean } | undefined {
  const pieces: number[] = [];
  while (pieces.length < most) {
    const wanted = Math.min(MAX_TEXT_PIECE, most - pieces.length);
    const piece = readMemory(task, address + BigInt(pieces.length), wanted);
    const end = piece.indexOf(0);
    pieces.push(...(end < 0 ? piece : piece.subarray(0, end)));
    if (end >= 0) return { bytes: Uint8Array.from(pieces), isWhole: true };
    if (piece.length < wanted) break;
  }
  return pieces.length === 0 && most > 0 ? undefined : { bytes: Uint8Array.from(pieces), isWhole: false };
}
