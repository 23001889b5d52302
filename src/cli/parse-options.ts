/**
 * Command-line options from a table. util.parseArgs takes the words apart; its tokens tell `--strace=FILE` from a bare
 * `--strace`, whose next word is the program, and say where the program's own words begin.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from '../base/invariant.ts';

export interface OptionSpec<T> {
  /** `flag` stands alone; `optional` may have `=VALUE`; `required` has `=VALUE` or takes the next word; `list` likewise, repeatedly. */
  readonly kind: 'flag' | 'optional' | 'required' | 'list';
  /** What the value is called in help. */
  readonly value?: string;
  readonly help: string;
  /** Throws UsageError. For `optional` without a value the text is empty. */
  readonly parse: (text: string) => T;
}

export type OptionTable = Readonly<Record<string, OptionSpec<unknown>>>;

/** The values given, by option name; an option that was not given is absent, a `list` gives an array. */
export type OptionValues<Table extends OptionTable> = {
  [Name in keyof Table]?: Table[Name] extends { kind: 'list' }
    ? ReturnType<Table[Name]['parse']>[]
    : ReturnType<Table[Name]['parse']>;
};

export interface ParsedLine<Table extends OptionTable> {
  readonly values: OptionValues<Table>;
  /** From the first word on that is no option; what `--` separates is taken as it is. */
  readonly rest: readonly string[];
}

/** `unavailable` names options that are known but not there, with what they wait for. */
export function parseOptions<Table extends OptionTable>(
  table: Table,
  words: readonly string[],
  unavailable: Readonly<Record<string, string>> = {},
): ParsedLine<Table> {
  // Without an option Node need not load its parser (2 ms).
  if (words[0]?.startsWith('-') === false) return { values: {}, rest: words };
  const values: Record<string, unknown> = {};
  for (const token of parseArgs({ args: [...words], options: optionsOf(table), strict: false, tokens: true }).tokens) {
    if (token.kind === 'positional') return { values: values as OptionValues<Table>, rest: words.slice(token.index) };
    if (token.kind === 'option-terminator')
      return { values: values as OptionValues<Table>, rest: words.slice(token.index + 1) };
    const { name, rawName } = token;
    const isLong = rawName.startsWith('--');
    if (isLong && Object.hasOwn(unavailable, name))
      throw new UsageError(`--${name} is not there yet: it needs ${unavailable[name]}`);
    const spec = isLong && Object.hasOwn(table, name) ? table[name] : undefined;
    if (spec === undefined) {
      const word = words[token.index];
      throw new UsageError(`unknown option ${word}${suggestion(word.replace(/^-*|=.*$/gs, ''), Object.keys(table))}`);
    }
    if (spec.kind === 'flag' && token.inlineValue) throw new UsageError(`--${name} takes no value`);
    if (takesNextWord(spec) && token.value === undefined)
      throw new UsageError(`--${name} needs a value: ${describeOption(name, spec)}`);
    const value = parseValue(name, spec, token.value ?? '');
    if (spec.kind === 'list') values[name] = [...((values[name] as unknown[]) ?? []), value];
    else values[name] = value;
  }
  return { values: values as OptionValues<Table>, rest: [] };
}

const takesNextWord = ({ kind }: OptionSpec<unknown>): boolean => kind === 'required' || kind === 'list';

/** The table as parseArgs wants it: what is 'boolean' there leaves the next word alone. */
const optionsOf = (table: OptionTable): NonNullable<ParseArgsConfig['options']> =>
  Object.fromEntries(
    Object.entries(table).map(([name, spec]) => [name, { type: takesNextWord(spec) ? 'string' : 'boolean' }]),
  );

function parseValue(name: string, spec: OptionSpec<unknown>, text: string): unknown {
  try {
    return spec.parse(text);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`--${name}: ${error.message}`);
    throw error;
  }
}

/** `--name`, `--name[=VALUE]` or `--name VALUE`. */
export function describeOption(name: string, { kind, value }: OptionSpec<unknown>): string {
  if (kind === 'flag') return `--${name}`;
  return kind === 'optional' ? `--${name}[=${value}]` : `--${name} ${value}`;
}

/** One line for each option, in the table's order. */
export function describeOptions(table: OptionTable): string {
  const left = Object.entries(table).map(([name, spec]) => describeOption(name, spec));
  const width = Math.max(...left.map((text) => text.length));
  return Object.values(table)
    .map(({ help }, i) => `  ${left[i].padEnd(width)}  ${help}\n`)
    .join('');
}

function suggestion(name: string, known: readonly string[]): string {
  const near = known.find((candidate) => candidate.startsWith(name) || distance(candidate, name) <= 2);
  return near === undefined || name.length < 2 ? '' : ` (did you mean --${near}?)`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
