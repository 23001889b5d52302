/** watch, rwatch, awatch: stops when memory is written, read or either; by address, or in a frame, whoever maps it. */

import { PAGE_SIZE } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { evaluate, evaluateKnown } from '../expression/evaluate.ts';
import { sizeOf } from '../expression/types.ts';
import { asInteger } from '../expression/values.ts';
import { splitStop } from './breakpoints.ts';
import { command } from './define.ts';
import { frameOf } from './frame.ts';
import { type Output, say } from './output.ts';
import { text } from './params.ts';
import type { Session } from './session.ts';

export type WatchKind = 'watch' | 'rwatch' | 'awatch';
/** As gdb names them. */
export const WATCH_TITLES: Readonly<Record<WatchKind, string>> = {
  watch: 'Hardware watchpoint',
  rwatch: 'Hardware read watchpoint',
  awatch: 'Hardware access (read/write) watchpoint',
};

const MOST_BYTES = 1 << 20;

const watching = (name: WatchKind, what: string) =>
  command({
    name,
    group: 'stops',
    params: text('expression to compute', 'expression'),
    usage: '[-l] EXPRESSION | frame N [OFFSET [LENGTH]] [if CONDITION]',
    help: `Stop when ${what}: the memory of an expression, or bytes of a physical frame, through any mapping of any process.`,
    run: (session, { text: given }) => addWatchpoint(session, name, given),
  });

export const watch = watching('watch', 'a program or the kernel changes it');
export const rwatch = watching('rwatch', 'it is read');
export const awatch = watching('awatch', 'it is read or written');

function addWatchpoint(session: Session, kind: WatchKind, given: string): Output[] {
  const { location, thread, condition } = splitStop(given);
  const found = /^frame\s+(\S+)(?:\s+(\S+))?(?:\s+(\S+))?$/.exec(location);
  if (found !== null) return watchFrame(session, kind, location, found, condition);
  const isLocation = /^-l(?:ocation)?\s+/.exec(location);
  const expression = isLocation === null ? location : location.slice(isLocation[0].length);
  const value = evaluateKnown(expression, session.scope());
  if (value.address === undefined)
    throw new UsageError('Cannot watch constant value or register: watch memory, as in watch *(long *) $rsp.');
  if (value.type.kind === 'text')
    throw new UsageError('Cannot watch code as a whole; cast it, as in watch *(char *) main.');
  const length = sizeOf(value.type);
  if (length > MOST_BYTES) throw new UsageError(`Cannot watch ${length} bytes; ${MOST_BYTES} are the most.`);
  const shown = isLocation === null ? expression : `-location ${expression}`;
  const number = session.stops.addWatchpoint(session, {
    kind,
    expression: shown,
    type: value.type,
    place: { kind: 'virtual', pid: session.task.pid, address: value.address, length },
    thread,
    condition,
  });
  return [say(`${WATCH_TITLES[kind]} ${number}: ${shown}`)];
}

function watchFrame(
  session: Session,
  kind: WatchKind,
  shown: string,
  [, frame, at, count]: RegExpExecArray,
  condition: string | undefined,
): Output[] {
  const { pfn } = frameOf(session, frame);
  const number = (given: string | undefined, byDefault: number): number =>
    given === undefined ? byDefault : Number(asInteger(evaluate(given, session.scope())));
  const offset = number(at, 0);
  const length = number(count, at === undefined ? PAGE_SIZE : 8);
  if (offset < 0 || length < 1 || offset + length > PAGE_SIZE)
    throw new UsageError(`A frame has ${PAGE_SIZE} bytes: ${length} from ${offset} on are not all in it.`);
  const made = session.stops.addWatchpoint(session, {
    kind,
    expression: shown,
    type: undefined,
    place: { kind: 'frame', pfn, offset, length },
    thread: undefined,
    condition,
  });
  return [say(`${WATCH_TITLES[kind]} ${made}: ${shown}`)];
}
