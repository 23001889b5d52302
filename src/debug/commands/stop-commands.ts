/** delete, enable, disable, ignore, condition, info breakpoints, info watchpoints: what there is to stop at, by number. */
import { UsageError } from '../../base/invariant.ts';
import { checkCondition } from './breakpoints.ts';
import { command } from './define.ts';
import { type Output, say } from './output.ts';
import { none, numbers, text } from './params.ts';

const stopNumbers = numbers('breakpoint');

export const infoBreakpoints = command({
  name: 'info breakpoints',
  aliases: ['info b'],
  group: 'stops',
  params: none,
  help: 'List breakpoints, watchpoints and catchpoints with their conditions and how often they were hit.',
  run: (session): Output[] => [{ kind: 'breakpoints', rows: session.stops.rows(session), only: 'all' }],
});

export const infoWatchpoints = command({
  name: 'info watchpoints',
  group: 'stops',
  params: none,
  help: 'List the watchpoints.',
  run(session): Output[] {
    const rows = session.stops.rows(session).filter(({ type }) => type.endsWith('watchpoint'));
    return [{ kind: 'breakpoints', rows, only: 'watchpoints' }];
  },
});

export const deleteStops = command({
  name: 'delete',
  aliases: ['d', 'delete breakpoints'],
  group: 'stops',
  params: stopNumbers,
  usage: '[N]...',
  help: 'Delete breakpoints, watchpoints and catchpoints by number; without one, all.',
  run(session, { numbers: given }) {
    for (const number of given.length === 0 ? session.stops.numbers(session) : given)
      session.stops.remove(session, number);
    return [];
  },
});

export const clear = command({
  name: 'clear',
  group: 'stops',
  params: text(undefined, 'location'),
  usage: '[LOCATION]',
  help: 'Delete the breakpoints at a location; without one, where the selected thread stands.',
  run(session, { text: location }) {
    const found = session.stops.at(session, location);
    if (found.length === 0) throw new UsageError(`No breakpoint at ${location === '' ? 'this line' : location}.`);
    for (const number of found) session.stops.remove(session, number);
    return [say(`Deleted breakpoint${found.length === 1 ? '' : 's'} ${found.join(' ')}`)];
  },
});

const switching = (name: 'enable' | 'disable') =>
  command({
    name,
    ...(name === 'enable' ? { aliases: ['en', 'enable breakpoints'] } : { aliases: ['dis', 'disable breakpoints'] }),
    group: 'stops',
    params: stopNumbers,
    usage: '[N]...',
    help: `${name === 'enable' ? 'Let breakpoints stop the program again' : 'Let the program pass breakpoints'}, by number; without one, all.`,
    run(session, { numbers: given }) {
      for (const number of given.length === 0 ? session.stops.numbers(session) : given)
        session.stops.setEnabled(session, number, name === 'enable');
      return [];
    },
  });
export const enable = switching('enable');
export const disable = switching('disable');

export const ignore = command({
  name: 'ignore',
  group: 'stops',
  params: text('breakpoint number'),
  usage: 'N COUNT',
  help: 'Pass a breakpoint COUNT times.',
  run(session, { text: given }) {
    const [number, count] = given.split(/\s+/).map(Number);
    if (!Number.isInteger(number)) throw new UsageError(`Bad breakpoint argument: '${given}'`);
    if (!Number.isInteger(count) || count < 0)
      throw new UsageError('Second argument (specified ignore-count) is missing.');
    session.stops.setIgnoreCount(session, number, count);
    if (count === 0) return [say(`Will stop next time breakpoint ${number} is reached.`)];
    return [say(`Will ignore next ${count === 1 ? 'crossing' : `${count} crossings`} of breakpoint ${number}.`)];
  },
});

export const condition = command({
  name: 'condition',
  aliases: ['cond'],
  group: 'stops',
  params: text('breakpoint number', 'expression'),
  usage: 'N [EXPRESSION]',
  help: 'Stop at breakpoint N only where an expression is not zero; without one, always.',
  run(session, { text: given }) {
    const [, digits, expression] = /^(\S+)\s*(.*)$/s.exec(given)!;
    if (!/^\d+$/.test(digits)) throw new UsageError(`Bad breakpoint argument: '${digits}'`);
    if (expression !== '') checkCondition(session, expression);
    session.stops.setCondition(session, Number(digits), expression === '' ? undefined : expression);
    return expression === '' ? [say(`Breakpoint ${digits} now unconditional.`)] : [];
  },
});
