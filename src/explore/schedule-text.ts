/**
 * Schedules as text: `100:12,101,100` is twelve points of task 100, then task 101 until it waits or ends, then 100
 * again. A point is an access to memory that other tasks reach (two of an instruction that reads and writes it without
 * a lock), or a system call that others can tell; they are counted from when there are two tasks.
 */
import { UsageError } from '../base/invariant.ts';
import type { Choice, Chooser, Execution, Step } from './conductor.ts';

export interface Segment {
  readonly tid: number;
  /** Infinity: until it cannot go on. */
  readonly points: number;
}

/** UsageError: not a schedule. */
export function parseSchedule(text: string): Segment[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) throw new UsageError('the schedule is empty');
  return words.map((word) => {
    const [, tid, points] = /^(\d{1,7})(?::(\d{1,15}))?$/.exec(word) ?? [];
    if (tid === undefined)
      throw new UsageError(`'${word}' is not of the form TASK or TASK:POINTS, as in 100:12,101,100`);
    return { tid: Number(tid), points: points === undefined ? Number.POSITIVE_INFINITY : Number(points) };
  });
}

export const formatSchedule = (segments: readonly Segment[]): string =>
  segments.map(({ tid, points }) => (Number.isFinite(points) ? `${tid}:${points}` : String(tid))).join(',');

/** The turns of a run, by who had them. */
function* runsOf({ steps }: Pick<Execution, 'steps'>): Generator<{ turns: Step[]; next: Step | undefined }> {
  const turns = steps.filter(({ kind }) => kind === 'turn');
  for (let at = 0; at < turns.length; ) {
    let end = at;
    while (end < turns.length && turns[end].tid === turns[at].tid) end++;
    yield { turns: turns.slice(at, end), next: turns[end] };
    at = end;
  }
}

export function scheduleOfRun(execution: Pick<Execution, 'steps'>): Segment[] {
  return [...runsOf(execution)].map(({ turns, next }) => {
    const { tid } = turns[0];
    const canGoOn = next?.enabled.includes(tid) || next?.spinning.includes(tid);
    return { tid, points: canGoOn ? turns.reduce((sum, { points }) => sum + points, 0) : Number.POSITIVE_INFINITY };
  });
}

/** Changes of task of a run, and how many of them came although the one before could have gone on. */
export function switchesOf(execution: Pick<Execution, 'steps'>): { switches: number; preemptions: number } {
  const runs = [...runsOf(execution)];
  return {
    switches: Math.max(0, runs.length - 1),
    preemptions: runs.filter(({ turns, next }) => next?.enabled.includes(turns[0].tid)).length,
  };
}

/** One line for each segment: who goes on, how far, and where it stands then. */
export function describeRun(execution: Pick<Execution, 'steps'>): string[] {
  return [...runsOf(execution)].map(({ turns, next }, i) => {
    const { tid } = turns[0];
    const points = turns.reduce((sum, step) => sum + step.points, 0);
    const then = next?.enabled.includes(tid)
      ? `, the last ${turns.at(-1)!.describe()}`
      : next?.spinning.includes(tid)
        ? ', until it only looks at memory'
        : ', until it waits or ends';
    return `${i + 1}. task ${tid}: ${points} point${points === 1 ? '' : 's'}${then}`;
  });
}

/**
 * Follows a schedule; after its end each task goes on until it cannot. UsageError, from the run: the schedule is of
 * another program, since it names a task that cannot go on.
 */
export function following(segments: readonly Segment[]): Chooser {
  let at = 0;
  let left = segments[0]?.points ?? 0;
  let hasBegun = false;
  return ({ enabled, running, spinning, last, number }: Choice): number => {
    if (hasBegun && last !== undefined) left -= last.points;
    while (at < segments.length) {
      const { tid, points } = segments[at];
      const mayLook = spinning.includes(tid) && (Number.isFinite(points) || !hasBegun);
      if (left > 0 && (enabled.includes(tid) || mayLook)) {
        hasBegun = true;
        return tid;
      }
      if (left > 0 && (!hasBegun || Number.isFinite(points)))
        throw new UsageError(`the schedule does not fit: task ${tid} cannot go on at turn ${number + 1}`);
      at++;
      left = segments[at]?.points ?? 0;
      hasBegun = false;
    }
    return running ?? enabled[0];
  };
}
