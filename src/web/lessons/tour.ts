/**
 * A lesson under way: brings the machine to where a step stands, and asks its question. It knows nothing of a page: the
 * page and the tests each give it their machine.
 */
import { UsageError } from '../../base/invariant.ts';
import type { Ahead, MachineView, Move, TimelineEvent } from '../protocol.ts';
import type { Lesson, Step } from './lesson.ts';
import { findAddress, movesTo, pidOf, type Stand } from './places.ts';
import { QUESTIONS, type QuestionKindId } from './questions/index.ts';
import { type Question, Random } from './questions/question.ts';
import type { Scene } from './words.ts';

export interface Selected {
  readonly tid?: number | undefined;
  readonly address?: bigint | undefined;
}

export interface TourMachine {
  readonly view: MachineView;
  /** Those of the whole run, as far as they are known. */
  readonly events: readonly TimelineEvent[];
  /** Both fail with an error whose message a user understands. */
  move(move: Move): Promise<void>;
  select(selected: Selected): Promise<void>;
  lookAhead(moves: readonly Move[], selected: Selected): Promise<Ahead>;
}

/** Brings the machine to a step, of which it returns what there is to see: the same whether one comes from before it or from behind it. */
export async function goToStep(machine: TourMachine, lesson: Lesson, index: number): Promise<Scene> {
  const step = lesson.steps[index];
  await knowWholeRun(machine);
  const address = addressOf(machine.events, lesson, index);
  const stand = standOf(lesson, index);
  const way = stand === undefined ? undefined : wayTo(machine.events, lesson, index, stand);
  await machine.select({ address });
  for (const move of way?.moves ?? ([{ kind: 'start' }] as const)) await machine.move(move);
  const pid = step.who && pidOf(machine.events, step.who);
  const process = machine.view.processes.find((one) => one.pid === pid);
  const isMoved = stand?.onTo !== undefined;
  const tid = process?.threads[0].tid ?? (isMoved ? machine.view.tid : (way?.event.tid ?? machine.view.tid));
  await machine.select({ address, tid });
  return { view: machine.view, events: machine.events, event: isMoved ? undefined : way?.event };
}

/** Lessons look for events: those of the whole run have to be known. */
async function knowWholeRun(machine: TourMachine): Promise<void> {
  if (!machine.view.isWhole) await machine.move({ kind: 'end' });
}

const standOf = ({ steps }: Lesson, index: number): Stand | undefined =>
  steps.slice(0, index + 1).findLast((step) => step.stand !== undefined)?.stand;

function addressOf(events: readonly TimelineEvent[], { id, steps }: Lesson, index: number): bigint | undefined {
  const select = steps.slice(0, index + 1).findLast((step) => step.select !== undefined)?.select;
  if (select === undefined) return undefined;
  const address = findAddress(events, select);
  if (address === undefined) throw new UsageError(`lesson ${id}: this run has no address for step ${index + 1}`);
  return address;
}

function wayTo(events: readonly TimelineEvent[], { id }: Lesson, index: number, stand: Stand) {
  const way = movesTo(events, stand);
  if (way === undefined)
    throw new UsageError(`lesson ${id}: what step ${index + 1} is about does not happen in this run`);
  return way;
}

/** A question, and what shows its answer. */
export interface Posed {
  readonly question: Question;
  readonly moves: readonly Move[];
}

/** The question of a step, where the machine stands at it. Undefined: it has none. */
export async function questionOf(machine: TourMachine, lesson: Lesson, index: number): Promise<Posed | undefined> {
  const step: Step = lesson.steps[index];
  const { predict } = step;
  if (predict === undefined) return undefined;
  const { events } = machine;
  const address =
    predict.address === undefined ? addressOf(events, lesson, index) : findAddress(events, predict.address);
  const pid = pidOf(events, predict.who);
  const stand = predict.at ?? standOf(lesson, index + 1);
  if (pid === undefined || stand === undefined)
    throw new UsageError(`lesson ${lesson.id}: nobody to ask about at step ${index + 1}`);
  const { moves } = wayTo(events, lesson, index, stand);
  const question = await ask(machine, predict.ask, {
    moves,
    pid,
    address,
    when: predict.when,
    seed: `${lesson.id} ${index}`,
    wrong: predict.wrong,
  });
  if (question === undefined) throw new UsageError(`lesson ${lesson.id}: nothing to ask at step ${index + 1}`);
  return { question, moves };
}

interface Asking {
  readonly moves: readonly Move[];
  readonly pid: number;
  readonly address: bigint | undefined;
  readonly when: string;
  readonly seed: string;
  readonly wrong?: readonly string[] | undefined;
}

async function ask(machine: TourMachine, kind: QuestionKindId, asking: Asking): Promise<Question | undefined> {
  const { moves, pid, address, when, seed, wrong } = asking;
  // What the question is about need not be what is selected.
  const now = await machine.lookAhead([], { tid: machine.view.tid, address });
  const later = await machine.lookAhead(moves, { tid: machine.view.tid, address });
  return QUESTIONS[kind].make({
    now: now.view,
    later,
    events: machine.events,
    pid,
    address,
    when,
    wrong,
    random: new Random(seed),
  });
}

/** What can be asked anywhere, of what the machine does next. */
const FREE: readonly { readonly ask: QuestionKindId; readonly move: Move; readonly when: string }[] = [
  { ask: 'next', move: { kind: 'instruction', direction: 'forward' }, when: 'after the next instruction' },
  { ask: 'frame', move: { kind: 'event', goal: 'fault', direction: 'forward' }, when: 'after the next page fault' },
  { ask: 'flags', move: { kind: 'event', goal: 'fault', direction: 'forward' }, when: 'after the next page fault' },
  { ask: 'frames', move: { kind: 'event', goal: 'any', direction: 'forward' }, when: 'after the next event' },
  { ask: 'value', move: { kind: 'event', goal: 'any', direction: 'forward' }, when: 'after the next event' },
  { ask: 'frame', move: { kind: 'event', goal: 'any', direction: 'forward' }, when: 'after the next event' },
  { ask: 'result', move: { kind: 'event', goal: 'syscall', direction: 'forward' }, when: 'after the next call' },
  { ask: 'printed', move: { kind: 'event', goal: 'write', direction: 'forward' }, when: 'by the next write' },
  { ask: 'ending', move: { kind: 'event', goal: 'exit', direction: 'forward' }, when: 'in the end' },
];

/** A question about this place of any program. Undefined: nothing is left to ask. */
export async function quizHere(machine: TourMachine, seed: string): Promise<Posed | undefined> {
  const { pid, address, isOver } = machine.view;
  if (isOver) return undefined;
  for (const { ask: kind, move, when } of new Random(seed).shuffle(FREE)) {
    const question = await ask(machine, kind, { moves: [move], pid, address, when, seed });
    if (question !== undefined) return { question, moves: [move] };
  }
  return undefined;
}
