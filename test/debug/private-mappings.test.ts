/** A run whose shared mappings are private instead, under the debugger: forwards, backwards, and across the mmap(2) itself. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Engine } from '../../src/debug/engine.ts';
import { stateOf } from '../../src/debug/inspect/registers.ts';
import { PrivateMappings } from '../../src/debug/story/private-twin.ts';
import { fixturePath } from '../helpers/fixtures.ts';

const R10 = 10;
const SHARED = 0x21n, PRIVATE = 0x22n; // biome-ignore format: one line

const open = (name: string): Promise<Engine> =>
  Engine.open({
    program: readFileSync(fixturePath(name)),
    path: name,
    machine: { quantum: 700 },
    stdin: '',
    between: (cpu, current) => new PrivateMappings(cpu, current),
  });

const r10 = ({ task }: Engine): bigint => stateOf(task!)!.reg(R10);

const printed = (engine: Engine): string =>
  Buffer.concat(engine.output.until().map(({ bytes }) => bytes)).toString('latin1');

async function toEnd(engine: Engine): Promise<void> {
  while ((await engine.continue()).reason.kind !== 'end');
}

const returnOfMmap = ({ timeline }: Engine): number =>
  timeline.between(1, timeline.last).find(({ detail }) => detail.kind === 'return' && detail.name === 'mmap')!.number;

test('the call that is made is private, and the program has its own R10 again', async () => {
  const engine = await open('shm_demo_fixed');
  await toEnd(engine);
  const { timeline } = engine;
  const calls = timeline.between(1, timeline.last).map(({ text }) => text);
  expect(calls.find((text) => text.startsWith('mmap('))).toContain('MAP_PRIVATE|MAP_ANONYMOUS');
  const exits = timeline.between(1, timeline.last).flatMap(({ detail }) => (detail.kind === 'exit' ? [detail] : []));
  expect(exits.map(({ status }) => status)).toEqual([1, 0]);
  expect(printed(engine)).toContain('Child read: 0x0000000000000000');
  await engine.goto({ event: returnOfMmap(engine) });
  await engine.stepInstruction();
  expect(r10(engine)).toBe(SHARED);
});

test('steps back and forth over the call come to the same machine', async () => {
  const engine = await open('shm_demo');
  await toEnd(engine);
  const instruction = engine.timeline.find(returnOfMmap(engine))!.instruction;
  await engine.goto({ instruction: instruction - 4 });
  engine.task = engine.machine.kernel.findTask(100);
  const prints: string[] = [];
  for (let i = 0; i < 8; i++) {
    prints.push(engine.history.fingerprint());
    await engine.stepInstruction();
  }
  for (const print of prints.reverse()) {
    await engine.stepInstruction({ direction: 'backward' });
    expect(engine.history.fingerprint()).toBe(print);
  }
});

test('a snapshot between the call and its return remembers what the program had in R10', async () => {
  const engine = await open('shm_demo');
  await toEnd(engine);
  await engine.goto({ event: returnOfMmap(engine) });
  expect(r10(engine)).toBe(PRIVATE);
  engine.undisturbed(() => {
    engine.machine.kernel.run(1);
    expect(r10(engine)).toBe(SHARED);
  });
  expect(r10(engine)).toBe(PRIVATE);
  await engine.stepInstruction();
  expect(r10(engine)).toBe(SHARED);
});
