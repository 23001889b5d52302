/** remap_file_pages(2), which Linux does by mapping anew: mm/mmap.c. */
import { EINVAL, Errno } from '../../abi/errno.ts';
import { PAGE, pageDown, U64_MAX, vpnOf } from '../../base/ints.ts';
import { populate } from '../mm/populate.ts';
import { VM_MAYWRITE } from '../mm/vm-flags.ts';
import type { PageRange } from '../mm/vma.ts';
import { mapFlags, prot } from './args/memory.ts';
import { addr, size, word } from './args/numbers.ts';
import { syscall } from './define.ts';

/** remap_file_pages(2). EINVAL: rights other than 0, no shared writable mapping, or more than one. */
export const remapFilePages = syscall({
  number: 216,
  name: 'remap_file_pages',
  args: { addr, length: size, prot, page: word, flags: mapFlags },
  support: 'full',
  run(task, { addr, length, prot, page }) {
    const { mm } = task;
    if (prot !== 0) return EINVAL;
    const start = pageDown(addr);
    const bytes = pageDown(length);
    if (bytes === 0n || start + bytes > U64_MAX || page + bytes / PAGE > U64_MAX) return EINVAL;
    const range: PageRange = { start: vpnOf(start), end: vpnOf(start + bytes) };
    const vma = mm.vmas.find(range.start);
    if (vma === undefined || !vma.shared || !(vma.flags & VM_MAYWRITE)) return EINVAL;
    const areas = mm.vmas.within(range.start, range.end);
    const isOne = areas.every(
      ({ backing, file, flags }) => backing === vma.backing && file === vma.file && flags === vma.flags,
    );
    if (!isOne || mm.vmas.pagesWithin(range.start, range.end) < range.end - range.start) return EINVAL;
    const mapped = mm.mapAt(range.start, {
      pages: range.end - range.start,
      prot: vma.prot,
      shared: true,
      backing: vma.backing,
      file: vma.file,
      offset: Number(page),
      flags: vma.flags,
    });
    if (mapped instanceof Errno) return mapped;
    populate(mm, range, true);
    task.kernel.report.mapping(task, 'mmap', range);
    return 0;
  },
});
