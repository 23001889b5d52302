/** The kinds of parameters that commands have: numbers, expressions, formats, locations, words. */
import { UsageError } from '../../base/invariant.ts';
import { evaluate } from '../expression/evaluate.ts';
import { asInteger } from '../expression/values.ts';
import type { Params } from './define.ts';

/** Nothing may follow. */
export const none: Params<undefined> = {
  parse(text) {
    if (text !== '') throw new UsageError(`Junk at end of arguments: ${text}`);
    return undefined;
  },
  completes: 'nothing',
};

/** A number, given by any expression. */
export const count = (byDefault: number): Params<{ count: number }> => ({
  parse(text, session) {
    if (text === '') return { count: byDefault };
    const value = asInteger(evaluate(text, session.scope()));
    if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER))
      throw new UsageError(`${text} is too large a number.`);
    return { count: Number(value) };
  },
  completes: 'expression',
});

/** Everything that follows, as it stands. `what` is missing if there is nothing; undefined: may be missing. */
export const text = (
  what: string | undefined,
  completes: Params<string>['completes'] = 'nothing',
): Params<{ text: string }> => ({
  parse(given) {
    if (given === '' && what !== undefined) throw new UsageError(`Argument required (${what}).`);
    return { text: given };
  },
  completes,
});

/** `/FMT EXPRESSION`: both may be missing. */
export const formatted: Params<{ format: string | undefined; expression: string }> = {
  parse(given) {
    const found = /^\/(\S*)\s*(.*)$/s.exec(given);
    return found === null ? { format: undefined, expression: given } : { format: found[1], expression: found[2] };
  },
  completes: 'expression',
};

/** Numbers of breakpoints and the like: `2 4 6-8`, or `$bpnum`. */
export const numbers = (what: string): Params<{ numbers: readonly number[] }> => ({
  parse(given, session) {
    const found: number[] = [];
    for (const word of given.split(/\s+/).filter((part) => part !== '')) {
      const range = /^(\d+)-(\d+)$/.exec(word);
      if (range !== null) {
        const [from, to] = [Number(range[1]), Number(range[2])];
        if (to < from || to - from > 10_000) throw new UsageError(`Bad ${what} number range '${word}'`);
        for (let i = from; i <= to; i++) found.push(i);
        continue;
      }
      if (!/^\d+$|^\$/.test(word)) throw new UsageError(`Bad ${what} argument: '${word}'`);
      found.push(Number(asInteger(evaluate(word, session.scope()))));
    }
    return { numbers: found };
  },
  completes: 'nothing',
});

/** One of some words, or a unique beginning of one; undefined if nothing is given. */
export const choice = <Word extends string>(words: readonly Word[]): Params<{ word: Word | undefined }> => ({
  parse(given) {
    if (given === '') return { word: undefined };
    const found = words.includes(given as Word) ? [given as Word] : words.filter((word) => word.startsWith(given));
    if (found.length === 1) return { word: found[0] };
    throw new UsageError(
      found.length === 0 ? `Undefined item: "${given}".` : `Ambiguous item "${given}": ${found.join(', ')}.`,
    );
  },
  completes: words,
});
