/** Numbers of /proc/PID/smaps, numa_maps, status and pagemap; the texts were recorded on Linux 6.18. */
import { describe, expect, test } from 'vitest';
import { vpnOf } from '../../src/base/ints.ts';
import { describeNumaMaps, describeRollup, describeSmaps } from '../../src/kernel/mm/smaps.ts';
import { pagemap, spaceSizes, spaceUsage } from '../../src/kernel/mm/usage.ts';
import { bareProcess, PAGE, PRIVATE_ANON, poke, RW, SHARED_ANON, touch, touchPages } from '../helpers/bare-process.ts';

function family() {
  const machine = bareProcess();
  const { task, call, kernel, cpu } = machine;
  const own = call.mmap(0n, 4n * PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
  const shared = call.mmap(0n, 4n * PAGE, RW, SHARED_ANON, -1, 0n) as bigint;
  touchPages(task, own, 2);
  touchPages(task, shared, 1);
  touch(task, own + 3n * PAGE, 'read'); // the frame of zeros
  cpu.state.restore(task.context);
  const child = kernel.findTask(Number(call.fork()))!;
  return { ...machine, child, own, shared };
}

describe('smaps', () => {
  test('a private area, before and after a fork', () => {
    const { task, call } = bareProcess();
    const at = call.mmap(0n, 3n * PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
    touchPages(task, at, 2);
    expect(describeSmaps(task.mm)).toBe(
      [
        '7ffff7ffc000-7ffff7fff000 rw-p 00000000 00:00 0 ',
        'Size:                 12 kB',
        'KernelPageSize:        4 kB',
        'MMUPageSize:           4 kB',
        'Rss:                   8 kB',
        'Pss:                   8 kB',
        'Pss_Dirty:             8 kB',
        'Shared_Clean:          0 kB',
        'Shared_Dirty:          0 kB',
        'Private_Clean:         0 kB',
        'Private_Dirty:         8 kB',
        'Referenced:            8 kB',
        'Anonymous:             8 kB',
        'KSM:                   0 kB',
        'LazyFree:              0 kB',
        'AnonHugePages:         0 kB',
        'ShmemPmdMapped:        0 kB',
        'FilePmdMapped:         0 kB',
        'Shared_Hugetlb:        0 kB',
        'Private_Hugetlb:       0 kB',
        'Swap:                  0 kB',
        'SwapPss:               0 kB',
        'Locked:                0 kB',
        'THPeligible:           0',
        'VmFlags: rd wr mr mw me ac ',
        '',
      ].join('\n'),
    );
  });

  test('pages of two processes count half for each', () => {
    const { task, child } = family();
    for (const { mm } of [task, child])
      expect(spaceUsage(mm)).toMatchObject({
        rss: 3 * 4096,
        pss: 1.5 * 4096,
        pssAnon: 4096,
        pssShmem: 2048,
        sharedDirty: 3 * 4096,
        privateDirty: 0,
        anonymous: 2 * 4096,
      });
    touchPages(child, 0x7ffff7ffb000n, 1);
    expect(describeRollup(task.mm).split('\n').slice(0, 3)).toEqual([
      '7ffff7ff7000-7ffff7fff000 ---p 00000000 00:00 0                          [rollup]',
      'Rss:                  12 kB',
      'Pss:                   8 kB',
    ]);
    expect(spaceUsage(child.mm)).toMatchObject({ privateDirty: 4096, sharedDirty: 8192 });
  });

  test('flags have two letters each', () => {
    const { task, call } = bareProcess();
    const at = call.mmap(0n, PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
    for (const advice of [1, 10, 12, 15, 16, 18]) expect(call.madvise(at, PAGE, advice)).toBe(0n);
    expect(call.mlock(at, PAGE)).toBe(0n);
    expect(describeSmaps(task.mm)).toContain('\nVmFlags: rd wr mr mw me lo rr dc ac wf dd nh mg \n');
    expect(describeSmaps(task.mm)).toContain('\nLocked:                4 kB\n');
  });
});

test('numa_maps names the policy and the pages', () => {
  const { task, call } = bareProcess();
  const at = call.mmap(0n, 8n * PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
  const nodes = call.mmap(0n, PAGE, RW, SHARED_ANON, -1, 0n) as bigint;
  poke(task, nodes, 1);
  for (const mode of [1, 2, 3, 4, 5, 6])
    expect(call.mbind(at + BigInt(mode) * PAGE, PAGE, mode, mode === 4 ? 0n : nodes, mode === 4 ? 0 : 64, 0)).toBe(0n);
  call.mbind(at, PAGE, 2 | (1 << 15), nodes, 64, 0);
  call.mbind(at + 7n * PAGE, PAGE, 2 | (1 << 14), nodes, 64, 0);
  touchPages(task, at + PAGE, 2);
  expect(describeNumaMaps(task.mm, undefined).split('\n')).toEqual([
    '7ffff7ff6000 default file=/dev/zero\\040(deleted) dirty=1 N0=1 kernelpagesize_kB=4',
    '7ffff7ff7000 bind=static:0',
    '7ffff7ff8000 prefer:0 anon=1 dirty=1 N0=1 kernelpagesize_kB=4',
    '7ffff7ff9000 bind:0 anon=1 dirty=1 N0=1 kernelpagesize_kB=4',
    '7ffff7ffa000 interleave:0',
    '7ffff7ffb000 local',
    '7ffff7ffc000 prefer (many):0',
    '7ffff7ffd000 weighted interleave:0',
    '7ffff7ffe000 bind=relative:0',
    '',
  ]);
});

test('status has sizes and their peaks', () => {
  const { task, call } = bareProcess();
  const at = call.mmap(0n, 8n * PAGE, RW, PRIVATE_ANON, -1, 0n) as bigint;
  touchPages(task, at, 6);
  call.munmap(at, 5n * PAGE);
  call.mmap(0n, 2n * PAGE, RW, SHARED_ANON, -1, 0n);
  expect(spaceSizes(task.mm)).toEqual({
    size: 5 * 4096,
    peakSize: 8 * 4096,
    locked: 0,
    resident: 4096,
    peakResident: 6 * 4096,
    residentAnon: 4096,
    residentFile: 0,
    residentShmem: 0,
    data: 3 * 4096,
    stack: 0,
    executable: 0,
    pageTables: 3 * 4096,
  });
});

test('pagemap gives frame numbers: two processes can see that they share', () => {
  const { task, child, own, shared, kernel } = family();
  const look = (who: typeof task, at: bigint) => pagemap(who.mm, { start: vpnOf(at), end: vpnOf(at + 4n * PAGE) });
  expect(look(task, shared)).toEqual(look(child, shared));
  expect(look(task, shared)[0] >> 61n).toBe(5n);
  expect(look(task, own)).toEqual(look(child, own));
  touch(child, own);
  expect(look(task, own)[0]).not.toBe(look(child, own)[0]);
  expect(look(child, own)[0] >> 56n).toBe(0x81n); // present, and nobody else's
  expect(look(child, own)[1] >> 56n).toBe(0x80n);
  expect([look(task, own)[2], look(task, own)[3]]).toEqual([0n, (1n << 63n) | BigInt(kernel.zeroFrame)]);
});
