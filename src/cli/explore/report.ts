/** The distribution of outcomes as text: for each, how often it was, what it is, and the command that shows it again. */
import type { Campaign, OutcomeCount } from '../../explore/campaign.ts';
import { endingText } from '../../explore/outcome.ts';
import type { Progression } from '../../explore/seed-set.ts';
import { DEFAULT_MAX_INSTRUCTIONS } from './options.ts';

/** Outcomes that are listed. */
const MOST_LISTED = 10;
const LIMIT = '--max-instructions';
/** Characters of an output. */
const MOST_SHOWN = 60;

export function describeCampaign(campaign: Campaign): string {
  const { subject, seeds } = campaign.toJSON();
  const outcomes = campaign.outcomes();
  const listed = outcomes.slice(0, MOST_LISTED);
  const head = `${subject.program}: ${plural(campaign.runs, 'run')} (${describeSeeds(seeds)}), ${plural(outcomes.length, 'outcome')}\n`;
  if (campaign.runs === 0) return head;
  const rows = listed.map((found) => [
    String(found.count),
    `${((100 * found.count) / campaign.runs).toFixed(1)}%`,
    describeOutcome(found),
    instructionsText(found),
    replayCommand(campaign, found),
  ]);
  const titles = ['runs', 'share', 'outcome', 'instructions', 'smallest seed'];
  const lines = table(titles, rows, (i) => listed[i].outcome.waiting ?? []);
  const left = outcomes.slice(MOST_LISTED);
  if (left.length > 0) {
    const runs = left.reduce((sum, { count }) => sum + count, 0);
    lines.push(`and ${plural(left.length, 'outcome')} more, of ${plural(runs, 'run')}; --json lists all`);
  }
  return `${head}\n${lines.join('\n')}\n`;
}

/** The first two columns are numbers. Notes follow their row, indented. */
export function table(
  titles: readonly string[],
  rows: readonly string[][],
  notesOf: (row: number) => readonly string[],
) {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i < 2 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(titles), ...rows.flatMap((row, i) => [line(row), ...notesOf(i).map((note) => `    ${note}`)])];
}

/** `exit 0 "Total: 200000\n"`. */
export function describeOutcome({ outcome }: Pick<OutcomeCount, 'outcome'>): string {
  const texts = [endingText(outcome)];
  if (outcome.stdout !== '') texts.push(quoted(outcome.stdout));
  if (outcome.stderr !== '') texts.push(`stderr ${quoted(outcome.stderr)}`);
  return texts.join(' ');
}

function quoted(text: string): string {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
  return `"${shown.replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

export const instructionsText = ({ instructions: { least, most } }: Pick<OutcomeCount, 'instructions'>): string =>
  least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`;

/** The command that runs the smallest seed of an outcome alone. */
function replayCommand({ subject }: Campaign, { seed, outcome }: OutcomeCount): string {
  const hasLimit = subject.options.some((word) => word.startsWith(LIMIT));
  const limit = outcome.end === 'limit' && !hasLimit ? [`${LIMIT}=${DEFAULT_MAX_INSTRUCTIONS}`] : [];
  return ['pml4', 'run', '--seed', String(seed), ...limit, ...subject.options, subject.program, ...subject.args].map(shellWord).join(' '); // biome-ignore format: one line
}

export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

function describeSeeds(seeds: readonly Progression[]): string {
  if (seeds.length === 0) return 'no seeds';
  const texts = seeds.map(({ first, last, step }) =>
    first === last ? String(first) : `${first}..${last}${step === 1 ? '' : ` by ${step}`}`,
  );
  const most = 4;
  return `seeds ${texts.slice(0, most).join(', ')}${texts.length > most ? ', ...' : ''}`;
}

export const grouped = (count: number): string => count.toLocaleString('en');
export const plural = (count: number, what: string): string => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
