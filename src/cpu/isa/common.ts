/** What several instruction families share. */
import { invariant } from '../../base/invariant.ts';
import type { Bool, Builder, Val, Width } from '../builder.ts';
import type { ImmOperand, MemOperand, Operand, RegOperand, RelOperand } from './operand.ts';

export function asMem(operand: Operand): MemOperand {
  invariant(operand.kind === 'mem', 'memory operand expected');
  return operand;
}
export function asReg(operand: Operand): RegOperand {
  invariant(operand.kind === 'reg', 'register operand expected');
  return operand;
}
export function asImm(operand: Operand): ImmOperand {
  invariant(operand.kind === 'imm', 'immediate operand expected');
  return operand;
}
export function asRel(operand: Operand): RelOperand {
  invariant(operand.kind === 'rel', 'jump target expected');
  return operand;
}

/** A truth value as a number of any width. */
export const fromBool = (b: Builder, width: Width, x: Bool): Val => (width === 64 ? b.zext(32, 64, x) : x);

/** Whether bit `n` is set. */
export const bit = (b: Builder, width: Width, x: Val, n: number): Bool =>
  b.ne(width, b.and(width, x, b.const(width, 1n << BigInt(n))), b.const(width, 0));

/** Low bit of x >> count. `count` is a Val of width 32. */
export const bitAt = (b: Builder, width: Width, x: Val, count: Val): Bool => {
  const low = b.and(width, b.shrU(width, x, count), b.const(width, 1));
  return (width === 64 ? b.trunc(64, 32, low) : low) as Bool;
};

/** An offset with the segment's base, as `Builder.address` does it, after the offset has been changed. */
export function linear(b: Builder, { addressWidth, segment }: MemOperand, offset: Val): Val {
  const wrapped = addressWidth === 32 ? b.zext(32, 64, b.trunc(64, 32, offset)) : offset;
  return segment === 'fs' || segment === 'gs' ? b.add(64, b.segmentBase(segment), wrapped) : wrapped;
}

/** #GP unless bits 47 to 63 of an address are alike, as those of a target of control or a segment base must be. */
export function requireCanonical(b: Builder, address: Val): void {
  const moved = b.add(64, address, b.const(64, 1n << 47n));
  b.raiseIf(b.ne(64, b.shrU(64, moved, b.const(32, 48)), b.const(64, 0)), 'GP', 0);
}
