/** The page walk is written twice, in mem/mmu.ts for the kernel and in cpu/runtime.ts for programs: they must agree. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pfn } from '../../src/base/ints.ts';
import { EXIT_PAGE_FAULT } from '../../src/cpu/exit-codes.ts';
import { makeRuntime } from '../../src/cpu/runtime.ts';
import { CpuState, STATE } from '../../src/cpu/state.ts';
import { Frames } from '../../src/mem/frames.ts';
import { type Access, translate } from '../../src/mem/mmu.ts';
import { BIT_A, BIT_COW, BIT_D, BIT_NX, BIT_P, BIT_RW, BIT_US, setSlot } from '../../src/mem/page-table.ts';

const ADDRESS = 0x7abc_def0_1238n;
const INDICES = [39n, 30n, 21n, 12n].map((shift) => Number((ADDRESS >> shift) & 511n));

const frames = new Frames(1 << 20);
const runtime = makeRuntime(frames, new WebAssembly.Table({ element: 'anyfunc', initial: 4 }));
const state = new CpuState(frames);
const [root, ...below] = Array.from({ length: 5 }, () => frames.allocate() as Pfn);
const slots = [root, ...below.slice(0, 3)].map((table, level) => table * 1024 + INDICES[level] * 2);
state.setU32(STATE.cr3, root * 4096);

/** One entry's flags: most often all that an access of user mode needs. Above the leaf A is set, as the kernel makes tables. */
const optional = (bit: number) => fc.oneof({ weight: 5, arbitrary: fc.constant(bit) }, fc.constant(0));
const bitsArb = fc
  .tuple(
    fc.tuple(optional(BIT_P), optional(BIT_RW), optional(BIT_US)),
    fc.subarray([BIT_A, BIT_D, BIT_COW]),
    optional(BIT_NX).map((bit) => bit ^ BIT_NX),
  )
  .map(([rights, others, nx]) => [...rights, ...others, nx].reduce((x, y) => x | y));

const WALKS: Readonly<Record<Access, () => number>> = {
  read: () => runtime.slowRead(ADDRESS, 8),
  write: () => runtime.slowReadForStore(ADDRESS, 8),
  execute: () => runtime.fetch(ADDRESS),
};

test('both walks give the same address or the same fault, and leave the same entries', () => {
  fc.assert(
    fc.property(
      fc.tuple(bitsArb, bitsArb, bitsArb, bitsArb),
      fc.constantFrom<Access>('read', 'write', 'execute'),
      (bits, access) => {
        const prepare = () => {
          for (const [level, slot] of slots.entries())
            setSlot(frames, slot, below[level], level < 3 ? bits[level] | BIT_A : bits[level]);
        };
        prepare();
        const expected = translate(frames, (root * 4096) as never, ADDRESS, access);
        const entries = slots.map((slot) => frames.u64[slot >> 1]);
        prepare();
        runtime.flushTlb();
        const host = WALKS[access]();
        if (expected.kind === 'translation') expect(host).toBe(expected.paddr);
        else {
          expect([host, state.u32(STATE.exitKind)]).toEqual([-1, EXIT_PAGE_FAULT]);
          expect([state.u64(STATE.exitAddress), state.u32(STATE.exitErrorCode)]).toEqual([expected.address, expected.errorCode]); // biome-ignore format: one line
        }
        expect(slots.map((slot) => frames.u64[slot >> 1])).toEqual(entries);
      },
    ),
    { numRuns: 3000 },
  );
});
