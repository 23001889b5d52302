/** frame: the place of the selected thread, or a physical frame: who has it, and what is in it. */

import type { Pfn } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { evaluate } from '../expression/evaluate.ts';
import { asInteger } from '../expression/values.ts';
import { viewFrame } from '../inspect/frames.ts';
import { command } from './define.ts';
import { type Output, say } from './output.ts';
import { text } from './params.ts';
import type { Session } from './session.ts';
import { selectedOutput } from './stack-frames.ts';

export const frame = command({
  name: 'frame',
  aliases: ['f'],
  group: 'machine',
  params: text(undefined, 'expression'),
  usage: '[N | +ADDRESS]',
  help:
    'Show physical frame N, or the one at a physical address (+0x20e000): who maps it, where, with which entry, and its ' +
    'bytes. Without a number: the selected frame of the stack, as in gdb.',
  run(session, { text: number }) {
    if (number === '') return [selectedOutput(session)];
    const found = frameOf(session, number);
    const shown: Output = { kind: 'frame', frame: found, from: undefined };
    // Small numbers are what users of gdb call frames of the stack.
    return found.state === 'reserved' ? [shown, say('Frames of the stack are selected by up and down.')] : [shown];
  },
});

/** The frame that a number means, or a physical address behind a `+`. */
export function frameOf(session: Session, given: string) {
  const isAddress = given.startsWith('+');
  const value = asInteger(evaluate(isAddress ? given.slice(1) : given, session.scope()));
  const pfn = Number(isAddress ? value >> 12n : value) as Pfn;
  const view = viewFrame(session.engine.machine.kernel, pfn);
  if (view !== undefined) return view;
  throw new UsageError(
    `The machine has no frame ${given}: frames are numbered, and +ADDRESS is the one at an address.`,
  );
}
