import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadImage, Machine, run, UsageError } from '../../src/index.ts';
import { tinyElf, twoSegments } from '../helpers/tiny-elf.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
/** `jmp $`. */
const SPIN = twoSegments(new Uint8Array([0xeb, 0xfe]));

describe('run', () => {
  test('the demo: output, every process, every call', async () => {
    const result = await run(fixture('shm_demo'), { argv0: './shm_demo' });
    expect(result).toMatchObject({
      outcome: 'exited',
      status: 0,
      signal: undefined,
      exitCode: 0,
      stderr: '',
      diagnostics: [],
    });
    expect(result.stdout).toBe('Parent wrote: 0xDEADBEEF\nChild read: 0x????????????????\n');
    expect(result.processes).toMatchObject([
      { pid: 100, ppid: 1, status: 0 },
      { pid: 101, ppid: 100, status: 1 },
    ]);
    expect(result.syscalls.map(({ pid, name }) => `${pid} ${name}`)).toEqual([
      '100 mmap', '100 fork', '100 write', '101 write', '101 exit', '100 wait4', '100 munmap', '100 exit',
    ]); // biome-ignore format: a list
    expect(result.syscalls[0]).toMatchObject({
      args: { length: 4096n, prot: 3, flags: 0x21 },
      result: 0x7ffff7ffe000n,
      text: 'mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x7ffff7ffe000',
    });
    expect(result.instructions).toBe(200_000_054);
  });

  test('two runs are the same run', async () => {
    const [first, second] = [await run(fixture('zombie')), await run(fixture('zombie'))];
    expect(second).toEqual(first);
  });

  test('a crash is a result', async () => {
    const result = await run(fixture('read_only_page'));
    expect(result).toMatchObject({ outcome: 'killed', status: undefined, signal: 'SIGSEGV', exitCode: 139 });
  });

  test('a limit of instructions is exact, and a result', async () => {
    const result = await run(SPIN, { maxInstructions: 12_345_678 });
    expect(result).toMatchObject({
      outcome: 'limit',
      status: undefined,
      exitCode: undefined,
      instructions: 12_345_678,
    });
    expect(result.processes).toMatchObject([{ pid: 100, ending: undefined }]);
  });

  test('so is the end of the time', async () => {
    expect((await run(SPIN, { timeout: 0.05 })).outcome).toBe('timeout');
  });

  test('the end of the time comes in time, whatever an instruction costs', async () => {
    // mov eax, 57; syscall; jmp back: forks without end, and all but the first fail.
    const bomb = twoSegments(new Uint8Array([0xb8, 57, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7]));
    const started = performance.now();
    const result = await run(bomb, { timeout: 0.1, memory: 1024 * 1024, recordSyscalls: false, recordFrames: false });
    expect(result.outcome).toBe('timeout');
    expect(result.processes.length).toBeGreaterThan(5);
    expect(performance.now() - started).toBeLessThan(1500);
  });

  test.each([
    [{ memory: 0 }, 'memory is 0; it must be at least 4096'],
    [{ memory: Number.NaN }, 'memory is NaN; it must be at least 4096'],
    [{ quantum: 0 }, 'quantum is 0; it must be at least 1'],
    [{ maxInstructions: Number.NaN }, 'maxInstructions is NaN; it must be at least 0'],
    [{ maxInstructions: 10.5 }, 'maxInstructions is 10.5; it must be a whole number'],
    [{ quantum: 1.5 }, 'quantum is 1.5; it must be a whole number'],
    [{ seed: 0.5 }, 'seed is 0.5; it must be a whole number'],
    [{ timeout: -1 }, 'timeout is -1; it must be at least 0'],
    [{ memory: 4096 }, 'program: cannot be started: Cannot allocate memory'],
  ])('%j is refused', async (options, message) => {
    await expect(run(SPIN, options)).rejects.toEqual(expect.objectContaining({ name: 'UsageError', message }));
  });

  test('what cannot be run is a UsageError with the status of a shell', async () => {
    await expect(run(fixture('no-such-file'))).rejects.toMatchObject({
      status: 127,
      message: expect.stringContaining('no such file'),
    });
    await expect(run(new Uint8Array([1, 2, 3]))).rejects.toEqual(new UsageError('program: not an ELF file', 126));
    const dynamic = tinyElf({
      entry: 0x1000n,
      type: 3,
      segments: [{ address: 0x1000n, bytes: new Uint8Array(8), flags: 5 }],
      interpreter: '/lib64/ld-linux-x86-64.so.2',
    });
    await expect(run(dynamic, { name: 'ls' })).rejects.toMatchObject({
      status: 126,
      message: 'ls: needs /lib64/ld-linux-x86-64.so.2, which is not there; --root DIR gives a file system that has it',
    });
  });
});

describe('Machine', () => {
  test.each([
    'empty',
    'shm_demo_fixed',
    'zombie',
    'orphan',
    'vfork',
    'use_after_munmap',
    'exit_statuses',
    'stack_growth',
  ])('every frame comes back after %s', async (name) => {
    const machine = new Machine({ capture: false });
    await machine.load(await loadImage(fixture(name)), name);
    await machine.run();
    machine.kernel.vfs.shutDown();
    expect(machine.frames.inUse()).toBe(1); // the frame of zeros
    machine.dispose();
    expect(machine.frames.inUse()).toBe(0);
  });

  test('memory that ends at any point of a fork bomb is an answer, and every frame comes back', async () => {
    // fork; the child goes on forking, the parent waits; the last ends with -errno of fork.
    const code =
      'b8390000000f0585c074f5781e48c7c7ffffffff31f631d24d31d2b83d0000000f0531ffb83c0000000f05f7d889c7b83c0000000f05';
    const image = await loadImage(twoSegments(Uint8Array.from(code.match(/../g)!, (hex) => parseInt(hex, 16))));
    for (let pages = 34; pages < 90; pages++) {
      const machine = new Machine({ memory: pages * 4096 });
      await machine.load(image, 'bomb');
      const { outcome, processes } = await machine.run({ maxInstructions: 100_000 });
      expect(outcome).toBe('exited');
      const last = processes.at(-1)!;
      expect([12, undefined]).toContain(last.status); // ENOMEM, or killed for want of memory
      if (last.status === undefined) expect(last.signal).toBe('SIGKILL');
      machine.dispose();
      expect(machine.frames.inUse()).toBe(0);
    }
  });

  test('goes on after a limit, and gives everything back in the middle', async () => {
    const output: string[] = [];
    const machine = new Machine({ capture: false, onStdout: (bytes) => output.push(new TextDecoder().decode(bytes)) });
    await machine.load(await loadImage(fixture('copy_on_write')), 'copy_on_write');
    expect((await machine.run({ maxInstructions: 10 })).outcome).toBe('limit');
    expect((await machine.run()).outcome).toBe('exited');
    expect(output.join('')).toContain('Parent reads: 0x0000000000000001\n');

    const other = new Machine();
    await other.load(await loadImage(fixture('shm_demo')), 'shm_demo');
    await other.run({ maxInstructions: 100_000 });
    other.dispose();
    expect(other.frames.inUse()).toBe(0);
  });

  test('small memory kills the process that wants more, and says so', async () => {
    const machine = new Machine({ memory: 40 * 4096 });
    await machine.load(await loadImage(fixture('stack_growth')), 'stack_growth');
    const result = await machine.run();
    expect(result).toMatchObject({ outcome: 'killed', signal: 'SIGKILL' });
    expect(result.diagnostics).toEqual(['out of memory: pid 100 (stack_growth) is killed']);
  });
});
