/** What the page says of files that are handed to it. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../src/web/model/program-check.ts';
import { parseEnvironment, splitWords } from '../../src/web/model/words.ts';
import { fixturePath } from '../helpers/fixtures.ts';
import { TEXT, tinyElf } from '../helpers/tiny-elf.ts';

const demo = new Uint8Array(readFileSync(fixturePath('shm_demo')));
const changed = (change: (bytes: Uint8Array) => void): Uint8Array => {
  const bytes = demo.slice();
  change(bytes);
  return bytes;
};
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a program, static, and one that asks for a dynamic linker', async () => {
  expect(await checkFile('demo', demo)).toEqual({
    kind: 'program',
    text: 'statically linked, at fixed addresses',
    needs: [],
  });
  const interpreter = '/lib64/ld.so';
  const segments = [{ address: TEXT, bytes: new Uint8Array([0xf4]), flags: 5 }];
  expect(await checkFile('x', tinyElf({ entry: TEXT, segments, interpreter }))).toMatchObject({
    kind: 'program',
    needs: [interpreter],
  });
});

describe('what cannot be run, why, and what could be done', () => {
  test.each<[string, string, Uint8Array, string, string]>([
    ['32-bit', 'x', changed((b) => b.set([1], 4)), 'a 32-bit ELF file; only 64-bit ones can be run', 'nasm -f elf64'],
    ['ARM', 'x', changed((b) => b.set([183, 0], 18)), 'made for 64-bit ARM, not for x86-64', 'cross compiler'],
    [
      'an object file',
      'x.o',
      changed((b) => b.set([1, 0], 16)),
      'an object file that has not been linked',
      'ld FILE.o',
    ],
    ['half a file', 'x', demo.slice(0, 5000), 'past the end of the file', 'copy it again'],
    ['a few bytes', 'x', demo.slice(0, 30), 'truncated', 'copy it again'],
    ['Windows', 'x.exe', bytesOf('MZ\0\0abc'), 'a program for Windows', 'x86-64 Linux'],
    ['a script', 'x.sh', bytesOf('#!/bin/sh\nls\n'), 'a script', '--root /'],
    ['C', 'x.c', bytesOf('int main;\n'), 'a source that is not assembly', '-static'],
    ['text', 'x.txt', bytesOf('hello'), 'a text, no program', '.asm'],
    ['bytes', 'x', new Uint8Array([1, 2, 0, 3]), 'not an ELF file', 'Drop'],
    ['nothing', 'x', new Uint8Array(0), 'empty', 'Drop'],
    ['a source by name only', 'x.asm', new Uint8Array([0, 1, 2]), 'not an ELF file', 'Drop'],
  ])('%s', async (_, name, bytes, why, advice) => {
    const found = await checkFile(name, bytes);
    expect(found.kind).toBe('refused');
    if (found.kind !== 'refused') return;
    expect(found.why).toContain(why);
    expect(found.advice).toContain(advice);
  });
});

test('an assembly source', async () => {
  expect(await checkFile('x.asm', bytesOf('section .text ; ä\n'))).toEqual({ kind: 'source' });
});

test('no bytes make it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(demo.length), async (noise, at) => {
      expect(await checkFile('x', noise)).toBeTruthy();
      expect(
        await checkFile(
          'x',
          changed((b) => b.set(noise.subarray(0, b.length - at), at)),
        ),
      ).toBeTruthy();
    }),
    { numRuns: 200 },
  );
});

test.each<[string, string[]]>([
  ['', []],
  ['  one two ', ['one', 'two']],
  [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
  [`"" ''`, ['', '']],
  [`x"y z"'w' "a\\"b" "a\\b"`, ['xy zw', 'a"b', 'a\\b']],
  [`"open`, ['open']],
])('words of %j', (line, words) => expect(splitWords(line)).toEqual(words));

test('lines of an environment', () => {
  expect(parseEnvironment('A=1\n\nB=x=y\nC=')).toEqual({ A: '1', B: 'x=y', C: '' });
  expect(parseEnvironment('A=1\nnothing')).toEqual({ badLine: 2 });
});
