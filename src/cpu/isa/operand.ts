/** Decoded operands, as `emit` and the disassembler get them. */
import type { Width } from '../builder.ts';

/** What the instruction does with the operand; a `rw` or `w` memory operand faults as a write. */
export type Access = 'r' | 'w' | 'rw' | 'none';
export type Segment = 'es' | 'cs' | 'ss' | 'ds' | 'fs' | 'gs';

export interface RegOperand {
  readonly kind: 'reg';
  readonly width: Width;
  /** 0 RAX .. 15 R15. */
  readonly reg: number;
  /** AH, CH, DH, BH: bits 8 to 15 of registers 0 to 3. Only with width 8. */
  readonly high: boolean;
  readonly access: Access;
}

export interface MemOperand {
  readonly kind: 'mem';
  /** Bits; 0 where no data is moved (LEA, NOP) or the instruction alone knows. */
  readonly width: Width | 0 | 80 | 128 | 256 | 512 | 4096;
  readonly base: number | undefined;
  readonly index: number | undefined;
  readonly scale: 1 | 2 | 4 | 8;
  /** Of a gather, in place of `index`: the vector register of indexes. */
  readonly vectorIndex: { readonly reg: number; readonly isYmm: boolean } | undefined;
  /** Sign-extended. RIP-relative operands have no base, and the absolute address here. */
  readonly disp: bigint;
  readonly ripRelative: boolean;
  /** Bytes of displacement in the encoding: 0, 1, 4, or 8 (moffs). */
  readonly dispBytes: 0 | 1 | 4 | 8;
  readonly addressWidth: 32 | 64;
  /** Segment named by a prefix, if any. */
  readonly segment: Segment | undefined;
  readonly access: Access;
}

export interface ImmOperand {
  readonly kind: 'imm';
  /** Extended as the encoding says, to the operand's width, as an unsigned number of that width. */
  readonly value: bigint;
  readonly width: Width;
  /** Bytes in the encoding; 0 for an implied one (the 1 of `D1 /4`). */
  readonly bytes: 0 | 1 | 2 | 4 | 8;
}

/** Target of a direct jump or call, absolute. */
export interface RelOperand {
  readonly kind: 'rel';
  readonly target: bigint;
  readonly bytes: 1 | 4;
}

export interface SegOperand {
  readonly kind: 'seg';
  readonly segment: Segment;
  readonly access: Access;
}

/** A vector register. */
export interface XmmOperand {
  readonly kind: 'xmm';
  readonly reg: number;
  /** All 256 bits. */
  readonly isYmm: boolean;
  readonly access: Access;
}

/** An MMX register: the significand of an x87 register, by its physical number. */
export interface MmOperand {
  readonly kind: 'mm';
  readonly reg: number;
  readonly access: Access;
}

/** An x87 register, counted from the top of the stack. */
export interface StOperand {
  readonly kind: 'st';
  readonly reg: number;
  readonly access: Access;
}

/** A control or debug register; user mode can only fault on it. */
export interface ControlOperand {
  readonly kind: 'control';
  readonly name: 'cr' | 'dr';
  readonly reg: number;
}

export type Operand =
  | RegOperand
  | XmmOperand
  | MmOperand
  | StOperand
  | MemOperand
  | ImmOperand
  | RelOperand
  | SegOperand
  | ControlOperand;
