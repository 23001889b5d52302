/** `pml4 info PROGRAM`: what is in the ELF file; with --syscalls what the kernel has, with --isa what the CPU has. */
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { listEncodings, summarize } from '../../cpu/isa/inventory.ts';
import { ElfError, type ElfImage, parseElf } from '../../elf/image.ts';
import { readSections } from '../../elf/sections.ts';
import { Symbols } from '../../elf/symbols.ts';
import { readProgram } from '../../host/node.ts';
import { supportedSyscalls } from '../../kernel/syscalls/table.ts';
import { describeIsa } from '../isa.ts';
import { INFO_OPTIONS } from '../options.ts';
import { writeAll } from '../output.ts';
import { parseOptions } from '../parse-options.ts';

const STDOUT = 1;

export async function info(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions(INFO_OPTIONS, words);
  if (values.syscalls) writeAll(STDOUT, describeSyscalls());
  if (values.json && !values.isa) throw new UsageError('--json goes with --isa');
  if (values.isa) writeAll(STDOUT, values.json ? isaAsJson() : isaAsText());
  if (rest.length === 0) {
    if (values.syscalls || values.isa) return 0;
    throw new UsageError('info needs a PROGRAM');
  }
  for (const path of rest) writeAll(STDOUT, await describeProgram(path));
  return 0;
}

function isaAsText(): string {
  const entries = listEncodings();
  return describeIsa(entries, summarize(entries));
}
const isaAsJson = (): string => `${JSON.stringify(listEncodings(), undefined, 1)}\n`;

async function describeProgram(path: string): Promise<string> {
  const image = await parseElf(readProgram(path));
  if (image instanceof ElfError) throw new UsageError(`${path}: ${image.message}`, 126);
  return describeImage(path, image);
}

function describeImage(path: string, image: ElfImage): string {
  const symbols = new Symbols(image.bytes);
  const sections = readSections(image.bytes);
  const all = symbols.all();
  const entry = symbols.findAt(image.entry);
  const fact = (name: string, value: string): string => `  ${name.padEnd(13)} ${value}\n`;
  const type = image.type === 'pie' ? 'position-independent executable' : 'executable';
  const header = [
    `${path}\n`,
    fact('type', `ELF 64-bit ${type}, x86-64, ${image.bytes.length.toLocaleString('en')} bytes`),
    fact('linking', image.interpreter ? `dynamic, needs ${image.interpreter}` : 'static'),
    fact('entry', `${hex(image.entry)}${entry ? ` <${entry.symbol.name}>` : ''}`),
    fact('stack', image.executableStack ? 'executable' : 'not executable'),
    fact(
      'symbols',
      all.length === 0 ? 'none: stripped' : `${all.length}, ${named(all.filter((s) => s.isFunction).length)}`,
    ),
  ];
  const rows = image.segments.map(({ read, write, execute, address, offset, fileBytes, memoryBytes }) => {
    const end = address + BigInt(memoryBytes);
    const inside = sections.filter((s) => s.address >= address && s.address < end && s.name !== '');
    const rights = `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
    return [
      rights,
      hex(address),
      hex(end),
      hex(offset),
      String(fileBytes),
      String(memoryBytes),
      inside.map((s) => s.name).join(' '),
    ];
  });
  return `${header.join('')}  segments\n${table(['', 'start', 'end', 'offset', 'in file', 'in memory', 'sections'], rows)}`;
}

const named = (functions: number): string => `${functions} of them marked as functions`;

function describeSyscalls(): string {
  const records = supportedSyscalls();
  const rows = records.map(({ number, name, support }) => [
    String(number),
    name,
    support === 'full' ? 'full' : `without: ${support.missing}`,
  ]);
  return `${records.length} system calls; any other returns ENOSYS\n${table(['number', 'name', 'support'], rows)}`;
}

function table(header: string[], rows: string[][]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  return [header, ...rows]
    .map(
      (row) =>
        `    ${row
          .map((cell, i) => cell.padEnd(widths[i]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
