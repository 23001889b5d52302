/** x: memory in units of a size and a format, as strings or as instructions. */
import { evaluateKnown, VOID_VALUE } from '../expression/evaluate.ts';
import { examine, type FormatSpec, parseFormatSpec } from '../expression/examine.ts';
import { pointerTo } from '../expression/types.ts';
import { asInteger, cannotAccess, integerValue } from '../expression/values.ts';
import { disassembleAt, disassembleBefore } from '../inspect/disassembly.ts';
import { readRegisters } from '../inspect/registers.ts';
import { command } from './define.ts';
import type { Output } from './output.ts';
import { formatted } from './params.ts';
import type { Session } from './session.ts';

export const x = command({
  name: 'x',
  group: 'data',
  params: formatted,
  usage: '[/NFU] [ADDRESS]',
  help:
    'Examine memory: N units, format F (x d u o t z a c f, s for strings, i for instructions), unit U (b h w g: 1, 2, 4, ' +
    '8 bytes). Without an address it goes on where the last one ended. $_ is then the last address, $__ what is there.',
  repeats: 'bare',
  run(session, { format, expression }) {
    const spec = parseFormatSpec(
      format ?? '',
      expression === '' ? session.examined.spec : { ...session.examined.spec, count: 1 },
    );
    return [examineOutput(session, spec, expression === '' ? session.examined.next : addressIn(session, expression))];
  },
});

function addressIn(session: Session, expression: string): bigint {
  return BigInt.asUintN(64, asInteger(evaluateKnown(expression, session.scope())));
}

/** What `x` and `display/i` show; the next `x` goes on behind it. */
export function examineOutput(session: Session, spec: FormatSpec, address: bigint): Output {
  if (spec.format === 'i') return instructions(session, spec, address);
  const scope = session.scope();
  const { rows, next, last } = examine(spec, address, scope);
  // Strings have no unit: the next format begins with bytes.
  session.examined = { spec: { ...spec, unit: spec.unit ?? 'b' }, next };
  if (last?.address !== undefined) {
    session.variables.set('_', integerValue(pointerTo(last.type), last.address));
    session.variables.set('__', last);
  }
  return { kind: 'memory', rows, perRow: spec.format === 's' ? 'strings' : 'cells' };
}

function instructions(session: Session, spec: FormatSpec, address: bigint): Output {
  const { task } = session;
  const count = Math.abs(spec.count);
  const lines = spec.count < 0 ? disassembleBefore(task, address, count) : disassembleAt(task, address, count);
  const end = lines.length === 0 ? address : lines.at(-1)!.address + BigInt(lines.at(-1)!.bytes.length);
  session.examined = { spec, next: spec.count < 0 ? (lines[0]?.address ?? address) : end };
  session.variables.set('__', VOID_VALUE);
  const error = lines.length < count && spec.count > 0 ? cannotAccess(end).message : undefined;
  const current = readRegisters(task)?.rip;
  return { kind: 'code', title: undefined, lines, current, hasBytes: false, style: 'x', error };
}
