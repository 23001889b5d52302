/** print: an expression's value, which goes into the history. Of nothing: the last one again. */
import { UsageError } from '../../base/invariant.ts';
import { evaluateKnown, type Scope, VOID_VALUE } from '../expression/evaluate.ts';
import { type Format, formatValue, isFormat } from '../expression/format.ts';
import type { Value } from '../expression/values.ts';
import { command } from './define.ts';
import { formatted } from './params.ts';

export const print = command({
  name: 'print',
  aliases: ['p', 'inspect'],
  group: 'data',
  params: formatted,
  usage: '[/FMT] [EXPRESSION]',
  help: 'Print the value of an expression. FMT is one of x d u o t z a c f s. The value becomes $1, $2, ... of the history.',
  run(session, { format, expression }) {
    const letter = formatLetter(format, 'print');
    const scope = session.changingScope();
    const value = expression === '' ? (session.history.at(-1) ?? VOID_VALUE) : evaluateShown(expression, scope);
    const text = formatValue(value, scope, letter);
    return [{ kind: 'value', number: session.remember(value), text, value }];
  },
});

/** The letter behind the slash of `print` and `output`. */
export function formatLetter(format: string | undefined, name: string): Format | undefined {
  if (format === undefined || format === '') return undefined;
  if (/^-?\d/.test(format)) throw new UsageError(`Item count other than 1 is meaningless in "${name}" command.`);
  if (/^[bhwg]/.test(format)) throw new UsageError(`Size letters are meaningless in "${name}" command.`);
  if (format === 'i') throw new UsageError(`Format letter "i" is meaningless in "${name}" command.`);
  if (!isFormat(format)) throw new UsageError(`Undefined output format "${format}".`);
  return format;
}

/** Its bytes are read now, so that history keeps what was there. */
export function evaluateShown(text: string, scope: Scope): Value {
  const value = evaluateKnown(text, scope);
  if (value.type.kind !== 'data' && value.type.kind !== 'text') void value.bytes;
  return value;
}
