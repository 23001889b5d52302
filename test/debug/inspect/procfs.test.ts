/** What Inspect says of processes is what /proc says of them, to whom Linux' own text has been held: at moments of every program. */
import { expect, test } from 'vitest';
import { programs } from '../../../asm/programs.ts';
import { signalBit } from '../../../src/abi/signal.ts';
import { viewAreas } from '../../../src/debug/inspect/areas.ts';
import { viewDescriptors } from '../../../src/debug/inspect/files.ts';
import { type SignalView, viewSignals } from '../../../src/debug/inspect/signals.ts';
import { allProcesses, livingTasks } from '../../../src/debug/inspect/tasks.ts';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import { describeSmaps } from '../../../src/kernel/mm/smaps.ts';
import type { Task } from '../../../src/kernel/task/task.ts';
import { describeStatus } from '../../../src/kernel/vfs/fs/proc/status.ts';
import { standAt } from './machine.ts';

const fieldsOf = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/^(\w+):\s+(.*)$/gm)].map(([, name, value]) => [name, value.trim()]));

const setOf = (signals: readonly SignalView[], is: (signal: SignalView) => boolean): string =>
  signals
    .filter(is)
    .reduce((set, { signal }) => set | signalBit(signal), 0n)
    .toString(16)
    .padStart(16, '0');

function compareTask(task: Task): void {
  const status = fieldsOf(describeStatus(task));
  const { signals, blocked, pending, processPending } = viewSignals(task);
  expect(setOf(signals, ({ disposition }) => disposition === 'handler')).toBe(status.get('SigCgt'));
  expect(setOf(signals, ({ disposition }) => disposition === 'ignored')).toBe(status.get('SigIgn'));
  expect(setOf(signals, ({ isBlocked }) => isBlocked)).toBe(status.get('SigBlk'));
  expect(blocked).toBe(BigInt(`0x${status.get('SigBlk')}`));
  const waiting = (list: readonly { signal: number }[]): bigint =>
    list.reduce((set, { signal }) => set | signalBit(signal), 0n);
  expect(waiting(pending)).toBe(BigInt(`0x${status.get('SigPnd')}`));
  expect(waiting(processPending)).toBe(BigInt(`0x${status.get('ShdPnd')}`));
  if (!task.hasMemory()) return;

  const smaps = describeSmaps(task.mm)
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((text) => text !== '');
  const areas = viewAreas(task);
  expect(areas).toHaveLength(smaps.length);
  for (const [i, { start, end, rights, offset, inode, name, sizeBytes, usage }] of areas.entries()) {
    const [head] = smaps[i].split('\n');
    const hex = (value: bigint): string => value.toString(16).padStart(8, '0');
    expect(head.split(/\s+/).slice(0, 3)).toEqual([`${hex(start)}-${hex(end)}`, rights, hex(offset)]);
    expect(
      head
        .split(/\s+/)
        .slice(4)
        .filter((word) => word !== '')
        .join(' '),
    ).toBe(`${inode} ${name}`.trim());
    const kibibytes = (field: string): number => Number(fieldsOf(smaps[i]).get(field)!.replace(' kB', '')) * 1024;
    expect([sizeBytes, usage().rss, usage().anonymous]).toEqual([
      kibibytes('Size'),
      kibibytes('Rss'),
      kibibytes('Anonymous'),
    ]);
  }
  for (const { fd, file, references } of viewDescriptors(task)) {
    expect(task.files.findRaw(fd)).toBe(file);
    expect(references).toBeGreaterThan(0);
  }
}

const LETTERS = { running: 'R', ready: 'R', waiting: 'S', stopped: 'T', zombie: 'Z', gone: 'X' } as const;

function compareAll(kernel: Kernel): void {
  const tasks = livingTasks(kernel);
  expect(tasks).toHaveLength(kernel.taskCount());
  expect(tasks.filter(({ status }) => status.kind === 'running').length).toBeLessThanOrEqual(1);
  for (const { task, tid, pid, comm, status } of tasks) {
    const fields = fieldsOf(describeStatus(task));
    expect([String(tid), String(pid), comm]).toEqual([fields.get('Pid'), fields.get('Tgid'), fields.get('Name')]);
    expect(LETTERS[status.kind]).toBe(fields.get('State')![0]);
    compareTask(task);
  }
  for (const { process, pid, parentPid, pgid, session, threads } of allProcesses(kernel)) {
    const fields = fieldsOf(describeStatus(process.leader));
    const named = [pid, parentPid, pgid, session].map(String);
    expect(named).toEqual(['Tgid', 'PPid', 'NSpgid', 'NSsid'].map((name) => fields.get(name)));
    expect(threads).toHaveLength(process.threads.length);
  }
}

test.each(programs.map(({ name }) => name))('%s', async (name) => {
  const { machine } = await standAt(name, 0);
  for (const step of [1, 10, 20, 30, 40, 100, 300, 1000, 5000, 100_000]) {
    compareAll(machine.kernel);
    machine.kernel.run(step);
  }
});
