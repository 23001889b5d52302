import { expect, test } from 'vitest';
import type { Pfn } from '../../src/base/ints.ts';
import { CodeCache } from '../../src/cpu/code-cache.ts';
import { Frames } from '../../src/mem/frames.ts';
import { LINK_CELLS_BASE, LINK_CELLS_MAX } from '../../src/mem/layout.ts';

test('more direct targets than link cells: those that share one never reach the code of another', () => {
  const frames = new Frames(1024 * 1024);
  const pfn = frames.allocate() as Pfn;
  const cache = new CodeCache(frames, new WebAssembly.Table({ element: 'anyfunc', initial: 4 }));
  const targets = Array.from({ length: LINK_CELLS_MAX + 10 }, (_, i) => 0x40_0000n + BigInt(i) * 16n);
  const cells = targets.map((rip) => cache.cellOf(rip));
  for (const [i, rip] of targets.entries()) {
    const pages = [{ vpn: Number(rip >> 12n), pfn }];
    cache.add({ rip, pages, tableIndex: i + 1, insns: [], region: undefined, runs: 1, dropped: false });
  }
  const uses = new Map<number, number>();
  for (const cell of cells) uses.set(cell, (uses.get(cell) ?? 0) + 1);
  const wrong = targets.filter((_, i) => {
    const reached = frames.u32[(LINK_CELLS_BASE >> 2) + cells[i]];
    return reached !== (uses.get(cells[i]) === 1 ? i + 1 : 0);
  });
  expect(wrong).toEqual([]);
  expect(Math.max(...cells)).toBeLessThan(LINK_CELLS_MAX);
});
