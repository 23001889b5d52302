/** The options of `pml4 explore`. */
import { availableParallelism } from 'node:os';
import { UsageError } from '../../base/invariant.ts';
import { flag, natural, number, positive, RUN_OPTIONS, text } from '../options.ts';
import type { OptionTable, OptionValues } from '../parse-options.ts';

const { env, memory, timeout, quantum, cpu, verbose } = RUN_OPTIONS;

/** Those of its own. */
export const EXPLORE_OPTIONS = {
  seeds: number('A..B', 'the schedules of these seeds (default 1..1000)', range),
  exhaustive: flag('every schedule of a small program that may matter; the shortest that fails'),
  preemptions: number('N', 'with --exhaustive: every schedule with at most N preemptions', natural),
  'max-runs': number('N', 'with --exhaustive: give up after N runs (default 100000)', positive),
  jobs: number('N', 'threads (default: one for each processor)', positive),
  shard: number('I/N', 'only the I-th of N parts of the seeds; parts merge', shard),
  expect: number('STATUS', 'fail when a run does not exit with STATUS, and only then', status),
  'ignore-output': flag('tell runs apart by how they end alone'),
  json: text('FILE', 'write the result as JSON; - for standard output, with nothing else there'),
  merge: flag('run nothing: merge the JSON results whose FILES follow'),
  stdin: text('FILE', 'what each run reads from its standard input (default: nothing)'),
} as const satisfies OptionTable;

/** With those that are the program's machine's. */
export const ALL_EXPLORE_OPTIONS = {
  ...EXPLORE_OPTIONS,
  env, memory, timeout, quantum, cpu, verbose, 'max-instructions': RUN_OPTIONS['max-instructions'],
} as const satisfies OptionTable; // biome-ignore format: a list

export type ExploreOptionValues = OptionValues<typeof ALL_EXPLORE_OPTIONS>;

export const DEFAULT_SEEDS = { from: 1, to: 1000 };
/** A run that does not end is an outcome like another. */
export const DEFAULT_MAX_INSTRUCTIONS = 1_000_000_000;
/** The same with --exhaustive, where programs are small and run slowly. */
export const EXHAUSTIVE_MAX_INSTRUCTIONS = 10_000_000;
export const DEFAULT_MAX_RUNS = 100_000;

/** Threads that run programs. */
export const defaultJobs = (): number => availableParallelism();

function range(given: string): { from: number; to: number } {
  const [first, last, ...more] = given.split('..');
  if (last === undefined || more.length > 0) throw new UsageError(`'${given}' is not a range such as 1..1000`);
  const [from, to] = [natural(first), natural(last)];
  if (from > to) throw new UsageError(`${given} is empty`);
  return { from, to };
}

function shard(given: string): { index: number; count: number } {
  const [index, count] = (/^(\d+)\/(\d+)$/.exec(given) ?? []).slice(1).map(Number);
  if (count === undefined) throw new UsageError(`'${given}' is not of the form I/N`);
  if (index < 1 || index > count) throw new UsageError(`${given} is not a part: 1/${count} is the first`);
  return { index, count };
}

function status(given: string): number {
  const value = natural(given);
  if (value > 255) throw new UsageError(`${given} is not an exit status: 0 to 255`);
  return value;
}
