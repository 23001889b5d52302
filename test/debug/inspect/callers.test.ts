/**
 * Callers, held against the calls that were made: every CALL is noted as it runs, and the stack is unwound at the
 * instructions between. Programs in assembly have no unwind tables; C ones have.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { programs } from '../../../asm/programs.ts';
import { backtrace } from '../../../src/debug/inspect/backtrace.ts';
import { loadImage, Machine } from '../../../src/index.ts';
import { fixturePath } from '../../helpers/fixtures.ts';
import { followCalls } from './calls.ts';

const BUILT = ['dwarf2-O0', 'dwarf3-O2', 'dwarf4-O2', 'dwarf5-O1-frame', 'dwarf5-O2', 'llvm-O0', 'llvm-O2', 'nasm'].map(
  (name) => [name, new URL(`../../elf/lines/${name}`, import.meta.url)] as const,
);
const NO_TABLES = ['no-tables', new URL('gdb/no-tables', import.meta.url)] as const;
const FIXTURES = programs.map(({ name }) => [name, new URL(`file://${fixturePath(name)}`)] as const);
const STRIPPED: ReadonlySet<string> = new Set(
  programs.filter(({ source }) => source.endsWith('.c')).map(({ name }) => name),
);
const MOST_INSTRUCTIONS = 2000;
/** Later ones are looked at now and then. */
const ALL_UP_TO = 100;

test.each([...BUILT, NO_TABLES, ...FIXTURES])('%s', async (name, url) => {
  const machine = new Machine();
  const task = await machine.load(await loadImage(new Uint8Array(readFileSync(url)), name), `./${name}`);
  const steps = followCalls(task, MOST_INSTRUCTIONS, (made, i) => {
    if (i >= ALL_UP_TO && i % 19 !== 0) return undefined;
    const frames = backtrace(task);
    // In a handler there is more than calls, and perhaps another stack.
    if (frames.some(({ isInterrupted }) => isInterrupted)) return 'stop';
    const [here, ...found] = frames.map(({ rip }) => rip.toString(16));
    // Without any names there are places that nothing leads to but a jump through a register: what is found is right, there.
    const wanted = STRIPPED.has(name) ? made.slice(0, found.length) : made;
    expect([i, here, ...found]).toEqual([i, here, ...wanted]);
    return undefined;
  });
  expect(steps).toBeGreaterThan(1);
});
