/**
 * Hostile arguments for system calls: each kind of argument gets values that a program might pass, values at the edges,
 * and nonsense. Addresses point into an arena whose contents are made to look like what calls read.
 */
import { bytesOfName } from '../../src/base/names.ts';
import * as files from '../../src/kernel/syscalls/args/files.ts';
import type { ArgKind } from '../../src/kernel/syscalls/args/kind.ts';
import * as memory from '../../src/kernel/syscalls/args/memory.ts';
import * as numbers from '../../src/kernel/syscalls/args/numbers.ts';
import * as processes from '../../src/kernel/syscalls/args/processes.ts';
import * as signals from '../../src/kernel/syscalls/args/signals.ts';
import type { Syscall } from '../../src/kernel/syscalls/define.ts';

/** A generator whose values follow from its seed. */
export class Dice {
  private _state: number;
  constructor(seed: number) {
    this._state = (seed ^ 0x9e37_79b9) >>> 0;
  }
  below(limit: number): number {
    this._state = (this._state + 0x6d2b_79f5) >>> 0;
    let x = Math.imul(this._state ^ (this._state >>> 15), 1 | this._state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % limit;
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  bits64(): bigint {
    return (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
  }
}

export const ARENA = 0x1000_0000n;
export const ARENA_PAGES = 16;
const PAGE = 4096n;
const ARENA_END = ARENA + BigInt(ARENA_PAGES) * PAGE;

export const PATHS = [
  '/', '.', '..', '/tmp', '/tmp/', '/tmp/a', '/tmp/a/b', '/tmp/f', '/tmp/link', 'x', './x', '../../../..', '/tmp/../tmp/f/..',
  '/proc/self', '/proc/self/maps', '/proc/self/fd/3', '/proc/self/exe', '/proc/self/mem', '/proc/self/cwd/..', '/proc/1/status', '/proc/100/fd',
  '/proc/self/status', '/proc/self/smaps', '/proc/self/pagemap', '/proc/self/root/..', '/proc/meminfo', '/proc', '/dev/null', '/dev/zero', '/dev/full',
  '/dev/urandom', '/dev/tty', '/dev/ptmx', '/dev/pts', '/dev/shm/s', '/dev/fd/0', '/etc/passwd', '', '//', '/nowhere/at/all', 'n'.repeat(255),
  'n'.repeat(256), `/${'d/'.repeat(1000)}`, '/tmp/fifo', '/tmp/sock', '/mnt', '/mnt/file', '/mnt/dir/..', '/mnt/../mnt/escape', '/mnt/absolute',
] as const; // biome-ignore format: a list

/** Where each path lies in the arena's first pages. */
const PATH_STRIDE = 320n;
const pathAddress = (index: number): bigint => ARENA + BigInt(index) * PATH_STRIDE;
const DATA = ARENA + 8n * PAGE;

/** The arena's bytes: paths, then structures full of plausible pointers and small numbers. */
export function arenaBytes(dice: Dice): Uint8Array {
  const bytes = new Uint8Array(ARENA_PAGES * Number(PAGE));
  const view = new DataView(bytes.buffer);
  for (let at = Number(DATA - ARENA); at < bytes.length; at += 8)
    view.setBigUint64(at, dice.below(3) === 0 ? address(dice) : BigInt(dice.below(dice.of([2, 16, 256, 4097, 2 ** 31]))), true); // biome-ignore format: one line
  for (const [i, path] of PATHS.entries()) {
    const name = bytesOfName(path).subarray(0, Number(PATH_STRIDE) - 1);
    bytes.set(name, Number(pathAddress(i) - ARENA));
  }
  // Addresses of sockets: families and paths.
  for (let i = 0; i < 16; i++)
    view.setUint16(Number(DATA - ARENA) + i * 128, dice.of([1, 1, 2, 2, 10, 16, 0, 99]), true);
  return bytes;
}

function address(dice: Dice): bigint {
  switch (dice.below(12)) {
    case 0:
      return 0n;
    case 1:
      return dice.of([1n, 0xfffn, PAGE, 0x7fff_ffff_f000n, 0x7fff_ffff_e000n, 1n << 47n, (1n << 64n) - 1n, (1n << 64n) - PAGE, 1n << 63n]); // biome-ignore format: one line
    case 2:
      return ARENA_END - BigInt(dice.below(32));
    case 3:
      return ARENA_END + BigInt(dice.below(64)) * PAGE;
    case 4:
      return ARENA + BigInt(dice.below(ARENA_PAGES + 8)) * PAGE;
    case 5:
      return dice.bits64();
    default:
      return DATA + BigInt(dice.below(4096)) * 8n;
  }
}

const number = (dice: Dice): bigint => {
  switch (dice.below(8)) {
    case 0:
      return dice.bits64();
    case 1:
      return BigInt.asUintN(64, BigInt(dice.of([-1, -2, -100, -4096, -(2 ** 31)])));
    case 2:
      return 1n << BigInt(dice.below(64));
    case 3:
      return (1n << BigInt(dice.below(64))) - 1n;
    case 4:
      return BigInt(dice.below(1 << 20));
    default:
      return BigInt(dice.below(dice.of([2, 4, 8, 20, 70, 512, 5000])));
  }
};

const flags = (dice: Dice): bigint => {
  let value = 0n;
  for (let n = dice.below(4); n > 0; n--) value |= 1n << BigInt(dice.below(dice.of([8, 16, 24, 32])));
  return value;
};

const descriptor = (dice: Dice): bigint =>
  dice.below(10) === 0 ? number(dice) : BigInt(dice.below(dice.of([4, 12, 40])));
const process = (dice: Dice): bigint =>
  dice.below(3) === 0 ? BigInt(100 + dice.below(40)) : dice.below(2) === 0 ? 0n : number(dice);
const path = (dice: Dice): bigint => (dice.below(12) === 0 ? address(dice) : pathAddress(dice.below(PATHS.length)));
const pages = (dice: Dice): bigint => BigInt(dice.below(64)) * PAGE + (dice.below(6) === 0 ? number(dice) : 0n);

type Make = (dice: Dice) => bigint;
const MAKERS = new Map<ArgKind<never>, Make>([
  [files.fd, descriptor],
  [files.dirFd, (dice) => (dice.below(2) ? BigInt.asUintN(64, -100n) : descriptor(dice))],
  [files.inPath, path],
  [
    files.openFlags,
    (dice) => (dice.below(2) ? dice.of([0n, 0x42n, 0x241n, 2n, 0x1_0000n, 0x20_0000n, 0x442n]) : flags(dice)),
  ],
  [processes.pid, process],
  [processes.cloneFlags, (dice) => (dice.below(2) ? dice.of([17n, 0x3d_0f00n, 0x4111n, 0x100n | 17n]) : flags(dice))],
  [signals.signal, (dice) => BigInt(dice.below(dice.of([66, 32, 20])))],
  [memory.prot, (dice) => BigInt(dice.below(8))],
  [
    memory.mapFlags,
    (dice) => (dice.below(2) ? dice.of([0x22n, 0x21n, 1n, 2n, 0x32n, 0x10_0022n, 0x122n]) : flags(dice)),
  ],
  [numbers.addr, address],
  [numbers.size, (dice) => (dice.below(2) ? pages(dice) : number(dice))],
  [numbers.offset, pages],
]);

/** Six registers for a call. */
export function argumentsOf(record: Syscall | undefined, dice: Dice): bigint[] {
  return Array.from({ length: 6 }, (_, i) => {
    if (dice.below(20) === 0) return number(dice);
    const [name, kind] = record?.args[i] ?? ['', undefined];
    const make = kind && MAKERS.get(kind as ArgKind<never>);
    if (make !== undefined) return make(dice);
    if (kind === undefined) return number(dice);
    if (/flags|how|mode|options|command|request|prot|operation|what|which/i.test(name)) return dice.below(2) ? flags(dice) : number(dice); // biome-ignore format: one line
    if (kind.decode !== 'u64') return number(dice);
    return dice.below(3) === 0 ? number(dice) : address(dice);
  });
}
