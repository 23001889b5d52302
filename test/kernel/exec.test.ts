import { describe, expect, test } from 'vitest';
import { AT_ENTRY, AT_EXECFN, AT_NULL, AT_PAGESZ, AT_PHDR, AT_PHENT, AT_PHNUM, AT_PLATFORM, AT_RANDOM } from '../../src/abi/auxv.ts'; // biome-ignore format: one line
import { Errno } from '../../src/abi/errno.ts';
import { invariant } from '../../src/base/invariant.ts';
import { RSP, STATE } from '../../src/cpu/state.ts';
import { ElfError, type ElfImage, parseElf } from '../../src/elf/image.ts';
import { Held } from '../../src/kernel/outside.ts';
import { Task } from '../../src/kernel/task/task.ts';
import { bareMachine, callsOf, peekByte } from '../helpers/bare-process.ts';
import { tinyElf, twoSegments } from '../helpers/tiny-elf.ts';

async function imageOf(bytes: Uint8Array): Promise<ElfImage> {
  const image = await parseElf(bytes);
  if (image instanceof ElfError) throw new Error(image.message);
  return image;
}

async function started(bytes: Uint8Array, args: string[] = ['./demo', 'two words'], env: string[] = ['A=1']) {
  const machine = bareMachine();
  const image = await imageOf(bytes);
  const task = machine.kernel.start({ image, path: './demo', args, env });
  invariant(!(task instanceof Held), 'it has no interpreter');
  if (task instanceof Errno) throw new Error(task.name);
  const registers = new DataView(task.context.buffer);
  return {
    ...machine,
    task,
    image,
    rsp: registers.getBigUint64(STATE.regs + RSP * 8, true),
    rip: registers.getBigUint64(STATE.rip, true),
  };
}

const word = (task: Task, at: bigint): bigint =>
  new DataView(task.kernel.peek(task, at, 8)!.buffer).getBigUint64(0, true);
function text(task: Task, at: bigint): string {
  let read = '';
  for (let i = at; ; i++) {
    const byte = task.kernel.peek(task, i, 1)![0];
    if (byte === 0) return read;
    read += String.fromCharCode(byte);
  }
}

describe('a new program', () => {
  test('finds argc, argv, envp and the auxiliary vector at RSP', async () => {
    const { task, rsp, rip } = await started(twoSegments());
    expect(rip).toBe(0x401000n);
    expect(rsp % 16n).toBe(0n);
    expect(word(task, rsp)).toBe(2n);
    expect(text(task, word(task, rsp + 8n))).toBe('./demo');
    expect(text(task, word(task, rsp + 16n))).toBe('two words');
    expect(word(task, rsp + 24n)).toBe(0n);
    expect(text(task, word(task, rsp + 32n))).toBe('A=1');
    expect(word(task, rsp + 40n)).toBe(0n);
    const auxv = new Map<number, bigint>();
    for (let at = rsp + 48n; ; at += 16n) {
      auxv.set(Number(word(task, at)), word(task, at + 8n));
      if (word(task, at) === BigInt(AT_NULL)) break;
    }
    expect(auxv.get(AT_PAGESZ)).toBe(4096n);
    expect(auxv.get(AT_ENTRY)).toBe(0x401000n);
    expect([auxv.get(AT_PHDR), auxv.get(AT_PHENT), auxv.get(AT_PHNUM)]).toEqual([0n, 56n, 2n]);
    expect(text(task, auxv.get(AT_EXECFN)!)).toBe('./demo');
    expect(text(task, auxv.get(AT_PLATFORM)!)).toBe('x86_64');
    expect(task.kernel.peek(task, auxv.get(AT_RANDOM)!, 16)!.some((byte) => byte !== 0)).toBe(true);
    // The file name and eight zero bytes end the stack.
    expect(auxv.get(AT_EXECFN)).toBe(0x7fff_ffff_f000n - 8n - 7n);
  });

  test('has its segments, its heap after them, and a stack', async () => {
    const { task } = await started(twoSegments());
    callsOf(task).brk(0x408000n);
    expect(task.mm.describe()).toMatchInlineSnapshot(`
      "00401000-00402000 r-xp 00001000 00:10 10                                 /demo
      00402000-00403000 rw-p 00002000 00:10 10                                 /demo
      00403000-00408000 rw-p 00000000 00:00 0                                  [heap]
      7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]"
    `);
  });

  test('has zeros after its data, not what follows in the file', async () => {
    const file = twoSegments(undefined, new Uint8Array([1, 2, 3]));
    file[8192 + 3] = 99;
    const { task } = await started(file);
    expect([0n, 1n, 2n, 3n, 4095n, 4096n].map((i) => peekByte(task, 0x402000n + i))).toEqual([1, 2, 3, 0, 0, 0]);
  });

  test('is moved when it is position-independent', async () => {
    const bytes = tinyElf({
      entry: 0x1010n,
      type: 3,
      segments: [{ address: 0x1000n, bytes: new Uint8Array(32), flags: 5 }],
    });
    const { task, rip } = await started(bytes);
    expect(rip).toBe(0x5555_5555_4010n);
    expect(task.mm.describe()).toMatch(/^555555554000-555555555000 r-xp/);
  });

  test('shares its text with a second process that runs it, and gives everything back', async () => {
    const { kernel, frames, image, task } = await started(twoSegments());
    const second = kernel.start({ image, path: './demo', args: [], env: [] }) as Task;
    peekByte(task, 0x401000n);
    const before = frames.inUse();
    peekByte(second, 0x401000n);
    expect(frames.inUse()).toBe(before); // the table is there for the data, the page for the first
    callsOf(task).exit(0);
    callsOf(second).exit(0);
    kernel.vfs.shutDown();
    expect(frames.inUse()).toBe(1);
  });

  test('arguments beyond a quarter of the stack limit are refused', async () => {
    const { kernel } = bareMachine();
    const image = await imageOf(twoSegments());
    const huge = kernel.start({ image, path: 'x', args: ['x'.repeat(3 << 20)], env: [] });
    expect((huge as Errno).name).toBe('E2BIG');
    kernel.vfs.shutDown();
    expect(kernel.frames.inUse()).toBe(1);
  });
});

test('500 damaged files are loaded or refused, and no frame is lost', async () => {
  const { kernel, frames } = bareMachine(undefined, 4 * 1024 * 1024);
  let seed = 77;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  let loaded = 0;
  for (let i = 0; i < 500; i++) {
    const bytes = twoSegments();
    const view = new DataView(bytes.buffer);
    for (let n = 1 + next(3); n > 0; n--) {
      const field = 64 + 56 * next(2) + [0, 4, 8, 16, 24, 32, 40, 48][next(8)];
      if (next(2)) bytes[field + next(8)] ^= 1 << next(8);
      else view.setBigUint64(field, view.getBigUint64(field, true) + BigInt(4096 * next(1 << 20)), true);
    }
    const image = await parseElf(bytes);
    if (image instanceof ElfError) continue;
    const task = kernel.start({ image, path: 'x', args: ['x'], env: [] });
    if (task instanceof Task) {
      loaded++;
      callsOf(task).exit(0);
    }
  }
  kernel.vfs.shutDown();
  expect(frames.inUse()).toBe(1);
  expect(loaded).toBeGreaterThan(50);
});
