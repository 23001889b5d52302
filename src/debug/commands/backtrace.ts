/** backtrace: the callers of where the selected thread stands. */
import { command } from './define.ts';
import type { Place } from './output.ts';
import { count } from './params.ts';
import { placeOf } from './places.ts';
import { unwind } from './unwind.ts';

/** Where nobody said how many: enough for any stack that is worth reading. */
const MOST_FRAMES = 1000;

export const backtrace = command({
  name: 'backtrace',
  aliases: ['bt', 'where', 'info stack', 'info s'],
  group: 'code',
  params: count(MOST_FRAMES),
  usage: '[COUNT]',
  help: 'Show the calls that led to where the selected thread stands, the innermost first; COUNT of them at most.',
  run(session, { count: most }) {
    const { task } = session;
    const frames: Place[] = [];
    let more = false;
    for (const { rip, isInterrupted } of unwind(task)) {
      if (frames.length >= Math.abs(most)) {
        more = true;
        break;
      }
      frames.push(placeOf(session, task, rip, frames.length > 0 && !isInterrupted));
    }
    return [{ kind: 'backtrace', frames, more }];
  },
});
