/** echo: a text into the transcript, with C's escapes, as scripts for gdb have it. */
import { command } from './define.ts';
import { withEscapes } from './escapes.ts';
import { text } from './params.ts';

export const echo = command({
  name: 'echo',
  group: 'session',
  params: text(undefined),
  usage: 'TEXT',
  help: 'Print a text; C escapes stand for what they mean, as \\n for the end of a line.',
  run: (_, { text: given }) =>
    given === '' ? [] : [{ kind: 'program', bytes: new TextEncoder().encode(withEscapes(given)) }],
});
