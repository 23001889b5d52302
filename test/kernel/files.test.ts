/** Stories of files that C programs tell badly: locks that wait for each other, paths that must not lead out, text of /proc. */
import { describe, expect, test } from 'vitest';
import { Errno } from '../../src/abi/errno.ts';
import { vaddr } from '../../src/base/ints.ts';
import { invariant } from '../../src/base/invariant.ts';
import { copyIn, copyOut } from '../../src/kernel/mm/user-memory.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { bareProcess, PAGE, PRIVATE_ANON, RW } from '../helpers/bare-process.ts';
import { type Program, story, sys } from '../helpers/story.ts';

const CWD = -100;
const O_RDWR = 2, O_CREAT = 0x40, O_TMPFILE = 0x41_0000; // biome-ignore format: one line
const F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7, F_OFD_SETLK = 37; // biome-ignore format: one line

/** A process with a page to put strings and structures in. */
function withMemory() {
  const bare = bareProcess();
  const base = bare.call.mmap(0n, PAGE, RW, PRIVATE_ANON, -1) as bigint;
  const put = (bytes: Uint8Array | string, at = 0n): bigint => {
    const all = typeof bytes === 'string' ? new TextEncoder().encode(`${bytes}\0`) : bytes;
    expect(copyOut(bare.task.mm, vaddr(base + at), all)).toBeUndefined();
    return base + at;
  };
  const take = (length: number, at = 0n): Uint8Array => {
    const bytes = copyIn(bare.task.mm, vaddr(base + at), length);
    invariant(!(bytes instanceof Errno), 'it is there');
    return bytes;
  };
  const open = (path: string, flags: number, mode = 0o644) => bare.call.openat(CWD, put(path), flags, mode);
  const read = (path: string): string => {
    const fd = open(path, 0);
    if (typeof fd === 'string') return fd;
    let text = '';
    for (;;) {
      const count = bare.call.read(fd, base + 1024n, 100);
      if (typeof count === 'string') return count;
      if (count === 0n) break;
      text += new TextDecoder().decode(take(Number(count), 1024n));
    }
    bare.call.close(fd);
    return text;
  };
  return { ...bare, base, put, take, open, read };
}

/** struct flock. */
function flock(type: number, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, type, true);
  view.setBigInt64(8, BigInt(start), true);
  view.setBigInt64(16, BigInt(length), true);
  return bytes;
}
const READ = 0, WRITE = 1, UNLOCK = 2; // biome-ignore format: one line

/** Puts bytes where a story's process has its page. */
const into = (task: Task, at: bigint, bytes: Uint8Array) => copyOut(task.mm, vaddr(at), bytes);

describe('locks of ranges', () => {
  test('split, merge and go when any descriptor of the file is closed', () => {
    const { call, put, open, read } = withMemory();
    const fd = open('/tmp/a', O_RDWR | O_CREAT) as bigint;
    const again = open('/tmp/a', O_RDWR) as bigint;
    expect(call.fcntl(fd, F_SETLK, put(flock(WRITE, 0, 100)))).toBe(0n);
    expect(call.fcntl(fd, F_SETLK, put(flock(UNLOCK, 40, 20)))).toBe(0n);
    expect(read('/proc/locks')).toMatch(/^1: POSIX {2}ADVISORY {2}WRITE 100 \S+ 0 39\n2: POSIX .* 60 99\n$/);
    expect(call.fcntl(fd, F_SETLK, put(flock(WRITE, 40, 20)))).toBe(0n);
    expect(read('/proc/locks')).toMatch(/^1: POSIX {2}ADVISORY {2}WRITE 100 \S+ 0 99\n$/);
    expect(call.fcntl(again, F_OFD_SETLK, put(flock(READ, 0, 0)))).toBe('EAGAIN');
    expect(call.close(again)).toBe(0n);
    expect(read('/proc/locks')).toBe('');
  });

  test('nobody begins to wait in a circle', () => {
    const results: number[] = [];
    let base = 0;
    const { play, kernel } = story(function* () {
      base = yield sys.call('mmap', 0, PAGE, RW, PRIVATE_ANON, -1, 0);
      const { current } = kernel;
      into(current!, BigInt(base), new TextEncoder().encode('/tmp/l\0'));
      const fd = yield sys.call('openat', CWD, base, O_RDWR | O_CREAT, 0o600);
      const lock = function* (command: number, start: number) {
        into(kernel.current!, BigInt(base), flock(WRITE, start, 1));
        results.push(yield sys.call('fcntl', fd, command, base));
      };
      yield* lock(F_SETLK, 0);
      yield sys.fork(function* () {
        yield* lock(F_SETLK, 1);
        yield* lock(F_SETLKW, 0);
        yield sys.exit(0);
      });
      for (let i = 0; i < 5; i++) yield sys.yield();
      yield* lock(F_SETLKW, 1);
      into(kernel.current!, BigInt(base), flock(UNLOCK, 0, 1));
      yield sys.call('fcntl', fd, F_SETLK, base);
      yield sys.wait();
      yield sys.exit(0);
    });
    expect(play()).toBe('finished');
    // Both lock theirs, the parent is refused (EDEADLK), and the child gets what it waits for.
    expect(results).toEqual([0, 0, -35, 0]);
  });

  test('F_GETLK tells of the first in the way', () => {
    const { call, put, take, open } = withMemory();
    const fd = open('/tmp/g', O_RDWR | O_CREAT) as bigint;
    const other = open('/tmp/g', O_RDWR) as bigint;
    call.fcntl(other, F_OFD_SETLK, put(flock(READ, 10, 0)));
    expect(call.fcntl(fd, F_GETLK, put(flock(WRITE, 0, 20)))).toBe(0n);
    const view = new DataView(take(32).slice().buffer);
    expect([view.getInt16(0, true), view.getBigInt64(8, true), view.getBigInt64(16, true), view.getInt32(24, true)]).toEqual([READ, 10n, 0n, -1]); // biome-ignore format: one line
  });
});

describe('openat2', () => {
  const [NO_XDEV, NO_MAGICLINKS, NO_SYMLINKS, BENEATH, IN_ROOT] = [1, 2, 4, 8, 16];
  const open2 = (path: string, resolve: number): bigint | string => {
    const { call, put, open } = withMemory();
    call.mkdir(put('/tmp/in'), 0o755);
    call.mkdir(put('/tmp/in/side'), 0o755);
    call.close(open('/tmp/in/file', O_RDWR | O_CREAT) as bigint);
    for (const [target, name] of [['../out', 'up'], ['/file', 'absolute'], ['file', 'plain'], ['../..', 'far']]) // biome-ignore format: one line
      call.symlink(put(target), put(`/tmp/in/${name}`, 512n));
    const dir = open('/tmp/in', 0) as bigint;
    const how = new BigUint64Array([0n, 0n, BigInt(resolve)]);
    const result = call.openat2(dir, put(path, 512n), put(new Uint8Array(how.buffer)), 24);
    return typeof result === 'string' ? result : 'opened';
  };
  // Recorded on Linux 6.18, in the same tree on tmpfs.
  test.each([
    ['file', BENEATH, 'opened'], ['side/../file', BENEATH, 'opened'], ['../in/file', BENEATH, 'EXDEV'], ['/tmp/in/file', BENEATH, 'EXDEV'],
    ['up', BENEATH, 'EXDEV'], ['absolute', BENEATH, 'EXDEV'], ['plain', BENEATH, 'opened'], ['far/tmp', BENEATH, 'EXDEV'],
    ['absolute', IN_ROOT, 'opened'], ['/file', IN_ROOT, 'opened'], ['../../file', IN_ROOT, 'opened'], ['up', IN_ROOT, 'ENOENT'],
    ['far/side', IN_ROOT, 'opened'], ['plain', NO_SYMLINKS, 'ELOOP'], ['file', NO_SYMLINKS, 'opened'], ['far/tmp', NO_SYMLINKS, 'ELOOP'],
    ['/proc/self/cwd', NO_MAGICLINKS, 'ELOOP'], ['/proc/self/status', NO_MAGICLINKS, 'opened'], ['/dev/shm', NO_XDEV, 'EXDEV'],
    ['file', BENEATH | IN_ROOT, 'EINVAL'], ['file', 64, 'EINVAL'],
  ])('%s, %i: %s', (path, resolve, expected) => expect(open2(path, resolve)).toBe(expected)); // biome-ignore format: a table
});

test('a file without a name gets one through its link in /proc', () => {
  const { call, put, open, read } = withMemory();
  const fd = open('/tmp', O_TMPFILE | O_RDWR, 0o600);
  expect(call.write(fd as bigint, put('text'), 4)).toBe(4n);
  expect(call.linkat(CWD, put(`/proc/self/fd/${fd}`), CWD, put('/tmp/named', 512n), 0x400)).toBe(0n);
  expect(read('/tmp/named')).toBe('text');
  expect(call.linkat(CWD, put(`/proc/self/fd/${fd}`), CWD, put('/tmp/second', 512n), 0x400)).toBe(0n);
});

test('an allocation that memory has no room for leaves nothing behind', () => {
  const { call, open, frames } = withMemory();
  const fd = open('/tmp/big', O_RDWR | O_CREAT) as bigint;
  call.fallocate(fd, 0, 0, 8n * PAGE);
  const before = frames.inUse();
  expect(call.fallocate(fd, 0, 0, 1n << 30n)).toBe('ENOSPC');
  expect(frames.inUse()).toBe(before);
  expect(call.lseek(fd, 0, 2)).toBe(8n * PAGE);
});

test('text of /proc is one text for whoever reads on, and a new one from the start', () => {
  const { call, put, take, open, task } = withMemory();
  const fd = open('/proc/self/comm', O_RDWR) as bigint;
  const at = (position: number): string => {
    const count = call.pread64(fd, put(new Uint8Array(16), 64n), 16, position);
    return new TextDecoder().decode(take(Number(count), 64n));
  };
  expect(at(0)).toBe('bare\n');
  task.comm = 'another';
  expect(at(2)).toBe('other\n');
  expect(at(0)).toBe('another\n');
  expect(call.write(fd, put('much longer than fifteen'), 24)).toBe(24n);
  expect(at(0)).toBe('much longer tha\n');
  expect(call.lseek(fd, 0, 2)).toBe('EINVAL');
});

test('pagemap shows two processes the same frame until one of them writes', () => {
  const seen: bigint[] = [];
  let base = 0;
  const { play, kernel } = story(function* () {
    base = yield sys.call('mmap', 0, 2n * PAGE, RW, PRIVATE_ANON, -1, 0);
    const look = function* (): ReturnType<Program> {
      into(kernel.current!, BigInt(base) + PAGE, new TextEncoder().encode('/proc/self/pagemap\0'));
      const fd = yield sys.call('openat', CWD, BigInt(base) + PAGE, 0, 0);
      yield sys.call('pread64', fd, BigInt(base) + PAGE, 8, (base / 4096) * 8);
      const entry = copyIn(kernel.current!.mm, vaddr(BigInt(base) + PAGE), 8) as Uint8Array;
      seen.push(new DataView(entry.buffer, entry.byteOffset).getBigUint64(0, true) & ((1n << 55n) - 1n));
    };
    into(kernel.current!, BigInt(base), new Uint8Array([1]));
    yield sys.fork(function* () {
      yield* look();
      into(kernel.current!, BigInt(base), new Uint8Array([2]));
      yield* look();
      yield sys.exit(0);
    });
    yield* look();
    yield sys.wait();
    yield sys.exit(0);
  });
  expect(play()).toBe('finished');
  const frames = new Set(seen);
  expect(seen).toHaveLength(3);
  expect(frames.size).toBe(2);
});
