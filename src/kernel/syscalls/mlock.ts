/** mlock(2), mlock2(2), munlock(2), mlockall(2), munlockall(2): mm/mlock.c. */
import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, type Errno } from '../../abi/errno.ts';
import { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT } from '../../abi/mman.ts';
import { RLIMIT_MEMLOCK } from '../../abi/resource.ts';
import { pageDown, pageUp, U64_MAX, vpnOf } from '../../base/ints.ts';
import { limitPages } from '../mm/accounting.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { USER_END, USER_END_ADDRESS } from '../mm/limits.ts';
import { populate } from '../mm/populate.ts';
import { VM_LOCKED, VM_LOCKED_MASK, VM_LOCKONFAULT, withFlags } from '../mm/vm-flags.ts';
import type { PageRange } from '../mm/vma.ts';
import { mlockallFlags, mlockFlags } from './args/memory.ts';
import { addr, size } from './args/numbers.ts';
import { syscall } from './define.ts';

/** mlock(2). ENOMEM: RLIMIT_MEMLOCK, a hole, or pages that cannot be there. EPERM: the limit is 0. EAGAIN: no memory. */
export const mlock = syscall({
  number: 149,
  name: 'mlock',
  args: { addr, length: size },
  support: 'full',
  run: ({ mm }, { addr, length }) => lock(mm, addr, length, VM_LOCKED),
});

/** mlock2(2). EINVAL: unknown flags; then as mlock(2). */
export const mlock2 = syscall({
  number: 325,
  name: 'mlock2',
  args: { addr, length: size, flags: mlockFlags },
  support: 'full',
  run({ mm }, { addr, length, flags }) {
    if ((flags & ~MLOCK_ONFAULT) >>> 0 !== 0) return EINVAL;
    return lock(mm, addr, length, flags & MLOCK_ONFAULT ? VM_LOCKED_MASK : VM_LOCKED);
  },
});

/** munlock(2). ENOMEM: a hole. */
export const munlock = syscall({
  number: 150,
  name: 'munlock',
  args: { addr, length: size },
  support: 'full',
  run({ mm }, { addr, length }) {
    const range = lockRange(addr, length);
    return range === undefined ? EINVAL : (mark(mm, range, 0) ?? 0);
  },
});

/** mlockall(2). EINVAL: flags. EPERM: RLIMIT_MEMLOCK is 0. ENOMEM: what is mapped is more than it. */
export const mlockall = syscall({
  number: 151,
  name: 'mlockall',
  args: { flags: mlockallFlags },
  support: 'full',
  run({ mm }, { flags }) {
    const unknown = (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) >>> 0;
    if (flags === 0 || unknown !== 0 || flags === MCL_ONFAULT) return EINVAL;
    if (mm.host.limit(RLIMIT_MEMLOCK) === 0n) return EPERM;
    if (flags & MCL_CURRENT && mm.vmas.pages > limitPages(mm, RLIMIT_MEMLOCK)) return ENOMEM;
    const bits = flags & MCL_ONFAULT ? VM_LOCKED_MASK : VM_LOCKED;
    mm.newAreaFlags = flags & MCL_FUTURE ? bits : 0;
    if (!(flags & MCL_CURRENT)) return 0;
    markAll(mm, bits);
    populate(mm, { start: 0 as PageRange['start'], end: USER_END }, true);
    return 0;
  },
});

/** munlockall(2). */
export const munlockall = syscall({
  number: 152,
  name: 'munlockall',
  args: {},
  support: 'full',
  run({ mm }) {
    mm.newAreaFlags = 0;
    markAll(mm, 0);
    return 0;
  },
});

function lock(mm: AddressSpace, address: bigint, length: bigint, bits: number): number | Errno {
  if (mm.host.limit(RLIMIT_MEMLOCK) === 0n) return EPERM;
  const range = lockRange(address, length);
  const most = limitPages(mm, RLIMIT_MEMLOCK);
  const offset = address & 0xfffn;
  const pages = Number(((pageUp(length + offset) & U64_MAX) as bigint) >> 12n);
  let locked = pages + mm.vmas.lockedPages;
  if (locked > most && range !== undefined) locked -= lockedWithin(mm, range);
  if (locked > most) return ENOMEM;
  if (range === undefined) return EINVAL;
  const failed = mark(mm, range, bits) ?? populate(mm, range, false);
  if (failed === EFAULT) return ENOMEM;
  // What mark() says of holes is ENOMEM; of populate it means that memory is used up.
  return failed === undefined ? 0 : failed === ENOMEM && isWhole(mm, range) ? EAGAIN : failed;
}

/** The pages that the bytes are in; undefined when they wrap around. */
function lockRange(address: bigint, length: bigint): PageRange | undefined {
  const start = pageDown(address);
  const bytes = pageUp(length + (address & 0xfffn)) & U64_MAX;
  if (start + bytes > U64_MAX) return undefined;
  const end = start + bytes;
  const last = end > USER_END_ADDRESS && start <= USER_END_ADDRESS ? USER_END_ADDRESS + 4096n : end;
  return { start: vpnOf(start), end: vpnOf(last) };
}

const isWhole = (mm: AddressSpace, { start, end }: PageRange): boolean =>
  mm.vmas.pagesWithin(start, end) === end - start;

function lockedWithin(mm: AddressSpace, { start, end }: PageRange): number {
  let sum = 0;
  for (const vma of mm.vmas.within(start, end))
    if (vma.flags & VM_LOCKED) sum += Math.min(end, vma.end) - Math.max(start, vma.start);
  return sum;
}

/** Gives the areas of a range these lock bits. ENOMEM: the first hole, after what is before it has them. */
function mark(mm: AddressSpace, { start, end }: PageRange, bits: number): Errno | undefined {
  if (start === end) return undefined;
  let reached = start;
  for (const vma of mm.vmas.within(start, end)) {
    if (vma.start > reached) return ENOMEM;
    const failed = mm.changeFlags(vma, start, end, withFlags(vma.flags, bits, VM_LOCKED | VM_LOCKONFAULT));
    if (failed !== undefined) return failed;
    reached = Math.min(vma.end, end) as PageRange['end'];
  }
  return reached < end ? ENOMEM : undefined;
}

function markAll(mm: AddressSpace, bits: number): void {
  for (const vma of [...mm.vmas])
    mm.changeFlags(vma, vma.start, vma.end, withFlags(vma.flags, bits, VM_LOCKED | VM_LOCKONFAULT));
}
