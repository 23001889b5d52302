/** The pieces of readv(2) and writev(2): lib/iov_iter.c (`import_iovec`). */
import { EFAULT, EINVAL, Errno } from '../../abi/errno.ts';
import { IOVEC_BYTES } from '../../abi/structs.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { copyIn, isUserRange } from '../mm/user-memory.ts';
import type { IoPiece } from '../vfs/user-stream.ts';

/** UIO_MAXIOV. */
const MAX_PIECES = 1024n;
const SSIZE_MAX = (1n << 63n) - 1n;

/** EINVAL: too many, or one is too long. EFAULT: the list cannot be read, or a piece leaves user space. */
export function readIovec(space: AddressSpace, address: bigint, count: bigint): IoPiece[] | Errno {
  if (count > MAX_PIECES) return EINVAL;
  const bytes = copyIn(space, address, Number(count) * IOVEC_BYTES);
  if (bytes instanceof Errno) return EFAULT;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces = Array.from({ length: Number(count) }, (_, i) => ({
    base: view.getBigUint64(i * IOVEC_BYTES, true),
    length: view.getBigUint64(i * IOVEC_BYTES + 8, true),
  }));
  if (pieces.some(({ length }) => length > SSIZE_MAX)) return EINVAL;
  return pieces.every(({ base, length }) => isUserRange(base, length)) ? pieces : EFAULT;
}
