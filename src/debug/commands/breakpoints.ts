/** break, tbreak: stops at an address, a symbol or a source line; for every process that runs the code there. */

import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { isZero } from '../expression/arithmetic.ts';
import { evaluate } from '../expression/evaluate.ts';
import { type Expression, parseExpression } from '../expression/parse.ts';
import type { AnyStopPoint } from '../stops.ts';
import { command } from './define.ts';
import { resolveLocation } from './locations.ts';
import { type Output, say } from './output.ts';
import { text } from './params.ts';
import type { Session } from './session.ts';

const params = text(undefined, 'location');
const USAGE = '[LOCATION] [thread TID] [if CONDITION]';

export const breakpoint = command({
  name: 'break',
  aliases: ['b', 'br', 'hbreak'],
  group: 'stops',
  params,
  usage: USAGE,
  help: 'Stop at a location: SYMBOL, SYMBOL+N, *ADDRESS, FILE:LINE or LINE; with a condition, only where it is not zero.',
  run: (session, { text: given }) => addBreakpoint(session, given, false),
});

export const tbreak = command({
  name: 'tbreak',
  aliases: ['tb', 'thbreak'],
  group: 'stops',
  params,
  usage: USAGE,
  help: 'As break, for one stop only.',
  run: (session, { text: given }) => addBreakpoint(session, given, true),
});

/** As gdb says that a stop is not the first at its place. */
function noteOthers(there: readonly AnyStopPoint[], address: bigint): Output {
  const numbers = there.map(({ id, isEnabled }) => `${id}${isEnabled ? '' : ' (disabled)'}`);
  const last = numbers.pop();
  const all = numbers.length === 0 ? last : `${numbers.join(', ')} and ${last}`;
  return say(`Note: breakpoint${there.length === 1 ? '' : 's'} ${all} also set at pc ${hex(address)}.`);
}

/** `LOCATION thread N if CONDITION` in its parts. */
export function splitStop(given: string): {
  location: string;
  thread: number | undefined;
  condition: string | undefined;
} {
  const [, before, condition] = /^(.*?)(?:(?:^|\s)if\b(.*))?$/s.exec(given)!;
  const found = /^(.*?)(?:^|\s)thread\s+(\S+)\s*$/s.exec(before);
  if (found !== null && !/^\d+$/.test(found[2])) throw new UsageError(`Invalid thread ID: ${found[2]}`);
  return {
    location: (found?.[1] ?? before).trim(),
    thread: found === null ? undefined : Number(found[2]),
    condition: condition?.trim(),
  };
}

/** Refuses what is no expression, or names what is not there; what it evaluates to is asked at each stop. */
export function checkCondition(session: Session, condition: string): void {
  const scope = session.scope();
  const isSymbol = (name: string): boolean => scope.findSymbol(name) !== undefined;
  const unknown = symbolsOf(parseExpression(condition, isSymbol)).find((name) => !isSymbol(name));
  if (unknown !== undefined) throw new UsageError(`No symbol "${unknown}" in current context.`);
}

/** The names in a tree. */
function symbolsOf(tree: Expression): string[] {
  if (tree.kind === 'symbol') return [tree.name];
  return Object.values(tree).flatMap((part) => (isTree(part) ? symbolsOf(part) : []));
}

const isTree = (part: unknown): part is Expression =>
  typeof part === 'object' && part !== null && 'kind' in part && !('size' in part);

/** For the engine: whether a condition holds for the thread that has come there. One that fails stops, and says so. */
export function conditionOf(session: Session, condition: string): (task: Session['task']) => boolean {
  return (task) => {
    try {
      return !isZero(evaluate(condition, session.scope(task)));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      session.warn(`Error in testing condition: ${error.message}`);
      return true;
    }
  };
}

function addBreakpoint(session: Session, given: string, temporary: boolean): Output[] {
  const { location, thread, condition } = splitStop(given);
  if (thread !== undefined && session.engine.machine.kernel.findTask(thread) === undefined)
    throw new UsageError(`Unknown thread ${thread}.`);
  if (condition !== undefined) checkCondition(session, condition);
  const { address, others } = resolveLocation(session, location, true);
  return [address, ...others].flatMap((one) => {
    const there = session.engine.stopPoints.filter((point) => point.kind === 'breakpoint' && point.address === one);
    const label = location === '' ? `*${hex(one)}` : location;
    const number = session.stops.addBreakpoint(session, { address: one, label, thread, condition, temporary });
    const source = session.sources.placeOf(session.task, one, false);
    const where = source === undefined ? '' : `: file ${source.file}, line ${source.line}.`;
    const made = say(`${temporary ? 'Temporary breakpoint' : 'Breakpoint'} ${number} at ${hex(one)}${where}`);
    return there.length === 0 ? [made] : [noteOthers(there, one), made];
  });
}
