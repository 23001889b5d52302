/** Directories of the host: what a guest sees of them, what it may do, and that nothing leads out of them. */
import {
  existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync,
  writeFileSync,
} from 'node:fs'; // biome-ignore format: a list
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostDirectory } from '../../src/host/files.ts';
import { HostError } from '../../src/host/host.ts';
import { hostUser, openHostDirectory } from '../../src/host/node-files.ts';
import type { Dentry } from '../../src/kernel/vfs/dentry.ts';
import { poke } from '../helpers/bare-process.ts';
import { filesOf } from '../helpers/files-of.ts';

const O_NOFOLLOW = 0o400000;
let top: string;
/** What the guest is given, and what lies beside it. */
let inside: string;
let secret: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'pml4-files-'));
  inside = join(top, 'inside');
  secret = join(top, 'secret');
  mkdirSync(join(inside, 'dir'), { recursive: true });
  mkdirSync(secret);
  writeFileSync(join(secret, 'key'), 'SECRET');
  writeFileSync(join(inside, 'a'), 'one');
  linkSync(join(inside, 'a'), join(inside, 'hard'));
  writeFileSync(join(inside, 'dir', 'b'), 'two');
  symlinkSync('dir/b', join(inside, 'link'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function opened(path: string): HostDirectory {
  const directory = openHostDirectory(path);
  if (directory instanceof HostError) throw new Error(directory.code);
  return directory;
}
const RENAME_EXCHANGE = 2;
const rooted = () => filesOf({ user: hostUser(), root: opened(inside), mounts: [] });
const mounted = (isWritable: boolean) =>
  filesOf({ user: hostUser(), mounts: [{ directory: opened(inside), at: '/m', isWritable }] });

/** Everything below a directory, to see whether something has changed. */
const snapshot = (path: string): unknown =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const stat = lstatSync(join(path, name));
      return [
        name,
        stat.mode,
        stat.nlink,
        stat.size,
        stat.mtimeMs,
        stat.ctimeMs,
        stat.isFile() && readFileSync(join(path, name), 'latin1'),
      ];
    });

/** A story of names that comes out the same on every file system; with `d` before every path. */
function change({ read, write, list, link, paths }: ReturnType<typeof rooted>, d: string) {
  return [
    list(`${d}`), read(`${d}/a`), read(`${d}/link`), read(`${d}/none`), link(`${d}/link`),
    write(`${d}/new`, 'hello'), read(`${d}/new`), write(`${d}/a`, 'changed'), read(`${d}/hard`),
    paths('unlink', `${d}/hard`), paths('rename', `${d}/dir`, `${d}/moved`), read(`${d}/moved/b`), read(`${d}/dir/b`),
    paths('mkdir', `${d}/dir`, 0o755), list(`${d}/dir`), paths('rename', `${d}/a`, `${d}/dir/a2`), read(`${d}/dir/a2`), read(`${d}/a`),
    paths('rmdir', `${d}/moved`), paths('unlink', `${d}/moved/b`), paths('rmdir', `${d}/moved`),
    paths('link', `${d}/dir/a2`, `${d}/again`), read(`${d}/again`), paths('symlink', 'again', `${d}/sl`), read(`${d}/sl`),
    paths('truncate', `${d}/again`, 3n), read(`${d}/dir/a2`), paths('rename', `${d}/new`, `${d}/again`), read(`${d}/again`),
    paths('mkdir', `${d}/a/b`, 0o755), list(d),
  ]; // biome-ignore format: pairs
}
/** What Linux itself gives for it. */
const CHANGED = [
  ['a', 'dir', 'hard', 'link'], 'one', 'two', 'ENOENT', 'dir/b', 5n, 'hello', 7n, 'changed',
  0n, 0n, 'two', 'ENOENT', 0n, [], 0n, 'changed', 'ENOENT', 'ENOTEMPTY', 0n, 0n, 0n, 'changed', 0n, 'changed', 0n, 'cha', 0n, 'hello',
  'ENOENT', ['again', 'dir', 'link', 'sl'],
]; // biome-ignore format: pairs

describe('a root directory', () => {
  test('can be changed in all ways, and the host sees none of them', () => {
    const before = snapshot(top);
    const files = rooted();
    expect(change(files, '/.')).toEqual([
      ['a', 'dev', 'dir', 'hard', 'link', 'proc'],
      ...CHANGED.slice(1, -1),
      ['again', 'dev', 'dir', 'link', 'proc', 'sl'],
    ]);
    files.kernel.endAll();
    files.kernel.shutDown();
    expect(snapshot(top)).toEqual(before);
    expect(files.frames.inUse()).toBe(0);
  });

  test('two names that are exchanged change both directories', () => {
    writeFileSync(join(inside, 'dir', 'c'), 'three');
    const files = rooted();
    const entry = (path: string) => files.kernel.vfs.root.child(path, undefined) as Dentry;
    const before = entry('dir').inode.modified;
    expect(files.paths('renameat2', -100, '/a', -100, '/dir/c', RENAME_EXCHANGE)).toBe(0n);
    expect([files.read('/a'), files.read('/dir/c')]).toEqual(['three', 'one']);
    expect(entry('dir').inode.modified).not.toEqual(before);
    expect(entry('dir').inode.modified).toEqual(entry('dir').inode.changed);
  });

  test('a name that is removed does not come back, listed before or not', () => {
    const files = rooted();
    expect(files.paths('unlink', '/dir/b')).toBe(0n);
    expect([files.read('/dir/b'), files.list('/dir'), files.read('/link')]).toEqual(['ENOENT', [], 'ENOENT']);
    expect(files.write('/dir/b', 'new')).toBe(3n);
    expect([files.list('/dir'), files.read('/link')]).toEqual([['b'], 'new']);
  });
});

describe('a mount', () => {
  test('that is writable has on the host what the guest has made', () => {
    const files = mounted(true);
    expect(change(files, '/m')).toEqual(CHANGED);
    expect(readdirSync(inside).sort()).toEqual(['again', 'dir', 'link', 'sl']);
    expect(readFileSync(join(inside, 'again'), 'utf8')).toBe('hello');
    expect(readFileSync(join(inside, 'dir', 'a2'), 'utf8')).toBe('cha');
    expect(readlinkSync(join(inside, 'sl'))).toBe('again');
    expect(statSync(join(inside, 'again')).mode & 0o777).toBe(0o644);
  });

  test('that is read-only cannot be changed', () => {
    const before = snapshot(top);
    const { read, write, paths } = mounted(false);
    expect([read('/m/a'), write('/m/new', 'x'), write('/m/a', 'x'), paths('unlink', '/m/a'), paths('mkdir', '/m/d', 0o755),
      paths('rename', '/m/a', '/m/b'), paths('symlink', 'x', '/m/s'), paths('chmod', '/m/a', 0), paths('truncate', '/m/a', 0n)],
    ).toEqual(['one', 'EROFS', 'EROFS', 'EROFS', 'EROFS', 'EROFS', 'EROFS', 'EROFS', 'EROFS']); // biome-ignore format: pairs
    expect(snapshot(top)).toEqual(before);
  });

  test('shows what the host changes meanwhile', () => {
    const { read, list } = mounted(false);
    expect(read('/m/a')).toBe('one');
    writeFileSync(join(inside, 'a'), 'another');
    writeFileSync(join(inside, 'c'), 'see');
    expect([read('/m/a'), read('/m/c'), list('/m')]).toEqual(['another', 'see', ['a', 'c', 'dir', 'hard', 'link']]);
    rmSync(join(inside, 'c'));
    expect(read('/m/c')).toBe('ENOENT');
  });

  test('what a mapping has stored reaches the host with msync, and at the end', () => {
    const files = mounted(true);
    const { call, paths, kernel, task } = files;
    const fd = paths('open', '/m/a', 2, 0) as bigint;
    const at = call.mmap(0n, 4096n, 3, 1, fd, 0n) as bigint;
    call.close(fd);
    const store = (offset: bigint, text: string) => {
      for (const [i, byte] of [...Buffer.from(text)].entries()) poke(task, at + offset + BigInt(i), byte);
    };
    store(0n, 'ONE');
    expect(readFileSync(join(inside, 'a'), 'utf8')).toBe('one');
    expect(call.msync(at, 4096n, 4)).toBe(0n);
    expect(readFileSync(join(inside, 'a'), 'utf8')).toBe('ONE');
    store(1n, 'x');
    kernel.endAll();
    kernel.shutDown();
    expect(readFileSync(join(inside, 'a'), 'utf8')).toBe('OxE');
  });

  test('names are bytes', () => {
    const { list, read, paths, write } = mounted(true);
    const odd = 'A\udcff\udcfe \n';
    expect(write(`/m/${odd}`, 'odd')).toBe(3n);
    const bytes = Buffer.from([0x41, 0xff, 0xfe, 0x20, 0x0a]);
    expect(readFileSync(Buffer.concat([Buffer.from(`${inside}/`), bytes]), 'utf8')).toBe('odd');
    expect([read(`/m/${odd}`), (list('/m') as string[])[0], paths('unlink', `/m/${odd}`)]).toEqual(['odd', odd, 0n]);
  });
});

describe('nothing leads out', () => {
  const attempts = (d: string): string[] => [
    `${d}/../secret/key`, `${d}/dir/../../secret/key`, `${d}/dir/../../../../../../..${secret}/key`, `${secret}/key`,
    `${d}/absolute`, `${d}/relative`, `${d}/directory/key`, `${d}/chain/key`, `${d}/dir/../relative`, `/proc/self/cwd/../secret/key`,
    `/proc/self/root${secret}/key`, `${d}/self`, `${d}//./dir/.././../secret//key`,
  ]; // biome-ignore format: a list

  beforeEach(() => {
    symlinkSync(join(secret, 'key'), join(inside, 'absolute'));
    symlinkSync('../secret/key', join(inside, 'relative'));
    symlinkSync('../secret', join(inside, 'directory'));
    symlinkSync('dir/../directory', join(inside, 'chain'));
    symlinkSync('/proc/self/fd/0', join(inside, 'self'));
  });

  test.each([
    ['root', '', rooted],
    ['mount', '/m', () => mounted(true)],
  ])('by links and dots: %s', (_, d, files) => {
    const before = snapshot(secret);
    const { read, write, paths } = files();
    for (const path of attempts(d)) {
      expect(read(path), path).not.toContain('SECRET');
      write(path, 'PWNED');
      paths('unlink', path);
      paths('chmod', path, 0o777);
      paths('truncate', path, 0n);
      paths('link', path, `${d}/stolen`);
      paths('rename', path, `${d}/stolen`);
      paths('rename', `${d}/dir`, path);
      expect(read(`${d}/stolen`), path).not.toContain('SECRET');
      expect(read(`${d}/stolen/key`), path).not.toContain('SECRET');
    }
    expect(snapshot(secret)).toEqual(before);
    expect(existsSync(join(secret, 'key'))).toBe(true);
  });

  test('by a descriptor of a directory that was opened before', () => {
    const { paths, call, task } = rooted();
    const fd = paths('open', '/dir', 0o200000, 0) as bigint;
    expect(paths('openat', fd, '../../secret/key', 0, 0)).toBe('ENOENT');
    expect(call.fchdir?.(fd) ?? 0n).toBe(0n);
    expect(paths('open', '../../../../secret/key', 0, 0)).toBe('ENOENT');
    expect(task.fs.root.path()).toBe('/');
  });

  test('special files of the host are not opened', async () => {
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [join(inside, 'fifo')]);
    for (const files of [rooted(), mounted(true)]) {
      const d = files.paths('access', '/m', 0) === 0n ? '/m' : '';
      expect(files.paths('open', `${d}/fifo`, O_NOFOLLOW | 0o4000 | 1, 0)).toMatch(/^E/);
    }
  });

  test('by a race: another thread swaps a directory for a link to another, and a file for a link', async () => {
    writeFileSync(join(inside, 'dir', 'key'), 'inside');
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(
      `const { renameSync, symlinkSync, mkdirSync, writeFileSync } = require('node:fs');
       const { inside, secret, shared } = require('node:worker_threads').workerData;
       symlinkSync(secret, inside + '/evil');
       symlinkSync(secret + '/key', inside + '/dir/evil');
       const swap = (a, b, c) => { renameSync(a, c); renameSync(b, a); renameSync(c, b); };
       while (Atomics.load(shared, 0) === 0) {
         swap(inside + '/dir', inside + '/evil', inside + '/spare');
         swap(inside + '/dir', inside + '/evil', inside + '/spare');
         swap(inside + '/dir/key', inside + '/dir/evil', inside + '/dir/spare');
         swap(inside + '/dir/key', inside + '/dir/evil', inside + '/dir/spare');
         Atomics.add(shared, 1, 1);
       }`,
      { eval: true, workerData: { inside, secret, shared } },
    );
    while (Atomics.load(shared, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const files = mounted(true);
    const seen = new Set<string>();
    const end = Date.now() + 1500;
    while (Date.now() < end) {
      seen.add(files.read('/m/dir/key'));
      files.write('/m/dir/key', 'inside', 0o1001);
      files.write('/m/dir/made', 'made');
      files.paths('unlink', '/m/dir/made');
      files.paths('chmod', '/m/dir/key', 0o600);
      if (Atomics.load(shared, 1) % 7 === 0) seen.add(String(rooted().read('/dir/key')));
    }
    Atomics.store(shared, 0, 1);
    await new Promise((resolve) => worker.once('exit', resolve));
    expect([...seen].filter((text) => text.includes('SECRET'))).toEqual([]);
    expect(seen.has('inside')).toBe(true);
    expect(readdirSync(secret)).toEqual(['key']);
    expect(readFileSync(join(secret, 'key'), 'utf8')).toBe('SECRET');
    expect(statSync(join(secret, 'key')).mode & 0o777).toBe(0o644);
  });
});
