/** x87: the instructions of cpu/x87/transcendental.ts. Intel SDM Vol. 2, by instruction name. */
import { TRANSCENDENTALS } from '../x87/transcendental.ts';
import { type InstructionDef, instruction } from './define.ts';
import { pointers, raisePending } from './x87-common.ts';

const OPCODES: Record<(typeof TRANSCENDENTALS)[number], string> = {
  f2xm1: 'D9 F0',
  fyl2x: 'D9 F1',
  fptan: 'D9 F2',
  fpatan: 'D9 F3',
  fyl2xp1: 'D9 F9',
  fsincos: 'D9 FB',
  fsin: 'D9 FE',
  fcos: 'D9 FF',
};
export const INSTRUCTIONS: readonly InstructionDef[] = TRANSCENDENTALS.map((mnemonic, which) =>
  instruction({
    mnemonic,
    encodings: [[OPCODES[mnemonic], '']],
    access: '',
    emit(b, insn) {
      raisePending(b);
      b.callRuntime('x87Transcendental', b.const(32, which), ...pointers(b, insn));
    },
  }),
);
