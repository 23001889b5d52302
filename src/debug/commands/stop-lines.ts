/** commands ... end: lines that are done whenever a breakpoint stops the program; `silent` first: it says nothing itself. */
import { UsageError } from '../../base/invariant.ts';
import { evaluate } from '../expression/evaluate.ts';
import { asInteger } from '../expression/values.ts';
import { command } from './define.ts';
import { text } from './params.ts';

export const stopLines = command({
  name: 'commands',
  group: 'stops',
  params: text(undefined),
  usage: '[N]',
  help:
    'Do the lines that follow, up to "end", whenever breakpoint N, or the last one made, stops the program. ' +
    '"silent" as the first keeps the stop itself quiet.',
  run(session, { text: given }) {
    const last = session.variables.get('bpnum');
    if (given === '' && last === undefined) throw new UsageError('No breakpoints specified.');
    const number = given === '' ? Number(asInteger(last!)) : Number(asInteger(evaluate(given, session.scope())));
    session.stops.get(session, number);
    session.beginBlock(number);
    return [];
  },
});

export const end = command({
  name: 'end',
  group: 'stops',
  params: text(undefined),
  help: 'Ends the lines of a breakpoint.',
  isHidden: true,
  run() {
    throw new UsageError('This command cannot be used at the top level.');
  },
});
