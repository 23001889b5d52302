/**
 * The record type of an instruction, and what a decoded instruction is. Encodings are written in the notation of the
 * SDM's opcode and operand columns (Intel SDM Vol. 2A, "Instruction Format"); cpu/decode.ts makes its tables of them.
 */
import type { Builder, Width } from '../builder.ts';
import type { Operand } from './operand.ts';

/** How control leaves an instruction. A region is cut and linked by it; `emit` calls the Builder method of that name. */
export type Flow = 'next' | 'jump' | 'branch' | 'call' | 'jumpIndirect' | 'callIndirect' | 'ret' | 'syscall' | 'raise';

/** Properties of one encoding beside its opcode and operands. */
export type EncodingFlag = 'LOCK' | 'REP' | 'REPE/NE' | 'D64' | 'F64' | 'NO16';

/** Opcode column, operand column, then flags: `['81 /0 iz', 'r/m, imm', 'LOCK']`. */
export type Encoding = readonly [opcode: string, operands: string, ...flags: EncodingFlag[]];

export interface InstructionDef {
  readonly mnemonic: string;
  readonly encodings: readonly Encoding[];
  /** Access of each operand, left to right: 'rw r'. */
  readonly access: string;
  /** Letters of `oszapc`; `undefined` names those that the SDM leaves undefined after it. */
  readonly flags?: { readonly reads?: string; readonly writes?: string; readonly undefined?: string };
  readonly flow?: Flow;
  emit(b: Builder, insn: Insn): void;
}

export interface Insn {
  readonly def: InstructionDef;
  /** Index in def.encodings. */
  readonly encoding: number;
  readonly rip: bigint;
  /** Bytes, 1 to 15. */
  readonly length: number;
  /** Operand size in bits. */
  readonly width: Width;
  readonly addressWidth: 32 | 64;
  readonly ops: readonly Operand[];
  readonly lock: boolean;
  readonly rep: 'rep' | 'repne' | undefined;
}

/** `truncated`: the bytes end before the instruction does. `invalid`: #UD. `long`: over 15 bytes, #GP. */
export type DecodeFailure = 'truncated' | 'invalid' | 'long';

export const instruction = (def: InstructionDef): InstructionDef => def;
