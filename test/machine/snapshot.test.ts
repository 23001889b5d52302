/**
 * Snapshots: going back and running again comes to the same machine, to the last bit of its frames and of the kernel's
 * objects, whatever the program and the interleaving. What differs here is state that a snapshot does not see.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { programs } from '../../asm/programs.ts';
import { type ElfImage, parseElf } from '../../src/elf/image.ts';
import { fingerprint } from '../../src/machine/fingerprint.ts';
import { Machine } from '../../src/machine/machine.ts';
import { type Snapshot, Snapshots } from '../../src/machine/snapshot.ts';
import { fixturePath } from '../helpers/fixtures.ts';

async function start(name: string, seed: number): Promise<Machine> {
  const machine = new Machine({ seed, quantum: 500, recordSyscalls: false, recordFrames: false });
  const image = await parseElf(readFileSync(fixturePath(name)));
  await machine.load(image as ElfImage, name);
  return machine;
}

async function runTo({ kernel, cpu }: Machine, instruction: number): Promise<void> {
  while (cpu.retired < instruction) {
    const stop = kernel.run(instruction - cpu.retired);
    if (stop === 'outside') await kernel.outside.arrival();
    else if (stop !== 'budget') return;
  }
}

/** A step that makes some forty moments of a run. */
async function stepFor(name: string, seed: number): Promise<number> {
  const machine = await start(name, seed);
  await runTo(machine, 20_000);
  return Math.max(1, Math.floor(machine.cpu.retired / 40));
}

test.each(programs.map(({ name }) => name))('%s', async (name) => {
  for (const seed of [0, 3]) {
    const step = await stepFor(name, seed);
    const machine = await start(name, seed);
    const snapshots = new Snapshots({ ...machine, notRecorded: new Set() });
    const moments: { readonly at: number; readonly snapshot: Snapshot; readonly print: string }[] = [];
    for (let at = 0; at <= step * 40; at += step) {
      await runTo(machine, at);
      const snapshot = snapshots.take();
      moments.push({ at, snapshot, print: fingerprint(snapshot) });
    }
    const moment = fc.nat(moments.length - 1);
    await fc.assert(
      fc.asyncProperty(moment, moment, async (x, y) => {
        const [from, to] = [Math.min(x, y), Math.max(x, y)];
        snapshots.restore(moments[from].snapshot);
        await runTo(machine, moments[to].at);
        expect(fingerprint(snapshots.take())).toBe(moments[to].print);
      }),
      { numRuns: 12 },
    );
  }
});
