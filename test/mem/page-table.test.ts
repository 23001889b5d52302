import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Paddr, Vpn } from '../../src/base/ints.ts';
import { Frames } from '../../src/mem/frames.ts';
import { translate } from '../../src/mem/mmu.ts';
import {
  BIT_A,
  BIT_COW,
  BIT_D,
  BIT_NX,
  BIT_P,
  BIT_RW,
  BIT_US,
  PageTable,
  slotBits,
  slotPfn,
  slotPte,
  walk,
} from '../../src/mem/page-table.ts';
import { describePteFlags } from '../../src/mem/pte.ts';

const MiB = 1024 * 1024;
const USER = BIT_P | BIT_US;

/** Few pages, close together and far apart, so that operations meet. */
const vpnArb = fc
  .tuple(
    fc.constantFrom(0, 0x400, 0x7fff, 0x3ffff, 0x40000, 0x7ffff7ffe, 0x7ffffffff - 40),
    fc.integer({ min: 0, max: 40 }),
  )
  .map(([base, offset]) => (base + offset) as Vpn);
const bitsArb = fc
  .tuple(fc.boolean(), fc.boolean(), fc.boolean())
  .map(([rw, nx, cow]) => USER | (rw ? BIT_RW : 0) | (nx ? BIT_NX : 0) | (cow ? BIT_COW : 0));
const operationArb = fc.oneof(
  fc.record({ kind: fc.constant('map' as const), vpn: vpnArb, bits: bitsArb }),
  fc.record({ kind: fc.constant('unmap' as const), vpn: vpnArb }),
  fc.record({ kind: fc.constant('unmapRange' as const), vpn: vpnArb, pages: fc.integer({ min: 1, max: 0x50000 }) }),
  fc.record({ kind: fc.constant('protect' as const), vpn: vpnArb, bits: bitsArb }),
);

test('map, unmap, protect agree with a plain Map, and every frame comes back', () => {
  fc.assert(
    fc.property(fc.array(operationArb, { maxLength: 60 }), (operations) => {
      const frames = new Frames(8 * MiB);
      const table = PageTable.create(frames)!;
      const model = new Map<number, { pfn: number; bits: number }>();
      for (const op of operations) {
        if (op.kind === 'map') {
          if (model.has(op.vpn)) continue;
          const pfn = frames.allocate()!;
          expect(table.map(op.vpn, pfn, op.bits)).toBe(true);
          model.set(op.vpn, { pfn, bits: op.bits });
        } else if (op.kind === 'unmap') {
          expect(table.unmap(op.vpn)).toBe(model.delete(op.vpn));
        } else if (op.kind === 'unmapRange') {
          const gone = [...model.keys()].filter((vpn) => vpn >= op.vpn && vpn < op.vpn + op.pages);
          expect(table.unmapRange(op.vpn, (op.vpn + op.pages) as Vpn)).toBe(gone.length);
          for (const vpn of gone) model.delete(vpn);
        } else {
          const entry = model.get(op.vpn);
          if (!entry) continue;
          table.replace(op.vpn, slotPfn(frames, table.find(op.vpn)), op.bits);
          entry.bits = op.bits;
        }
        const seen = new Map<number, { pfn: number; bits: number }>();
        table.forEach(0 as Vpn, (2 ** 36) as Vpn, (vpn, slot) => {
          seen.set(vpn, { pfn: slotPfn(frames, slot), bits: slotBits(frames, slot) });
        });
        expect([...seen.keys()]).toEqual([...model.keys()].sort((a, b) => a - b));
        for (const [vpn, entry] of model) expect(seen.get(vpn)).toEqual(entry);
        expect(frames.inUse()).toBe(model.size + table.tableFrames());
      }
      for (const vpn of [...model.keys()]) table.unmap(vpn as Vpn);
      expect(frames.inUse()).toBe(1); // empty tables are freed; the root stays
      table.destroy();
      expect(frames.inUse()).toBe(0);
    }),
    { numRuns: 150, seed: 1 },
  );
});

describe('walk and translate', () => {
  function onePage(bits: number) {
    const frames = new Frames(8 * MiB);
    const table = PageTable.create(frames)!;
    const pfn = frames.allocate()!;
    table.map(0x7ffff7ffe as Vpn, pfn, bits);
    return { frames, table, pfn, address: 0x7ffff7ffe123n };
  }

  test('the walk names each level, its index and its frame', () => {
    const { frames, table, pfn, address } = onePage(USER | BIT_RW | BIT_NX);
    const steps = walk(frames, table.cr3, address);
    expect(steps.map(({ level, index }) => [level, index])).toEqual([
      ['PML4', 255],
      ['PDPT', 511],
      ['PD', 447],
      ['PT', 510],
    ]);
    expect(steps[0].table).toBe(table.root);
    expect(steps.map(({ entry }) => describePteFlags(entry))).toEqual([
      'P RW US A -',
      'P RW US A -',
      'P RW US A -',
      'P RW US - - NX',
    ]);
    expect(steps[3].entry).toBe(slotPte(frames, table.find(0x7ffff7ffe as Vpn)));
    expect(walk(frames, table.cr3, 0n)).toHaveLength(1);
    expect(pfn).toBeGreaterThan(0);
  });

  test('reading sets A, writing sets A and D', () => {
    const { frames, table, pfn, address } = onePage(USER | BIT_RW);
    const bits = () => slotBits(frames, table.find(0x7ffff7ffe as Vpn));
    expect(translate(frames, table.cr3, address, 'read')).toMatchObject({
      kind: 'translation',
      pfn,
      paddr: pfn * 4096 + 0x123,
    });
    expect(bits()).toBe(USER | BIT_RW | BIT_A);
    translate(frames, table.cr3, address, 'write');
    expect(bits()).toBe(USER | BIT_RW | BIT_A | BIT_D);
  });

  test.each([
    ['not present', BIT_US, 'read', 4],
    ['not present', BIT_US, 'write', 6],
    ['not present', BIT_US, 'execute', 20],
    ['read-only', USER, 'write', 7],
    ['no execute', USER | BIT_RW | BIT_NX, 'execute', 21],
    ['supervisor', BIT_P | BIT_RW, 'read', 5],
  ] as const)('%s: error code of #PF (%#x, %s)', (_name, bits, access, errorCode) => {
    const { frames, table, address } = onePage(bits);
    expect(translate(frames, table.cr3, address, access)).toEqual({ kind: 'pageFault', address, errorCode });
    expect(slotBits(frames, table.find(0x7ffff7ffe as Vpn))).toBe(bits);
  });

  test('an address outside the lower half is not present', () => {
    const { frames, table } = onePage(USER);
    const address = 0xffff_8000_0000_0000n;
    expect(translate(frames, table.cr3, address, 'read')).toEqual({ kind: 'pageFault', address, errorCode: 4 });
  });

  test('a full memory is an answer, not an exception', () => {
    const frames = new Frames(3 * 4096);
    const table = PageTable.create(frames)!;
    expect(table.ensure(1 as Vpn)).toBe(0);
    table.destroy();
    expect(frames.inUse()).toBe(0);
    expect(PageTable.create(new Frames(0))).toBeUndefined();
  });
});

test('translate agrees with walk', () => {
  const frames = new Frames(MiB);
  const table = PageTable.create(frames)!;
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 47n) - 1n }), (address) => {
      const steps = walk(frames, table.cr3 as Paddr, address);
      expect(translate(frames, table.cr3, address, 'read').kind).toBe(steps.length === 4 ? 'translation' : 'pageFault');
    }),
    { numRuns: 100, seed: 2 },
  );
});
