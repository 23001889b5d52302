/** mremap(2): mm/mremap.c (`do_mremap`). What it moves is done in mm/move.ts. */
import { EINVAL, ENOMEM, Errno } from '../../abi/errno.ts';
import { MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } from '../../abi/mman.ts';
import { isPageAligned, PAGE, pageUp, U64_MAX, vaddrOf, vpnOf } from '../../base/ints.ts';
import { MAX_AREAS, USER_END_ADDRESS } from '../mm/limits.ts';
import { type MoveRequest, moveMany, remap } from '../mm/move.ts';
import { populate } from '../mm/populate.ts';
import { mremapFlags } from './args/memory.ts';
import { addr, size } from './args/numbers.ts';
import { pointer } from './args/text.ts';
import { syscall } from './define.ts';

const NEEDS_PLACE = MREMAP_FIXED | MREMAP_DONTUNMAP;

/**
 * mremap(2). EINVAL: flags, addresses or lengths that make no sense; old_size 0 for private memory. EFAULT: not one
 * mapping. ENOMEM: it cannot grow there and may not move; limits. EAGAIN: RLIMIT_MEMLOCK.
 */
export const mremap = syscall({
  number: 25,
  name: 'mremap',
  args: { addr, oldLength: size, newLength: size, flags: mremapFlags, newAddress: addr },
  result: 'address',
  argsText: ({ addr: from, oldLength, newLength, flags, newAddress }) => {
    const to = flags & MREMAP_FIXED ? `, ${textOf(newAddress)}` : '';
    return `${textOf(from)}, ${oldLength}, ${newLength}, ${mremapFlags.print(flags, NO_VIEW, 0n)}${to}`;
  },
  support: 'full',
  run(task, { addr: from, oldLength, newLength, flags, newAddress }) {
    const { mm } = task;
    const oldBytes = pageUp(oldLength) & U64_MAX;
    const newBytes = pageUp(newLength) & U64_MAX;
    if ((flags & ~(MREMAP_MAYMOVE | NEEDS_PLACE)) >>> 0 !== 0 || !isPageAligned(from)) return EINVAL;
    if (newBytes === 0n || newBytes > USER_END_ADDRESS) return EINVAL;
    if (flags & NEEDS_PLACE) {
      if (newAddress > USER_END_ADDRESS - newBytes || !isPageAligned(newAddress)) return EINVAL;
      if (!(flags & MREMAP_MAYMOVE)) return EINVAL;
      if (flags & MREMAP_DONTUNMAP && oldBytes !== newBytes) return EINVAL;
      if (from + oldBytes > newAddress && newAddress + newBytes > from) return EINVAL;
      if (mm.vmas.length + 2 >= MAX_AREAS - 3) return ENOMEM;
    }
    const request: MoveRequest = {
      from: vpnOf(from),
      oldPages: Number(oldBytes / PAGE),
      newPages: Number(newBytes / PAGE),
      to: flags & NEEDS_PLACE ? vpnOf(newAddress) : undefined,
      isFixed: (flags & MREMAP_FIXED) !== 0,
      mayMove: (flags & MREMAP_MAYMOVE) !== 0,
      keepsOld: (flags & MREMAP_DONTUNMAP) !== 0,
    };
    const result = request.isFixed && oldBytes === newBytes ? moveMany(mm, request) : remap(mm, request);
    if (result instanceof Errno) return result;
    const at = vaddrOf(result.vpn);
    if (result.grewLocked) populate(mm, { start: vpnOf(at + oldBytes), end: vpnOf(at + newBytes) }, true);
    task.kernel.report.mapping(task, 'mremap', { start: result.vpn, end: vpnOf(at + newBytes) });
    return at;
  },
});

const NO_VIEW = undefined as never;
const textOf = (address: bigint): string => pointer(address);
