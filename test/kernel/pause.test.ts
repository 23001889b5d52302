/**
 * Pauses: at a system call's entry the call has not been run, and its registers are those of the moment after SYSCALL. With
 * a pause at each call, or at each event, the run comes to the same machine as without, whoever else would have had a turn.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { programs } from '../../asm/programs.ts';
import { type ElfImage, parseElf } from '../../src/elf/image.ts';
import { fingerprint } from '../../src/machine/fingerprint.ts';
import { Machine } from '../../src/machine/machine.ts';
import { Snapshots } from '../../src/machine/snapshot.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const MOST_INSTRUCTIONS = 300_000;

interface Entry {
  readonly name: string;
  readonly rip: bigint;
  readonly text: string;
}

async function start(
  name: string,
  pausesAt: 'nothing' | 'calls' | 'events',
  seed: number,
): Promise<{ machine: Machine; entries: Entry[] }> {
  const entries: Entry[] = [];
  const told = (): void => {
    if (pausesAt === 'events') machine.kernel.pause();
  };
  const machine: Machine = new Machine({
    seed,
    quantum: 300,
    recordSyscalls: false,
    recordFrames: false,
    observer: {
      onSyscallEnter(event) {
        entries.push({ name: event.name, rip: event.rip, text: machine.result().stdout });
        if (pausesAt !== 'nothing') machine.kernel.pause();
      },
      onSyscallBlocked: told,
      onSyscallExit: told,
      onFork: told,
      onFirstTouch: told,
      onCopyOnWrite: told,
      onSignal: told,
      onStop: told,
      onExit: told,
      onSwitch: told,
    },
  });
  await machine.load((await parseElf(readFileSync(fixturePath(name)))) as ElfImage, name);
  return { machine, entries };
}

/** Runs to the end, or so far; `onPause` is called at each. */
async function play({ kernel, cpu }: Machine, most: number, onPause?: () => void): Promise<void> {
  while (cpu.retired < most) {
    const stop = kernel.run(most - cpu.retired);
    if (stop === 'paused') onPause?.();
    else if (stop === 'outside') await kernel.outside.arrival();
    else if (stop !== 'budget') return;
  }
}

test('the call has not been run', async () => {
  const { machine, entries } = await start('shm_demo', 'calls', 0);
  const seen: string[] = [];
  await play(machine, 1e9, () => {
    const { name, rip } = entries.at(-1)!;
    const task = machine.kernel.current!;
    expect(task.call?.record.name).toBe(name);
    expect(machine.cpu.state.rip).toBe(rip + 2n);
    seen.push(`${task.pid} ${name} ${JSON.stringify(machine.result().stdout)}`);
  });
  expect(seen).toEqual([
    '100 mmap ""',
    '100 fork ""',
    '100 write ""',
    '100 wait4 "Parent wrote: 0xDEADBEEF\\n"',
    '101 write "Parent wrote: 0xDEADBEEF\\n"',
    '101 exit "Parent wrote: 0xDEADBEEF\\nChild read: 0x????????????????\\n"',
    '100 munmap "Parent wrote: 0xDEADBEEF\\nChild read: 0x????????????????\\n"',
    '100 exit "Parent wrote: 0xDEADBEEF\\nChild read: 0x????????????????\\n"',
  ]);
});

test.each(programs.map(({ name }) => name))('%s comes to the same', async (name) => {
  const prints: string[] = [];
  for (const pausesAt of ['nothing', 'calls', 'events'] as const) {
    const { machine, entries } = await start(name, pausesAt, 5);
    const snapshots = new Snapshots({ ...machine, notRecorded: new Set() });
    await play(machine, MOST_INSTRUCTIONS);
    prints.push(`${entries.length} ${fingerprint(snapshots.take())}`);
  }
  expect(prints).toEqual([prints[0], prints[0], prints[0]]);
});
