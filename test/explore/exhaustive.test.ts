/**
 * Every schedule of small programs: their number by closed formulas, the same outcomes with and without reduction, and
 * schedules that show again what was found.
 */
import { describe, expect, test } from 'vitest';
import { type Choice, conduct } from '../../src/explore/conductor.ts';
import { type ExhaustiveOptions, type ExhaustiveResult, exhaust } from '../../src/explore/exhaustive.ts';
import { following, formatSchedule, parseSchedule, scheduleOfRun } from '../../src/explore/schedule-text.ts';
import { loadImage } from '../../src/index.ts';
import { SpareMemory } from '../../src/mem/frames.ts';
import { Code, SHARED, twoProcesses } from '../helpers/code.ts';

const spare = new SpareMemory();
const conducted = async (program: Uint8Array) => ({
  image: await loadImage(program),
  path: 'p',
  machine: { spare },
  program: {},
  limits: { maxInstructions: 100_000 },
});
async function explore(program: Uint8Array, options: Partial<ExhaustiveOptions> = {}): Promise<ExhaustiveResult> {
  return exhaust({
    conduct: await conducted(program),
    comparison: 'all',
    mode: 'orders',
    maxRuns: 2000,
    expect: undefined,
    onProgress: async () => true,
    ...options,
  });
}
const replay = async (program: Uint8Array, schedule: string) =>
  (await conduct({ ...(await conducted(program)), stops: undefined, choose: following(parseSchedule(schedule)) }))
    .result!;

type Part = (code: Code) => Code;
const times =
  (count: number, part: Part): Part =>
  (code) => {
    for (let i = 0; i < count; i++) part(code);
    return code;
  };
const store =
  (value: number): Part =>
  (code) =>
    code.mov(0, value).store(SHARED, 0);
const add: Part = (code) => code.load(0, SHARED).add(0, 1).store(SHARED, 0);
const increment: Part = (code) => code.increment(SHARED);
const lockedIncrement: Part = (code) => code.lockedIncrement(SHARED);
const ends: Part = (code) => code.exitWith(SHARED);
const statuses = ({ outcomes }: ExhaustiveResult) => outcomes.map(({ outcome }) => outcome.status).sort();

function binomial(n: number, k: number): number {
  return k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k;
}

describe('the number of schedules', () => {
  // The parent stores n times and waits, the child stores m times and exits.
  test.each([
    [1, 1],
    [2, 1],
    [2, 3],
    [3, 3],
  ])('of %i and %i stores to one place is that of the formula', async (n, m) => {
    const program = twoProcesses(times(n, store(1)), times(m, store(2)), ends);
    // The stores' orders, times two: whether the parent comes to wait4 before or after the child's end.
    const orders = await explore(program);
    expect([orders.schedules, orders.isComplete, orders.gaps]).toEqual([2 * binomial(n + m, n), true, []]);
    // All sequences of n stores and a wait, and m stores and an end.
    const sequences = await explore(program, { mode: Number.POSITIVE_INFINITY });
    expect([sequences.schedules, sequences.isComplete]).toEqual([binomial(n + m + 2, n + 1), true]);
    expect(statuses(orders)).toEqual(statuses(sequences));
  });

  test('of stores to different places is 1 for each order of wait and end', async () => {
    const program = twoProcesses(times(5, store(1)), times(5, (code) => code.mov(0, 2).store(SHARED + 8, 0)), ends); // biome-ignore format: one line
    expect((await explore(program)).schedules).toBe(2);
  });

  test('of loads of one place is that, too', async () => {
    const load: Part = (code) => code.load(0, SHARED);
    expect((await explore(twoProcesses(times(4, load), times(4, load), ends))).schedules).toBe(2);
  });

  test('of bytes side by side is not that of one byte', async () => {
    // mov [abs], al
    const byte =
      (address: number): Part =>
      (code) =>
        code.emit(0x88, 0x04, 0x25, ...new Uint8Array(new Uint32Array([address]).buffer));
    const sideBySide = twoProcesses(times(2, byte(SHARED)), times(2, byte(SHARED + 1)), ends);
    expect((await explore(sideBySide)).schedules).toBe(2);
    const same = twoProcesses(times(2, byte(SHARED)), times(2, byte(SHARED)), ends);
    expect((await explore(same)).schedules).toBe(2 * binomial(4, 2));
  });
});

describe('a counter that two processes increment twice', () => {
  // Known of it: the least total is 2, whatever the number of turns from 2 on.
  test.each([
    ['by a load, an addition and a store', add, [2, 3, 4]],
    ['by one instruction without a lock', increment, [2, 3, 4]],
    ['by one instruction with a lock', lockedIncrement, [4]],
  ])('%s', async (_name, part, totals) => {
    const program = twoProcesses(times(2, part), times(2, part), ends);
    const orders = await explore(program, { expect: 4 });
    const sequences = await explore(program, { expect: 4, mode: Number.POSITIVE_INFINITY });
    expect([orders.isComplete, sequences.isComplete]).toEqual([true, true]);
    expect([statuses(orders), statuses(sequences)]).toEqual([totals, totals]);
    for (const { outcome, schedule } of [...orders.outcomes, ...sequences.outcomes])
      expect((await replay(program, schedule)).status).toBe(outcome.status);
    if (totals.length === 1) expect(orders.failure).toBeUndefined();
    else {
      expect(orders.failure).toMatchObject({ preemptions: 1, switches: 2, isShortest: true });
      expect((await replay(program, orders.failure!.schedule)).status).not.toBe(4);
    }
  });

  test('with a bound says that it is one', async () => {
    const program = twoProcesses(times(2, add), times(2, add), ends);
    const bounded = await explore(program, { mode: 1, expect: 4 });
    expect(bounded).toMatchObject({ isComplete: false, isCut: false, gaps: ['no more than 1 preemptions were tried (--preemptions)'] }); // biome-ignore format: one line
    expect(statuses(bounded)).toEqual([2, 4]);
    expect(statuses(await explore(program, { mode: 2 }))).toEqual([2, 3, 4]);
    const cut = await explore(program, { maxRuns: 10 });
    expect(cut).toMatchObject({ isComplete: false, isCut: true, gaps: ['only 10 runs were made (--max-runs)'] });
  });

  test('that is stopped says that it was', async () => {
    const program = twoProcesses(times(2, add), times(2, add), ends);
    const stopped = await explore(program, { onProgress: async (runs) => runs < 5 });
    expect(stopped).toMatchObject({ isComplete: false, isCut: true, gaps: ['it was interrupted'], runs: 5 });
  });
});

test("Dekker's question: without locks both may see the other's flag down, if stores and loads were reordered; here they are not", async () => {
  const ask = (own: number, other: number): Part => (code) =>
    code.mov(0, 1).store(own, 0).load(0, other).store(own + 16, 0); // biome-ignore format: one line
  const sum: Part = (code) => {
    code.load(0, SHARED + 16).load(7, SHARED + 24);
    // add rdi, rax
    return code.emit(0x48, 0x01, 0xc7).call(60);
  };
  const result = await explore(twoProcesses(ask(SHARED, SHARED + 8), ask(SHARED + 8, SHARED), sum));
  expect([statuses(result), result.isComplete]).toEqual([[1, 2], true]);
});

test('what follows a call is not ordered by a call of another task after that one', async () => {
  const after: (part: Part) => Part = (part) => (code) => part(code.call(121, 0)); // getpgid
  const result = await explore(twoProcesses(after(add), after(add), ends));
  expect([statuses(result), result.isComplete]).toEqual([[1, 2], true]);
});

describe('a deadlock', () => {
  /** Each takes two locks, the second process in the other order. A lock is a pipe with one byte in it. */
  const READ = 0, WRITE = 1, PIPE = 22; // biome-ignore format: calls
  const FIRST = SHARED, SECOND = SHARED + 8, BYTE = SHARED + 16; // biome-ignore format: places
  /** mov edi, [pipe + which * 4]; read or write one byte. */
  const move = (call: number, pipe: number): Part => (code) =>
    code.emit(0x8b, 0x3c, 0x25, ...new Uint8Array(new Uint32Array([pipe + (call === WRITE ? 4 : 0)]).buffer))
      .mov(6, BYTE).mov(2, 1).call(call); // biome-ignore format: two lines
  const locked = (a: number, b: number): Part => (code) =>
    [move(READ, a), move(READ, b), move(WRITE, b), move(WRITE, a)].reduce((on, part) => part(on), code); // biome-ignore format: one line
  const program = (child: Part) => {
    const code = new Code().share().call(PIPE, FIRST).call(PIPE, SECOND);
    move(WRITE, FIRST)(code);
    move(WRITE, SECOND)(code);
    code.call(57).compare(0, 0).jumpIfEqual('child');
    locked(FIRST, SECOND)(code).call(61, -1, 0, 0, 0).exit(0).label('child');
    return child(code).exit(0).program();
  };

  test('is found, with who waits for what, and shown again by its schedule', async () => {
    const crossed = program(locked(SECOND, FIRST));
    const { failure, isComplete } = await explore(crossed, { comparison: 'ending' });
    expect(isComplete).toBe(true);
    expect(failure).toMatchObject({ outcome: { end: 'deadlock' }, preemptions: 1, isShortest: true });
    const waiting = [expect.stringMatching(/^pid 100 p: read\(/), expect.stringMatching(/^pid 101 p: read\(/)];
    expect(failure!.outcome.waiting).toEqual(waiting);
    const again = await replay(crossed, failure!.schedule);
    expect([again.outcome, again.waiting]).toEqual(['deadlock', waiting]);
  });

  test('is not there when both take the locks in one order', async () => {
    const result = await explore(program(locked(FIRST, SECOND)), { comparison: 'ending' });
    expect([result.isComplete, result.failure, result.outcomes.length]).toEqual([true, undefined, 1]);
  });
});

test('a signal that ends a process may come before each of its steps', async () => {
  // The child counts; the parent kills it (pid 101, SIGKILL), waits, and exits with the count.
  const program = twoProcesses((code) => code.call(62, 101, 9), times(3, add), ends);
  const result = await explore(program);
  expect([statuses(result), result.isComplete]).toEqual([[0, 1, 2, 3], true]);
  expect(statuses(await explore(program, { mode: Number.POSITIVE_INFINITY }))).toEqual([0, 1, 2, 3]);
});

describe('who waits by looking at memory', () => {
  const FLAG = SHARED + 64;
  const await1: Part = (code) => {
    const label = `look ${Math.random()}`;
    return code.label(label).load(0, FLAG).compare(0, 1).jumpIfNotEqual(label);
  };
  const raise: Part = (code) => code.mov(0, 1).store(FLAG, 0);

  test('gets no turn before it changes, so that there is an end', async () => {
    const published = twoProcesses((code) => await1(code).load(0, SHARED).store(SHARED + 8, 0), (code) => raise(store(7)(code)), (code) => code.exitWith(SHARED + 8)); // biome-ignore format: one line
    const result = await explore(published);
    expect([statuses(result), result.isComplete]).toEqual([[7], true]);
    const tooEarly = twoProcesses((code) => await1(code).load(0, SHARED).store(SHARED + 8, 0), (code) => store(7)(raise(code)), (code) => code.exitWith(SHARED + 8)); // biome-ignore format: one line
    const wrong = await explore(tooEarly, { expect: 7 });
    expect([statuses(wrong), wrong.isComplete, wrong.failure?.isShortest]).toEqual([[0, 7], true, true]);
    expect((await replay(tooEarly, wrong.failure!.schedule)).status).toBe(0);
  });

  test('for ever is a deadlock', async () => {
    const result = await explore(twoProcesses(await1, store(1), ends));
    expect(result.failure).toMatchObject({ outcome: { end: 'deadlock' } });
    expect(result.failure!.outcome.waiting).toEqual([expect.stringMatching(/^pid 100 p: spins at 0x[0-9a-f]+ mov rax, /)]); // biome-ignore format: one line
    expect(result.isComplete).toBe(true);
  });

  test('at a lock that XCHG takes', async () => {
    const LOCK = FLAG;
    const guarded: Part = (code) => {
      const label = `try ${Math.random()}`;
      add(code.label(label).mov(0, 1).exchange(LOCK, 0).compare(0, 0).jumpIfNotEqual(label));
      return code.mov(0, 0).store(LOCK, 0);
    };
    const result = await explore(twoProcesses(guarded, guarded, ends), { maxRuns: 500 });
    expect([statuses(result), result.isComplete]).toEqual([[2], true]);
  });
});

test('a program that never ends, or asks for the time, is not called explored', async () => {
  const counts = twoProcesses((code) => code.label('again').load(0, SHARED).add(3, 1).jump('again'), store(1), ends);
  const options = { ...(await conducted(counts)), limits: { maxInstructions: 2000 } };
  const endless = await explore(counts, { maxRuns: 3, conduct: options });
  expect([endless.isComplete, endless.isCut]).toEqual([false, true]);
  const clock = twoProcesses((code) => code.call(228, 1, SHARED + 64), store(1), ends);
  expect((await explore(clock)).gaps).toEqual([expect.stringContaining('uses time')]);
});

describe('schedules as text', () => {
  test('are read as they are written', () => {
    expect(formatSchedule(parseSchedule('100:12, 101\n100'))).toBe('100:12,101,100');
    for (const text of ['', 'a', '100:', ':3', '100:-1', '100:1;101:2'])
      expect(() => parseSchedule(text)).toThrow(/is empty|is not of the form/);
  });

  test('of any run, chosen at random, show the same run again', async () => {
    const program = twoProcesses(times(3, add), times(3, increment), ends);
    const options = await conducted(program);
    let state = 1;
    const random = ({ enabled }: Choice) => {
      state = (state * 48271) % 0x7fff_ffff;
      return enabled[state % enabled.length];
    };
    for (let i = 0; i < 15; i++) {
      const execution = await conduct({ ...options, stops: undefined, choose: random });
      const again = await replay(program, formatSchedule(scheduleOfRun(execution)));
      expect(again).toEqual(execution.result);
    }
  });

  test('of another program do not fit', async () => {
    const program = twoProcesses(add, add, ends);
    await expect(replay(program, '105:1')).rejects.toThrow('task 105 cannot go on at turn 1');
    await expect(replay(program, '101:100,100')).rejects.toThrow('task 101 cannot go on');
  });
});
