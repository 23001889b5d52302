/** What the instructions on XMM registers share. */
import { invariant } from '../../base/invariant.ts';
import type { Builder, Val, Vec } from '../builder.ts';
import { asMem } from './common.ts';
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
  if (width === 128 && isAligned) requireAligned(b, address);
  invariant(width === 32 || width === 64 || width === 128, 'memory operand of a vector instruction');
  return b.loadVec(width, address);
}

/** To a register, or 128 bits of memory. */
export function writeVector(b: Builder, operand: Operand, value: Vec, isAligned = true): void {
  if (operand.kind === 'xmm') return b.writeXmm(operand.reg, value);
  const address = b.address(asMem(operand));
  if (isAligned) requireAligned(b, address);
  b.storeVec(address, value);
}

export const zeroVector = (b: Builder): Vec => b.vecConst(0n, 0n);
export const splat32 = (b: Builder, x: bigint): Vec => b.vecConst((x << 32n) | x, (x << 32n) | x);
export const splat64 = (b: Builder, x: bigint): Vec => b.vecConst(x, x);

/** Numbers of the bytes of some lanes: `lanes(4, 0, 4)` is the first lanes of 4 bytes of a shuffle's both operands. */
export const lanes = (bytes: number, ...numbers: number[]): number[] =>
  numbers.flatMap((n) => Array.from({ length: bytes }, (_, i) => n * bytes + i));

/** x with its lowest lane from y. */
export const withLowLane = (b: Builder, bytes: 4 | 8, x: Vec, y: Vec): Vec =>
  b.shuffle(y, x, bytes === 4 ? lanes(4, 0, 5, 6, 7) : lanes(8, 0, 3));
