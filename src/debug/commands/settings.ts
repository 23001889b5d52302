/**
 * set and show follow-fork-mode: whose stops count when a process forks; handle: at which signals to stop; and settings of
 * gdb's that scripts begin with, which change nothing here.
 */
import { UsageError } from '../../base/invariant.ts';
import { signalOf } from './catch.ts';
import { command } from './define.ts';
import { say } from './output.ts';
import { choice, none, text } from './params.ts';
import { SIGNAL_TEXTS } from './signal-texts.ts';

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

/** Text is never folded or asked about here, and instructions are in one syntax. */
const WITHOUT_EFFECT = ['pagination', 'confirm', 'width', 'height', 'disassembly-flavor', 'startup-with-shell'];

export const settingsWithoutEffect = WITHOUT_EFFECT.map((name) =>
  command({
    name: `set ${name}`,
    group: 'session',
    params: text(undefined),
    usage: '[VALUE]',
    help: "A setting of gdb's that changes nothing here, for scripts that are meant for both.",
    isHidden: true,
    run: () => [],
  }),
);

export const handle = command({
  name: 'handle',
  group: 'stops',
  params: text('signal'),
  usage: 'SIGNAL [stop | nostop]',
  help: 'Stop, or do not stop, before a signal is delivered. Without a word: tell which it is.',
  run({ engine }, { text: given }) {
    const [name, ...words] = given.trim().split(/\s+/);
    const signal = signalOf(name);
    for (const word of words) {
      if (word === 'nostop') engine.quietSignals.add(signal);
      else if (word === 'stop') engine.quietSignals.delete(signal);
      else if (!['print', 'noprint', 'pass', 'nopass'].includes(word))
        throw new UsageError(`Unrecognized or ambiguous flag word: "${word}".`);
      else if (word === 'nopass')
        throw new UsageError('A signal is always passed to the program: what happens is not changed.');
    }
    const isQuiet = engine.quietSignals.has(signal);
    const row = [signal, isQuiet ? 'No' : 'Yes', SIGNAL_TEXTS[signal] ?? 'Real-time event'];
    return [{ kind: 'table', head: ['Signal', 'Stop', 'Description'], rows: [row] }];
  },
});
