/** The right answers of all lessons, checked against another engine, which goes to the same place and is inspected directly. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/ints.ts';
import { Engine } from '../../../src/debug/engine.ts';
import { viewAreas } from '../../../src/debug/inspect/areas.ts';
import { walkAddress } from '../../../src/debug/inspect/walk.ts';
import type { Task } from '../../../src/kernel/task/task.ts';
import { describePteFlags } from '../../../src/mem/pte.ts';
import { LESSONS } from '../../../src/web/lessons/index.ts';
import type { Lesson, Prediction } from '../../../src/web/lessons/lesson.ts';
import { findAddress, pidOf } from '../../../src/web/lessons/places.ts';
import { goToStep, questionOf } from '../../../src/web/lessons/tour.ts';
import type { Move, Position } from '../../../src/web/protocol.ts';
import { fixturePath } from '../../helpers/fixtures.ts';
import { SessionMachine } from './session-machine.ts';

/** What the inspected machine says of a question: the option that is right must hold, or be, this. */
type Check = (of: { engine: Engine; task: Task | undefined; address: bigint; from: Position; pid: number }) => unknown;

const living = ({ machine }: Engine): Task[] =>
  machine.kernel.processes().flatMap(({ threads }) => threads.filter((task) => task.hasMemory()).slice(0, 1));

const between = ({ timeline, position }: Engine, { event }: Position) => timeline.between(event + 1, position.event);

const CHECKS: Readonly<Record<Prediction['ask'], Check>> = {
  frame({ task, address }) {
    const pfn = task && walkAddress(task, address)?.pfn;
    return pfn === undefined ? 'none' : hex(pfn * 4096, 8);
  },
  frames({ engine, address }) {
    const pfns = living(engine).flatMap((task) => walkAddress(task, address)?.pfn ?? []);
    return ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'][new Set(pfns).size];
  },
  flags({ task, address }) {
    const entry = task && walkAddress(task, address)?.steps.at(3)?.entry;
    return entry === undefined || entry === 0n ? 'none' : describePteFlags(entry);
  },
  value({ engine, task, address }) {
    const bytes = engine.machine.kernel.peek(task!, address, 8)!;
    return hex(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true), 16);
  },
  areas: ({ task }) => `${viewAreas(task!).length}`,
  runs: ({ engine }) => `${engine.machine.kernel.current!.pid}`,
  ending({ engine, pid }) {
    const { timeline } = engine;
    const exit = timeline.between(1, timeline.last).find((event) => event.pid === pid && event.detail.kind === 'exit');
    return /exited with \d+|SIG\w+/.exec(exit!.text)![0].replace('exited', 'exits');
  },
  printed({ engine }) {
    const all = Buffer.concat(engine.output.until(engine.printed).map(({ bytes }) => bytes)).toString('latin1');
    return all.trimEnd().split('\n').at(-1);
  },
  result({ engine, from, pid }) {
    const event = between(engine, from).find((one) => one.pid === pid && one.detail.kind === 'return');
    if (event?.detail.kind !== 'return') return undefined;
    const { error, result = 0n } = event.detail;
    // What may be an address is printed as one.
    return error ?? (result > 0xffff_ffffn ? hex(result) : `${result}`);
  },
  next({ engine, from, pid }) {
    const own = between(engine, from).filter((event) => event.pid === pid);
    const fault = own.find(({ detail }) => detail.kind === 'fault' || detail.kind === 'signal')?.detail;
    const words = {
      'demand zero': 'frame of zeros',
      'copy-on-write break': 'a frame of its own',
      'file page': 'found in a file',
      'shared page': 'others have the page',
      'zero page': 'the one frame of zeros',
    };
    if (fault?.kind === 'fault') return words[fault.cause];
    return fault === undefined ? 'no fault' : 'a signal';
  },
};

async function openEngine({ program, spec }: Lesson): Promise<Engine> {
  const engine = await Engine.open({
    path: program,
    program: readFileSync(fixturePath(program)),
    machine: { seed: spec?.seed, quantum: spec?.quantum },
  });
  while ((await engine.continue()).reason.kind !== 'end');
  return engine;
}

async function go(engine: Engine, move: Move, address: bigint): Promise<void> {
  if (move.kind === 'goto') await engine.goto(move.position);
  else if (move.kind === 'event' && move.goal === 'store') {
    const { pfn } = walkAddress(engine.task!, address)!;
    engine.addWatchpoint({ kind: 'frame', pfn: pfn!, offset: 0, length: 4096 }, 'write', { isTemporary: true });
    await engine.continue();
  } else throw new Error(`a move that no lesson makes: ${JSON.stringify(move)}`);
}

describe.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))('%s', (_id, lesson) => {
  test('every right answer is what the engine says', { timeout: 60_000 }, async () => {
    const machine = await SessionMachine.open(lesson);
    const engine = await openEngine(lesson);
    for (const [i, { predict, title }] of lesson.steps.entries()) {
      if (predict === undefined) continue;
      await goToStep(machine, lesson, i);
      const { question, moves } = (await questionOf(machine, lesson, i))!;
      const from = machine.view.position;
      const selected = lesson.steps.slice(0, i + 1).findLast(({ select }) => select !== undefined)?.select;
      const asked = predict.address ?? selected;
      const address = (asked && findAddress(machine.events, asked)) ?? 0n;
      const pid = pidOf(machine.events, predict.who)!;
      for (const move of moves) await go(engine, move, address);
      const task = living(engine).find((one) => one.pid === pid);
      const truth = CHECKS[predict.ask]({ engine, task, address, from, pid });
      const { options, right } = question;
      // A frame that nobody had before has no name yet that one could predict.
      const isNew = predict.ask === 'frame' && options[right].includes('nobody has now');
      if (isNew)
        expect(
          machine.view.frames.some(({ paddr }) => hex(paddr, 8) === truth),
          title,
        ).toBe(false);
      // A line may have been begun by an earlier write.
      else if (predict.ask === 'printed') expect(truth, `${lesson.id}: ${title}`).toContain(options[right]);
      else expect(options[right], `${lesson.id}: ${title}`).toContain(truth);
    }
  });
});
