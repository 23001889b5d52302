/** Seeds and interleavings: what a seed may change, and what it may not. */
import { describe, expect, test } from 'vitest';
import { run } from '../../src/index.ts';
import { roundRobin, SeededSchedule, scheduleOf } from '../../src/kernel/task/schedule.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { type Code, SHARED, twoProcesses } from '../helpers/code.ts';
import { story, sys } from '../helpers/story.ts';

const TURNS = 1000;
/** Only its length matters. */
const LINE = new Array<Task>(4);
/** Both processes add 1 to a word so many times; status 0 when nothing is lost. */
const counting = (add: (code: Code) => void) =>
  twoProcesses(
    (code) => code.repeat(TURNS, add),
    (code) => code.repeat(TURNS, add),
    (code) => code.call(1, 1, SHARED, 8).exit(0),
  );
const lostUpdate = counting((code) => code.load(0, SHARED).add(0, 1).store(SHARED, 0));
const atomic = counting((code) => code.lockedIncrement(SHARED));

async function totals(program: Uint8Array, seeds: number): Promise<number[]> {
  const found: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const { stdoutBytes } = await run(program, { seed });
    found.push(Number(new DataView(stdoutBytes.buffer, stdoutBytes.byteOffset).getBigUint64(0, true)));
  }
  return found;
}

describe('a seed', () => {
  test('of 0 is round-robin in slices of the quantum', () => {
    const policy = scheduleOf(0, 777);
    expect([policy.slice(), policy.pick(LINE), policy.preempts(LINE[0]), policy.wakes(3)]).toEqual([777, 0, false, 0]);
  });

  test('chooses slices from 1 instruction to the quantum, and every place of the line', () => {
    const lengths: number[] = [];
    const picks = new Set<number>();
    for (let seed = 1; seed < 200; seed++) {
      const policy = new SeededSchedule(seed, 1000);
      for (let i = 0; i < 50; i++) lengths.push(policy.slice());
      for (let i = 0; i < 10; i++) picks.add(policy.pick(LINE));
    }
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([1, expect.closeTo(1000, -2)]);
    expect(lengths.filter((length) => !Number.isInteger(length) || length > 1000)).toEqual([]);
    expect([...picks].sort()).toEqual([0, 1, 2, 3]);
  });

  test('makes slices longer as the program goes on', () => {
    const policy = new SeededSchedule(3, 1 << 20);
    const most = (count: number) => Math.max(...Array.from({ length: count }, () => policy.slice()));
    const first = most(1000);
    most(4096 * 14);
    expect(most(1000)).toBeGreaterThan(Math.min(first, 100_000));
  });

  test('shows a lost update, and none where the addition is atomic', async () => {
    const lost = await totals(lostUpdate, 40);
    expect(lost[0]).toBe(2 * TURNS);
    expect(Math.max(...lost)).toBe(2 * TURNS);
    expect(Math.min(...lost)).toBeLessThan(2 * TURNS);
    expect(new Set(lost).size).toBeGreaterThan(5);
    expect(await totals(atomic, 40)).toEqual(Array.from({ length: 40 }, () => 2 * TURNS));
  });

  test('is the same run every time, also in pieces', async () => {
    const once = await run(lostUpdate, { seed: 7 });
    expect(await run(lostUpdate, { seed: 7 })).toEqual(once);
    // A deadline makes the machine run in pieces.
    expect(await run(lostUpdate, { seed: 7, timeout: 60 })).toEqual(once);
  });

  test('lets the child go first after fork, or the parent', () => {
    const first = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const order: number[] = [];
      const played = story(
        function* () {
          yield sys.fork(function* () {
            order.push(1);
            yield sys.exit(0);
          });
          order.push(0);
          yield sys.exit(0);
        },
        undefined,
        { schedule: seed === 0 ? roundRobin(1000) : new SeededSchedule(seed, 1000) },
      );
      played.play();
      first.add(order[0]);
      if (seed === 0) expect(order).toEqual([0, 1]);
    }
    expect([...first].sort()).toEqual([0, 1]);
  });
});
