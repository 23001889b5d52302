import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Vpn } from '../../src/base/ints.ts';
import { SharedAnonymous } from '../../src/kernel/mm/backing.ts';
import { type Vma, VmaList } from '../../src/kernel/mm/vma.ts';
import { Frames } from '../../src/mem/frames.ts';

const PAGES = 48;
const frames = new Frames(1024 * 1024);

const rangeArb = fc
  .tuple(fc.integer({ min: 0, max: PAGES - 1 }), fc.integer({ min: 1, max: 12 }))
  .map(([start, pages]) => ({ start: start as Vpn, end: Math.min(start + pages, PAGES) as Vpn }));
const operationArb = fc.oneof(
  fc.record({
    kind: fc.constant('map' as const),
    range: rangeArb,
    prot: fc.integer({ min: 0, max: 3 }),
    shared: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('unmap' as const), range: rangeArb }),
  fc.record({ kind: fc.constant('protect' as const), range: rangeArb, prot: fc.integer({ min: 0, max: 3 }) }),
);

interface Page {
  readonly prot: number;
  readonly backing: unknown;
  readonly offset: number;
}
const pageOf = (vma: Vma, vpn: number): Page => ({
  prot: vma.prot,
  backing: vma.backing,
  offset: vma.backing ? vma.offset + vpn - vma.start : 0,
});

test('the list says of each page what a table of pages says, and has no two areas that could be one', () => {
  fc.assert(
    fc.property(fc.array(operationArb, { maxLength: 40 }), (operations) => {
      const list = new VmaList();
      const model: (Page | undefined)[] = new Array(PAGES).fill(undefined);
      for (const op of operations) {
        const { start, end } = op.range;
        if (op.kind === 'map') {
          const backing = op.shared ? new SharedAnonymous(frames, PAGES, 1) : undefined;
          list.remove(start, end);
          const offset = backing ? 0 : start;
          const rest = { growsDown: false, file: undefined, flags: 0, anon: undefined, policy: undefined };
          list.insert({ start, end, prot: op.prot, shared: op.shared, backing, offset, ...rest });
          for (let vpn = start; vpn < end; vpn++)
            model[vpn] = { prot: op.prot, backing, offset: backing ? vpn - start : 0 };
        } else if (op.kind === 'unmap') {
          const removed = list.remove(start, end);
          const pages = removed.reduce((sum, vma) => sum + vma.end - vma.start, 0);
          expect(pages).toBe(model.slice(start, end).filter(Boolean).length);
          model.fill(undefined, start, end);
        } else {
          list.change(start, end, (vma) => ({ ...vma, prot: op.prot }));
          for (let vpn = start; vpn < end; vpn++) {
            const page = model[vpn];
            if (page) model[vpn] = { ...page, prot: op.prot };
          }
        }
        for (let vpn = 0; vpn < PAGES; vpn++) {
          const vma = list.find(vpn);
          expect(vma && pageOf(vma, vpn)).toEqual(model[vpn]);
        }
        let fewest = 0;
        for (let vpn = 0; vpn < PAGES; vpn++) {
          const [page, before] = [model[vpn], model[vpn - 1]];
          if (page === undefined) continue;
          const joins =
            before !== undefined &&
            before.prot === page.prot &&
            before.backing === page.backing &&
            (page.backing === undefined || before.offset + 1 === page.offset);
          if (!joins) fewest++;
        }
        expect(list.length).toBe(fewest);
        expect([...list].every((vma, i, all) => i === 0 || all[i - 1].end <= vma.start)).toBe(true);
      }
    }),
    { numRuns: 300, seed: 3 },
  );
});
