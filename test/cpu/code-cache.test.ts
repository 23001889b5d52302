import { expect, test } from 'vitest';
import type { Pfn } from '../../src/base/ints.ts';
import { CodeCache } from '../../src/cpu/code-cache.ts';
import { Frames } from '../../src/mem/frames.ts';
import { LINK_CELLS_BASE, LINK_CELLS_MAX } from '../../src/mem/layout.ts';

test('more direct targets than link cells: each cell belongs to one target, the others have none', () => {
  const frames = new Frames(1024 * 1024);
  const pfn = frames.allocate() as Pfn;
  const cache = new CodeCache(frames, new WebAssembly.Table({ element: 'anyfunc', initial: 4 }), () => {});
  const targets = Array.from({ length: LINK_CELLS_MAX + 10 }, (_, i) => 0x40_0000n + BigInt(i) * 16n);
  const cells = targets.map((rip) => cache.cellOf(rip));
  for (const [i, rip] of targets.entries()) {
    const pages = [{ vpn: Number(rip >> 12n), pfn }];
    cache.add({ rip, pages, tableIndex: i + 1, insns: [], region: undefined, runs: 1, patience: 0, dropped: false });
  }
  const given = cells.filter((cell) => cell !== undefined);
  expect(given.length).toBe(LINK_CELLS_MAX);
  expect(new Set(given).size).toBe(LINK_CELLS_MAX);
  const wrong = targets.filter((_, i) => {
    const cell = cells[i];
    return cell !== undefined && frames.u32[(LINK_CELLS_BASE >> 2) + cell] !== i + 1;
  });
  expect(wrong).toEqual([]);
});
