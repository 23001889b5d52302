/**
 * The record type of an instruction, and what a decoded instruction is. Encodings are written in the notation of the
 * SDM's opcode and operand columns (Intel SDM Vol. 2A, "Instruction Format"); isa/encoding.ts reads the notation and
 * cpu/decode.ts makes its tables of it.
 */
import type { Builder, Width } from '../builder.ts';
import type { Feature } from './features.ts';
import type { Operand } from './operand.ts';

/** How control leaves an instruction. A region is cut and linked by it; `emit` calls the Builder method of that name. */
export type Flow = 'next' | 'jump' | 'branch' | 'call' | 'jumpIndirect' | 'callIndirect' | 'ret' | 'syscall' | 'raise';

/**
 * Properties of one encoding beside its opcode and operands.
 * ```
 *   LOCK      takes the LOCK prefix when an operand is in memory
 *   REP       F3 (and F2) repeats it; REPE/NE: F3 and F2 repeat it on a condition
 *   D64       the operand size is 64 bits, or 16 with 66
 *   F64       the operand size is 64 bits whatever the prefixes say
 *   NO16      66 does not make the operand size 16 bits
 *   NO64      REX.W does not make it 64 bits
 *   W8        the operand size is 8 bits, where no operand shows it
 *   NO66      not with 66
 *   REX.B=0   not with REX.B (90 is NOP, 41 90 is XCHG)
 * ```
 */
export type EncodingFlag = 'LOCK' | 'REP' | 'REPE/NE' | 'D64' | 'F64' | 'NO16' | 'NO64' | 'W8' | 'NO66' | 'REX.B=0';

/** Opcode column, operand column, then flags: `['81 /0 iz', 'r/m, imm', 'LOCK']`. isa/encoding.ts lists the notation. */
export type Encoding = readonly [opcode: string, operands: string, ...flags: EncodingFlag[]];

export interface InstructionDef {
  /**
   * Name in assembly. `{cc}` stands for the condition (`j{cc}`, `cmov{cc}`). `a|b|c` are names by operand size
   * 16|32|64, `a|b|c|d` by 8|16|32|64, `a/b` by address size 32/64.
   */
  readonly mnemonic: string;
  readonly encodings: readonly Encoding[];
  /** Access of each operand, left to right: 'rw r'. */
  readonly access: string;
  /**
   * Letters of `oszapc`; `undefined` names those that the SDM leaves undefined after it. `reads: 'cc'` stands for the
   * flags of the condition. What is written only sometimes (shifts by a count of 0) counts as read, too.
   */
  readonly flags?: { readonly reads?: string; readonly writes?: string; readonly undefined?: string } | undefined;
  readonly flow?: Flow | undefined;
  /** What is known to be missing. */
  readonly support?: { readonly missing: string } | undefined;
  /** The CPUID feature, where isa/features.ts does not find it by the encoding. */
  readonly feature?: Feature | undefined;
  /** User mode may not: #GP(0). */
  readonly privileged?: boolean | undefined;
  emit(b: Builder, insn: Insn): void;
}

export interface Insn {
  readonly def: InstructionDef;
  /** Index in def.encodings. */
  readonly encoding: number;
  readonly rip: bigint;
  /** Bytes, 1 to 15. */
  readonly length: number;
  /** Address of the next instruction. */
  readonly next: bigint;
  /** Operand size in bits. */
  readonly width: Width;
  readonly addressWidth: 32 | 64;
  readonly ops: readonly Operand[];
  /** Low four bits of the opcode: the condition of Jcc, SETcc and CMOVcc. */
  readonly cc: number;
  /** Last byte of the opcode, and ModRM if there is one. */
  readonly opcode: number;
  readonly modrm: number;
  readonly lock: boolean;
  readonly rep: 'rep' | 'repne' | undefined;
}

/** `truncated`: the bytes end before the instruction does. `invalid`: #UD. `long`: over 15 bytes, #GP. */
export type DecodeFailure = 'truncated' | 'invalid' | 'long';

/** The record, with every field in its place: what reads records in general then meets objects of one kind. */
export const instruction = (def: InstructionDef): InstructionDef => {
  const { mnemonic, encodings, access, flags, flow, support, feature, privileged, emit } = def;
  return { mnemonic, encodings, access, flags, flow, support, feature, privileged, emit };
};

/** Flags that each pair of conditions reads (Intel SDM Vol. 1, "EFLAGS Condition Codes"); 2n + 1 is the negation of 2n. */
const CONDITION_FLAGS = ['o', 'c', 'z', 'cz', 's', 'p', 'so', 'zso'] as const;

/** The letters of `oszapc` that an instruction reads. */
export function flagsRead(insn: Insn): string {
  const reads = insn.def.flags?.reads ?? '';
  return reads === 'cc' ? CONDITION_FLAGS[insn.cc >> 1] : reads;
}
