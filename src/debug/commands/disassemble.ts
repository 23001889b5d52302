/** disassemble: the code of a symbol, of a range, or around where the selected thread is. */

import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { evaluate, evaluateKnown } from '../expression/evaluate.ts';
import { asInteger, cannotAccess } from '../expression/values.ts';
import { type CodeLine, disassembleAt } from '../inspect/disassembly.ts';
import { functionAt } from '../inspect/modules.ts';
import { readRegisters } from '../inspect/registers.ts';
import { command } from './define.ts';
import type { Output } from './output.ts';
import { formatted } from './params.ts';
import type { Session } from './session.ts';

/** A bound for one list. */
const MOST_LINES = 4096;

export const disassemble = command({
  name: 'disassemble',
  aliases: ['disas'],
  group: 'code',
  params: formatted,
  usage: '[/r] [ADDRESS | START,END | START,+LENGTH]',
  help: 'Disassemble the function around an address (default: $pc), or a range. With /r every byte is shown.',
  run(session, { format = '', expression }) {
    if (/[^rs]/.test(format)) throw new UsageError('Invalid disassembly modifier.');
    const scope = session.scope();
    const hasBytes = format.includes('r');
    const comma = splitAtComma(expression);
    if (comma === undefined) {
      const address = addressOf(expression === '' ? '$pc' : expression, session);
      const found = functionAt(session.task, address);
      if (found === undefined) throw new UsageError('No function contains specified address.');
      const { start, end, name } = found;
      return [code(session, start, end, hasBytes, `Dump of assembler code for function ${name}:`, 'function')];
    }
    const start = addressOf(comma[0], session);
    const length = /^\s*\+(.*)$/s.exec(comma[1]);
    const end = length === null ? addressOf(comma[1], session) : start + asInteger(evaluate(length[1], scope));
    return [code(session, start, end, hasBytes, `Dump of assembler code from ${hex(start)} to ${hex(end)}:`, 'range')];
  },
});

function addressOf(text: string, session: Session): bigint {
  return BigInt.asUintN(64, asInteger(evaluateKnown(text, session.scope())));
}

/** At the first comma that is in no bracket. */
function splitAtComma(text: string): [string, string] | undefined {
  let depth = 0;
  for (const [at, char] of [...text].entries()) {
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (char === ',' && depth === 0) return [text.slice(0, at), text.slice(at + 1)];
  }
  return undefined;
}

function code(
  session: Session,
  start: bigint,
  end: bigint,
  hasBytes: boolean,
  title: string,
  style: 'function' | 'range',
): Output {
  const { task } = session;
  const lines: CodeLine[] = [];
  let at = start;
  while (at < end && lines.length < MOST_LINES) {
    const [line] = disassembleAt(task, at, 1);
    if (line === undefined) throw cannotAccess(at);
    lines.push(line);
    at += BigInt(line.bytes.length);
  }
  return { kind: 'code', title, lines, current: readRegisters(task)?.rip, hasBytes, style, error: undefined };
}
