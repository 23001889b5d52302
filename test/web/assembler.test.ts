/** How nasm and ld are run, with programs in their place that do one thing each; the real ones are in test/system. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type AssembleRequest, Assembler } from '../../src/web/model/assembler.ts';
import { unpack } from '../../src/web/model/assembler-pack.ts';
import { fileName } from '../../src/web/model/file-name.ts';
import { DATA, twoSegments } from '../helpers/tiny-elf.ts';

const hexOf = (value: number): string => Buffer.from(new Uint32Array([value]).buffer).toString('hex');
const call = (number: number, ...args: number[]): string =>
  ['bf', 'be', 'ba'].map((mov, i) => mov + hexOf(args[i] ?? 0)).join('') + `b8${hexOf(number)}0f05`;
const program = (code: string, data = '\0'): Uint8Array => twoSegments(Buffer.from(code, 'hex'), Buffer.from(data));
/** Prints a text on standard error and exits. */
const saying = (text: string, status: number): Uint8Array =>
  program(call(1, 2, Number(DATA), text.length) + call(60, status), text);
/** Makes an empty file and exits. */
const making = (path: string): Uint8Array => program(call(2, Number(DATA), 0x41, 0o644) + call(60, 0), `${path}\0`);
const SPIN = program('ebfe');
const CRASH = program('0f0b');

const demo: AssembleRequest = { name: 'demo.asm', source: 'nop' };
const assembler = (nasm: Uint8Array, ld: Uint8Array): Assembler =>
  new Assembler({ tools: { '/usr/bin/nasm': nasm, '/usr/bin/ld': ld } });

test('a warning of the one and an error of the other are both told', async () => {
  const one = assembler(saying('demo.asm:1: warning: odd\n', 0), saying('ld: /asm//demo.asm:1: undefined\n', 1));
  expect(await one.assemble(demo)).toEqual({
    kind: 'refused',
    diagnostics: [
      { file: 'demo.asm', line: 1, severity: 'warning', text: 'odd', tool: 'nasm' },
      { file: 'demo.asm', line: 1, severity: 'error', text: 'undefined', tool: 'ld' },
    ],
  });
});

test('what ld has written is the result; how far they are is told', async () => {
  const told = new Map<string, number>();
  const one = assembler(saying('', 0), making('demo'));
  const result = await one.assemble(demo, ({ tool, instructions }) => void told.set(tool, instructions));
  expect(result).toEqual({ kind: 'assembled', elf: new Uint8Array(0), diagnostics: [] });
  expect([...told]).toEqual([
    ['nasm', 10],
    ['ld', 10],
  ]);
});

test('one that never ends is stopped, and the next source has its turn', async () => {
  const one = assembler(SPIN, SPIN);
  const stopped = one.assemble(demo, () => one.stop());
  const next = one.assemble(demo, ({ instructions }) => instructions > 1000 && one.stop());
  expect([await stopped, await next]).toEqual([{ kind: 'stopped' }, { kind: 'stopped' }]);
});

test('one that crashes says so', async () => {
  const text = 'nasm was killed by SIGILL';
  expect(await assembler(CRASH, CRASH).assemble(demo)).toMatchObject({ kind: 'refused', diagnostics: [{ text }] });
});

test('a source needs a plain name, which any file can be given', async () => {
  const one = assembler(SPIN, SPIN);
  await expect(one.assemble({ ...demo, name: '-o.asm' })).rejects.toThrow('-o.asm is no name for a source');
  await expect(one.assemble({ ...demo, name: '../x.asm' })).rejects.toThrow('../x.asm is no name for a source');
  expect(['a b.asm', 'C:\\x\\-y.s', '/tmp/..', 'ok_1.asm'].map(fileName)).toEqual([
    'a_b.asm', 'y.s', 'program.asm', 'ok_1.asm',
  ]); // biome-ignore format: a list
});

test('a packed file comes out as it was, or not at all', async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const file = { path: '/x', mode: 0o755, sizeBytes: 3, stored: 'x.packed', storedBytes: 0 };
  expect(await unpack(file, new Uint8Array(gzipSync(bytes)))).toEqual(bytes);
  await expect(unpack({ ...file, sizeBytes: 4 }, new Uint8Array(gzipSync(bytes)))).rejects.toThrow(
    '3 bytes in place of 4',
  );
  await expect(unpack(file, bytes)).rejects.toThrow('x.packed is not what was built: it cannot be decompressed');
});
