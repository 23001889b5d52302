/** Looking changes nothing: no frame, no A or D bit, no time of a file, no object of the kernel, at any moment of any program. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIXTURES_DIR, programs } from '../../../asm/programs.ts';
import type { Pfn } from '../../../src/base/ints.ts';
import { viewAreas } from '../../../src/debug/inspect/areas.ts';
import { backtrace } from '../../../src/debug/inspect/backtrace.ts';
import { disassembleAt, disassembleBefore } from '../../../src/debug/inspect/disassembly.ts';
import { viewDescriptors } from '../../../src/debug/inspect/files.ts';
import { viewFrame } from '../../../src/debug/inspect/frames.ts';
import { readMemory, readText } from '../../../src/debug/inspect/memory.ts';
import {
  findSymbol,
  lineAt,
  modulesOf,
  sourceFilesOf,
  stepRangeAt,
  symbolAt,
} from '../../../src/debug/inspect/modules.ts';
import { readRegisters } from '../../../src/debug/inspect/registers.ts';
import { viewSignals } from '../../../src/debug/inspect/signals.ts';
import { readStack } from '../../../src/debug/inspect/stack.ts';
import { allProcesses, livingTasks } from '../../../src/debug/inspect/tasks.ts';
import { readMxcsr, readVectors } from '../../../src/debug/inspect/vectors.ts';
import { walkAddress } from '../../../src/debug/inspect/walk.ts';
import { readX87 } from '../../../src/debug/inspect/x87.ts';
import { Machine } from '../../../src/index.ts';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import type { Task } from '../../../src/kernel/task/task.ts';
import { fingerprint } from '../../../src/machine/fingerprint.ts';
import { Snapshots } from '../../../src/machine/snapshot.ts';
import { standAt } from './machine.ts';

function lookAtTask(task: Task): void {
  readVectors(task);
  readMxcsr(task);
  readX87(task);
  viewDescriptors(task);
  viewSignals(task);
  backtrace(task);
  readStack(task, 100);
  sourceFilesOf(task);
  findSymbol(task, '_start');
  for (const { file } of modulesOf(task)) file.symbols.all();
  const addresses = [readRegisters(task)?.rip ?? 0n, 0n, 0x7fff_ffff_f000n, 1n << 63n];
  for (const { start, end, usage } of viewAreas(task)) {
    usage();
    addresses.push(start, end - 1n, end);
  }
  for (const address of addresses) {
    walkAddress(task, address);
    disassembleAt(task, address, 20);
    disassembleBefore(task, address, 20);
    readMemory(task, address - 5000n, 10_000);
    readText(task, address, 100);
    symbolAt(task, address);
    lineAt(task, address);
    stepRangeAt(task, address);
  }
}

function lookAtAll(kernel: Kernel, isShort: boolean): void {
  for (const { status } of [...allProcesses(kernel).flatMap(({ threads }) => threads), ...livingTasks(kernel)])
    if (status.kind === 'waiting') status.call.text();
  for (const { threads } of kernel.allProcesses) for (const task of threads) lookAtTask(task);
  const frames = isShort ? 20 : kernel.frames.allocations();
  for (let pfn = 0x200; pfn < 0x200 + frames; pfn++) viewFrame(kernel, pfn as Pfn);
}

test.each(programs.map(({ name }) => name))('%s', (name) =>
  fc.assert(
    fc.asyncProperty(fc.oneof(fc.nat(300), fc.nat(5000), fc.constant(1_000_000)), async (instructions) => {
      const { machine } = await standAt(name, instructions, { recordSyscalls: false, recordFrames: false });
      const snapshots = new Snapshots({ ...machine, notRecorded: new Set() });
      const before = fingerprint(snapshots.take());
      lookAtAll(machine.kernel, true);
      expect(fingerprint(snapshots.take())).toBe(before);
    }),
    { numRuns: 3 },
  ),
);

test('every frame of the demo, at three moments', async () => {
  for (const instructions of [0, 20, 60]) {
    const { machine } = await standAt('shm_demo', instructions, { recordSyscalls: false, recordFrames: false });
    const snapshots = new Snapshots({ ...machine, notRecorded: new Set() });
    const before = fingerprint(snapshots.take());
    lookAtAll(machine.kernel, false);
    expect(fingerprint(snapshots.take())).toBe(before);
  }
});

test('a file of the host, of which not all pages have been read', async () => {
  const machine = new Machine({ root: FIXTURES_DIR, recordSyscalls: false, recordFrames: false });
  const task = await machine.load(undefined, '/shm_demo');
  const snapshots = new Snapshots({ ...machine, notRecorded: new Set() });
  const before = fingerprint(snapshots.take());
  lookAtAll(machine.kernel, true);
  expect(findSymbol(task, '_start')?.address).toBe(0x401000n);
  expect(fingerprint(snapshots.take())).toBe(before);
});
