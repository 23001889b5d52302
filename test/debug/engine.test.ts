/** The debugger's engine: both directions come to the same machine, and stops are where they were asked for. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { programs } from '../../asm/programs.ts';
import { Engine } from '../../src/debug/engine.ts';
import { stateOf } from '../../src/debug/inspect/registers.ts';
import { comparePositions } from '../../src/debug/position.ts';
import { fixturePath } from '../helpers/fixtures.ts';
import { tinyElf } from '../helpers/tiny-elf.ts';

const open = (name: string, seed = 0): Promise<Engine> =>
  Engine.open({ program: readFileSync(fixturePath(name)), path: name, machine: { seed, quantum: 700 }, stdin: '' });

const printed = (engine: Engine): string =>
  Buffer.concat(engine.output.until().map(({ bytes }) => bytes)).toString('latin1');

const bytesOf = (value: bigint): Uint8Array => new Uint8Array(new BigUint64Array([value]).buffer);

/** Of a run that has come to its end: the page fault that gave the demo's shared page its frame. */
function firstTouchOfSharedPage({ timeline }: Engine) {
  for (const fault of timeline.between(1, timeline.last)) {
    const { detail } = fault;
    if (detail.kind === 'fault' && detail.cause === 'demand zero' && detail.address >= 0x7fff_f000_0000n)
      return { fault, detail };
  }
  throw new Error('nobody has touched a shared page');
}

/** RIP of the task that has the CPU. */
const rip = ({ machine }: Engine): bigint => machine.cpu.state.rip;

describe('there and back', () => {
  // The others run for longer than a test may.
  const names = programs.map(({ name }) => name);
  test('from any place of any program, any number of steps', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.constantFrom(0, 5),
        fc.nat(3000),
        fc.integer({ min: 1, max: 6 }),
        async (name, seed, instruction, count) => {
          const engine = await open(name, seed);
          await engine.goto({ instruction });
          const prints = [engine.history.fingerprint()];
          const positions = [engine.position];
          const { task } = engine;
          for (let i = 0; i < count; i++) {
            const stop = await engine.stepInstruction();
            if (stop.reason.kind !== 'step' || stop.task?.tid !== task?.tid) break;
            prints.push(engine.history.fingerprint());
            positions.push(engine.position);
          }
          const output = printed(engine);
          // A last step that came to something else, such as the task's end, may stand beyond what was noted.
          const isBeyond = comparePositions(engine.position, positions.at(-1)!) > 0;
          for (let i = prints.length - (isBeyond ? 1 : 2); i > 0; i--) {
            await engine.stepInstruction({ direction: 'backward' });
            expect(engine.position).toEqual(positions[i]);
            expect(engine.history.fingerprint()).toBe(prints[i]);
          }
          expect(printed(engine)).toBe(output);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('through forks, exits, signals and output, which is printed once', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          'shm_demo_fixed',
          'signal_handler',
          'zombie',
          'pipe_family',
          'thread',
          'vfork',
          'exec_mappings',
        ),
        fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 6 }),
        async (name, places) => {
          const engine = await open(name, 3);
          await engine.continue();
          const end = Math.min(engine.position.instruction, 100_000);
          const output = printed(engine);
          const known = new Map<number, string>();
          for (const place of [...places, ...places.reverse()]) {
            const instruction = place % end;
            await engine.goto({ instruction });
            const print = engine.history.fingerprint();
            expect(print).toBe(known.get(instruction) ?? print);
            known.set(instruction, print);
          }
          expect(printed(engine)).toBe(output);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('the demo', () => {
  test('a breakpoint is met going either way', async () => {
    const engine = await open('shm_demo_fixed');
    const first = rip(engine);
    await engine.stepInstruction({ count: 5 });
    const there = rip(engine);
    await engine.goto({ instruction: 0 });
    engine.addBreakpoint(there);
    const forward = await engine.continue();
    expect(forward.reason.kind).toBe('breakpoint');
    expect(forward.position.instruction).toBe(5);
    await engine.stepInstruction({ count: 10 });
    const backward = await engine.continue({ direction: 'backward' });
    expect(backward.reason.kind).toBe('breakpoint');
    expect(backward.position.instruction).toBe(5);
    const start = await engine.continue({ direction: 'backward' });
    expect(start.reason.kind).toBe('start');
    expect(rip(engine)).toBe(first);
  });

  test('a breakpoint where the machine stands is not met, also if the instruction faults first', async () => {
    const engine = await open('shm_demo_fixed');
    const start = stateOf(engine.task!)!.rip;
    engine.addBreakpoint(start);
    engine.addCatchpoint({ kind: 'fault' });
    expect((await engine.continue()).reason).toMatchObject({ kind: 'catchpoint', event: { rip: start } });
    expect((await engine.continue()).reason).toMatchObject({
      kind: 'catchpoint',
      event: { detail: { access: 'write' } },
    });
  });

  test('going back, only what is told counts as a hit', async () => {
    const engine = await open('shm_demo_fixed');
    const point = engine.addCatchpoint({ kind: 'syscall' });
    for (let i = 0; i < 4; i++) await engine.continue();
    expect(point.hits).toBe(4);
    await engine.continue({ direction: 'backward' });
    expect(point.hits).toBe(5);
  });

  test('catchpoints: a call before it is made and after it, a fork, a fault, the exit of each', async () => {
    const engine = await open('shm_demo_fixed');
    engine.addCatchpoint({ kind: 'syscall', names: ['wait4'] });
    const before = await engine.continue();
    expect(before.reason).toMatchObject({ kind: 'catchpoint', event: { detail: { kind: 'syscall', name: 'wait4' } } });
    // As with ptrace: SYSCALL has been executed, and nothing has happened yet.
    expect(engine.machine.cpu.insnAt(rip(engine) - 2n)?.def.flow).toBe('syscall');
    expect(engine.machine.kernel.current?.call?.record.name).toBe('wait4');
    const after = await engine.continue();
    expect(after.reason).toMatchObject({ event: { detail: { kind: 'return', name: 'wait4' } } });
    const end = await engine.continue();
    expect(end.reason.kind).toBe('end');
    const back = await engine.continue({ direction: 'backward' });
    expect(back.reason).toMatchObject({ event: { detail: { kind: 'return', name: 'wait4' } } });
  });

  test('who wrote the shared page: the parent, seen from the child', async () => {
    const engine = await open('shm_demo_fixed');
    await engine.continue();
    const { detail } = firstTouchOfSharedPage(engine);
    const exit = engine.timeline.between(1, engine.timeline.last).find((one) => one.detail.kind === 'exit')!;
    await engine.goto({ instruction: exit.instruction - 3 });
    const { task: child } = engine;
    expect(child!.pid).toBe(101);
    const here = engine.position;
    for (let i = 0n; i < 8n; i++) {
      const writer = await engine.whoWrote({ pid: 101, address: detail.address + i });
      expect(writer).toMatchObject({ pid: 100, by: 'program' });
      expect(engine.position).toEqual(here);
      await engine.goto(writer!.position);
      expect(rip(engine)).toBe(writer!.rip);
      expect(engine.machine.cpu.insnAt(rip(engine))?.ops[0].kind).toBe('mem');
      await engine.goto(here);
    }
    // Nobody has written there since the kernel zeroed it, in an earlier life of the frame or never.
    const unwritten = await engine.whoWrote({ pfn: detail.newFrame.pfn, offset: 2000 });
    expect(unwritten).toBeUndefined();
  });

  test('a watchpoint on the frame is met by whoever writes it, through whatever mapping', async () => {
    const engine = await open('shm_demo_fixed');
    await engine.continue();
    const { fault, detail } = firstTouchOfSharedPage(engine);
    const { newFrame, address } = detail;
    await engine.goto({ instruction: 0 });
    engine.addWatchpoint({ kind: 'frame', pfn: newFrame.pfn, offset: 0, length: 8 }, 'write');
    const stop = await engine.continue();
    expect(stop.reason).toMatchObject({ kind: 'watchpoint', access: { isWrite: true, by: 'program' } });
    expect(stop.position.instruction).toBe(fault.instruction + 1);
    expect(stop.reason).toMatchObject({ access: { before: new Uint8Array(8), after: new Uint8Array(8) } });
    for (const { id } of engine.stopPoints) engine.removeStopPoint(id);
    engine.addWatchpoint({ kind: 'frame', pfn: newFrame.pfn, offset: 0, length: 8 }, 'change');
    const next = await engine.continue();
    expect(next.reason).toMatchObject({
      access: { before: new Uint8Array(8), after: bytesOf(0xdead_beef_cafe_baben) },
    });
    expect(comparePositions(next.position, stop.position)).toBeGreaterThan(0);
    await engine.goto({ instruction: 0 });
    for (const { id } of engine.stopPoints) engine.removeStopPoint(id);
    engine.addWatchpoint({ kind: 'virtual', pid: 100, address, length: 8 }, 'access');
    expect((await engine.continue()).reason.kind).toBe('watchpoint');
  });
});

test('the last events of a long run are described where it stops, however long ago they were', async () => {
  // mov ebx, 4000; 1: mov eax, 39 (getpid); syscall; dec ebx; jnz 1b; mov ecx, 400000000; 2: dec ecx; jnz 2b; jmp $
  const code = 'bb a0 0f 00 00 b8 27 00 00 00 0f 05 ff cb 75 f5 b9 00 84 d7 17 ff c9 75 fc eb fe';
  const bytes = Uint8Array.from(code.split(' '), (byte) => Number.parseInt(byte, 16));
  const program = tinyElf({ entry: 0x40_1000n, segments: [{ address: 0x40_1000n, bytes, flags: 5 }] });
  const engine = await Engine.open({ path: 'calls', program });
  // Long enough that a checkpoint is taken behind the calls.
  await engine.goto({ instruction: 800_000_000 });
  expect(engine.history.checkpointsBefore(engine.position).some(({ instruction }) => instruction > 17_000)).toBe(true);
  const { event } = engine.position;
  expect(engine.timeline.between(event - 100, event)).toHaveLength(101);
});

test('what cannot be watched is refused', async () => {
  const engine = await open('empty');
  const place = { kind: 'virtual', pid: 100, address: 0x402000n, length: 2 ** 47 } as const;
  expect(() => engine.addWatchpoint(place, 'write')).toThrow('too many to watch');
  expect(() => engine.addWatchpoint({ ...place, length: 0 }, 'write')).toThrow('nothing to watch');
  const frame = { kind: 'frame', pfn: 0x201, offset: 4090, length: 8 } as const;
  expect(() => engine.addWatchpoint(frame, 'write')).toThrow('a frame has 4096 bytes');
  expect(engine.stopPoints).toEqual([]);
});

test('a fatal signal is told before it is delivered, with everything still there', async () => {
  const engine = await open('use_after_munmap');
  const stop = await engine.continue();
  expect(stop.reason).toMatchObject({ kind: 'signal', event: { detail: { name: 'SIGSEGV' } } });
  expect(rip(engine)).toBe((stop.reason as { event: { rip: bigint } }).event.rip);
  expect(stop.task?.hasMemory()).toBe(true);
  expect((await engine.continue()).reason.kind).toBe('end');
});
