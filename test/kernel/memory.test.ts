import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Vpn } from '../../src/base/ints.ts';
import { peek } from '../../src/kernel/mm/user-memory.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { walk } from '../../src/mem/page-table.ts';
import { describePteFlags } from '../../src/mem/pte.ts';
import { bareProcess, callsOf, FIXED, PAGE, PRIVATE_ANON, peekByte, poke, RW, SHARED_ANON, touch, touchPages } from '../helpers/bare-process.ts'; // biome-ignore format: one line

const addressOf = (result: bigint | string): bigint => {
  if (typeof result === 'string') throw new Error(result);
  return result;
};
const flags = (task: Task, address: bigint): string => {
  const leaf = walk(task.mm.frames, task.mm.cr3, address)[3];
  return leaf === undefined ? 'no table' : describePteFlags(leaf.entry);
};

test('munmap of the middle page splits the VMA and frees one frame', () => {
  const { task, call, frames } = bareProcess();
  const base = addressOf(call.mmap(0n, 3n * PAGE, RW, PRIVATE_ANON, -1, 0n));
  expect(base).toBe(0x7ffff7ffc000n);
  touchPages(task, base, 3);
  const before = frames.inUse();
  expect(call.munmap(base + PAGE, PAGE)).toBe(0n);
  expect(task.mm.describe()).toMatchInlineSnapshot(`
    "7ffff7ffc000-7ffff7ffd000 rw-p 00000000 00:00 0 
    7ffff7ffe000-7ffff7fff000 rw-p 00000000 00:00 0 "
  `);
  expect(frames.inUse()).toBe(before - 1);
});

describe('mmap', () => {
  test('places downwards, into the highest gap that is large enough', () => {
    const { call } = bareProcess();
    const [a, b, c] = [1n, 2n, 1n].map((pages) => addressOf(call.mmap(0n, pages * PAGE, RW, SHARED_ANON, -1, 0n)));
    expect([a, b, c]).toEqual([0x7ffff7ffe000n, 0x7ffff7ffc000n, 0x7ffff7ffb000n]);
    call.munmap(b, 2n * PAGE);
    expect(call.mmap(0n, 3n * PAGE, RW, SHARED_ANON, -1, 0n)).toBe(0x7ffff7ff8000n);
    expect(call.mmap(0n, 2n * PAGE, RW, SHARED_ANON, -1, 0n)).toBe(b);
  });

  test('neighbours with the same rights become one area; shared ones do not', () => {
    const { task, call } = bareProcess();
    call.mmap(0n, PAGE, RW, PRIVATE_ANON, -1, 0n);
    call.mmap(0n, PAGE, RW, PRIVATE_ANON, -1, 0n);
    expect(task.mm.describe().split('\n')).toHaveLength(1);
    call.mmap(0n, PAGE, RW, SHARED_ANON, -1, 0n);
    call.mmap(0n, PAGE, RW, SHARED_ANON, -1, 0n);
    expect(task.mm.describe().split('\n')).toHaveLength(3);
  });

  test('a hint is taken when it is free; MAP_FIXED replaces; MAP_FIXED_NOREPLACE does not', () => {
    const { task, call, frames } = bareProcess();
    const at = 0x10000000n;
    expect(call.mmap(at + 5n, PAGE, RW, PRIVATE_ANON, -1, 0n)).toBe(at);
    poke(task, at, 7);
    expect(call.mmap(at, PAGE, RW, PRIVATE_ANON, -1, 0n)).toBe(0x7ffff7ffe000n);
    expect(call.mmap(at, PAGE, RW, PRIVATE_ANON | 0x100000, -1, 0n)).toBe('EEXIST');
    const before = frames.inUse();
    expect(call.mmap(at, PAGE, RW, PRIVATE_ANON | FIXED, -1, 0n)).toBe(at);
    expect(frames.inUse()).toBe(before - 4); // the page and three tables
    expect(peekByte(task, at)).toBe(0);
  });

  test.each<[string, (bigint | number)[], string]>([
    ['length 0', [0n, 0n, RW, PRIVATE_ANON, -1, 0n], 'EINVAL'],
    ['neither private nor shared', [0n, PAGE, RW, 0x20, -1, 0n], 'EINVAL'],
    ['fixed, unaligned', [1n, PAGE, RW, PRIVATE_ANON | FIXED, -1, 0n], 'EINVAL'],
    ['fixed, page 0', [0n, PAGE, RW, PRIVATE_ANON | FIXED, -1, 0n], 'EPERM'],
    ['fixed, past the end', [0x7fff_ffff_f000n, PAGE, RW, PRIVATE_ANON | FIXED, -1, 0n], 'ENOMEM'],
    ['offset unaligned', [0n, PAGE, RW, PRIVATE_ANON, -1, 1n], 'EINVAL'],
    ['length 2^63', [0n, 1n << 63n, RW, PRIVATE_ANON, -1, 0n], 'ENOMEM'],
    ['length wraps', [0n, (1n << 64n) - 1n, RW, PRIVATE_ANON, -1, 0n], 'ENOMEM'],
    ['more than memory', [0n, 1n << 40n, RW, PRIVATE_ANON, -1, 0n], 'ENOMEM'],
    ['closed file', [0n, PAGE, RW, 2, 99, 0n], 'EBADF'],
    ['console', [0n, PAGE, RW, 2, 0, 0n], 'ENODEV'],
    ['console, not readable', [0n, PAGE, RW, 2, 1, 0n], 'EACCES'],
  ])('%s', (_name, args, error) => {
    expect(bareProcess().call.mmap(...args)).toBe(error);
  });

  test('a reservation without rights may be larger than memory', () => {
    expect(bareProcess().call.mmap(0n, 1n << 40n, 0, PRIVATE_ANON, -1, 0n)).toBe(0x7ffff7fff000n - (1n << 40n));
  });
});

describe('first touch', () => {
  test('reading anonymous memory maps the frame of zeros; writing then breaks it off', () => {
    const { task, call, kernel, frames } = bareProcess();
    const at = addressOf(call.mmap(0n, PAGE, RW, PRIVATE_ANON, -1, 0n));
    expect(touch(task, at, 'read')).toEqual({ pfn: kernel.zeroFrame, did: ['zero page'] });
    expect(flags(task, at)).toBe('P -- US A - NX COW');
    const before = frames.inUse();
    expect(touch(task, at, 'write')).toMatchObject({ did: ['copied'] });
    expect(flags(task, at)).toBe('P RW US A D NX');
    expect(frames.inUse()).toBe(before + 1);
    expect(frames.references(kernel.zeroFrame)).toBe(1);
  });

  test.each([
    ['nothing mapped', 0x1000_0000n, 'read', { signal: 11, code: 1 }],
    ['kernel space', 0xffff_8000_0000_0000n, 'read', { signal: 11, code: 1 }],
    ['write to read-only', 0x2000_0000n, 'write', { signal: 11, code: 2 }],
    ['fetch without PROT_EXEC', 0x2000_0000n, 'execute', { signal: 11, code: 2 }],
    ['PROT_NONE', 0x2000_1000n, 'read', { signal: 11, code: 2 }],
  ] as const)('%s is SIGSEGV', (_name, address, access, expected) => {
    const { task, call } = bareProcess();
    call.mmap(0x2000_0000n, PAGE, 1, PRIVATE_ANON | FIXED, -1, 0n);
    call.mmap(0x2000_1000n, PAGE, 0, PRIVATE_ANON | FIXED, -1, 0n);
    expect(touch(task, address, access)).toEqual(expected);
  });

  test('memory used up is an answer', () => {
    const { task, call } = bareProcess(undefined, 64 * 4096);
    const at = addressOf(call.mmap(0n, 60n * PAGE, RW, PRIVATE_ANON, -1, 0n));
    const results = Array.from({ length: 60 }, (_, i) => touch(task, at + BigInt(i) * PAGE));
    expect(results.at(-1)).toBe('out of memory');
    expect(call.munmap(at, 60n * PAGE)).toBe(0n);
  });

  test('a stack grows to its limit, and keeps away from what is below', () => {
    const { task, call } = bareProcess();
    const top = 0x7fff_ffff_f000n;
    call.mmap(top - PAGE, PAGE, RW, PRIVATE_ANON | FIXED | 0x100, -1, 0n);
    expect(touch(task, top - 100n * PAGE)).toMatchObject({ did: ['demand zero'] });
    expect(task.mm.describe()).toMatch(/^7fffffff9b000-|^7ffffff9b000-7ffffffff000 rw-p/);
    expect(touch(task, top - 2049n * PAGE)).toEqual({ signal: 11, code: 1 });
    call.mmap(top - 600n * PAGE, PAGE, RW, PRIVATE_ANON | FIXED, -1, 0n);
    expect(touch(task, top - 344n * PAGE)).toEqual({ signal: 11, code: 1 });
    expect(touch(task, top - 343n * PAGE)).toMatchObject({ did: ['demand zero'] });
  });

  test('looking does not touch', () => {
    const { task, call, frames } = bareProcess();
    const at = addressOf(call.mmap(0n, PAGE, RW, SHARED_ANON, -1, 0n));
    const before = frames.inUse();
    expect(peek(task.mm, at, 4)).toEqual(new Uint8Array(4));
    expect(peek(task.mm, at + PAGE - 2n, 4)).toBeUndefined();
    expect(frames.inUse()).toBe(before);
    expect(flags(task, at)).toBe('no table');
  });
});

describe('fork', () => {
  function family(flagsOfMap: number) {
    const machine = bareProcess();
    const { task, call, kernel } = machine;
    const at = addressOf(call.mmap(0n, 4n * PAGE, RW, flagsOfMap, -1, 0n));
    poke(task, at, 1);
    machine.cpu.state.restore(task.context);
    const pid = Number(addressOf(call.fork()));
    return { ...machine, at, child: kernel.findTask(pid)! };
  }

  test('private pages become read-only and copy-on-write on both sides, and are copied once', () => {
    const { task, child, at, frames, cpu } = family(PRIVATE_ANON);
    expect([flags(task, at), flags(child, at)]).toEqual(['P -- US A D NX COW', 'P -- US - D NX COW']);
    expect(cpu.log).toContain('all');
    const shared = (touch(task, at, 'read') as { pfn: number }).pfn;
    expect(frames.references(shared as never)).toBe(2);
    expect(touch(child, at, 'write')).toMatchObject({ did: ['copied'] });
    poke(child, at, 2);
    expect(peekByte(task, at)).toBe(1);
    expect(touch(task, at, 'write')).toEqual({ pfn: shared, did: ['reused'] });
    expect(peekByte(child, at)).toBe(2);
  });

  test('shared pages stay writable, and a page touched first after the fork is the same frame', () => {
    const { task, child, at } = family(SHARED_ANON);
    expect([flags(task, at), flags(child, at)]).toEqual(['P RW US A D NX', 'P RW US - - NX']);
    poke(child, at, 9);
    expect(peekByte(task, at)).toBe(9);
    expect(touch(child, at + PAGE)).toMatchObject({ did: ['demand zero'] });
    expect(touch(task, at + PAGE)).toMatchObject({ did: ['shared page'] });
    poke(task, at + PAGE, 5);
    expect(peekByte(child, at + PAGE)).toBe(5);
  });

  test('every frame comes back when both have ended', () => {
    for (const kind of [PRIVATE_ANON, SHARED_ANON]) {
      const { task, child, at, frames, kernel } = family(kind);
      touchPages(child, at, 4);
      touchPages(task, at, 3, 'read');
      callsOf(child).exit(0);
      callsOf(task).exit(0);
      expect(frames.inUse()).toBe(1);
      kernel.shutDown();
      expect(frames.inUse()).toBe(0);
    }
  });

  test('without memory for the copy the parent stays as it was', () => {
    const { task, call, frames } = bareProcess(undefined, 40 * 4096);
    const at = addressOf(call.mmap(0n, 20n * PAGE, RW, PRIVATE_ANON, -1, 0n));
    touchPages(task, at, 20);
    const other = addressOf(call.mmap(0x1000_0000n, PAGE, RW, PRIVATE_ANON, -1, 0n));
    poke(task, other, 1);
    while (frames.limit - frames.inUse() > 5) frames.allocate(); // the child's root, and tables for one area
    const before = frames.inUse();
    expect(call.fork()).toBe('ENOMEM');
    expect(frames.inUse()).toBe(before);
    expect(touch(task, other, 'write')).toMatchObject({ did: ['reused'] });
    expect(touch(task, at, 'write')).toMatchObject({ did: [] });
  });
});

describe('mprotect', () => {
  test('takes away and gives back', () => {
    const { task, call } = bareProcess();
    const at = addressOf(call.mmap(0n, 3n * PAGE, RW, PRIVATE_ANON, -1, 0n));
    poke(task, at + PAGE, 42);
    expect(call.mprotect(at + PAGE, PAGE, 1)).toBe(0n);
    expect(task.mm.describe().split('\n')).toHaveLength(3);
    expect(flags(task, at + PAGE)).toBe('P -- US A D NX');
    expect(touch(task, at + PAGE, 'write')).toEqual({ signal: 11, code: 2 });
    expect(call.mprotect(at + PAGE, PAGE, 0)).toBe(0n);
    expect(touch(task, at + PAGE, 'read')).toEqual({ signal: 11, code: 2 });
    expect(call.mprotect(at, 3n * PAGE, RW | 4)).toBe(0n);
    expect(task.mm.describe().split('\n')).toHaveLength(1);
    expect(flags(task, at + PAGE)).toBe('P RW US A D');
    expect(peekByte(task, at + PAGE)).toBe(42);
  });

  test('changes what lies before a hole, and says ENOMEM', () => {
    const { task, call } = bareProcess();
    const at = addressOf(call.mmap(0n, 3n * PAGE, RW, PRIVATE_ANON, -1, 0n));
    call.munmap(at + PAGE, PAGE);
    expect(call.mprotect(at, 3n * PAGE, 1)).toBe('ENOMEM');
    expect(task.mm.describe()).toMatch(/ r--p .*\n.* rw-p /);
  });
});

describe('brk', () => {
  test('grows, shrinks and gives frames back; contents do not survive', () => {
    const { task, call, frames } = bareProcess();
    const start = addressOf(call.brk(0n));
    expect(call.brk(start + 3n * PAGE + 8n)).toBe(start + 3n * PAGE + 8n);
    expect(task.mm.describe()).toMatch(/\[heap\]$/);
    const before = frames.inUse();
    poke(task, start + 2n * PAGE, 1);
    call.brk(start + PAGE);
    expect(frames.inUse()).toBe(before);
    call.brk(start + 3n * PAGE);
    expect(peekByte(task, start + 2n * PAGE)).toBe(0);
    expect(call.brk(start - 1n)).toBe(start + 3n * PAGE);
    expect(call.brk(1n << 47n)).toBe(start + 3n * PAGE);
  });

  test('does not run into a mapping', () => {
    const { call } = bareProcess();
    const start = addressOf(call.brk(0n));
    call.mmap(start + 4n * PAGE, PAGE, RW, PRIVATE_ANON | FIXED, -1, 0n);
    expect(call.brk(start + 4n * PAGE)).toBe(start);
    expect(call.brk(start + 3n * PAGE)).toBe(start + 3n * PAGE);
  });
});

test('any sequence of calls and touches gives every frame back, and memory holds what was written last', () => {
  const base = 0x1000_0000n;
  const rangeArb = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 8 }));
  const operationArb = fc.tuple(
    fc.constantFrom('private', 'shared', 'unmap', 'protect', 'write', 'read', 'fork', 'exit'),
    rangeArb,
    fc.constantFrom(0, 1, RW),
    fc.integer({ min: 0, max: 3 }),
  );
  fc.assert(
    fc.property(fc.array(operationArb, { maxLength: 60 }), (operations) => {
      const { task, kernel, frames, cpu } = bareProcess();
      const family = [task];
      let value = 0;
      for (const [what, [start, pages], prot, who] of operations) {
        const actor = family[who % family.length];
        const call = callsOf(actor);
        const at = base + BigInt(start) * PAGE;
        const length = BigInt(pages) * PAGE;
        if (what === 'private') call.mmap(at, length, RW, PRIVATE_ANON | FIXED, -1, 0n);
        else if (what === 'shared') call.mmap(at, length, RW, SHARED_ANON | FIXED, -1, 0n);
        else if (what === 'unmap') call.munmap(at, length);
        else if (what === 'protect') call.mprotect(at, length, prot);
        else if (what === 'read') touch(actor, at, 'read');
        else if (what === 'write') {
          value = (value + 1) % 256;
          const reached = touch(actor, at, 'write');
          if (typeof reached !== 'object' || !('pfn' in reached)) continue;
          const isShared = actor.mm.vmas.find(Number(at >> 12n))!.shared;
          const before = family.map((other) => [other, peek(other.mm, at, 1)?.[0]] as const);
          poke(actor, at, value);
          expect(peekByte(actor, at)).toBe(value);
          for (const [other, old] of before)
            if (other !== actor && !isShared) expect(peek(other.mm, at, 1)?.[0]).toBe(old);
        } else if (what === 'fork' && family.length < 4) {
          cpu.state.restore(actor.context);
          family.push(kernel.findTask(Number(call.fork()))!);
        } else if (what === 'exit' && family.length > 1) {
          call.exit(0);
          family.splice(family.indexOf(actor), 1);
        }
      }
      for (const left of family) callsOf(left).exit(0);
      expect(frames.inUse()).toBe(1);
    }),
    { numRuns: 150, seed: 4 },
  );
});

test('areas split and merge without losing pages of a shared mapping', () => {
  const { task, call, frames } = bareProcess();
  const at = addressOf(call.mmap(0n, 4n * PAGE, RW, SHARED_ANON, -1, 0n));
  poke(task, at + 3n * PAGE, 3);
  call.mprotect(at, 2n * PAGE, 1);
  call.munmap(at + PAGE, PAGE);
  expect([...task.mm.vmas].map(({ start, offset }) => [BigInt(start) << 12n, offset])).toEqual([
    [at, 0],
    [at + 2n * PAGE, 2],
  ]);
  expect(peekByte(task, at + 3n * PAGE)).toBe(3);
  call.munmap(at, 4n * PAGE);
  expect(task.mm.vmas.length).toBe(0);
  expect(task.mm.pageTable.entries(0 as Vpn, (2 ** 36) as Vpn)).toEqual([]);
  expect(frames.inUse()).toBe(2);
});
