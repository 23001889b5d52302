/** display, undisplay, info display: expressions that are shown at every stop. */
import { UsageError } from '../../base/invariant.ts';
import { evaluate, evaluateAddress } from '../expression/evaluate.ts';
import { FIRST_SPEC, parseFormatSpec } from '../expression/examine.ts';
import { formatValue } from '../expression/format.ts';
import { command } from './define.ts';
import { type DisplayRow, type Output, say } from './output.ts';
import { formatted, none, numbers } from './params.ts';
import { evaluateShown, formatLetter } from './print.ts';
import type { Session } from './session.ts';
import { examineOutput } from './x.ts';

/** Formats that show memory at an address, as `x` does, rather than a value. */
const isMemory = (format: string): boolean => /[is]|\d|[bhwg]/.test(format);

export const display = command({
  name: 'display',
  group: 'data',
  params: formatted,
  usage: '[/FMT] [EXPRESSION]',
  help: 'Show an expression now and at every stop. With a format i, s or one with a size: memory, as x shows it.',
  run(session, { format = '', expression }) {
    if (expression === '') return showDisplays(session);
    if (isMemory(format)) parseFormatSpec(format, FIRST_SPEC);
    else formatLetter(format, 'display');
    // What cannot be evaluated now is no display.
    void evaluate(expression, session.scope());
    const row: DisplayRow = { number: ++session.displaysMade, enabled: true, format, expression };
    session.displays.push(row);
    return showDisplay(session, row);
  },
});

export const undisplay = command({
  name: 'undisplay',
  aliases: ['delete display'],
  group: 'data',
  params: numbers('display'),
  usage: '[N]...',
  help: 'Stop showing the displays with these numbers; without one, all.',
  run(session, { numbers: given }) {
    const { displays } = session;
    if (given.length === 0) displays.length = 0;
    for (const number of given) {
      const at = displays.findIndex((row) => row.number === number);
      if (at < 0) throw new UsageError(`No display number ${number}.`);
      displays.splice(at, 1);
    }
    return [];
  },
});

export const infoDisplay = command({
  name: 'info display',
  group: 'data',
  params: none,
  help: 'List the expressions that are shown at every stop.',
  run: (session) =>
    session.displays.length === 0
      ? [say('There are no auto-display expressions now.')]
      : [{ kind: 'displays', rows: [...session.displays] }],
});

/** All of them, as after a stop. One that cannot be evaluated any more is switched off, as gdb does, and says why. */
export function showDisplays(session: Session): Output[] {
  return session.displays.flatMap((row, i) => {
    if (!row.enabled) return [];
    try {
      return showDisplay(session, row);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      session.displays[i] = { ...row, enabled: false };
      const what = `${row.format === '' ? '' : `/${row.format} `}${row.expression}`;
      return [say(`${row.number}: ${what} = <error: ${error.message}>`)];
    }
  });
}

function showDisplay(session: Session, row: DisplayRow): Output[] {
  const { format, expression } = row;
  const scope = session.scope();
  if (!isMemory(format)) {
    const text = formatValue(evaluateShown(expression, scope), scope, formatLetter(format, 'display'));
    return [{ kind: 'display', row, text, isBlock: false }];
  }
  const { examined } = session;
  const block = examineOutput(session, parseFormatSpec(format, FIRST_SPEC), evaluateAddress(expression, scope));
  session.examined = examined;
  return [{ kind: 'display', row, text: '', isBlock: true }, block];
}
