/** info frame: the stack frame of where the selected thread stands, as gdb tells it. */
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { command } from './define.ts';
import { say } from './output.ts';
import { none } from './params.ts';
import { currentPlace } from './places.ts';
import { unwind } from './unwind.ts';

export const infoFrame = command({
  name: 'info frame',
  aliases: ['info f'],
  group: 'code',
  params: none,
  help: 'Show the stack frame at hand: where it is, who called it, where registers were saved.',
  run(session) {
    const [frame, caller] = [...unwind(session.task)];
    if (frame === undefined) throw new UsageError('No stack.');
    const { pc, callerSp, savedRbpAt } = frame;
    const { symbol, source } = currentPlace(session, session.task);
    const where = symbol === undefined ? '' : ` in ${symbol}${source ? ` (${source.file}:${source.line})` : ''}`;
    const lines = [
      `Stack level 0, frame at ${hex(callerSp)}:`,
      ` rip = ${hex(pc)}${where}${caller === undefined ? '' : `; saved rip = ${hex(caller.pc)}`}`,
      ...(caller === undefined ? [] : [` called by frame at ${hex(caller.callerSp)}`]),
      ` Previous frame's sp is ${hex(callerSp)}`,
      ' Saved registers:',
      `  ${savedRbpAt === undefined ? '' : `rbp at ${hex(savedRbpAt)}, `}rip at ${hex(callerSp - 8n)}`,
    ];
    return lines.map(say);
  },
});
