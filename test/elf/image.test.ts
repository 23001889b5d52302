import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ElfError, type ElfImage, parseElf } from '../../src/elf/image.ts';
import { Symbols } from '../../src/elf/symbols.ts';
import { Machine } from '../../src/machine/machine.ts';
import { tinyElf, twoSegments } from '../helpers/tiny-elf.ts';

const image = async (bytes: Uint8Array): Promise<ElfImage> => {
  const parsed = await parseElf(bytes);
  if (parsed instanceof ElfError) throw new Error(parsed.message);
  return parsed;
};
const edited = (edit: (view: DataView, bytes: Uint8Array) => void, length?: number): Uint8Array => {
  const bytes = twoSegments().slice(0, length);
  edit(new DataView(bytes.buffer), bytes);
  return bytes;
};
const FIRST = 64; // the first program header
const SECOND = FIRST + 56;

test('segments, permissions, entry and program headers', async () => {
  const parsed = await image(twoSegments());
  expect(parsed).toMatchObject({
    type: 'executable',
    entry: 0x401000n,
    interpreter: undefined,
    executableStack: false,
  });
  expect(parsed.segments).toMatchObject([
    { address: 0x401000n, offset: 4096, fileBytes: 1, memoryBytes: 1, read: true, write: false, execute: true },
    {
      address: 0x402000n,
      offset: 8192,
      fileBytes: 4,
      memoryBytes: 4 + 3 * 4096,
      read: true,
      write: true,
      execute: false,
    },
  ]);
});

describe('one clear line for each error', () => {
  test.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(), 'not an ELF file'],
    ['a script', new TextEncoder().encode('#!/bin/sh\n'), 'not an ELF file'],
    ['header cut', edited(() => {}, 40), 'truncated: 40 bytes do not hold an ELF header and a program'],
    ['32-bit', edited((_, b) => (b[4] = 1)), 'a 32-bit ELF file; only 64-bit ones can be run'],
    ['big-endian', edited((_, b) => (b[5] = 2)), 'a big-endian ELF file; x86-64 is little-endian'],
    ['AArch64', edited((v) => v.setUint16(18, 183, true)), 'made for another machine (e_machine 183), not for x86-64'],
    [
      'object file',
      edited((v) => v.setUint16(16, 1, true)),
      'an object file that has not been linked, not an executable',
    ],
    ['core', edited((v) => v.setUint16(16, 4, true)), 'a core dump, not an executable'],
    ['no headers', edited((v) => v.setUint16(56, 0, true)), 'no program headers: nothing to load'],
    ['many headers', edited((v) => v.setUint16(56, 60000, true)), 'too many program headers (60000)'],
    ['odd headers', edited((v) => v.setUint16(54, 57, true)), 'program headers of 57 bytes; they have 56'],
    [
      'headers past the end',
      edited((v) => v.setBigUint64(32, 1n << 63n, true)),
      'truncated: the program headers end past the end of the file',
    ],
    ['cut in a segment', edited(() => {}, 8194), 'segment 1 ends past the end of the file (8196 > 8194 bytes)'],
    [
      'file over memory',
      edited((v) => v.setBigUint64(FIRST + 40, 0n, true)),
      'segment 0 has more bytes in the file (1) than in memory (0)',
    ],
    [
      'unaligned',
      edited((v) => v.setBigUint64(SECOND + 16, 0x402010n, true)),
      'segment 1 is unaligned: address 0x402010 and file offset 0x2000 differ within the page',
    ],
    [
      'odd alignment',
      edited((v) => v.setBigUint64(SECOND + 48, 3n, true)),
      'segment 1 has an alignment of 3, not a power of two',
    ],
    [
      'overlap',
      edited((v) => v.setBigUint64(FIRST + 40, 0x1001n, true)),
      'segment 1 overlaps segment 0 or comes before it',
    ],
    [
      'too large',
      edited((v) => v.setBigUint64(SECOND + 40, 1n << 47n, true)),
      'segment 1 is too large: it ends at 0x800000402000, past the end of user space',
    ],
    [
      'at page 0',
      edited((v) => v.setBigUint64(FIRST + 16, 0n, true)),
      'segment 0 is at 0x0, below the lowest address that can be mapped',
    ],
    [
      'entry in data',
      edited((v) => v.setBigUint64(24, 0x402000n, true)),
      'the entry point 0x402000 is not in an executable segment',
    ],
    [
      'entry nowhere',
      edited((v) => v.setBigUint64(24, 0n, true)),
      'the entry point 0x0 is not in an executable segment',
    ],
  ])('%s', async (_name, bytes, message) => {
    const parsed = await parseElf(bytes);
    expect(parsed).toBeInstanceOf(ElfError);
    expect((parsed as ElfError).message).toBe(message);
  });
});

test('a size beyond 2^53 is an error, not an exception', async () => {
  const parsed = await parseElf(edited((v) => v.setBigUint64(SECOND + 40, 1n << 63n, true)));
  expect(parsed).toBeInstanceOf(ElfError);
});

test('the interpreter is read', async () => {
  const bytes = tinyElf({
    entry: 0x1000n,
    type: 3,
    segments: [{ address: 0x1000n, bytes: new Uint8Array([0xf4]), flags: 5 }],
    interpreter: '/lib64/ld-linux-x86-64.so.2',
  });
  expect(await image(bytes)).toMatchObject({ type: 'pie', interpreter: '/lib64/ld-linux-x86-64.so.2' });
});

test.each(['', 'ld\n.so', '\x7fELF'])('an interpreter called %j is not readable', async (interpreter) => {
  const segments = [{ address: 0x1000n, bytes: new Uint8Array([0xf4]), flags: 5 }];
  const parsed = await parseElf(tinyElf({ entry: 0x1000n, type: 3, segments, interpreter }));
  expect(parsed).toEqual(new ElfError('the name of the interpreter is not readable'));
});

test('500 damaged files that load run to an end or a limit, and give every frame back', async () => {
  const next = random(77);
  const sources = ['copy_on_write', 'position_independent', 'initial_stack', 'exit_statuses'].map((name) =>
    readFileSync(new URL(`../../fixtures/${name}`, import.meta.url)),
  );
  const ends = new Set<string>();
  for (let i = 0; i < 500; i++) {
    const bytes = new Uint8Array(sources[i % sources.length]);
    for (let n = 1 + next(4); n > 0; n--)
      bytes[[64 + next(224), 4096 + next(512), next(bytes.length)][next(3)]] ^= 1 << next(8);
    const parsed = await parseElf(bytes);
    if (parsed instanceof ElfError) continue;
    const machine = new Machine({ memory: 4 << 20 });
    try {
      await machine.load(parsed, 'damaged');
      ends.add((await machine.run({ maxInstructions: 20_000 })).outcome);
    } catch (error) {
      expect(error).toMatchObject({
        name: 'UsageError',
        status: 126,
        message: expect.stringMatching(/^damaged: [ -~]+$/),
      });
    }
    machine.dispose();
    expect(machine.frames.inUse()).toBe(0);
  }
  expect([...ends].sort()).toEqual(['exited', 'killed', 'limit']);
});

test('symbols of the demo, both ways', async () => {
  const symbols = new Symbols(readFileSync(new URL('../../fixtures/shm_demo', import.meta.url)));
  const start = symbols.find('_start')!;
  expect(start.address).toBe(0x401000n);
  expect(symbols.findAt(start.address + 3n)).toEqual({ symbol: start, offset: 3 });
  expect(symbols.findAt(0n)).toBeUndefined();
  expect(symbols.find('shared_page')?.address).toBeGreaterThan(0x402000n);
});

/** xorshift32: the same mutations in every run. */
function random(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

test('500 damaged files are parsed or refused, never more', async () => {
  const next = random(20_241);
  const sources = [twoSegments(), new Uint8Array(readFileSync(new URL('../../fixtures/shm_demo', import.meta.url)))];
  let refused = 0;
  for (let i = 0; i < 500; i++) {
    const bytes = sources[i % sources.length].slice();
    for (let n = 1 + next(8); n > 0; n--) {
      const at = next(next(2) ? 64 : 64 + 56 * 4);
      if (next(3) === 0)
        new DataView(bytes.buffer).setBigUint64(at & ~7, BigInt(next(2 ** 32)) << BigInt(next(33)), true);
      else bytes[at] = next(256);
    }
    const parsed = await parseElf(next(5) ? bytes : bytes.slice(0, next(bytes.length)));
    if (parsed instanceof ElfError) {
      refused++;
      expect(parsed.message).toMatch(/^[^\n]+$/);
    }
    new Symbols(bytes).all();
  }
  expect(refused).toBeGreaterThan(250);
});
