/** nasm and ld from the page's pack, on the modeled machine: what they make is what they make outside. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTool } from '../../asm/assemble.ts';
import { ASM_DIR, programs } from '../../asm/programs.ts';
import { run } from '../../src/index.ts';
import { Assembler, INCLUDE_DIRECTORY, ldArguments, nasmArguments } from '../../src/web/model/assembler.ts';
import { type AssemblerPack, MANIFEST, unpack } from '../../src/web/model/assembler-pack.ts';
import { packAssembler } from '../../vite/assembler-pack.ts';

const includes = Object.fromEntries(
  readdirSync(join(ASM_DIR, INCLUDE_DIRECTORY)).map((name) => [
    `${INCLUDE_DIRECTORY}/${name}`,
    readFileSync(join(ASM_DIR, INCLUDE_DIRECTORY, name), 'utf8'),
  ]),
);
/** Of both, since it is in the line tables. */
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'pml4-assembler-')));
let assembler: Assembler;

beforeAll(async () => {
  const pack = await packAssembler();
  const { files, packages }: AssemblerPack = JSON.parse(String(pack.get(MANIFEST)));
  const tools: Record<string, { bytes: Uint8Array; mode: number }> = {};
  for (const file of files) {
    const stored = new Uint8Array(pack.get(file.stored) as Uint8Array);
    tools[file.path] = { bytes: await unpack(file, stored), mode: file.mode };
  }
  for (const { copyright } of packages) expect(pack.get(copyright!)).toBeTruthy();
  assembler = new Assembler({ tools, directory });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('byte for byte', () => {
  for (const { source, linkOptions } of programs.filter((program) => program.source.endsWith('.asm')))
    test(source, async () => {
      const text = readFileSync(join(ASM_DIR, source), 'utf8');
      const result = await assembler.assemble({ name: source, source: text, files: includes, linkOptions });
      const name = source.replace('.asm', '');
      for (const [path, contents] of Object.entries({ ...includes, [source]: text })) {
        const file = join(directory, path);
        runTool('mkdir', ['-p', join(file, '..')], directory);
        writeFileSync(file, contents);
      }
      runTool('nasm', nasmArguments(source, `${name}.o`, [INCLUDE_DIRECTORY]), directory);
      runTool('ld', ldArguments(`${name}.o`, name, linkOptions), directory);
      expect(result.kind === 'assembled' && Buffer.from(result.elf).equals(readFileSync(join(directory, name)))).toBe(
        true,
      );
    });
});

test('the demo as published: its warning, and it runs', async () => {
  const source = readFileSync(join(ASM_DIR, 'shared_memory_demo.asm'), 'utf8');
  const result = await assembler.assemble({ name: 'shared_memory_demo.asm', source });
  expect(result.kind).toBe('assembled');
  if (result.kind !== 'assembled') return;
  expect(result.diagnostics.map(({ line, severity }) => `${line} ${severity}`)).toEqual(['103 warning', '103 warning']);
  const ran = await run(result.elf);
  expect(ran.stdout).toBe('Parent wrote: 0xDEADBEEF\nChild read: 0x????????????????\n');
  expect(ran.processes.map(({ status }) => status)).toEqual([0, 1]);
});

test('errors of either are at their lines; what never ends is stopped', async () => {
  const start = 'extern foo\nglobal _start\nsection .text\n_start:\n';
  const assemble = async (text: string) => await assembler.assemble({ name: 'x.asm', source: start + text });
  expect(await assemble('mov rax, [rbx\n')).toMatchObject({
    kind: 'refused',
    diagnostics: [{ line: 5, tool: 'nasm' }],
  });
  expect(await assemble('nop\ncall foo\n')).toMatchObject({
    kind: 'refused',
    diagnostics: [{ file: 'x.asm', line: 6, tool: 'ld', text: "undefined reference to `foo'" }],
  });
  const endless = { name: 'x.asm', source: `${start}${'%rep 1000000\n'.repeat(2)}nop\n${'%endrep\n'.repeat(2)}` };
  const stop = ({ instructions }: { instructions: number }) => instructions > 20_000_000 && assembler.stop();
  expect(await assembler.assemble(endless, stop)).toEqual({ kind: 'stopped' });
  expect(await assemble('nop\n')).toMatchObject({ kind: 'assembled', diagnostics: [] });
});
