/**
 * Multiplication and division. Intel SDM Vol. 2, by instruction name. What the manual leaves undefined: SF, ZF and PF
 * follow the low half of a product and AF is 0; a division leaves the flags.
 */
import type { Bool, Builder, Val, Width } from '../builder.ts';
import { RAX, RDX } from '../state.ts';
import { instruction } from './define.ts';

/** Full product as high and low halves. */
function product(b: Builder, width: Width, x: Val, y: Val, signed: boolean): { high: Val; low: Val } {
  if (width === 64) return { high: signed ? b.mulHighS64(x, y) : b.mulHighU64(x, y), low: b.mul(64, x, y) };
  const double = (width * 2) as Width;
  const wide = (v: Val) => (signed ? b.sext(width, double, v) : b.zext(width, double, v));
  const all = b.mul(double, wide(x), wide(y));
  return { high: b.trunc(double, width, b.shrU(double, all, b.const(32, width))), low: b.trunc(double, width, all) };
}

/** Whether the high half is more than the low half's sign, for a signed product; than nothing, for an unsigned one. */
function overflows(b: Builder, width: Width, high: Val, low: Val, signed: boolean): Bool {
  if (!signed) return b.ne(width, high, b.const(width, 0));
  return b.ne(width, high, b.shrS(width, low, b.const(32, width - 1)));
}

const multiply = (mnemonic: string, n: number, signed: boolean) =>
  instruction({
    mnemonic,
    encodings: [[`F6 /${n}`, 'r/m8'], [`F7 /${n}`, 'r/m']], // biome-ignore format: as in the manual
    access: 'r',
    flags: { writes: 'oszapc', undefined: 'szap' },
    emit(b, { ops: [src], width }) {
      const { high, low } = product(b, width, b.readReg(width, RAX), b.read(src), signed);
      if (width === 8) {
        b.writeReg(16, RAX, b.or(16, b.shl(16, b.zext(8, 16, high), b.const(32, 8)), b.zext(8, 16, low)));
      } else {
        b.writeReg(width, RAX, low);
        b.writeReg(width, RDX, high);
      }
      const c = overflows(b, width, high, low, signed);
      b.flagsFromResult(width, low, { c, o: c });
    },
  });

/** MUL, IMUL with one operand: AX, DX:AX, EDX:EAX or RDX:RAX := accumulator * SRC. */
export const MUL = multiply('mul', 4, false);
export const IMUL = multiply('imul', 5, true);

/** The truncated product of IMUL with two or three operands, with its flags. */
function multiplySigned(b: Builder, width: Width, x: Val, y: Val): Val {
  b.flagsAfterMul(width, x, y);
  return b.mul(width, x, y);
}

/** IMUL: DEST := DEST * SRC. */
export const IMUL2 = instruction({
  mnemonic: 'imul',
  encodings: [['0F AF /r', 'r, r/m']],
  access: 'rw r',
  flags: { writes: 'oszapc', undefined: 'szap' },
  emit(b, { ops: [dst, src], width }) {
    b.write(dst, multiplySigned(b, width, b.read(dst), b.read(src)));
  },
});

/** IMUL: DEST := SRC1 * SRC2. */
export const IMUL3 = instruction({
  mnemonic: 'imul',
  encodings: [['6B /r ib', 'r, r/m, simm8'], ['69 /r iz', 'r, r/m, imm']], // biome-ignore format: as in the manual
  access: 'w r r',
  flags: { writes: 'oszapc', undefined: 'szap' },
  emit(b, { ops: [dst, x, y], width }) {
    b.write(dst, multiplySigned(b, width, b.read(x), b.read(y)));
  },
});

/** MULX: high, low := RDX * SRC; no flags. If both destinations are one register, it gets the high half. */
export const MULX = instruction({
  mnemonic: 'mulx',
  encodings: [['VEX.LZ.F2.0F38 F6 /r', 'r, vr, r/m']],
  access: 'w w r',
  emit(b, { ops: [upper, lower, src], width }) {
    const { high, low } = product(b, width, b.readReg(width, RDX), b.read(src), false);
    b.write(lower, low);
    b.write(upper, high);
  },
});

const divide = (mnemonic: string, n: number, signed: boolean) =>
  instruction({
    mnemonic,
    encodings: [[`F6 /${n}`, 'r/m8'], [`F7 /${n}`, 'r/m']], // biome-ignore format: as in the manual
    access: 'r',
    flags: { undefined: 'oszapc' },
    emit(b, { ops: [src], width }) {
      const divisor = b.read(src);
      const ax = width === 8 ? b.readReg(16, RAX) : undefined;
      const high = ax !== undefined ? b.trunc(16, 8, b.shrU(16, ax, b.const(32, 8))) : b.readReg(width, RDX);
      const low = b.readReg(width, RAX);
      const fits = signed ? b.divFitsS(width, high, low, divisor) : b.divFitsU(width, high, low, divisor);
      b.raiseIf(b.boolNot(fits), 'DE');
      const { quotient, remainder } = signed ? b.divS(width, high, low, divisor) : b.divU(width, high, low, divisor);
      if (width === 8) {
        b.writeReg(16, RAX, b.or(16, b.shl(16, b.zext(8, 16, remainder), b.const(32, 8)), b.zext(8, 16, quotient)));
      } else {
        b.writeReg(width, RAX, quotient);
        b.writeReg(width, RDX, remainder);
      }
    },
  });

/** DIV, IDIV: AL and AH, or rAX and rDX := quotient and remainder of AX or rDX:rAX / SRC; #DE if it is 0 or the quotient too big. */
export const DIV = divide('div', 6, false);
export const IDIV = divide('idiv', 7, true);
