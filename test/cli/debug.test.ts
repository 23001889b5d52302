/** `pml4 debug` without a terminal: scripts, piped commands, recordings, and what goes wrong with them. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fixturePath } from '../helpers/fixtures.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
const dir = mkdtempSync(join(tmpdir(), 'pml4-debug-'));
afterAll(() => rmSync(dir, { recursive: true }));

function debug(words: readonly string[], input = ''): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'debug', ...words], { input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const demo = fixturePath('shm_demo');

describe('a script', () => {
  test('reads like a session', () => {
    const script = file('ok', '# to the fork\ncatch fork\n\nrun\np $rax\n');
    expect(debug(['--commands', script, demo])).toEqual({
      status: 0,
      stdout: `(pml4) # to the fork
(pml4) catch fork
Catchpoint 1 (fork)
(pml4) run

Catchpoint 1 (forked process 101), _start () at shared_memory_demo.asm:46
46\t    test rax, rax
(pml4) p $rax
$1 = 101
`,
      stderr: '',
    });
  });
  test('ends at its first error, as one of gdb -batch does', () => {
    const script = file('wrong', 'break nosuch\nrun\n');
    expect(debug(['--commands', script, demo])).toEqual({
      status: 1,
      stdout: '(pml4) break nosuch\nFunction "nosuch" not defined.\n',
      stderr: `pml4: ${script}:1: Function "nosuch" not defined.\n`,
    });
  });
  test('ends at quit', () => {
    const script = file('quit', 'quit\nrun\n');
    expect(debug(['--commands', script, demo])).toEqual({ status: 0, stdout: '(pml4) quit\n', stderr: '' });
  });
});

test('piped commands go on after an error; an empty line repeats', () => {
  const { status, stdout, stderr } = debug([demo], 'nosuch\nsi\n\np $rip\n');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').slice(0, 2)).toEqual(['(pml4) nosuch', 'Undefined command: "nosuch".  Try "help".']);
  expect(stdout).toContain('$1 = (void (*)()) 0x401008 <_start+8>');
});

describe('--record and --replay', () => {
  const recording = join(dir, 'run.json');
  const commands = 'run\ninput one\nc\nend-input\nc\n';
  const source = 'loop';
  test('the same run, with what the program has read', () => {
    const first = debug(
      ['--record', recording, '--seed', '7', '--env', 'A=b', fixturePath('arguments'), source],
      'run\n',
    );
    expect(first.status).toBe(0);
    expect(JSON.parse(readFileSync(recording, 'utf8'))).toMatchObject({
      pml4: 1,
      program: fixturePath('arguments'),
      args: [source],
      options: { seed: 7, env: ['A=b'] },
      inputs: [],
    });
    const again = debug(['--replay', recording], 'run\n');
    expect(again).toEqual(first);
    expect(debug([recording], 'run\n')).toEqual(first);
  });
  test('input is given at the same moments', () => {
    const first = debug(['--record', recording, join(import.meta.dirname, '../debug/native/echo')], commands);
    expect(first.stdout).toContain('The program waits for input');
    expect(first.stdout).toContain('one\n');
    const { inputs } = JSON.parse(readFileSync(recording, 'utf8'));
    expect(inputs).toMatchObject([{ text: 'one\n' }, {}]);
    const again = debug(['--replay', recording], 'run\n').stdout;
    expect(again).not.toContain('waits for input');
    expect(again).toContain('one\n');
    expect(again.split('\n').at(-2)).toBe(first.stdout.split('\n').at(-2));
  });
  test('what was given on a course that was given up is forgotten', () => {
    const echo = join(import.meta.dirname, '../debug/native/echo');
    const given = 'run\ninput wrong\nc\ngoto 1\ninput right\nend-input\nc\n';
    debug(['--record', recording, echo], given);
    expect(JSON.parse(readFileSync(recording, 'utf8')).inputs).toMatchObject([{ text: 'right\n' }, {}]);
    expect(debug(['--replay', recording], 'run\n').stdout).toContain('right\n[Inferior 1');
  });
  test('--input: a file, bytes that are no text, too', () => {
    const echo = join(import.meta.dirname, '../debug/native/echo');
    const bytes = join(dir, 'bytes');
    writeFileSync(bytes, Uint8Array.of(0xff, 0xfe, 65, 10));
    const first = debug(['--input', bytes, '--record', recording, echo], 'run\nx/4xb &buffer\n');
    expect(first.stdout).toContain('exited with code 01');
    expect(JSON.parse(readFileSync(recording, 'utf8')).inputs).toMatchObject([{ base64: '//5BCg==' }, {}]);
    expect(debug(['--replay', recording], 'run\nx/4xb &buffer\n')).toEqual(first);
    expect(debug(['--input', 'no-such', echo])).toMatchObject({
      status: 125,
      stderr: 'pml4: --input: no-such: cannot be read (ENOENT)\n',
    });
  });
  test('another program is not the one that was recorded', () => {
    const copy = join(dir, 'copy');
    copyFileSync(fixturePath('empty'), copy);
    debug(['--record', recording, copy], 'run\n');
    copyFileSync(demo, copy);
    expect(debug(['--replay', recording])).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/^pml4: .*copy is another program than the one that was recorded/),
    });
  });
});

test.each([
  [[], 125, 'debug needs a PROGRAM, or --replay FILE'],
  [['no-such'], 127, 'no-such: no such file'],
  [['package.json'], 126, /^package.json: not an ELF file/],
  [['--commands', 'no-such', demo], 125, '--commands: no-such: cannot be read (ENOENT)'],
  [['--replay', 'no-such'], 127, 'no-such: no recording to read (ENOENT)'],
  [['--replay', 'package.json'], 125, 'package.json is no recording: "pml4" must be 1, the format\'s version'],
  [['--replay', 'README.md'], 125, 'README.md is no recording: it is not JSON'],
  [['--replay', 'x', demo], 127, /./],
  [['--record', '/no/such/file', demo], 125, '--record: /no/such/file: cannot be written (ENOENT)'],
  [['--nonsense', demo], 125, /^unknown option --nonsense/],
] as const)('%j', (words, status, message) => {
  const result = debug(words);
  expect(result.status).toBe(status);
  const [, text] = /^pml4: (.*)\n$/.exec(result.stderr) ?? [];
  if (typeof message === 'string') expect(text).toBe(message);
  else expect(text).toMatch(message);
});
