/** What a stop shows: why, who, where, and the displays. One place for every command that lets the program run. */
import type { Task } from '../../kernel/task/task.ts';
import { viewTask } from '../inspect/tasks.ts';
import type { Stop } from '../stops.ts';
import { showDisplays } from './display.ts';
import { type Output, type StopHead, say } from './output.ts';
import { currentPlace, placeOutput } from './places.ts';
import type { Session } from './session.ts';
import { headsOf, isOver } from './stop-heads.ts';
import { unwind } from './unwind.ts';

/** Where the thread was before it ran: a stop in the same function shows its source line alone. */
export interface Before {
  readonly task: Task | undefined;
  readonly symbol: string | undefined;
  /** RSP of its caller: of another call of the same function it is another. */
  readonly frame: bigint | undefined;
}

export function noteBefore(session: Session): Before {
  const { task } = session.engine;
  if (task === undefined || !task.isAlive()) return { task, symbol: undefined, frame: undefined };
  return { task, symbol: currentPlace(session, task).symbol, frame: unwind(task, 1)[0]?.cfa };
}

export function stopOutputs(session: Session, stop: Stop, before: Before): Output[] {
  session.listed = undefined;
  session.level = 0;
  const program = session.newOutput();
  const heads: StopHead[] = headsOf(session, stop);
  const { task } = session.engine;
  const isEnd = isOver(stop) || task === undefined || !task.isAlive();
  const switched = !isEnd && before.task !== undefined && before.task !== task ? viewTask(task) : undefined;
  const outputs: Output[] = [...program, { kind: 'stop', heads, switched }];
  if (isEnd)
    return heads.some(({ kind }) => kind === 'breakpoint' || kind === 'catchpoint') ? [...outputs, say('')] : outputs;
  const isQuiet = stop.reason.kind === 'step' && switched === undefined;
  const place = currentPlace(session, task);
  const isSame =
    isQuiet && place.source !== undefined && place.symbol === before.symbol && unwind(task, 1)[0]?.cfa === before.frame;
  outputs.push(placeOutput(session, task, isSame ? 'source' : 'both'));
  return [...outputs, ...showDisplays(session)];
}
