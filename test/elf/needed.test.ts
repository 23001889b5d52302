/** What a file asks the dynamic linker for, from a section table made by hand, whole and damaged. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neededLibraries } from '../../src/elf/needed.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const DYNAMIC = 64, STRINGS = 256, SECTIONS = 512; // biome-ignore format: one line
const NAMES = '\0libfirst.so.1\0libc.so.6\0';

/** Entries of the dynamic section as tag and value. */
function fileWith(entries: readonly [tag: number, value: number][]): Uint8Array {
  const bytes = new Uint8Array(SECTIONS + 3 * 64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setBigUint64(40, BigInt(SECTIONS), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 3, true);
  for (const [i, [tag, value]] of entries.entries()) {
    view.setBigInt64(DYNAMIC + i * 16, BigInt(tag), true);
    view.setBigUint64(DYNAMIC + i * 16 + 8, BigInt(value), true);
  }
  bytes.set(new TextEncoder().encode(NAMES), STRINGS);
  const section = (index: number, type: number, offset: number, size: number, link: number): void => {
    const at = SECTIONS + index * 64;
    view.setUint32(at + 4, type, true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
    view.setUint32(at + 40, link, true);
  };
  section(1, 6, DYNAMIC, entries.length * 16, 2);
  section(2, 3, STRINGS, NAMES.length, 0);
  return bytes;
}

test('names in their order, up to the end of the list', () => {
  const file = fileWith([[1, 1], [5, 99], [1, NAMES.indexOf('libc')], [0, 0], [1, 1]]); // biome-ignore format: a list
  expect(neededLibraries(file)).toEqual(['libfirst.so.1', 'libc.so.6']);
});

test('a static program asks for nothing, nor does what is no ELF file', () => {
  expect(neededLibraries(readFileSync(fixturePath('shm_demo')))).toEqual([]);
  expect(neededLibraries(new TextEncoder().encode('#!/bin/sh'))).toEqual([]);
});

test('a damaged file asks for less, and never throws', () => {
  const whole = fileWith([[1, 1], [1, 5000], [0, 0]]); // biome-ignore format: a list
  expect(neededLibraries(whole)).toEqual(['libfirst.so.1']);
  fc.assert(
    fc.property(
      fc.nat(whole.length - 1),
      fc.uint8Array({ maxLength: 24 }),
      fc.nat(whole.length),
      (at, noise, length) => {
        const bytes = whole.slice();
        bytes.set(noise.subarray(0, bytes.length - at), at);
        for (const name of neededLibraries(bytes.subarray(0, length))) expect(name.length).toBeGreaterThan(0);
      },
    ),
  );
});
