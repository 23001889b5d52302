/** What the instructions on vector registers share. */
import { invariant } from '../../base/invariant.ts';
import type { Builder, Val, Vec } from '../builder.ts';
import { asImm, asMem } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import type { Operand, XmmOperand } from './operand.ts';

export function asXmm(operand: Operand): XmmOperand {
  invariant(operand.kind === 'xmm', 'vector register expected');
  return operand;
}

/** #GP unless the address is a multiple of 16. */
export const requireAligned = (b: Builder, address: Val): void =>
  b.raiseIf(b.ne(64, b.and(64, address, b.const(64, 15)), b.const(64, 0)), 'GP', 0);

/** A source operand: a register, or memory of 32, 64 or 128 bits, the last one aligned unless said otherwise. */
export function readVector(b: Builder, operand: Operand, isAligned = true): Vec {
  if (operand.kind === 'xmm') return b.readXmm(operand.reg);
  const { width } = asMem(operand);
  const address = b.address(asMem(operand));
  invariant(width === 32 || width === 64 || width === 128, 'memory operand of a vector instruction');
  return b.loadVec(width, address, width === 128 && isAligned ? 16 : 1);
}

/** To a register, or 128 bits of memory. */
export function writeVector(b: Builder, operand: Operand, value: Vec, isAligned = true): void {
  if (operand.kind === 'xmm') return b.writeXmm(operand.reg, value);
  const address = b.address(asMem(operand));
  b.storeVec(address, value, isAligned ? 16 : 1);
}

/** An operand of 128 or 256 bits. */
export interface Wide {
  readonly low: Vec;
  readonly high: Vec | undefined;
}

/** A source operand of a VEX form: as readVector, with the upper half of a YMM register or of 256 bits of memory. */
export function readWide(b: Builder, operand: Operand, isAligned = false): Wide {
  if (operand.kind === 'xmm')
    return { low: b.readXmm(operand.reg), high: operand.isYmm ? b.readYmmHigh(operand.reg) : undefined };
  if (asMem(operand).width !== 256) return { low: readVector(b, operand, isAligned), high: undefined };
  const address = b.address(asMem(operand));
  return b.loadWide(address, isAligned ? 32 : 1);
}

/** To a register, whose upper half becomes zero if the value has none, or to memory. */
export function writeWide(b: Builder, operand: Operand, { low, high }: Wide, isAligned = false): void {
  if (operand.kind === 'xmm') {
    b.writeXmm(operand.reg, low);
    b.writeYmmHigh(operand.reg, high ?? zeroVector(b));
    return;
  }
  if (high === undefined) return writeVector(b, operand, low, isAligned);
  const address = b.address(asMem(operand));
  b.storeWide(address, low, high, isAligned ? 32 : 1);
}

/** The opcode column of a VEX form: of '66 0F 38 1C' and 256, `VEX.256.66.0F38.WIG 1C`. */
export function vex(length: 'LZ' | 'LIG' | 128 | 256, opcode: string, w: 'W0' | 'W1' | 'WIG' = 'WIG'): string {
  const [, prefix, map, byte] = /^(NP|66|F3|F2) (0F(?: 38| 3A)?) (.*)$/.exec(opcode) ?? [];
  invariant(byte !== undefined, `opcode ${opcode}`);
  return `VEX.${length}.${prefix === 'NP' ? '' : `${prefix}.`}${map.replace(' ', '')}.${w} ${byte}`;
}

/** What an operation does to 128 bits; `half` is 1 for the upper ones of 256. */
export type ComputeImm1 = (b: Builder, x: Vec, imm: number, half: 0 | 1) => Vec;
export type ComputeImm2 = (b: Builder, x: Vec, y: Vec, imm: number, half: 0 | 1) => Vec;

/** A result by halves. */
const byHalves = (isWide: boolean, compute: (half: 0 | 1) => Vec): Wide => ({
  low: compute(0),
  high: isWide ? compute(1) : undefined,
});
export const mapWide = ({ low, high }: Wide, compute: (x: Vec) => Vec): Wide => ({
  low: compute(low),
  high: high && compute(high),
});
const halfOf = ({ low, high }: Wide, half: 0 | 1): Vec => (half === 1 && high !== undefined ? high : low);
const immediateOf = (operand: Operand | undefined): number =>
  operand === undefined ? 0 : Number(asImm(operand).value);

interface FormOptions {
  /** There is an immediate byte. */
  readonly imm?: boolean;
}

/** DEST := compute(DEST, SRC), and its VEX forms with a first source of their own. */
export function binaryForms(
  mnemonic: string,
  opcode: string,
  compute: ComputeImm2,
  { imm = false }: FormOptions = {},
): readonly InstructionDef[] {
  const [ib, operand, read] = imm ? [' ib', ', imm8', ' r'] : ['', '', ''];
  return [
    instruction({
      mnemonic,
      encodings: [[`${opcode} /r${ib}`, `xmm, xmm/m128${operand}`]],
      access: `rw r${read}`,
      emit(b, { ops: [dst, src, immediate] }) {
        writeVector(b, dst, compute(b, readVector(b, dst), readVector(b, src), immediateOf(immediate), 0));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [
        [`${vex(128, opcode)} /r${ib}`, `xmm, vx, xmm/m128${operand}`],
        [`${vex(256, opcode)} /r${ib}`, `ymm, vy, ymm/m256${operand}`],
      ],
      access: `w r r${read}`,
      emit(b, { ops: [dst, first, second, immediate] }) {
        const [x, y, byte] = [readWide(b, first), readWide(b, second), immediateOf(immediate)];
        const result = byHalves(x.high !== undefined, (half) =>
          compute(b, halfOf(x, half), halfOf(y, half), byte, half),
        );
        writeWide(b, dst, result);
      },
    }),
  ];
}

/** DEST := compute(SRC), and its VEX forms. */
export function unaryForms(
  mnemonic: string,
  opcode: string,
  compute: ComputeImm1,
  { imm = false }: FormOptions = {},
): readonly InstructionDef[] {
  const [ib, operand, read] = imm ? [' ib', ', imm8', ' r'] : ['', '', ''];
  return [
    instruction({
      mnemonic,
      encodings: [[`${opcode} /r${ib}`, `xmm, xmm/m128${operand}`]],
      access: `w r${read}`,
      emit(b, { ops: [dst, src, immediate] }) {
        writeVector(b, dst, compute(b, readVector(b, src), immediateOf(immediate), 0));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [
        [`${vex(128, opcode)} /r${ib}`, `xmm, xmm/m128${operand}`],
        [`${vex(256, opcode)} /r${ib}`, `ymm, ymm/m256${operand}`],
      ],
      access: `w r${read}`,
      emit(b, { ops: [dst, src, immediate] }) {
        const [x, byte] = [readWide(b, src), immediateOf(immediate)];
        writeWide(
          b,
          dst,
          byHalves(x.high !== undefined, (half) => compute(b, halfOf(x, half), byte, half)),
        );
      },
    }),
  ];
}

export const zeroVector = (b: Builder): Vec => b.vecConst(0n, 0n);
export const splat8 = (b: Builder, x: bigint): Vec => splat16(b, (x << 8n) | x);
export const splat16 = (b: Builder, x: bigint): Vec => splat32(b, (x << 16n) | x);
export const splat32 = (b: Builder, x: bigint): Vec => b.vecConst((x << 32n) | x, (x << 32n) | x);
export const splat64 = (b: Builder, x: bigint): Vec => b.vecConst(x, x);

/** Numbers of the bytes of some lanes: `lanes(4, 0, 4)` is the first lanes of 4 bytes of a shuffle's both operands. */
export const lanes = (bytes: number, ...numbers: number[]): number[] =>
  numbers.flatMap((n) => Array.from({ length: bytes }, (_, i) => n * bytes + i));

/** x with its lowest lane from y. */
export const withLowLane = (b: Builder, bytes: 4 | 8, x: Vec, y: Vec): Vec =>
  b.shuffle(y, x, bytes === 4 ? lanes(4, 0, 5, 6, 7) : lanes(8, 0, 3));
