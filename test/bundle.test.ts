/** What a browser gets: the machine and all below it, without a module of Node and without anything in its place. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { elfinfoWithoutNode } from '../build.ts';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

test.each([
  'machine/machine.ts',
  'elf/image.ts',
  'elf/symbols.ts',
  'debug/page-story.ts',
  'kernel/syscalls/table.ts',
  'unicorn/unicorn.ts',
])('%s is bundled for a browser as it is', async (entry) => {
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [SRC + entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
    plugins: [elfinfoWithoutNode],
  });
  expect(warnings).toEqual([]);
  const inputs = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
  expect(inputs.filter(({ external, path }) => external && path !== '<runtime>')).toEqual([]);
  // Node's own modules are asked for at run time, and only where there are some: files of the host.
  expect(outputFiles[0].text.replaceAll(/process\.getBuiltinModule\("node:\w+"\)/g, '')).not.toMatch(
    /\brequire\(|["']node:/,
  );
});

test('a program runs in what is bundled', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { Machine } from './machine/machine.ts'; export { parseElf } from './elf/image.ts';`,
      resolveDir: SRC,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    plugins: [elfinfoWithoutNode],
  });
  const { Machine, parseElf } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  const { twoSegments } = await import('./helpers/tiny-elf.ts');
  // mov eax, 60; mov edi, 7; syscall
  const program = twoSegments(new Uint8Array([0xb8, 60, 0, 0, 0, 0xbf, 7, 0, 0, 0, 0x0f, 0x05]));
  const machine = new Machine();
  await machine.load(await parseElf(program), 'program');
  expect(await machine.run()).toMatchObject({ outcome: 'exited', status: 7, instructions: 3 });
});
