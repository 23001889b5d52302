/** The pieces of readv(2) and writev(2): lib/iov_iter.c (`import_iovec`). */
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { IOVEC_BYTES } from '../../abi/structs.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { copyIn } from '../mm/user-memory.ts';

/** UIO_MAXIOV. */
const MAX_PIECES = 1024n;
const SSIZE_MAX = (1n << 63n) - 1n;

export interface IoPiece {
  readonly base: bigint;
  readonly length: bigint;
}

export function readIovec(space: AddressSpace, address: bigint, count: bigint): IoPiece[] | Errno {
  if (count > MAX_PIECES) return EINVAL;
  const bytes = copyIn(space, address, Number(count) * IOVEC_BYTES);
  if (bytes instanceof Errno) return EFAULT;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces = Array.from({ length: Number(count) }, (_, i) => ({
    base: view.getBigUint64(i * IOVEC_BYTES, true),
    length: view.getBigUint64(i * IOVEC_BYTES + 8, true),
  }));
  return pieces.some(({ length }) => length > SSIZE_MAX) ? EINVAL : pieces;
}
