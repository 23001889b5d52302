/** A dynamically linked program: its modules, symbols and callers, held against what gdb says of it on the Linux at hand. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTool } from '../../asm/assemble.ts';
import { backtrace } from '../../src/debug/inspect/backtrace.ts';
import { breakAtSymbol, findSymbol, modulesOf, symbolAt } from '../../src/debug/inspect/modules.ts';
import { readRegisters } from '../../src/debug/inspect/registers.ts';
import { Machine } from '../../src/index.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { followCalls } from '../debug/inspect/calls.ts';

const SOURCE = `
#include <stdlib.h>
#include <stdio.h>
int counter = 7;
static int compare(const void *a, const void *b)
{
	counter++;
	return *(const int *)a - *(const int *)b;
}
int main(void)
{
	int values[5] = {3, 1, 2, 5, 4};
	qsort(values, 5, sizeof *values, compare);
	return values[0];
}
`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pml4-inspect-'));
  writeFileSync(join(dir, 'sort.c'), SOURCE);
  runTool('gcc', ['-g', '-O1', '-o', 'sort', 'sort.c'], dir);
});
afterAll(() => rmSync(dir, { recursive: true }));

async function standInCompare(): Promise<Task> {
  const machine = new Machine({ root: '/' });
  const task = await machine.load(undefined, join(dir, 'sort'));
  const place = breakAtSymbol(findSymbol(task, 'compare')!);
  while (readRegisters(task)!.rip !== place) machine.kernel.run(1);
  return task;
}

/** Without what libc6-dbg may have installed. */
function gdb(...commands: string[]): string {
  const all = [
    'set debug-file-directory /nonexistent',
    'set backtrace past-main on',
    'break compare',
    'run',
    ...commands,
  ];
  const options = all.flatMap((command) => ['-ex', command]);
  return spawnSync('gdb', ['-nx', '-q', '-batch', ...options, join(dir, 'sort')], { encoding: 'utf8' }).stdout;
}

test('every symbol of every module is found where it is', async () => {
  const task = await standInCompare();
  const modules = modulesOf(task);
  expect(modules.map(({ isProgram }) => isProgram)).toEqual([true, ...new Array(modules.length - 1).fill(false)]);
  const listed = [...gdb('info sharedlibrary').matchAll(/^0x.*\s(\/\S+)$/gm)].map(([, path]) =>
    path.replace(/.*\//, ''),
  );
  expect(
    modules
      .slice(1)
      .map(({ path }) => path.replace(/.*\//, ''))
      .sort(),
  ).toEqual(listed.sort());
  for (const { file, bias } of modules)
    for (const symbol of file.symbols.all()) {
      const found = symbolAt(task, symbol.address + bias);
      if (found !== undefined) expect([symbol.name, found.module.bias, found.offset]).toEqual([symbol.name, bias, 0]);
    }
  expect(symbolAt(task, findSymbol(task, 'counter')!.address)?.symbol.name).toBe('counter');
});

test('the callers through the C library are those of gdb', async () => {
  const task = await standInCompare();
  const frames = backtrace(task).map(({ symbol, line }) => `${symbol?.symbol.name ?? '??'} ${line ? `${line.file.name}:${line.line}` : ''}`.trim()); // biome-ignore format: one line
  const wanted = [...gdb('bt').matchAll(/^#\d+ +(?:0x[0-9a-f]+ in )?(\S+) \(.*?\)(?: at (\S+))?/gm)].map(([, name, at = '']) => `${name} ${at}`.trim()); // biome-ignore format: one line
  expect(wanted.length).toBeGreaterThan(5);
  expect(frames).toEqual(wanted);
});

test('the callers are the calls that were made, from the dynamic linker to the last destructor', async () => {
  const machine = new Machine({ root: '/' });
  const task = await machine.load(undefined, join(dir, 'sort'));
  let compared = 0;
  const steps = followCalls(task, 200_000, (made, i) => {
    if (i % 41 !== 0) return undefined;
    const [here, ...found] = backtrace(task).map(({ rip }) => rip.toString(16));
    expect([i, here, ...found]).toEqual([i, here, ...made]);
    compared++;
    return undefined;
  });
  expect(steps).toBeLessThan(200_000);
  expect(compared).toBeGreaterThan(1000);
});
