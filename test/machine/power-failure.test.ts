/**
 * A transaction with a commit marker, and the power failing after each of its instructions: with whatever of the pages
 * that were not yet made durable written nevertheless; and failing again while what was left is taken up, every few
 * instructions.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ElfImage, parseElf } from '../../src/elf/image.ts';
import { Machine } from '../../src/index.ts';
import type { Disk } from '../../src/kernel/vfs/fs/diskfs.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const loadProgram = async (name: string): Promise<ElfImage> =>
  (await parseElf(readFileSync(fixturePath(name)))) as ElfImage;

async function start(image: ElfImage, disk: Disk): Promise<Machine> {
  const machine = new Machine({ disk, memory: 1 << 24, recordFrames: false, recordSyscalls: false });
  await machine.load(image, './program');
  return machine;
}

/** What is the same on both disks has the same key. */
function keyOf(disk: Disk): string {
  const hash = createHash('sha1');
  for (const [path, { content }] of disk) {
    hash.update(`${path}\0${content?.sizeBytes}\0`);
    for (const [index, bytes] of [...(content?.pages ?? [])].sort(([a], [b]) => a - b)) {
      // A page of zeros is as good as one that was never written.
      const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
      if (end > 0) hash.update(`${index}\0`).update(bytes.subarray(0, end));
    }
  }
  return hash.digest('hex');
}

/** Every way the disk may be when power fails now: any of the dirty pages may have been written, or not. */
function* disksOfFailure(machine: Machine): Iterable<Disk> {
  const dirty: string[] = [];
  machine.powerFailure((path, page) => {
    dirty.push(`${path} ${page}`);
    return false;
  });
  for (let subset = 0; subset < 1 << dirty.length; subset++)
    yield machine.powerFailure((path, page) => Boolean(subset & (1 << dirty.indexOf(`${path} ${page}`))));
}

const isSame = (a: Disk | undefined, b: Disk): boolean =>
  a?.size === b.size &&
  [...b].every(([path, { content }]) => {
    const other = a.get(path)?.content;
    if (content?.sizeBytes !== other?.sizeBytes || content?.pages.size !== other?.pages.size) return false;
    return [...(content?.pages ?? [])].every(([index, bytes]) => {
      const there = other!.pages.get(index);
      return there !== undefined && Buffer.compare(bytes, there) === 0;
    });
  });

/** Runs it once from a disk. `disks` gets every disk that a power failure after each `stride` instructions may leave. */
async function runWithFailures(image: ElfImage, disk: Disk, disks: Map<string, Disk>, stride: number): Promise<string> {
  const machine = await start(image, disk);
  let least: Disk | undefined;
  let most: Disk | undefined;
  do {
    const now = [machine.powerFailure(), machine.powerFailure(() => true)];
    if (isSame(least, now[0]) && isSame(most, now[1])) continue;
    [least, most] = now;
    for (const left of disksOfFailure(machine)) {
      const key = keyOf(left);
      if (!disks.has(key)) disks.set(key, left);
    }
  } while (machine.kernel.run(stride) === 'budget');
  const { outcome, stdout } = machine.result();
  machine.dispose();
  expect(outcome).toBe('exited');
  return stdout;
}

test('commit_marker finds all its money after a power failure at any instruction, and again in the next run', async () => {
  const image = await loadProgram('commit_marker');
  const disks = new Map<string, Disk>([['', new Map()]]);
  const versions = new Set<string>();
  for (const [, disk] of disks) {
    const stdout = await runWithFailures(image, disk, disks, disk.size === 0 ? 1 : 3);
    expect(stdout).toContain('the accounts together: 100\n');
    versions.add(/version (\d+)/.exec(stdout)![1]);
  }
  // Every state was met: the first one, and that after each of the ten transactions that there is money for.
  expect([...versions].map(Number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
}, 120_000);

test('torn_update loses money', async () => {
  const image = await loadProgram('torn_update');
  const disks = new Map<string, Disk>();
  await runWithFailures(image, new Map(), disks, 1);
  const totals = new Set<string>();
  for (const disk of disks.values()) {
    const machine = await start(image, disk);
    const { stdout } = await machine.run();
    machine.dispose();
    totals.add(/together: (\d+)/.exec(stdout)![1]);
  }
  expect(totals).toEqual(new Set(['100', '90']));
});
