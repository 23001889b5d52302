/** Programs whose files are damaged anywhere: what loads can be looked at, and nothing that is said of it is an exception. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backtrace } from '../../../src/debug/inspect/backtrace.ts';
import { disassembleAt, disassembleBefore } from '../../../src/debug/inspect/disassembly.ts';
import { breakAtLine, breakAtSymbol, findSymbol, functionAt, lineAt, modulesOf, sourceFilesOf, stepRangeAt, symbolAt } from '../../../src/debug/inspect/modules.ts'; // biome-ignore format: one line
import { readRegisters } from '../../../src/debug/inspect/registers.ts';
import { readStack } from '../../../src/debug/inspect/stack.ts';
import { ElfError, parseElf } from '../../../src/elf/image.ts';
import { Machine } from '../../../src/machine/machine.ts';
import { fixturePath } from '../../helpers/fixtures.ts';

const FILES = [fixturePath('shm_demo'), fixturePath('position_independent'), ...['dwarf5-O2', 'dwarf4-O0', 'llvm-O0'].map((name) => new URL(`../../elf/lines/${name}`, import.meta.url))]; // biome-ignore format: one line

test('whatever is damaged', async () => {
  let looked = 0;
  // Headers are at the beginning and at the end.
  const place = fc.oneof(fc.nat(), fc.nat(400), fc.integer({ min: -2000, max: -1 }));
  const change = fc.tuple(place, fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FILES),
      fc.array(change, { maxLength: 12 }),
      fc.nat(40),
      async (file, changes, steps) => {
        const bytes = new Uint8Array(readFileSync(file));
        for (const [at, value] of changes) bytes[(at + bytes.length) % bytes.length] = value;
        const image = await parseElf(bytes);
        if (image instanceof ElfError) return;
        const machine = new Machine();
        const task = await machine.load(image, './damaged').catch(() => undefined);
        if (task === undefined) return;
        machine.kernel.run(steps);
        looked++;
        const { rip = 0n } = readRegisters(task) ?? {};
        backtrace(task);
        readStack(task, 20);
        modulesOf(task);
        for (const { path } of sourceFilesOf(task)) for (const line of [1, 20, 60]) breakAtLine(task, path, line);
        for (const name of ['_start', 'main']) {
          const place = findSymbol(task, name);
          if (place !== undefined) breakAtSymbol(place);
        }
        for (const address of [rip, rip + 1n, 0x400000n, 0x401000n, 0x201300n]) {
          disassembleAt(task, address, 10);
          disassembleBefore(task, address, 10);
          symbolAt(task, address);
          functionAt(task, address);
          lineAt(task, address);
          stepRangeAt(task, address);
        }
        machine.dispose();
      },
    ),
    { numRuns: 300 },
  );
  expect(looked).toBeGreaterThan(50);
});
