/**
 * `pml4 explore`: runs a program under many schedules and prints what came of it. Ends with 0 when all runs agree, or
 * all exit with the status of --expect; 1 when not; 130 after Ctrl-C, with what was found so far.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UsageError } from '../../base/invariant.ts';
import { ElfError, parseElf } from '../../elf/image.ts';
import { Campaign, type CampaignSubject, parseCampaign } from '../../explore/campaign.ts';
import { NO_SUBJECT, type RunPlan } from '../../explore/plan.ts';
import { type Progression, shardOf, sizeOf } from '../../explore/seed-set.ts';
import { readProgram } from '../../host/node.ts';
import {
  ALL_EXPLORE_OPTIONS,
  DEFAULT_MAX_INSTRUCTIONS,
  DEFAULT_SEEDS,
  defaultJobs,
  EXHAUSTIVE_MAX_INSTRUCTIONS,
  type ExploreOptionValues,
} from '../explore/options.ts';
import { runSeeds } from '../explore/pool.ts';
import { showProgress } from '../explore/progress.ts';
import { describeCampaign } from '../explore/report.ts';
import { STATUS } from '../explore/status.ts';
import { openOutput, writeAll } from '../output.ts';
import { parseOptions } from '../parse-options.ts';
import { environment } from './run.ts';

/** Options that say how the program runs: they are part of the command that runs it again. */
const OPTIONS_OF_RUN = ['env', 'memory', 'timeout', 'quantum', 'cpu', 'max-instructions'] as const;

export async function explore(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions(ALL_EXPLORE_OPTIONS, words);
  if (values.merge) return finish(merge(rest, values), values);
  const [path, ...args] = rest;
  if (path === undefined) throw new UsageError('explore needs a PROGRAM');
  checkCombination(values);
  const { from, to } = values.seeds ?? DEFAULT_SEEDS;
  const { index, count } = values.shard ?? { index: 1, count: 1 };
  const seeds = shardOf(from, to, index, count);
  const bytes = readProgram(path);
  const image = await parseElf(bytes);
  if (image instanceof ElfError) throw new UsageError(`${path}: ${image.message}`, 126);

  const plan: RunPlan = {
    path,
    bytes,
    machine: { memory: values.memory, quantum: values.quantum, cpu: values.cpu, stdin: inputOf(values) },
    program: { args, env: environment(values.env ?? []) },
    limits: { maxInstructions: maxInstructionsOf(values), timeout: values.timeout },
    comparison: values['ignore-output'] ? 'ending' : 'all',
  };
  const subject: CampaignSubject = {
    program: path,
    args,
    digest: createHash('sha256').update(bytes).digest('hex'),
    options: optionWords(values),
    comparison: plan.comparison,
  };
  if (values.exhaustive) return (await import('../explore/exhaustive.ts')).exploreAll(plan, image, subject, values);
  const campaign = new Campaign(subject);
  const wasInterrupted = seeds !== undefined && (await runAll(campaign, plan, seeds, values.jobs ?? defaultJobs()));
  const status = finish(campaign, values);
  return wasInterrupted ? STATUS.interrupted : status;
}

function checkCombination({ exhaustive, ...values }: ExploreOptionValues): void {
  const wrong = exhaustive ? (['seeds', 'shard', 'jobs'] as const) : (['preemptions', 'max-runs'] as const);
  for (const name of wrong)
    if (values[name] !== undefined)
      throw new UsageError(exhaustive ? `--${name} does not go with --exhaustive` : `--${name} needs --exhaustive`);
}

const maxInstructionsOf = ({ exhaustive, 'max-instructions': given }: ExploreOptionValues): number =>
  given ?? (exhaustive ? EXHAUSTIVE_MAX_INSTRUCTIONS : DEFAULT_MAX_INSTRUCTIONS);

/** Whether it was interrupted. */
async function runAll(campaign: Campaign, plan: RunPlan, seeds: Progression, jobs: number): Promise<boolean> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const progress = showProgress(sizeOf(seeds));
  try {
    await runSeeds({
      plan,
      seeds,
      jobs,
      signal: interrupt.signal,
      onPart(part) {
        campaign.merge({ ...part, subject: campaign.subject });
        progress.at(campaign.runs, campaign.outcomes().length);
      },
    });
  } finally {
    progress.end();
    process.off('SIGINT', onInterrupt);
  }
  return interrupt.signal.aborted;
}

function merge(files: readonly string[], { json: _, ...values }: ExploreOptionValues): Campaign {
  const wrong = Object.keys(values).find((name) => !['merge', 'expect', 'verbose'].includes(name));
  if (wrong !== undefined) throw new UsageError(`--${wrong} does not go with --merge`);
  if (files.length === 0) throw new UsageError('--merge needs FILES');
  let campaign: Campaign | undefined;
  for (const file of files) {
    try {
      const part = parseCampaign(readText(file));
      campaign ??= new Campaign(part.subject);
      campaign.merge(part);
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`${file}: ${error.message}`);
      throw error;
    }
  }
  return campaign ?? new Campaign(NO_SUBJECT);
}

/** Prints, writes, and judges. */
function finish(campaign: Campaign, { json, expect }: ExploreOptionValues): number {
  if (json !== '-') writeAll(1, describeCampaign(campaign));
  if (json !== undefined) {
    const write = json === '-' ? (text: string) => writeAll(1, text) : openOutput('json', json);
    write(`${JSON.stringify(campaign, undefined, 1)}\n`);
  }
  const outcomes = campaign.outcomes();
  const isGood =
    expect === undefined
      ? outcomes.length <= 1
      : outcomes.every(({ outcome }) => outcome.end === 'exited' && outcome.status === expect);
  return isGood ? 0 : STATUS.different;
}

function inputOf({ stdin }: ExploreOptionValues): Uint8Array {
  if (stdin === undefined) return new Uint8Array(0);
  return readBytes(stdin === '-' ? 0 : stdin, `${stdin}: `);
}

const readText = (file: string): string => new TextDecoder().decode(readBytes(file, ''));

function readBytes(from: string | number, name: string): Uint8Array {
  try {
    return readFileSync(from);
  } catch (error) {
    throw new UsageError(`${name}cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The options of the run as they were given, one word each. */
function optionWords(values: ExploreOptionValues): string[] {
  const found: string[] = [];
  for (const name of OPTIONS_OF_RUN) {
    const value = values[name];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value])
      found.push(`--${name}=${name === 'cpu' ? `v${one}` : one}`);
  }
  return found;
}
