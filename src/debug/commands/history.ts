/** goto, event, timeline, diff, bookmark: the run as a whole, any moment of which can be gone to. */
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { evaluate } from '../expression/evaluate.ts';
import { asInteger } from '../expression/values.ts';
import type { Position } from '../position.ts';
import type { TimelineEvent } from '../timeline.ts';
import { command } from './define.ts';
import { type Output, say } from './output.ts';
import { count, text } from './params.ts';
import type { Session } from './session.ts';
import { noteBefore, stopOutputs } from './stops.ts';
import { describeEntry } from './text-frames.ts';

async function goTo(session: Session, place: Parameters<Session['engine']['goto']>[0]): Promise<Output[]> {
  const before = noteBefore(session);
  const stop = await session.engine.goto(place);
  const { instruction, event } = session.engine.position;
  return [say(`Instruction ${instruction}, event ${event}.`), ...stopOutputs(session, stop, before)];
}

function natural(session: Session, given: string): number {
  const value = Number(asInteger(evaluate(given, session.scope())));
  if (!Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`${given} is not a number of one: they are counted from 0, or 1.`);
  return value;
}

export const goToPlace = command({
  name: 'goto',
  group: 'history',
  params: text('number of an instruction, event N, or bookmark N'),
  usage: 'N | event N | bookmark N',
  help: 'Go to the moment before instruction N of the whole machine, to event N, or to a bookmark, backwards or forwards.',
  async run(session, { text: given }) {
    const [, what, number] = /^(?:(event|bookmark)\s+)?(.+)$/s.exec(given)!;
    if (what === 'event') return await goTo(session, { event: natural(session, number) });
    if (what === undefined) return await goTo(session, { instruction: natural(session, number) });
    const place = session.bookmarks.get(natural(session, number));
    if (place === undefined) throw new UsageError(`No bookmark ${number}.`);
    return await goTo(session, place);
  },
});

export const event = command({
  name: 'event',
  group: 'history',
  params: text('number'),
  usage: 'N',
  help: 'Go to the moment when event N of the timeline has just been told.',
  run: (session, { text: given }) => goTo(session, { event: natural(session, given) }),
});

export const bookmark = command({
  name: 'bookmark',
  aliases: ['bm'],
  group: 'history',
  params: text(undefined),
  usage: '[list]',
  help: 'Remember this moment under a number, to go back to it: goto bookmark N. The same state each time.',
  run(session, { text: given }) {
    const { bookmarks, engine } = session;
    if (given === 'list') {
      if (bookmarks.size === 0) return [say('No bookmarks.')];
      const rows = [...bookmarks].map(([number, place]) => [
        String(number),
        String(place.instruction),
        String(place.event),
      ]);
      return [{ kind: 'table', head: ['Num', 'Instruction', 'Event'], rows }];
    }
    if (given !== '') throw new UsageError(`Junk at end of arguments: ${given}`);
    const number = bookmarks.size + 1;
    bookmarks.set(number, engine.position);
    const { instruction, event: told } = engine.position;
    return [say(`Bookmark ${number}: instruction ${instruction}, event ${told}.`)];
  },
});

const SHOWN_EVENTS = 20;

export const timeline = command({
  name: 'timeline',
  aliases: ['events'],
  group: 'history',
  params: count(SHOWN_EVENTS),
  usage: '[N]',
  help: 'List the last N events up to now: system calls, page faults, forks, signals, switches; then those known to come.',
  run({ engine }, { count: most }) {
    const { event: now } = engine.position;
    const past = engine.timeline.between(Math.max(1, now - Math.abs(most) + 1), now);
    const future = engine.timeline.between(now + 1, now + Math.floor(Math.abs(most) / 2));
    if (past.length + future.length === 0) return [say('No events yet.')];
    return [{ kind: 'timeline', events: [...past, ...future], now }];
  },
});

export const diff = command({
  name: 'diff',
  group: 'history',
  params: text('number of an event'),
  usage: 'EVENT',
  help: 'Show what an event has changed: the page table entry before and after, the registers of its thread.',
  async run(session, { text: given }) {
    const { engine } = session;
    const number = natural(session, given);
    const found = engine.timeline.find(number);
    if (found === undefined) throw new UsageError(`Event ${number} has not happened yet, or is forgotten.`);
    const here = engine.position;
    const { task: selected } = engine;
    await engine.goto(beforeEvent(found));
    const before = snapshot(session, found.tid);
    await engine.goto({ event: number });
    const after = snapshot(session, found.tid);
    await engine.goto(here);
    engine.task = selected;
    return [
      say(`Event ${number}, instruction ${found.instruction}, pid ${found.pid}: ${found.text}`),
      ...changes(found, before, after),
    ];
  },
});

/** What a call has changed is seen from before its instruction; a fault's comes before its own. */
const beforeEvent = ({ detail, instruction, number }: TimelineEvent): Position =>
  ['return', 'mapping', 'fork', 'exec'].includes(detail.kind) && instruction > 0
    ? { instruction: instruction - 1, event: 0 }
    : { instruction, event: number - 1 };

type Registers = Readonly<Record<string, bigint>>;

function snapshot(session: Session, tid: number): Registers | undefined {
  const task = session.engine.machine.kernel.findTask(tid);
  if (task === undefined || !task.isAlive()) return undefined;
  return session.registersOf(task);
}

function changes({ detail }: TimelineEvent, before: Registers | undefined, after: Registers | undefined): Output[] {
  const lines: string[] = [];
  if (detail.kind === 'fault') {
    lines.push(`  PT entry of ${hex(detail.address)}`);
    lines.push(`    before  ${describeEntry(detail.before)}`, `    after   ${describeEntry(detail.after)}`);
    const { oldFrame, newFrame } = detail;
    if (oldFrame !== undefined) lines.push(`  frame ${hex(oldFrame.pfn * 4096, 8)}: ${oldFrame.references} left`);
    lines.push(`  frame ${hex(newFrame.pfn * 4096, 8)}: ${newFrame.references}`);
  }
  for (const [name, value] of Object.entries(after ?? {}))
    if (before !== undefined && before[name] !== value)
      lines.push(`  ${name.padEnd(6)} ${hex(before[name])} -> ${hex(value)}`);
  return lines.length === 0 ? [say('  no register of the thread and no entry of its page tables')] : lines.map(say);
}
