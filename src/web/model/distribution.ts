/**
 * What many runs came to, as bars: one for each outcome, or, where all outcomes are one text with another number in it, one
 * for each stretch of that number. Each bar knows a seed that gives it.
 */
import type { OutcomeCount } from '../../explore/campaign.ts';
import { endingText } from '../../explore/outcome.ts';

export interface Bar {
  readonly label: string;
  readonly count: number;
  /** The smallest one that gives it. Undefined: it stands for several different outcomes. */
  readonly seed: number | undefined;
}

export interface Distribution {
  /** `numbers`: the bars are stretches of one number, from the least to the greatest. */
  readonly kind: 'outcomes' | 'numbers';
  /** Of numbers: the text around them, `total = …`. */
  readonly title: string;
  readonly bars: readonly Bar[];
}

const MOST_BARS = 12;
const STRETCHES = 20;
const NUMBER = /-?\d+/g;

export function distributionOf(outcomes: readonly OutcomeCount[]): Distribution {
  const numbers = outcomes.length > MOST_BARS ? numbersOf(outcomes) : undefined;
  if (numbers !== undefined) return numbers;
  const listed = outcomes.slice(0, outcomes.length > MOST_BARS ? MOST_BARS - 1 : MOST_BARS);
  const others = outcomes.slice(listed.length);
  const bars: Bar[] = listed.map(({ outcome, count, seed }) => ({ label: outcomeText(outcome), count, seed }));
  if (others.length > 0)
    bars.push({
      label: `${others.length} other outcomes`,
      count: others.reduce((sum, { count }) => sum + count, 0),
      seed: undefined,
    });
  return { kind: 'outcomes', title: 'outcome', bars };
}

/** `exit 0: total = 200000`. */
export function outcomeText(outcome: OutcomeCount['outcome']): string {
  const output = [outcome.stdout, outcome.stderr].map((text) => text.trimEnd()).filter((text) => text !== '');
  // The page has no options of a command line.
  const ending = endingText(outcome).replace(/ \(--[\w-]+\)$/, '');
  return [ending, ...output].join(': ');
}

function numbersOf(outcomes: readonly OutcomeCount[]): Distribution | undefined {
  const texts = outcomes.map(({ outcome }) => outcomeText(outcome));
  const found = texts.map((text) => [...text.matchAll(NUMBER)].map(([digits]) => digits));
  const blanks = new Set(texts.map((text) => text.replaceAll(NUMBER, '…')));
  if (blanks.size > 1) return undefined;
  // Of several numbers in the text, one alone may differ.
  const different = found[0].flatMap((digits, i) => (found.some((one) => one[i] !== digits) ? [i] : []));
  if (different.length !== 1) return undefined;
  const [at] = different;
  const values = found.map((one) => Number(one[at]));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const width = roundWidth((most - least + 1) / STRETCHES);
  const bars: Bar[] = [];
  for (let from = Math.floor(least / width) * width; from <= most; from += width) {
    const inside = outcomes.filter((_, i) => values[i] >= from && values[i] < from + width);
    const last = from + width - 1;
    bars.push({
      label: last === from ? grouped(from) : `${grouped(from)} to ${grouped(last)}`,
      count: inside.reduce((sum, { count }) => sum + count, 0),
      seed: inside.length === 0 ? undefined : Math.min(...inside.map(({ seed }) => seed)),
    });
  }
  let number = 0;
  const title = texts[0].replaceAll(NUMBER, (digits) => (number++ === at ? '…' : digits));
  return { kind: 'numbers', title, bars };
}

const grouped = (n: number): string => n.toLocaleString('en');

/** The next of 1, 2, 5, 10, 20, 50, ... */
function roundWidth(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((width) => width >= least)!;
}
