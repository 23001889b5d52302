/** Checks on address ranges that several calls share. */
import { EINVAL, type Errno } from '../../abi/errno.ts';
import { pageUp, vpnOf } from '../../base/ints.ts';
import { USER_END_ADDRESS } from '../mm/limits.ts';
import type { PageRange } from '../mm/vma.ts';

/** The pages of [address, address + length), which must lie in user space; the address is page-aligned. */
export function userPages(address: bigint, length: bigint): PageRange | Errno {
  if (address > USER_END_ADDRESS || length > USER_END_ADDRESS - address) return EINVAL;
  return { start: vpnOf(address), end: vpnOf(pageUp(address + length)) };
}
