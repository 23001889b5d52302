/**
 * What many runs of one program came to: each outcome with how often it was and the smallest seed that gives it. Parts
 * of a campaign, made by other threads or on other machines, merge to what one would have found alone.
 */
import { UsageError } from '../base/invariant.ts';
import { type Comparison, outcomeKey, type RunOutcome } from './outcome.ts';
import { compress, expand, type Progression } from './seed-set.ts';

/** What two parts must have in common to be parts of one campaign. */
export interface CampaignSubject {
  readonly program: string;
  readonly args: readonly string[];
  /** SHA-256 of the program's bytes. */
  readonly digest: string;
  /** Options that change what a run does, as words of the command line. */
  readonly options: readonly string[];
  /** What outcomes are told apart by. */
  readonly comparison: Comparison;
}

export interface OutcomeCount {
  readonly outcome: RunOutcome;
  count: number;
  /** The smallest. */
  seed: number;
  /** The fewest and the most that a run retired. */
  instructions: { least: number; most: number };
}

export interface CampaignJson {
  readonly format: typeof FORMAT;
  readonly subject: CampaignSubject;
  readonly seeds: readonly Progression[];
  readonly outcomes: readonly OutcomeCount[];
}

export const FORMAT = 'pml4 explore 1';

export class Campaign {
  readonly subject: CampaignSubject;
  private readonly _seeds = new Set<number>();
  private readonly _outcomes = new Map<string, OutcomeCount>();

  constructor(subject: CampaignSubject) {
    this.subject = subject;
  }

  /** Runs counted. */
  get runs(): number {
    return this._seeds.size;
  }

  hasRun(seed: number): boolean {
    return this._seeds.has(seed);
  }

  /** Counts one run. */
  add(seed: number, outcome: RunOutcome, instructions: number): void {
    this._seeds.add(seed);
    this._count({ outcome, count: 1, seed, instructions: { least: instructions, most: instructions } });
  }

  /** Takes in another part. UsageError: it is not of the same campaign, or has seeds that are counted already. */
  merge(part: CampaignJson): void {
    const [own, other] = [this.subject, part.subject].map((subject) => JSON.stringify(subject));
    if (own !== other) throw new UsageError(`these are results of different campaigns: ${own} and ${other}`);
    for (const seed of expand(part.seeds)) {
      if (this._seeds.has(seed)) throw new UsageError(`seed ${seed} is in two of the results`);
      this._seeds.add(seed);
    }
    for (const outcome of part.outcomes) this._count(outcome);
  }

  private _count(found: OutcomeCount): void {
    const key = outcomeKey(found.outcome);
    const known = this._outcomes.get(key);
    if (known === undefined) {
      this._outcomes.set(key, { ...found, instructions: { ...found.instructions } });
      return;
    }
    known.count += found.count;
    known.seed = Math.min(known.seed, found.seed);
    known.instructions.least = Math.min(known.instructions.least, found.instructions.least);
    known.instructions.most = Math.max(known.instructions.most, found.instructions.most);
  }

  /** The most common first; of equally common ones that with the smaller seed. */
  outcomes(): OutcomeCount[] {
    return [...this._outcomes.values()].sort((a, b) => b.count - a.count || a.seed - b.seed);
  }

  toJSON(): CampaignJson {
    return { format: FORMAT, subject: this.subject, seeds: compress(this._seeds), outcomes: this.outcomes() };
  }
}

/** What a file holds. UsageError: something else. */
export function parseCampaign(text: string): CampaignJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError('is not JSON');
  }
  if (!isRecord(value) || value.format !== FORMAT) throw new UsageError(`is not a result of "${FORMAT}"`);
  const { subject, seeds, outcomes } = value;
  const isGood =
    isRecord(subject) &&
    typeof subject.program === 'string' &&
    Array.isArray(subject.args) &&
    Array.isArray(subject.options) &&
    Array.isArray(seeds) &&
    seeds.every((part) => isRecord(part) && isProgression(part)) &&
    Array.isArray(outcomes) &&
    outcomes.every((part) => isRecord(part) && isCount(part));
  if (!isGood) throw new UsageError('is damaged');
  return value as unknown as CampaignJson;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** Seeds of one file; a damaged one must not keep the host busy for ever. */
const MOST_SEEDS = 1e8;
const isProgression = ({ first, last, step }: Record<string, unknown>): boolean =>
  isWhole(first) && isWhole(last) && isWhole(step) && step > 0 && last >= first && (last - first) / step < MOST_SEEDS;
const isCount = ({ outcome, count, seed, instructions }: Record<string, unknown>): boolean =>
  isRecord(outcome) &&
  typeof outcome.end === 'string' &&
  typeof outcome.stdout === 'string' &&
  typeof outcome.stderr === 'string' &&
  isWhole(count) &&
  isWhole(seed) &&
  isRecord(instructions) &&
  isWhole(instructions.least) &&
  isWhole(instructions.most);
