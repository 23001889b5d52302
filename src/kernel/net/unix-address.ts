/** Names of AF_UNIX sockets: unix(7). A path, NUL included; or an abstract name, which begins with NUL; or none. */
import { EINVAL, type Errno } from '../../abi/errno.ts';
import { AF_UNIX, SUN_PATH, UNIX_ADDRESS_BYTES } from '../../abi/socket.ts';
import { nameOfBytes } from '../../base/names.ts';

export class UnixAddress {
  /** The sockaddr that getsockname(2) gives. */
  readonly bytes: Uint8Array;
  constructor(path: Uint8Array) {
    this.bytes = new Uint8Array(SUN_PATH + path.length);
    this.bytes[0] = AF_UNIX;
    this.bytes.set(path, SUN_PATH);
  }
  get isAbstract(): boolean {
    return this.bytes[SUN_PATH] === 0;
  }
  /** Of a path: without its NUL. */
  get path(): string {
    return nameOfBytes(this.bytes.subarray(SUN_PATH, this.bytes.length - 1));
  }
  /** Two abstract names are one if these are equal. */
  get key(): string {
    return nameOfBytes(this.bytes.subarray(SUN_PATH));
  }
}

/** A socket without a name. */
export const NO_NAME: Uint8Array = Uint8Array.of(AF_UNIX, 0);

export const familyOf = (address: Uint8Array): number => (address.length < 2 ? 0 : address[0] | (address[1] << 8));

/** A name from a program. EINVAL: of another family, without a path, or too long. */
export function parseUnixAddress(address: Uint8Array): UnixAddress | Errno {
  if (address.length <= SUN_PATH || address.length > UNIX_ADDRESS_BYTES || familyOf(address) !== AF_UNIX) return EINVAL;
  const path = address.subarray(SUN_PATH);
  if (path[0] === 0) return new UnixAddress(path);
  const end = path.indexOf(0);
  const text = end < 0 ? path : path.subarray(0, end);
  const withNul = new Uint8Array(text.length + 1);
  withNul.set(text);
  return new UnixAddress(withNul);
}
