/** info frame: the stack frame of where the selected thread stands, as gdb tells it. */
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { REG_NAMES } from '../../cpu/state.ts';
import { command } from './define.ts';
import { say } from './output.ts';
import { none } from './params.ts';
import { selectedPlace } from './places.ts';
import { unwind } from './unwind.ts';

const nameOf = (register: number | 'rip'): string => (register === 'rip' ? 'rip' : REG_NAMES[register]);

export const infoFrame = command({
  name: 'info frame',
  aliases: ['info f'],
  group: 'code',
  params: none,
  help: 'Show the stack frame at hand: where it is, who called it, where registers were saved.',
  run(session) {
    const { level } = session;
    const [frame, caller] = unwind(session.task).slice(level);
    if (frame === undefined) throw new UsageError('No stack.');
    const { rip, cfa, savedAt } = frame;
    const at = cfa === undefined ? '' : `, frame at ${hex(cfa)}`;
    // In the order of their encoding, RIP last, as gdb has them.
    const saved = [...savedAt].sort(([a], [b]) => (a === 'rip' ? 1 : b === 'rip' ? -1 : a - b));
    const { symbol, source } = selectedPlace(session);
    const where = symbol === undefined ? '' : ` in ${symbol}${source ? ` (${source.file}:${source.line})` : ''}`;
    const lines = [
      `Stack level ${level}${at}:`,
      ` rip = ${hex(rip)}${where}${caller === undefined ? '' : `; saved rip = ${hex(caller.rip)}`}`,
      ...(caller?.cfa === undefined ? [] : [` called by frame at ${hex(caller.cfa)}`]),
      ...(cfa === undefined ? [] : [` Previous frame's sp is ${hex(cfa)}`]),
      ...(saved.length === 0
        ? []
        : [' Saved registers:', `  ${saved.map(([name, place]) => `${nameOf(name)} at ${hex(place)}`).join(', ')}`]),
    ];
    return lines.map(say);
  },
});
