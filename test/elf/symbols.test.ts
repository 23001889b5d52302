/** Which name an address belongs to, where names overlap or share a place: as gdb said of every byte. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSections } from '../../src/elf/sections.ts';
import { Symbols } from '../../src/elf/symbols.ts';
import type { SymbolGolden } from './lines/record.ts';

const DIR = new URL('lines/', import.meta.url);
const golden: SymbolGolden = JSON.parse(readFileSync(new URL('symbols.golden', DIR), 'utf8'));
const bytes = new Uint8Array(readFileSync(new URL('symbols', DIR)));
const symbols = new Symbols(bytes);

test('the symbol of every byte', () => {
  const found: Record<string, [string, number]> = {};
  for (const { name, address, sizeBytes } of readSections(bytes)) {
    if (!/^\.(?:text|data|bss)$/.test(name)) continue;
    for (let at = address as bigint; at < address + BigInt(sizeBytes) + 8n; at++) {
      const place = symbols.findAt(at);
      if (place !== undefined) found[String(at)] = [place.symbol.name, place.offset];
    }
  }
  expect(Object.keys(golden).length).toBeGreaterThan(40);
  expect(found).toEqual(golden);
});

test('by name', () => {
  expect(symbols.find('inner')).toMatchObject({ sizeBytes: 1, isFunction: true, isLocal: true });
  expect(symbols.find('middle')).toMatchObject({ isLocal: false });
  expect(symbols.find('nobody')).toBeUndefined();
});

test('a table that is said to be far beyond the file is empty', () => {
  const damaged = bytes.slice();
  const view = new DataView(damaged.buffer);
  const headers = Number(view.getBigUint64(40, true));
  for (let at = headers; at + 64 <= damaged.length; at += 64)
    if (view.getUint32(at + 4, true) === 2) view.setBigUint64(at + 24, 0x0400_0000_0000_2170n, true);
  expect(new Symbols(damaged).all()).toEqual([]);
});
