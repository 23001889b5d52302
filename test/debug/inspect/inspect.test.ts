/** What is shown of a machine that stands: held against the entries, procfs and the instructions that ran. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { viewAreas } from '../../../src/debug/inspect/areas.ts';
import { backtrace } from '../../../src/debug/inspect/backtrace.ts';
import { disassembleAt, disassembleBefore, instructionAt } from '../../../src/debug/inspect/disassembly.ts';
import { viewDescriptors } from '../../../src/debug/inspect/files.ts';
import { viewFrame } from '../../../src/debug/inspect/frames.ts';
import { readText } from '../../../src/debug/inspect/memory.ts';
import {
  breakAtLine,
  breakAtSymbol,
  findSymbol,
  lineAt,
  modulesOf,
  sourceFilesOf,
  stepRangeAt,
  symbolAt,
} from '../../../src/debug/inspect/modules.ts';
import { namesOfFlags, readRegisters } from '../../../src/debug/inspect/registers.ts';
import { viewSignals } from '../../../src/debug/inspect/signals.ts';
import { readStack } from '../../../src/debug/inspect/stack.ts';
import { allProcesses, viewTask } from '../../../src/debug/inspect/tasks.ts';
import { lanesOf, readMxcsr, readVectors } from '../../../src/debug/inspect/vectors.ts';
import { walkAddress } from '../../../src/debug/inspect/walk.ts';
import { readX87 } from '../../../src/debug/inspect/x87.ts';
import { describeMaps } from '../../../src/kernel/mm/describe.ts';
import { translate } from '../../../src/mem/mmu.ts';
import { standAfter, standAt } from './machine.ts';

describe('registers', () => {
  test('at the start: RIP, RSP and IF alone, as Linux starts a program', async () => {
    const { task } = await standAt('shm_demo', 0);
    const registers = readRegisters(task)!;
    expect(registers.rip).toBe(0x401000n);
    expect(registers.general.rsp).toBe(task.mm.stackStart);
    expect(namesOfFlags(registers.rflags)).toEqual(['IF']);
    expect(registers.segments).toEqual({ cs: 0x33, ss: 0x2b, ds: 0, es: 0, fs: 0, gs: 0 });
    expect(readMxcsr(task)).toMatchObject({ value: 0x1f80, rounding: 'nearest' });
    expect(readX87(task)).toMatchObject({ control: 0x37f, tagWord: 0xffff, top: 0, precision: '64 bits' });
  });

  test('of a task that is not loaded are those it left the CPU with', async () => {
    const { machine, task } = await standAfter('shm_demo', 'onFork');
    const child = machine.kernel.findTask(101)!;
    const before = new Map([task, child].map((each) => [each, readRegisters(each)]));
    expect(machine.kernel.current).toBe(task);
    expect(before.get(child)!.general.rax).toBe(0n);
    while (machine.kernel.current === task) machine.kernel.run(1);
    expect(machine.kernel.current).toBe(child);
    expect(readRegisters(task)!.general.r12).toBe(before.get(task)!.general.r12);
    expect(readRegisters(child)!.general.r12).toBe(before.get(task)!.general.r12);
  });

  test('lanes of every type', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i);
    expect(lanesOf(bytes, 'i8').slice(0, 2)).toEqual([-16, -15]);
    expect(lanesOf(bytes, 'u16')[7]).toBe(0xfffe);
    expect(lanesOf(bytes, 'u128')).toEqual([0xfffefdfcfbfaf9f8f7f6f5f4f3f2f1f0n]);
    const doubles = new Uint8Array(Float64Array.of(1.5, -2).buffer);
    expect(lanesOf(doubles, 'f64')).toEqual([1.5, -2]);
    expect(lanesOf(doubles, 'i64')).toEqual([0x3ff8000000000000n, -0x4000000000000000n]);
  });

  test('none of a task that has ended', async () => {
    const { machine, task } = await standAt('shm_demo', 0);
    await machine.run();
    expect([readRegisters(task), readVectors(task), readX87(task), walkAddress(task, 0x401000n)]).toEqual(
      new Array(4).fill(undefined),
    );
    expect(viewTask(task).status).toEqual({ kind: 'gone', ending: { kind: 'exited', status: 0 } });
  });
});

describe('disassembly', () => {
  test('names the symbol of each instruction and of its target', async () => {
    const { task } = await standAt('shm_demo', 0);
    const lines = disassembleAt(task, 0x401000n, 60);
    expect(lines[0]).toMatchObject({ text: 'mov eax, 9', symbol: { symbol: { name: '_start' }, offset: 0 } });
    expect(lines.find(({ text }) => text.startsWith('je '))?.target?.symbol).toMatchObject({
      symbol: { name: expect.stringMatching(/^_start\.(?:fork|mmap)_failed$/) },
      offset: 0,
    });
    for (const [i, line] of lines.slice(1).entries())
      expect(line.address).toBe(lines[i].address + BigInt(lines[i].bytes.length));
  });

  test('ends with the memory, and shows bytes that are no instruction one by one', async () => {
    const { task } = await standAt('shm_demo', 0);
    const { end } = viewAreas(task).findLast(({ name }) => name === '/shm_demo')!;
    // Zeros fill the page: `add [rax], al`, two bytes each; the last byte is half of one.
    const last = disassembleAt(task, end - 3n, 10);
    expect(last.map(({ text, bytes }) => [text, bytes.length])).toEqual([['add [rax], al', 2], ['(bad)', 1]]); // biome-ignore format: one line
    expect(instructionAt(task, 0n)).toBeUndefined();
  });

  test('before an address without a symbol: the way that has no bad bytes', async () => {
    const { task } = await standAt('bad_code', 0);
    const { rip } = readRegisters(task)!;
    for (const { address } of disassembleAt(task, rip, 12))
      expect(disassembleBefore(task, address, 3).every(({ kind }) => kind === 'instruction')).toBe(true);
    expect(disassembleBefore(task, 0x401000n, 3)).toEqual([]);
    expect(disassembleBefore(task, 0n, 3)).toEqual([]);
  });

  test('before an address: the instructions that ran, from any of them', async () => {
    const { task } = await standAt('shm_demo', 0);
    const all = disassembleAt(task, 0x401000n, 50);
    for (let i = 0; i < all.length; i++) {
      const before = disassembleBefore(task, all[i].address, 10);
      expect(before.map(({ address }) => address)).toEqual(all.slice(Math.max(0, i - 10), i).map(({ address }) => address)); // biome-ignore format: one line
    }
  });
});

describe('memory', () => {
  test('areas are those of /proc/PID/maps', async () => {
    const { task } = await standAfter('shm_demo', 'onFork');
    const lines = describeMaps(task.mm).split('\n');
    const areas = viewAreas(task);
    expect(areas).toHaveLength(lines.length);
    for (const [i, { start, end, rights, name }] of areas.entries()) {
      expect(lines[i].startsWith(`${start.toString(16).padStart(8, '0')}-${end.toString(16).padStart(8, '0')} ${rights} `)).toBe(true); // biome-ignore format: one line
      expect(lines[i].endsWith(name)).toBe(true);
    }
    expect(areas.map(({ backing }) => backing)).toContain('shared anonymous');
  });

  test('a walk ends where the hardware ends', async () => {
    const { task } = await standAfter('shm_demo', 'onFork');
    for (const { start, end } of viewAreas(task))
      for (let at = start; at < end; at += 4096n) {
        const { steps, pfn, paddr, rights } = walkAddress(task, at + 8n)!;
        const found = translate(task.mm.frames, task.mm.cr3, at + 8n, 'read');
        expect(rights.read).toBe(found.kind === 'translation');
        if (found.kind === 'translation') expect({ pfn, paddr }).toEqual({ pfn: found.pfn, paddr: found.paddr });
        expect(steps[0]).toMatchObject({ level: 'PML4', table: task.mm.pageTable.root });
      }
    expect(walkAddress(task, 0x8000_0000_0000n)).toMatchObject({ isCanonical: false, steps: [] });
    expect(walkAddress(task, 0xffff_8000_0000_0000n)).toMatchObject({ isCanonical: true, pfn: undefined });
  });

  test('of every frame in use every reference is accounted for', async () => {
    const { machine, task } = await standAfter('shm_demo', 'onFork');
    const { kernel } = machine;
    let seen = 0;
    for (let pfn = 0; seen < kernel.frames.inUse(); pfn++) {
      const view = viewFrame(kernel, pfn as never)!;
      if (view.state !== 'in use') continue;
      seen++;
      expect([pfn, view.otherReferences]).toEqual([pfn, 0]);
    }
    const shared = viewAreas(task).find(({ backing }) => backing === 'shared anonymous')!;
    const { pfn } = walkAddress(task, shared.start)!;
    const { mappings, holders, references } = viewFrame(kernel, pfn!)!;
    expect(references).toBe(3);
    expect(mappings.map(({ processes, address }) => [processes[0].pid, address])).toEqual([[100, shared.start], [101, shared.start]]); // biome-ignore format: one line
    expect(holders).toMatchObject([{ kind: 'page cache', index: 0 }]);
  });
});

describe('processes', () => {
  test('who runs, who waits in which call, how a child ended', async () => {
    const { machine } = await standAfter('shm_demo', 'onFork');
    const { kernel } = machine;
    expect(allProcesses(kernel)).toMatchObject([
      { pid: 100, parentPid: 1, args: ['./shm_demo'], exe: '/shm_demo', children: [101] },
      { pid: 101, parentPid: 100, comm: 'shm_demo', cwd: '/', state: 'alive' },
    ]);
    while (kernel.findTask(100)!.state !== 'blocked') kernel.run(1);
    const status = viewTask(kernel.findTask(100)!).status;
    expect(status).toMatchObject({ kind: 'waiting', call: { name: 'wait4', number: 61 } });
    expect(status.kind === 'waiting' && status.call.text()).toContain('wait4(-1, ');
    expect(viewTask(kernel.findTask(101)!).status).toEqual({ kind: 'ready' });
    kernel.run(1);
    expect(viewTask(kernel.findTask(101)!)).toMatchObject({ status: { kind: 'running' }, isLoaded: true });
  });

  test('descriptors and signals', async () => {
    const { task } = await standAt('signal_mask', 0);
    expect(viewDescriptors(task).map(({ fd, kind, flags }) => [fd, kind, flags])).toEqual([
      [0, 'pipe', ['O_RDONLY']],
      [1, 'pipe', ['O_WRONLY']],
      [2, 'pipe', ['O_WRONLY']],
    ]);
    const { signals, blocked } = viewSignals(task);
    expect(blocked).toBe(0n);
    expect(signals[10]).toMatchObject({ name: 'SIGSEGV', disposition: 'default', defaultAction: 'terminate' });
  });
});

describe('modules', () => {
  test('a program at fixed addresses', async () => {
    const { task } = await standAt('shm_demo', 0);
    expect(modulesOf(task)).toMatchObject([{ path: '/shm_demo', bias: 0n, isProgram: true }]);
    expect(findSymbol(task, '_start')?.address).toBe(0x401000n);
    expect(symbolAt(task, 0x401003n)).toMatchObject({ symbol: { name: '_start' }, offset: 3 });
    expect(symbolAt(task, 0x500000n)).toBeUndefined();
  });

  test('a position-independent one', async () => {
    const { task } = await standAt('position_independent', 0);
    const [module] = modulesOf(task);
    expect(module.bias).toBe(0x5555_5555_4000n);
    expect(symbolAt(task, readRegisters(task)!.rip)).toMatchObject({ symbol: { name: '_start' }, offset: 0 });
  });
});

const SYNONYMS: Readonly<Record<string, string>> = { jz: 'je', jnz: 'jne' };
describe('source lines', () => {
  test('of the demo, as its source has them', async () => {
    const { task } = await standAt('shm_demo', 0);
    expect(sourceFilesOf(task)).toEqual([{ path: 'asm/shared_memory_demo.asm', name: 'shared_memory_demo.asm' }]);
    const source = readFileSync(new URL('../../../asm/shared_memory_demo.asm', import.meta.url), 'utf8').split('\n');
    for (const { address, text } of disassembleAt(task, 0x401000n, 40)) {
      const { line, start, end } = lineAt(task, address)!;
      const [mnemonic] = source[line - 1].trim().split(/\s/);
      expect(SYNONYMS[mnemonic] ?? mnemonic).toBe(text.split(' ')[0]);
      expect([start, stepRangeAt(task, address)]).toEqual([address, { start, end }]);
    }
  });

  test('of a position-independent program are where it was loaded', async () => {
    const { task } = await standAt('position_independent', 0);
    const { rip } = readRegisters(task)!;
    const { line, file, start } = lineAt(task, rip)!;
    expect(start).toBe(rip);
    expect(breakAtLine(task, 'position_independent.asm', line)).toMatchObject({ file, line, addresses: [rip] });
    expect(breakAtSymbol(findSymbol(task, '_start')!)).toBe(rip);
    expect(breakAtLine(task, 'elsewhere.c', 1)).toBeUndefined();
  });
});

describe('the stack', () => {
  test('as Linux leaves it: the number of arguments, and where they are', async () => {
    const { task } = await standAt('shm_demo', 0);
    const [count, first] = readStack(task, 4);
    expect(count).toMatchObject({ address: readRegisters(task)!.general.rsp, offset: 0, value: 1n });
    expect(first).toMatchObject({ offset: 8, isOnStack: true });
    expect(readText(task, first.value, 100)).toMatchObject({
      bytes: new TextEncoder().encode('./shm_demo'),
      isWhole: true,
    });
    expect(readStack(task, 10, 0n)).toEqual([]);
  });

  test('in a handler: what called it is the signal, and what that interrupted', async () => {
    const { machine, task } = await standAfter('signal_handler', 'onSignal');
    const handlers = viewSignals(task).signals.filter(({ disposition }) => disposition === 'handler');
    const here = symbolAt(task, readRegisters(task)!.rip)!;
    expect(handlers.map(({ handler }) => handler)).toContain(here.address);
    const [own, trampoline, interrupted] = backtrace(task);
    expect(own).toMatchObject({ level: 0, isInterrupted: false });
    expect(trampoline).toMatchObject({ unwoundBy: 'signal frame' });
    expect(interrupted).toMatchObject({ isInterrupted: true });
    // What the kernel saved is what comes back.
    const { rip, rsp } = interrupted;
    while (readRegisters(task)!.rip !== rip) machine.kernel.run(1);
    expect(readRegisters(task)!.general.rsp).toBe(rsp);
  });
});
