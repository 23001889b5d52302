/** mincore(2): mm/mincore.c. */
import { EFAULT, EINVAL, ENOMEM } from '../../abi/errno.ts';
import { isPageAligned, vpnOf } from '../../base/ints.ts';
import { copyOut, isUserRange } from '../mm/user-memory.ts';
import { outResidency } from './args/memory.ts';
import { addr, size } from './args/numbers.ts';
import { syscall } from './define.ts';

/** mincore(2). EINVAL: addr unaligned. ENOMEM: a hole, or beyond user space. EFAULT: what is before it has been stored. */
export const mincore = syscall({
  number: 27,
  name: 'mincore',
  args: { addr, length: size, vector: outResidency },
  support: 'full',
  run({ mm }, { addr, length, vector }) {
    if (!isPageAligned(addr)) return EINVAL;
    if (!isUserRange(addr, length)) return ENOMEM;
    const pages = Number((length + 0xfffn) >> 12n);
    if (!isUserRange(vector, BigInt(pages))) return EFAULT;
    const { frames, pageTable } = mm;
    const start = vpnOf(addr);
    for (let done = 0; done < pages; ) {
      const vma = mm.vmas.find(start + done);
      if (vma === undefined) return ENOMEM;
      const count = Math.min(pages - done, vma.end - (start + done), 4096);
      const bytes = new Uint8Array(count);
      for (let i = 0; i < count; i++) {
        const vpn = (start + done + i) as typeof start;
        const slot = pageTable.find(vpn);
        const isMapped = slot !== 0 && frames.u32[slot] !== 0;
        const isCached = vma.backing?.findPage(vma.offset + (vpn - vma.start)) !== undefined;
        bytes[i] = isMapped || isCached ? 1 : 0;
      }
      if (copyOut(mm, vector + BigInt(done), bytes) !== undefined) return EFAULT;
      done += count;
    }
    return 0;
  },
});
