/** Files that a machine is given, programs among them, and what it gives back. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine } from '../../src/debug/index.ts';
import { Machine, run } from '../../src/index.ts';
import { DATA, twoSegments } from '../helpers/tiny-elf.ts';

const BUFFER = 0x402100;
const hexOf = (value: number): string => Buffer.from(new Uint32Array([value]).buffer).toString('hex');
/** Calls of a program: registers as numbers, or `mov` of another register. */
const call = (number: number, edi: number | 'ebx' | 'eax' | 'ebp', esi = 0, edx: number | 'ebp' = 0): string =>
  (typeof edi === 'number' ? `bf${hexOf(edi)}` : { ebx: '89df', eax: '89c7', ebp: '89ef' }[edi]) +
  `b8${hexOf(number)}be${hexOf(esi)}${edx === 'ebp' ? '89ea' : `ba${hexOf(edx)}`}0f05`;
const COPY_TO_EBX = '89c3', COPY_TO_EBP = '89c5'; // biome-ignore format: one line

/** Reads `in`, at most 16 bytes; writes them behind that once more and to a new file `out`; exits with their number. */
const COPIER = twoSegments(
  Buffer.from(
    call(2, Number(DATA), 2) + COPY_TO_EBX + call(0, 'ebx', BUFFER, 16) + COPY_TO_EBP +
    call(1, 'ebx', BUFFER, 'ebp') + call(2, Number(DATA) + 3, 0x41, 0o644) + call(1, 'eax', BUFFER, 'ebp') +
    call(60, 'ebp'), 'hex'), // biome-ignore format: a call after the other
  Buffer.from('in\0out\0'),
);
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();

test('a program that is given reads and writes files that are given; they can be read back', async () => {
  const given = Buffer.from('hello');
  const files = { '/home/me/in': given, '/opt/bin/copier': COPIER };
  const result = await run('copier', {
    files,
    mounts: [],
    cwd: '/home/me',
    env: { PATH: '/opt/bin' },
    collect: ['in', '/home/me/out', 'nothing'],
  });
  expect(result.status).toBe(5);
  expect(Object.keys(result.files)).toEqual(['in', '/home/me/out']);
  expect(text(result.files.in)).toBe('hellohello');
  expect(text(result.files['/home/me/out'])).toBe('hello');
  expect(text(given)).toBe('hello');
});

test('one program after the other in one machine: the second finds what the first has left, and its code decoded', async () => {
  const machine = new Machine({ files: { '/copier': COPIER, '/in': 'one' } });
  await machine.load(undefined, 'copier');
  await expect(machine.load(undefined, 'copier')).rejects.toThrow('copier: another program is still running');
  expect((await machine.run()).status).toBe(3);
  machine.writeFile('in', 'three');
  await machine.load(undefined, '/copier');
  expect(await machine.run()).toMatchObject({ outcome: 'exited', status: 5 });
  expect(text(machine.readFile('out'))).toBe('three');
  const { decodedBlocks } = machine.cpu.counters;
  machine.writeFile('/in', 'seven');
  await machine.load(undefined, '/copier');
  expect((await machine.run()).processes.map(({ pid }) => pid)).toEqual([100, 101, 102]);
  expect(machine.cpu.counters.decodedBlocks).toBe(decodedBlocks);
  machine.dispose();
  expect(machine.frames.inUse()).toBe(0);
});

test('a program that is not executable, or not there', async () => {
  const machine = new Machine({ files: { '/copier': { bytes: COPIER, mode: 0o644 } } });
  await expect(machine.load(undefined, '/copier')).rejects.toThrow('/copier: cannot be started: Permission denied');
  await expect(machine.load(undefined, '/other')).rejects.toThrow('/other: no such file in the guest');
});

test.each([
  ['in', 'file in: not an absolute path'],
  ['/', 'file /: that is no name of a file'],
  ['/x/', 'file /x/: that is no name of a file'],
  ['/tmp', 'file /tmp: that is a directory'],
  ['/etc/passwd/x', 'file /etc/passwd/x: passwd is not a directory'],
  ['/proc/x', 'file /proc/x: no file can be put into /proc'],
  ['/proc/new/x', 'file /proc/new/x: no directory can be made in /proc'],
])('no file can be at %s', (path, message) => {
  expect(() => new Machine({ files: { [path]: 'x' } })).toThrow(message);
});

test('a mode has permissions only', () => {
  expect(() => new Machine({ files: { '/x': { bytes: '', mode: 0o100644 } } })).toThrow('more than permissions');
});

test('over and beside the files of the host, which stay as they are', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pml4-given-'));
  try {
    writeFileSync(join(directory, 'in'), 'host');
    symlinkSync('in', join(directory, 'link'));
    symlinkSync('nowhere', join(directory, 'broken'));
    const files = { '/in': 'given', '/new/copier': COPIER, '/link': 'a file now' };
    const machine = new Machine({ root: directory, files });
    await machine.load(undefined, '/new/copier');
    expect((await machine.run()).status).toBe(5);
    expect(['in', 'out', 'link'].map((name) => text(machine.readFile(name)))).toEqual([
      'givengiven',
      'given',
      'a file now',
    ]);
    expect(readFileSync(join(directory, 'in'), 'utf8')).toBe('host');
    machine.dispose();
    expect(() => new Machine({ root: directory, files: { '/broken/x': '' } })).toThrow('broken is not a directory');
    const mounts = [{ host: directory, guest: '/mnt' }];
    expect(() => new Machine({ mounts, files: { '/mnt/x': '' } })).toThrow('no file can be put into /mnt');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a disk that holds the file has what was written to it before the power failed', async () => {
  const files = { '/copier': COPIER, '/in': 'hello' };
  const { instructions } = await run('/copier', { files });
  const machine = new Machine({ disk: new Map(), files });
  await machine.load(undefined, '/copier');
  expect((await machine.run({ maxInstructions: instructions - 1 })).outcome).toBe('limit');
  const early = machine.powerFailure((path) => path === 'in');
  const late = machine.powerFailure();
  expect(text(new Machine({ disk: early, files }).readFile('in'))).toBe('hellohello');
  expect(text(new Machine({ disk: late, files }).readFile('in'))).toBe('hello\0\0\0\0\0');
});

test('in the engine, going back puts files back, too', async () => {
  const machine = { files: { '/in': 'hello', '/copier': COPIER } };
  const engine = await Engine.open({ program: undefined, path: '/copier', machine, stdin: '' });
  const read = (): (string | undefined)[] => ['in', 'out'].map((name) => text(engine.machine.readFile(name)));
  await engine.continue();
  expect(read()).toEqual(['hellohello', 'hello']);
  await engine.goto({ instruction: 0 });
  expect(read()).toEqual(['hello', undefined]);
  await engine.continue();
  expect(read()).toEqual(['hellohello', 'hello']);
});

test('a page that was written stays when memory is short', async () => {
  const machine = new Machine({ memory: 1 << 21, files: { '/copier': COPIER, '/in': 'hello' } });
  await machine.load(undefined, '/copier');
  await machine.run();
  for (const one of machine.frames.reclaimable) one.reclaim(Number.POSITIVE_INFINITY);
  expect(text(machine.readFile('/in'))).toBe('hellohello');
});
