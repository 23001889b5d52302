/** msync(2): mm/msync.c. */
import { EBUSY, EINVAL, ENOMEM, Errno } from '../../abi/errno.ts';
import { MS_ASYNC, MS_INVALIDATE, MS_SYNC } from '../../abi/mman.ts';
import { isPageAligned, pageUp, U64_MAX, vpnOf } from '../../base/ints.ts';
import { USER_END_ADDRESS } from '../mm/limits.ts';
import { VM_LOCKED } from '../mm/vm-flags.ts';
import { msyncFlags } from './args/memory.ts';
import { addr, size } from './args/numbers.ts';
import { syscall } from './define.ts';

/**
 * msync(2). EINVAL: addr unaligned, unknown flags, both MS_SYNC and MS_ASYNC. ENOMEM: a hole, after what is mapped was
 * written. EBUSY: MS_INVALIDATE of locked memory. Whatever writing the file back says.
 */
export const msync = syscall({
  number: 26,
  name: 'msync',
  args: { addr, length: size, flags: msyncFlags },
  support: 'full',
  run({ mm }, { addr, length, flags }) {
    if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) >>> 0 !== 0 || !isPageAligned(addr)) return EINVAL;
    if (flags & MS_ASYNC && flags & MS_SYNC) return EINVAL;
    const bytes = pageUp(length) & U64_MAX;
    if (addr + bytes > U64_MAX) return ENOMEM;
    if (bytes === 0n) return 0;
    if (addr > USER_END_ADDRESS) return ENOMEM;
    const last = addr + bytes > USER_END_ADDRESS ? USER_END_ADDRESS + 4096n : addr + bytes;
    const end = vpnOf(last);
    let reached = vpnOf(addr);
    let hasHole = false;
    for (const vma of mm.vmas.within(reached, end)) {
      if (vma.start > reached) {
        if (flags === MS_ASYNC) return ENOMEM;
        hasHole = true;
        reached = vma.start;
      }
      if (flags & MS_INVALIDATE && vma.flags & VM_LOCKED) return EBUSY;
      const stop = Math.min(vma.end, end) as typeof end;
      if (flags & MS_SYNC && vma.shared && vma.backing !== undefined) {
        const index = vma.offset + (reached - vma.start);
        const failed = vma.backing.sync(index, index + (stop - reached));
        if (failed instanceof Errno) return failed;
      }
      reached = stop;
    }
    return hasHole || reached < end ? ENOMEM : 0;
  },
});
