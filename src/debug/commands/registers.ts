/** info registers, all-registers, float, vector: registers of the selected thread. */
import { UsageError } from '../../base/invariant.ts';
import { describeFloat } from '../expression/float-text.ts';
import { formatScalar, formatValue } from '../expression/format.ts';
import { findRegister, REGISTERS, type RegisterRecord, registerValue } from '../expression/registers.ts';
import { banksOf } from '../expression/task-scope.ts';
import { readX87 } from '../inspect/x87.ts';
import { command } from './define.ts';
import type { Output, RegisterRow } from './output.ts';
import { none, text } from './params.ts';
import type { Session } from './session.ts';

export const infoRegisters = command({
  name: 'info registers',
  aliases: ['info r'],
  group: 'data',
  params: text(undefined, 'register'),
  usage: '[NAME]...',
  help: 'Show the general registers, or those named: rax, eax, xmm0, general, float, vector, all.',
  run: (session, { text: names }) => [registersOutput(session, recordsOf(names))],
});

export const infoAllRegisters = command({
  name: 'info all-registers',
  group: 'data',
  params: text(undefined, 'register'),
  usage: '[NAME]...',
  help: 'Show all registers, with x87 and vectors.',
  run: (session, { text: names }) => [registersOutput(session, recordsOf(names === '' ? 'all' : names))],
});

export const infoVector = command({
  name: 'info vector',
  group: 'data',
  params: none,
  help: 'Show MXCSR and the vector registers.',
  run: (session) => [registersOutput(session, recordsOf('vector'))],
});

export const infoFloat = command({
  name: 'info float',
  group: 'data',
  params: none,
  help: 'Show the x87 registers by their place, and the control, status and tag words.',
  run(session) {
    const state = readX87(session.task);
    if (state === undefined) throw new UsageError('No registers.');
    return [{ kind: 'x87', state }];
  },
});

const GROUP_NAMES = ['general', 'float', 'vector'];

function recordsOf(names: string): RegisterRecord[] {
  if (names === '') return REGISTERS.filter(({ group }) => group === 'general');
  return names.split(/[\s,]+/).flatMap((word) => {
    const name = word.replace(/^\$/, '');
    if (name === 'all') return REGISTERS.filter(({ group }) => group !== 'part');
    if (GROUP_NAMES.includes(name)) return REGISTERS.filter(({ group }) => group === name);
    const record = findRegister(name);
    if (record === undefined) throw new UsageError(`Invalid register \`${name}'`);
    return [record];
  });
}

/** In gdb's two columns: hexadecimal, and as the type has it; of floating-point numbers the value and the raw bytes. */
export function registersOutput(session: Session, records: readonly RegisterRecord[]): Output {
  const { task } = session;
  const banks = banksOf(task, session.frame);
  const scope = session.scope();
  const rows = records.map((record): RegisterRow => {
    const value = registerValue(record, banks);
    const { name, type } = record;
    if (type.kind === 'float')
      return {
        name,
        value,
        raw: describeFloat(type, value.bytes),
        natural: `(raw ${formatScalar(value, scope, 'z')})`,
      };
    const raw = formatValue(value, scope, 'x');
    if (type.kind === 'union') return { name, value, raw, natural: '' };
    const natural = formatValue(value, scope);
    // Pointers are addresses there, without their type.
    return { name, value, raw, natural: type.kind === 'pointer' ? formatScalar(value, scope, 'a') : natural };
  });
  return { kind: 'registers', rows };
}
