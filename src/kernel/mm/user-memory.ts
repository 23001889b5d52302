/**
 * The kernel's access to a program's memory, page by page with the rights of user mode: a page that is not there yet is
 * faulted in, one that may not be touched is EFAULT. copy_from_user, copy_to_user; `peek` is what a debugger sees.
 */
import { EFAULT, ENAMETOOLONG, type Errno } from '../../abi/errno.ts';
import { PATH_MAX } from '../../abi/fcntl.ts';
import { PAGE_SIZE, type Paddr, type Pfn, vpnOf } from '../../base/ints.ts';
import { nameOfBytes } from '../../base/names.ts';
import { walk } from '../../mem/mmu.ts';
import { slotPfn } from '../../mem/page-table.ts';
import type { AddressSpace } from './address-space.ts';
import { USER_END_ADDRESS } from './limits.ts';

/** Whether a range lies in user space, mapped or not (`access_ok`). */
export const isUserRange = (address: bigint, length: bigint): boolean => isUserSpan(Number(address), Number(length));

/** The same of numbers: what is not exact as one is beyond user space anyway. */
export const isUserSpan = (address: number, length: number): boolean => address + length <= USER_END;
const USER_END = Number(USER_END_ADDRESS);

/** All of the bytes, in a copy. */
export function copyIn(space: AddressSpace, address: bigint, length: number): Uint8Array | Errno {
  const bytes = copyInSome(space, address, length);
  return bytes.length < length ? EFAULT : bytes;
}

/** The bytes up to the first that cannot be read, in a copy. */
export function copyInSome(space: AddressSpace, address: bigint, length: number): Uint8Array {
  const from = Number(address);
  if (!isUserSpan(from, length)) return new Uint8Array(0);
  const { frames } = space;
  const offset = from % PAGE_SIZE;
  if (offset + length <= PAGE_SIZE) {
    const pfn = length > 0 ? reach(space, address, from, 'read', length) : undefined;
    if (pfn === undefined) return new Uint8Array(0);
    const start = pfn * PAGE_SIZE + offset;
    return frames.u8.slice(start, start + length);
  }
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const at = address + BigInt(done);
    const inPage = Number(at & 0xfffn);
    const count = Math.min(PAGE_SIZE - inPage, length - done);
    const pfn = reach(space, at, from + done, 'read', count);
    if (pfn === undefined) return bytes.subarray(0, done);
    bytes.set(frames.bytes(pfn).subarray(inPage, inPage + count), done);
    done += count;
  }
  return bytes;
}

/** A path: bytes up to a NUL (`getname`). EFAULT; ENAMETOOLONG: no NUL within PATH_MAX bytes. */
export function readPath(space: AddressSpace, address: bigint): string | Errno {
  // Most end in the page that they begin in.
  const first = copyInSome(space, address, PAGE_SIZE - Number(address & 0xfffn));
  const end = first.indexOf(0);
  if (end >= 0) return nameOfBytes(first.subarray(0, end));
  const bytes = copyInSome(space, address, Number(minimum(BigInt(PATH_MAX), USER_END_ADDRESS - address)));
  const length = bytes.indexOf(0);
  if (length < 0) return bytes.length < PATH_MAX ? EFAULT : ENAMETOOLONG;
  return nameOfBytes(bytes.subarray(0, length));
}

const minimum = (x: bigint, y: bigint): bigint => (x < y ? x : y);

/** Writes the bytes up to the first that cannot be written; the result is how many. */
export function copyOutSome(space: AddressSpace, address: bigint, bytes: Uint8Array): number {
  const to = Number(address);
  if (!isUserSpan(to, bytes.length)) return 0;
  const offset = to % PAGE_SIZE;
  if (bytes.length > 0 && offset + bytes.length <= PAGE_SIZE) {
    const pfn = reach(space, address, to, 'write', bytes.length);
    if (pfn === undefined) return 0;
    space.frames.write(pfn, offset, bytes);
    return bytes.length;
  }
  let done = 0;
  while (done < bytes.length) {
    const at = address + BigInt(done);
    const inPage = Number(at & 0xfffn);
    const count = Math.min(PAGE_SIZE - inPage, bytes.length - done);
    const pfn = reach(space, at, to + done, 'write', count);
    if (pfn === undefined) break;
    space.frames.write(pfn, inPage, count === bytes.length ? bytes : bytes.subarray(done, done + count));
    done += count;
  }
  return done;
}

/** Writes all of the bytes; what comes before a bad page is written even then, as on Linux. */
export function copyOut(space: AddressSpace, address: bigint, bytes: Uint8Array): Errno | undefined {
  return copyOutSome(space, address, bytes) < bytes.length ? EFAULT : undefined;
}

export function readU64(space: AddressSpace, address: bigint): bigint | Errno {
  const bytes = copyIn(space, address, 8);
  return bytes instanceof Uint8Array ? new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) : bytes;
}

export function readU32(space: AddressSpace, address: bigint): number | Errno {
  const bytes = copyIn(space, address, 4);
  return bytes instanceof Uint8Array ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : bytes;
}

export function writeU64(space: AddressSpace, address: bigint, value: bigint): Errno | undefined {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return copyOut(space, address, bytes);
}

export function writeU32(space: AddressSpace, address: bigint, value: number): Errno | undefined {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return copyOut(space, address, bytes);
}

/**
 * The bytes as they would be read, without touching anything: no fault is resolved, no bit is set. Pages that have no
 * frame yet show what a first touch would bring. Undefined when some of the range belongs to no area.
 */
export function peek(space: AddressSpace, address: bigint, length: number): Uint8Array | undefined {
  if (!isUserRange(address, BigInt(length))) return undefined;
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const at = address + BigInt(done);
    const page = peekPage(space, at);
    if (page === undefined) return undefined;
    const inPage = Number(at & 0xfffn);
    const count = Math.min(PAGE_SIZE - inPage, length - done);
    bytes.set(page.subarray(inPage, inPage + count), done);
    done += count;
  }
  return bytes;
}

const ZEROS = new Uint8Array(PAGE_SIZE);

function peekPage(space: AddressSpace, address: bigint): Uint8Array | undefined {
  const vpn = vpnOf(address);
  const vma = space.vmas.find(vpn);
  if (vma === undefined) return undefined;
  const slot = space.pageTable.find(vpn);
  if (slot !== 0 && space.frames.u32[slot] !== 0) return space.frames.bytes(slotPfn(space.frames, slot));
  if (vma.backing === undefined) return ZEROS;
  const index = vma.offset + (vpn - vma.start);
  const known = vma.backing.findPage(index);
  if (known !== undefined) return space.frames.bytes(known);
  if (!vma.backing.holds(index)) return undefined;
  const page = new Uint8Array(PAGE_SIZE);
  vma.backing.fill(index, page);
  return page;
}

/**
 * The frame of a page that may be accessed, faulted in if need be; it stays where it is until the next fault. The address
 * as a number, too: of a bigint each conversion costs as much as the walk.
 */
function reach(
  space: AddressSpace,
  address: bigint,
  at: number,
  access: 'read' | 'write',
  bytes: number,
): Pfn | undefined {
  for (;;) {
    const pfn = walk(space.frames, space.cr3, at, access);
    if (pfn >= 0) {
      space.host.onUserAccess?.(space, address, bytes, (pfn * PAGE_SIZE + (at % PAGE_SIZE)) as Paddr, access);
      return pfn as Pfn;
    }
    const result = space.fault(address, access);
    if (typeof result !== 'string' || result === 'out of memory') return undefined;
  }
}
