/**
 * Stories and debug sessions of programs that gcc has built and Debian ships. What a private mapping would have done is
 * compared with what Linux does with the same source and MAP_PRIVATE.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tellStory } from '../../src/debug/story/tell.ts';
import { loadImage, type Machine } from '../../src/index.ts';
import { Client } from '../dap/client.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const directory = mkdtempSync(join(tmpdir(), 'pml4-explain-'));
afterAll(() => rmSync(directory, { recursive: true }));

const SHARING = `
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#ifndef HOW
#define HOW MAP_SHARED
#endif
int main(void) {
  int *pages = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, HOW | MAP_ANONYMOUS, -1, 0);
  pages[0] = 1;
  pages[1024] = 10;
  if (fork() == 0) {
    pages[0] += 41;
    pages[2048] = 7;
    _exit(pages[1024]);
  }
  int status;
  wait(&status);
  printf("%d %d %d, child %d\\n", pages[0], pages[1024], pages[2048], WEXITSTATUS(status));
  return pages[0] != 42;
}
`;

const build = (name: string, source: string, ...options: string[]): string => {
  const file = join(directory, name);
  writeFileSync(`${file}.c`, source);
  execFileSync('gcc', ['-g', '-O0', '-static', ...options, `${file}.c`, '-o', file]);
  return file;
};

const native = (file: string) => {
  const { status, stdout } = spawnSync(file, { encoding: 'utf8' });
  return { status, stdout };
};

test('MAP_PRIVATE in place of MAP_SHARED does here what it does on Linux', async () => {
  const [shared, isPrivate] = [build('shared', SHARING), build('private', SHARING, '-DHOW=MAP_PRIVATE')];
  const image = await loadImage(shared);
  const open = async (machine: Machine) => ({ image, start: () => machine.load(image, 'shared') });
  const { comparison, result } = await tellStory({
    program: 'shared',
    args: [],
    machine: () => ({}),
    open,
    limits: {},
  });
  if (comparison === undefined || 'reason' in comparison) throw new Error('nothing was compared');
  expect({ status: result.exitCode, stdout: result.stdout }).toEqual(native(shared));
  const { twin } = comparison;
  expect({ status: twin.result.exitCode, stdout: twin.result.stdout }).toEqual(native(isPrivate));
  // The child writes to a page that the parent has written, and to one that nobody has.
  expect(twin.facts).toMatchObject({ mappings: 1, copies: 1, ends: [{ frames: 4 }] });
  expect(comparison.shared.facts).toMatchObject({ mappings: 1, copies: 0, ends: [{ frames: 3 }] });
});

describe("Debian's ls", () => {
  const story = (...options: string[]) => {
    const words = [MAIN, 'explain', '--root', '/', ...options, 'ls', '/'];
    return spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 1 << 26, input: '' });
  };

  test('has a story, with places in its libraries', () => {
    const { status, stdout, stderr } = story();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/`(?:ld-linux-x86-64\.so\.2|libc\.so\.6)\+0x[0-9a-f]+`| in libc\.so\.6`/);
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);
    expect(stdout).toContain('## What this story leaves out');
  });

  test('as a page', () => {
    const file = join(directory, 'ls.html');
    expect(story('--html', file)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const html = readFileSync(file, 'utf8');
    expect(html).toMatch(/^<!doctype html>.*<\/html>\n$/s);
    expect(html).not.toMatch(/undefined|NaN|\[object|<script/);
  });
});

describe('a debug session of a C program', () => {
  const SOURCE = `#include <stdio.h>
static int twice(int x) {
  int y = x * 2;
  return y;
}
int main(void) {
  int sum = 0;
  for (int i = 0; i < 3; i++)
    sum += twice(i);
  printf("%d\\n", sum);
  return 0;
}
`;
  let file = '';
  beforeAll(() => {
    file = build('twice', SOURCE);
  });

  test('lines, callers, steps in and out, back to the call before', async () => {
    const client = new Client();
    const lines = async () => {
      const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
        threadId: 100,
      });
      return stackFrames.slice(0, 2).map(({ name, line }) => `${name.replace(/\+.*/, '')}:${line}`);
    };
    await client.launch(file, { stopOnEntry: false }, async () => {
      await client.request('setBreakpoints', { source: { path: `${file}.c` }, breakpoints: [{ line: 9 }] });
    });
    await client.stopped();
    expect((await lines())[0]).toBe('main:9');
    await client.move('stepIn', { threadId: 100 });
    expect(await lines()).toEqual(['twice:3', 'main:9']);
    await client.move('next', { threadId: 100 });
    expect(await lines()).toEqual(['twice:4', 'main:9']);
    await client.move('stepOut', { threadId: 100 });
    expect((await lines())[0]).toBe('main:9');
    await client.move('continue', { threadId: 100 });
    await client.move('continue', { threadId: 100 });
    await client.move('reverseContinue', { threadId: 100 });
    expect((await lines())[0]).toBe('main:9');
    await client.move('stepIn', { threadId: 100 });
    // The second call of three: its argument is in EDI, as the ABI says.
    const { result } = await client.request<{ result: string }>('evaluate', { expression: '$edi', context: 'watch' });
    expect(result).toBe('1');
  });
});
