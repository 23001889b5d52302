/** Line tables as gcc and NASM write them: rows as binutils reads them, and choices as gdb makes them, recorded. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ExpressionContext, evaluate } from '../../src/elf/dwarf/expression.ts';
import { DWARF_SECTIONS, type DwarfSections } from '../../src/elf/dwarf/forms.ts';
import { readLineTable } from '../../src/elf/dwarf/line-program.ts';
import { type UnwindRow, UnwindTable } from '../../src/elf/dwarf/unwind-table.ts';
import { Lines } from '../../src/elf/lines.ts';
import { bytesOf, readSectionTable } from '../../src/elf/sections.ts';
import { Symbols } from '../../src/elf/symbols.ts';
import type { LineGolden } from './lines/record.ts';

const DIR = new URL('lines/', import.meta.url);
const goldens: [name: string, LineGolden][] = readFileSync(new URL('gdb.golden', DIR), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, DIR)));

const dwarfOf = (bytes: Uint8Array): DwarfSections =>
  Object.fromEntries(
    DWARF_SECTIONS.map((name) => {
      const section = readSectionTable(bytes).find((header) => header.name === `.${name}`);
      return [name, section === undefined ? new Uint8Array(0) : bytesOf(bytes, section)];
    }),
  ) as unknown as DwarfSections;

describe.each(goldens)('%s', (name, golden) => {
  const bytes = read(name);
  const lines = new Lines(bytes);

  test('every address has the line and the range that gdb says', () => {
    expect(Object.keys(golden.lines).length).toBeGreaterThan(10);
    const found = Object.keys(golden.lines).map((address) => {
      const { file, line, start, end } = lines.findAt(BigInt(address))!;
      return [address, [file.name, line, Number(start), Number(end)]];
    });
    expect(Object.fromEntries(found)).toEqual(golden.lines);
  });

  test('the rows are those that binutils lists', () => {
    const sections = dwarfOf(bytes);
    const found: LineGolden['rows'][number][] = [];
    for (let at: number | undefined = 0; at !== undefined && at < sections.debug_line.length; ) {
      const { table, next } = readLineTable(sections, at);
      for (const { rows, end } of table!.sequences) {
        for (const { file, line, address, isStatement } of rows)
          found.push([table!.files[file]!.name, line, Number(address), isStatement]);
        found.push([found.at(-1)![0], 0, Number(end), false]);
      }
      at = next;
    }
    expect(found.length).toBeGreaterThan(10);
    const wanted = golden.rows.map(([file, line, address, isStatement]) => {
      return [basename(file), line, address, line > 0 && isStatement];
    });
    expect(found.map(([file, ...rest]) => [basename(file), ...rest])).toEqual(wanted);
  });

  test('`break FILE:LINE` stops where gdb stops', () => {
    const found: Record<string, unknown> = {};
    for (const place of Object.keys(golden.breaks)) {
      const [file, line] = place.split(':');
      const { addresses } = lines.breakAt(lines.findFiles(file)[0], Number(line))!;
      found[place] = addresses.map(Number).sort((a, b) => a - b);
    }
    expect(found).toEqual(golden.breaks);
  });

  test('`break FUNCTION` stops where gdb stops', () => {
    const symbols = new Symbols(bytes);
    for (const [symbol, at] of Object.entries(golden.functions)) {
      const found = symbols.find(symbol);
      if (found !== undefined) expect([symbol, Number(lines.breakAtFunction(found.address, found.sizeBytes))]).toEqual([symbol, at[0]]); // biome-ignore format: one line
    }
  });

  test('a damaged table is no exception', () => {
    const names: readonly string[] = [...DWARF_SECTIONS, 'eh_frame'];
    const sections = readSectionTable(bytes).filter((section) => names.includes(section.name.slice(1)));
    expect(sections.length).toBeGreaterThan(2);
    fc.assert(
      fc.property(
        fc.nat(sections.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        (which, changes) => {
          const { offset, sizeBytes } = sections[which];
          const damaged = bytes.slice();
          for (const [at, value] of changes) damaged[offset + (at % sizeBytes)] = value;
          const tried = new Lines(damaged);
          for (const file of tried.files().slice(0, 3))
            for (const line of tried.linesOf(file).slice(0, 5)) tried.breakAt(file, line);
          tried.findAt(0x401000n);
          tried.stepRange(0x401000n);
          const table = new UnwindTable(damaged);
          for (let at = 0x400100n; at < 0x400300n; at += 7n) readRow(table.rowAt(at));
        },
      ),
      { numRuns: 60 },
    );
  });
});

const NOTHING_KNOWN: ExpressionContext = { register: (number) => BigInt(number), word: (address) => address >> 1n };

/** What unwinding does with a row: its expressions are worked out. */
function readRow(row: UnwindRow | undefined): void {
  if (row?.cfa.kind === 'expression') evaluate(row.cfa.code, NOTHING_KNOWN);
  for (const rule of row?.rules.values() ?? []) if ('code' in rule) evaluate(rule.code, NOTHING_KNOWN, 1n);
}

test('expressions of any bytes come to an end', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (code) => {
      const value = evaluate(code, NOTHING_KNOWN, 8n);
      if (value !== undefined) expect(value >= 0n && value < 1n << 64n).toBe(true);
    }),
    { numRuns: 2000 },
  ));

test('a step by line does not leave its line, whatever rows it has', () => {
  const lines = new Lines(read('dwarf4-O0'));
  for (const file of lines.files())
    for (const line of lines.linesOf(file))
      for (const address of lines.breakAt(file, line)!.addresses) {
        const { start, end } = lines.stepRange(address)!;
        expect(start <= address && address < end).toBe(true);
        const place = (at: bigint): string => `${lines.findAt(at)?.file.path}:${lines.findAt(at)?.line}`;
        for (let at = start; at < end; at++) expect(place(at)).toBe(place(address));
        expect(place(end)).not.toBe(place(address));
      }
});

test('a file without line tables has none', () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(64), read('inlined.h')]) {
    const lines = new Lines(bytes);
    expect([lines.files(), lines.findAt(0x401000n), lines.stepRange(0n)]).toEqual([[], undefined, undefined]);
    expect(lines.breakAtFunction(0x401000n, 10)).toBe(0x401000n);
  }
});

test('the directory of the sources is part of the path', () => {
  const paths = (name: string): string[] => new Lines(read(name)).files().map(({ path }) => path);
  expect(paths('dwarf5-O0')).toEqual(['/src/inlined.h', '/src/scopes.c']);
  expect(paths('dwarf2-O0')).toEqual(['/src/inlined.h', '/src/scopes.c']);
  expect(paths('nasm')).toEqual(['asm/include/linux.inc', 'asm/shared_memory_demo_fixed.asm']);
});
