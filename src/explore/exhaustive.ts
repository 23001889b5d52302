/**
 * Every schedule of a small program that may matter: what comes of them, and the shortest one that fails. A run fails when it
 * does not exit with the status that is expected; without one, when it is killed, ends in a deadlock, or comes to something
 * else than the run in which no task is preempted.
 */
import type { ConductOptions, Execution } from './conductor.ts';
import { type Comparison, outcomeKey, outcomeOf, type RunOutcome } from './outcome.ts';
import { describeRun, formatSchedule, scheduleOfRun, switchesOf } from './schedule-text.ts';
import { type SearchEnd, search } from './search.ts';

export const EXHAUSTIVE_FORMAT = 'pml4 explore exhaustive 1';

export interface ScheduleCount {
  readonly outcome: RunOutcome;
  /** Schedules that come to it. */
  count: number;
  /** The one with the fewest changes of task among those that were run. */
  schedule: string;
  switches: number;
  instructions: { least: number; most: number };
}

export interface Failure {
  readonly outcome: RunOutcome;
  readonly schedule: string;
  readonly preemptions: number;
  readonly switches: number;
  /** What each task does in its turns. */
  readonly story: readonly string[];
  /** No schedule with fewer preemptions fails, nor one with as many and fewer changes of task. */
  readonly isShortest: boolean;
}

export interface ExhaustiveResult {
  readonly format: typeof EXHAUSTIVE_FORMAT;
  /** Schedules: of each order of conflicting steps one; with a bound, every sequence. */
  readonly schedules: number;
  /** What `schedules` are. */
  readonly mode: 'orders' | number;
  readonly isComplete: boolean;
  /** Runs are missing that were asked for: it was interrupted, or a limit was reached. */
  readonly isCut: boolean;
  /** Why it is not complete, in words. */
  readonly gaps: readonly string[];
  /** Places of eight bytes at which tasks stop. */
  readonly places: number;
  readonly runs: number;
  readonly outcomes: readonly ScheduleCount[];
  readonly failure: Failure | undefined;
}

export interface ExhaustiveOptions {
  readonly conduct: Omit<ConductOptions, 'choose' | 'stops'>;
  readonly comparison: Comparison;
  readonly mode: 'orders' | number;
  readonly maxRuns: number;
  readonly expect: number | undefined;
  /** Runs made so far, and outcomes; a false answer ends the search. */
  readonly onProgress: (runs: number, outcomes: number) => Promise<boolean>;
}

export async function exhaust(options: ExhaustiveOptions): Promise<ExhaustiveResult> {
  const { mode, maxRuns, onProgress } = options;
  const stops = new Set<number>();
  const found = new Map<string, ScheduleCount>();
  let reference: string | undefined;
  let wasStopped = false;
  let runs = 0;
  const isFailure = (outcome: RunOutcome): boolean => {
    if (options.expect !== undefined) return outcome.end !== 'exited' || outcome.status !== options.expect;
    return outcome.end === 'killed' || outcome.end === 'deadlock' || outcomeKey(outcome) !== reference;
  };
  const goOn = async (): Promise<boolean> => {
    const answer = await onProgress(++runs, found.size);
    wasStopped ||= !answer;
    return answer;
  };

  let best: Failure | undefined;
  const end = await search({
    conduct: options.conduct,
    mode,
    stops,
    maxRuns,
    onRestart: () => {
      found.clear();
      best = undefined;
    },
    async onRun(execution) {
      const outcome = await outcomeOf(execution.result!, options.comparison);
      if (found.size === 0) reference = outcomeKey(outcome);
      count(found, outcome, execution);
      if (isFailure(outcome)) best = shorter(best, failureOf(outcome, execution));
      return goOn();
    },
  });
  const counted = [...found.values()].sort((a, b) => b.count - a.count || a.switches - b.switches);
  if (best !== undefined && !wasStopped) best = await shortest(best, mode, end);
  return {
    format: EXHAUSTIVE_FORMAT,
    schedules: counted.reduce((sum, { count }) => sum + count, 0),
    mode,
    isComplete: gapsOf(end).length === 0,
    isCut: wasStopped || !end.isComplete || hasEndless(counted),
    gaps: gapsOf(end),
    places: stops.size,
    runs,
    outcomes: counted,
    failure: best,
  };

  function gapsOf({ isComplete, hitBound, usesTime }: SearchEnd): string[] {
    const gaps: string[] = [];
    if (wasStopped) gaps.push('it was interrupted');
    else if (!isComplete) gaps.push(`only ${maxRuns} runs were made (--max-runs)`);
    if (hitBound) gaps.push(`no more than ${mode} preemptions were tried (--preemptions)`);
    if (hasEndless(counted)) gaps.push('a run did not end: what comes after its limit is not known');
    if (usesTime)
      gaps.push('the program uses time: runs that differ only in when something happens are not told apart');
    return gaps;
  }

  /** Tries schedules without preemption, then with one, and so on, as long as fewer might do. */
  async function shortest(known: Failure, mode: 'orders' | number, end: SearchEnd): Promise<Failure> {
    if (mode !== 'orders') return { ...known, isShortest: end.isComplete };
    let failure = known;
    let left = maxRuns;
    for (let most = 0; most <= failure.preemptions; most++) {
      let first: Failure | undefined;
      const tried = await search({
        conduct: options.conduct,
        mode: most,
        stops,
        maxRuns: left,
        onRestart() {},
        async onRun(execution) {
          const outcome = await outcomeOf(execution.result!, options.comparison);
          if (isFailure(outcome)) first = shorter(first, failureOf(outcome, execution));
          return goOn();
        },
      });
      left -= tried.runs;
      if (first !== undefined) failure = shorter(failure, first);
      if (!tried.isComplete) return failure;
      if (first !== undefined) return { ...failure, isShortest: true };
    }
    return { ...failure, isShortest: true };
  }
}

const hasEndless = (counted: readonly ScheduleCount[]): boolean =>
  counted.some(({ outcome }) => outcome.end === 'limit' || outcome.end === 'timeout');

function count(found: Map<string, ScheduleCount>, outcome: RunOutcome, execution: Execution): void {
  const { instructions } = execution.result!;
  const { switches } = switchesOf(execution);
  const known = found.get(outcomeKey(outcome));
  if (known === undefined) {
    const schedule = formatSchedule(scheduleOfRun(execution));
    found.set(outcomeKey(outcome), { outcome, count: 1, schedule, switches, instructions: { least: instructions, most: instructions } }); // biome-ignore format: one line
    return;
  }
  known.count++;
  known.instructions.least = Math.min(known.instructions.least, instructions);
  known.instructions.most = Math.max(known.instructions.most, instructions);
  if (switches < known.switches) {
    known.switches = switches;
    known.schedule = formatSchedule(scheduleOfRun(execution));
  }
}

function failureOf(outcome: RunOutcome, execution: Execution): Failure {
  const schedule = formatSchedule(scheduleOfRun(execution));
  return { outcome, schedule, ...switchesOf(execution), story: describeRun(execution), isShortest: false };
}

function shorter(known: Failure | undefined, other: Failure): Failure {
  if (known === undefined) return other;
  const difference = other.preemptions - known.preemptions || other.switches - known.switches;
  return difference < 0 ? other : known;
}
