/** up, down: select a caller, so that registers, expressions and lists are seen from there; each stop selects the innermost. */
import { UsageError } from '../../base/invariant.ts';
import { command } from './define.ts';
import type { Output } from './output.ts';
import { count } from './params.ts';
import { selectedPlace } from './places.ts';
import type { Session } from './session.ts';
import { unwind } from './unwind.ts';

const MESSAGES = {
  up: 'Initial frame selected; you cannot go up.',
  down: 'Bottom (innermost) frame selected; you cannot go down.',
};

const moving = (name: 'up' | 'down', sign: 1 | -1, help: string) =>
  command({
    name,
    group: 'code',
    params: count(1),
    usage: '[N]',
    help,
    repeats: 'same',
    run(session, { count: steps }) {
      const most = unwind(session.task).length - 1;
      const wanted = session.level + sign * steps;
      const next = Math.max(0, Math.min(most, wanted));
      if (next === session.level && steps !== 0) throw new UsageError(MESSAGES[wanted > next ? 'up' : 'down']);
      session.level = next;
      session.listed = undefined;
      return [selectedOutput(session)];
    },
  });

export const up = moving('up', 1, 'Select the frame of the function that called this one.');
export const down = moving('down', -1, 'Select the frame of the function that this one called.');

/** Where the selected frame is, with its line. */
export const selectedOutput = (session: Session): Output => ({
  kind: 'place',
  place: selectedPlace(session),
  level: session.level,
  style: 'both',
});
