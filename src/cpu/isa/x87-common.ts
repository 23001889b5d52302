/**
 * What x87 and MMX instructions share: where the state is, and what comes before each of them. The state has the
 * layout of an FXSAVE image, but for the order of the registers: R0 to R7, as they are numbered physically, so that
 * the stack's top moves instead of them. `fxImage` of cpu/state.ts turns it around.
 * ```
 *   0  control word    2  status word    4  tags: bit n set if Rn is not empty    6  opcode
 *   8  instruction pointer    16  data pointer    32 + 16 n  Rn: significand, then sign and exponent
 * ```
 * Intel SDM Vol. 1, "x87 FPU Execution Environment".
 */
import { invariant } from '../../base/invariant.ts';
import type { Builder, Val } from '../builder.ts';
import { asMem, bit } from './common.ts';
import type { Insn } from './define.ts';
import type { Operand, StOperand } from './operand.ts';

/** Offsets in the x87 state. */
export const X87_HEAD = 0, X87_FIP = 8, X87_FDP = 16; // biome-ignore format: one line
/** What a function of cpu/x87 leaves for the instruction: a significand, then sign and exponent. */
export const STAGED = 192;
export const registerOffset = (physical: number): number => 32 + 16 * physical;

/** Bits of the first eight bytes. */
export const HEAD_STATUS_BIT = 16, HEAD_TAGS_BIT = 32, HEAD_OPCODE_BIT = 48; // biome-ignore format: one line
/** ES of the status word: an exception is pending. */
const PENDING_BIT = HEAD_STATUS_BIT + 7;

/** #MF if an exception that is not masked is pending. Answers the first eight bytes of the state. */
export function raisePending(b: Builder): Val {
  const head = b.readX87(X87_HEAD);
  b.raiseIf(bit(b, 64, head, PENDING_BIT), 'MF');
  return head;
}

export function asSt(operand: Operand): StOperand {
  invariant(operand.kind === 'st', 'x87 register expected');
  return operand;
}

/** What an instruction leaves in FIP, and in FOP: the low bits of its first byte, and ModRM. */
export const pointers = (b: Builder, { rip, opcode, modrm }: Insn): [fip: Val, fop: Val] => [
  b.const(64, rip),
  b.const(32, ((opcode & 7) << 8) | modrm),
];
/** The same of FDP: the memory operand's address without its segment's base. */
export const dataPointer = (b: Builder, { ops }: Insn): Val => b.offset(asMem(ops[0]));
