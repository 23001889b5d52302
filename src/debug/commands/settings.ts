/** set and show follow-fork-mode: which process is selected when one forks. */
import { UsageError } from '../../base/invariant.ts';
import { command } from './define.ts';
import { say } from './output.ts';
import { choice, none } from './params.ts';

const FOLLOW_MODES = ['parent', 'child', 'both'] as const;
export type FollowMode = (typeof FOLLOW_MODES)[number];

export const setFollowForkMode = command({
  name: 'set follow-fork-mode',
  group: 'session',
  params: choice(FOLLOW_MODES),
  usage: 'parent | child | both',
  help: 'At whose stop points to stop: those of the selected process alone, of its child from its next fork on, or of all (default).',
  run(session, { word }) {
    if (word === undefined)
      throw new UsageError(`Requires an argument. Valid arguments are ${FOLLOW_MODES.join(', ')}.`);
    session.setFollowMode(word);
    return [];
  },
});

export const showFollowForkMode = command({
  name: 'show follow-fork-mode',
  group: 'session',
  params: none,
  help: 'Tell whom the debugger stays with when a process forks.',
  run: (session) => [say(`Debugger response to a program call of fork or vfork is "${session.followMode}".`)],
});
