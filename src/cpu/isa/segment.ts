/**
 * Segment registers as user mode under Linux has them: CS 33h, SS 2Bh, the others 0; only these values and the null
 * selectors can be loaded. Intel SDM Vol. 2, "MOV" and "POP"; Vol. 3A, "Segment Loading Instructions in IA-32e Mode".
 * Left out: what was loaded is not kept, so DS, ES, FS and GS always read as 0.
 */
import type { Builder, Val } from '../builder.ts';
import { instruction } from './define.ts';
import type { Operand, Segment } from './operand.ts';

export const USER_CODE = 0x33;
export const USER_DATA = 0x2b;

export const selectorOf = (segment: Segment): number =>
  segment === 'cs' ? USER_CODE : segment === 'ss' ? USER_DATA : 0;

/** Loads a selector of width 16: #GP unless it is the data segment or (not for SS) null. FS and GS get base 0. */
export function loadSegment(b: Builder, operand: Operand, selector: Val): void {
  const segment = operand.kind === 'seg' ? operand.segment : 'ds';
  const isData = b.eq(16, selector, b.const(16, USER_DATA));
  const isNull = b.isZero(16, b.and(16, selector, b.const(16, 0xfffc)));
  b.raiseIf(b.boolNot(segment === 'ss' ? isData : b.boolOr(isData, isNull)), 'GP');
  if (segment === 'fs' || segment === 'gs') b.setSegmentBase(segment, b.const(64, 0));
}

/** MOV from a segment register. */
export const MOV_FROM_SEGMENT = instruction({
  mnemonic: 'mov',
  encodings: [['8C /r', 'rv/m16, sreg']],
  access: 'w r',
  emit(b, { ops: [dst, src], width }) {
    const to = dst.kind === 'mem' ? 16 : width;
    b.write(dst, b.const(to, src.kind === 'seg' ? selectorOf(src.segment) : 0));
  },
});

/** MOV to a segment register. */
export const MOV_TO_SEGMENT = instruction({
  mnemonic: 'mov',
  encodings: [['8E /r', 'sreg, rv/m16']],
  access: 'w r',
  emit(b, { ops: [dst, src], width }) {
    const value = b.read(src);
    loadSegment(b, dst, src.kind === 'mem' || width === 16 ? value : b.trunc(width, 16, value));
  },
});
