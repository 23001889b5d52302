/** `pml4 explore --exhaustive`: the search in this thread, its progress, and its result as text and as JSON. */
import type { ElfImage } from '../../elf/image.ts';
import type { CampaignSubject } from '../../explore/campaign.ts';
import { type ExhaustiveResult, exhaust, type Failure } from '../../explore/exhaustive.ts';
import type { RunPlan } from '../../explore/plan.ts';
import { SpareMemory } from '../../mem/frames.ts';
import { openOutput, writeAll } from '../output.ts';
import { DEFAULT_MAX_RUNS, type ExploreOptionValues } from './options.ts';
import { showSearch } from './progress.ts';
import { describeOutcome, grouped, instructionsText, plural, shellWord, table } from './report.ts';
import { STATUS } from './status.ts';

/** Between two chances for Ctrl-C. */
const TURN_MS = 50;

export async function exploreAll(
  plan: RunPlan,
  image: ElfImage,
  subject: CampaignSubject,
  values: ExploreOptionValues,
): Promise<number> {
  let isInterrupted = false;
  const onInterrupt = () => {
    isInterrupted = true;
  };
  process.once('SIGINT', onInterrupt);
  const progress = showSearch();
  let turn = performance.now();
  let result: ExhaustiveResult;
  try {
    result = await exhaust({
      conduct: {
        image,
        path: plan.path,
        machine: { ...plan.machine, spare: new SpareMemory() },
        program: plan.program,
        limits: plan.limits,
      },
      comparison: plan.comparison,
      mode: values.preemptions ?? 'orders',
      maxRuns: values['max-runs'] ?? DEFAULT_MAX_RUNS,
      expect: values.expect,
      async onProgress(runs, outcomes) {
        if (performance.now() - turn < TURN_MS) return true;
        progress.at(runs, outcomes);
        await new Promise((resolve) => setImmediate(resolve));
        turn = performance.now();
        return !isInterrupted;
      },
    });
  } finally {
    progress.end();
    process.off('SIGINT', onInterrupt);
  }
  const { json } = values;
  if (json !== '-') writeAll(1, describeExhaustive(subject, result));
  if (json !== undefined) {
    const write = json === '-' ? (text: string) => writeAll(1, text) : openOutput('json', json);
    write(`${JSON.stringify({ ...result, subject }, undefined, 1)}\n`);
  }
  if (isInterrupted) return STATUS.interrupted;
  if (result.failure !== undefined) return STATUS.different;
  return result.isCut ? STATUS.incomplete : 0;
}

export function describeExhaustive(subject: CampaignSubject, result: ExhaustiveResult): string {
  const { schedules, outcomes, failure, gaps, mode, places, runs } = result;
  const replay = (schedule: string): string =>
    ['pml4', 'run', ...(schedule === '' ? [] : ['--schedule', schedule]), ...subject.options, subject.program, ...subject.args].map(shellWord).join(' '); // biome-ignore format: one line
  const what =
    mode === 'orders'
      ? 'one of each order of conflicting accesses and calls'
      : `every one with at most ${plural(mode, 'preemption')}`;
  const rows = outcomes.map((found) => [
    grouped(found.count),
    `${((100 * found.count) / schedules).toFixed(1)}%`,
    describeOutcome(found),
    instructionsText(found),
    replay(found.schedule),
  ]);
  return [
    `${subject.program}: ${plural(schedules, 'schedule')} (${what}), ${plural(outcomes.length, 'outcome')}`,
    `${plural(places, 'place')} of memory that tasks race for; ${plural(runs, 'run')}`,
    gaps.length === 0 ? 'complete' : `NOT complete: ${gaps.join('; ')}`,
    '',
    ...table(['schedules', 'share', 'outcome', 'instructions', 'one of them'], rows, (i) => outcomes[i].outcome.waiting ?? []), // biome-ignore format: one line
    ...(failure === undefined ? [] : ['', ...describeFailure(failure, replay)]),
    '',
  ].join('\n');
}

function describeFailure(failure: Failure, replay: (schedule: string) => string): string[] {
  const { preemptions, switches, isShortest, schedule, story } = failure;
  const which = isShortest ? 'the shortest schedule that fails' : 'a schedule that fails (a shorter one may exist)';
  return [
    `${which}: ${describeOutcome(failure)}, ${plural(preemptions, 'preemption')}, ${plural(switches, 'change')} of task`,
    ...(failure.outcome.waiting ?? []).map((who) => `    ${who}`),
    `  ${replay(schedule)}`,
    ...story.map((line) => `  ${line}`),
  ];
}
