/** output: what the program has printed up to now, or, as in gdb, the value of an expression without more. input. */
import { formatValue } from '../expression/format.ts';
import { command } from './define.ts';
import { withEscapes } from './escapes.ts';
import { say } from './output.ts';
import { formatted, none, text } from './params.ts';
import { evaluateShown, formatLetter } from './print.ts';

export const output = command({
  name: 'output',
  group: 'history',
  params: formatted,
  usage: '[[/FMT] EXPRESSION]',
  help: 'Show everything that the program has printed up to now. With an expression: its value, as print, but not into the history.',
  run(session, { format, expression }) {
    if (expression !== '')
      return [
        say(formatValue(evaluateShown(expression, session.scope()), session.scope(), formatLetter(format, 'output'))),
      ];
    const bytes = session.printedBytes();
    return bytes.length === 0 ? [say('The program has printed nothing yet.')] : [{ kind: 'program', bytes }];
  },
});

export const input = command({
  name: 'input',
  group: 'history',
  params: text('text'),
  usage: 'TEXT',
  help: 'Give the program a line to read; C escapes stand for what they mean.',
  run(session, { text: given }) {
    session.giveInput(`${withEscapes(given)}\n`);
    return [];
  },
});

export const endInput = command({
  name: 'end-input',
  group: 'history',
  params: none,
  help: 'End what the program can read from its standard input.',
  run(session) {
    session.giveInput(undefined);
    return [];
  },
});
