/** Addition, subtraction, comparison, exchange-and-add. Intel SDM Vol. 2, by instruction name. */
import type { Bool, Builder, Val, Width } from '../builder.ts';
import { RAX } from '../state.ts';
import { bit, fromBool } from './common.ts';
import { type Encoding, instruction } from './define.ts';

/** The eight two-operand instructions share one layout: opcode row `base`, and /n of the immediate group. */
export function arithmeticEncodings(base: number, n: number, lock: boolean): Encoding[] {
  const op = (offset: number) => (base + offset).toString(16).toUpperCase().padStart(2, '0');
  const lockable = lock ? (['LOCK'] as const) : [];
  return [
    [`${op(0)} /r`, 'r/m8, r8', ...lockable], [`${op(1)} /r`, 'r/m, r', ...lockable],
    [`${op(2)} /r`, 'r8, r/m8'], [`${op(3)} /r`, 'r, r/m'],
    [`80 /${n} ib`, 'r/m8, imm8', ...lockable], [`81 /${n} iz`, 'r/m, imm', ...lockable],
    [`83 /${n} ib`, 'r/m, simm8', ...lockable],
    [`${op(4)} ib`, 'AL, imm8'], [`${op(5)} iz`, 'rAX, imm'],
  ]; // biome-ignore format: as in the manual
}

/** ADD: DEST := DEST + SRC. */
export const ADD = instruction({
  mnemonic: 'add',
  encodings: arithmeticEncodings(0x00, 0, true),
  access: 'rw r',
  flags: { writes: 'oszapc' },
  emit(b, { ops: [dst, src], width }) {
    const x = b.read(dst);
    const y = b.read(src);
    b.write(dst, b.add(width, x, y));
    b.flagsAfterAdd(width, x, y);
  },
});

/** x + y + carry, with its flags. */
function addWithCarry(b: Builder, width: Width, x: Val, y: Val, carry: Bool): Val {
  const sum = b.add(width, b.add(width, x, y), fromBool(b, width, carry));
  b.flagsFromResult(width, sum, {
    c: b.isNegative(width, b.or(width, b.and(width, x, y), b.and(width, b.or(width, x, y), b.not(width, sum)))),
    o: b.isNegative(width, b.and(width, b.xor(width, x, sum), b.xor(width, y, sum))),
    a: bit(b, width, b.xor(width, b.xor(width, x, y), sum), 4),
  });
  return sum;
}

/** ADC: DEST := DEST + SRC + CF. */
export const ADC = instruction({
  mnemonic: 'adc',
  encodings: arithmeticEncodings(0x10, 2, true),
  access: 'rw r',
  flags: { reads: 'c', writes: 'oszapc' },
  emit(b, { ops: [dst, src], width }) {
    b.write(dst, addWithCarry(b, width, b.read(dst), b.read(src), b.flag('c')));
  },
});

/** SBB: DEST := DEST - (SRC + CF). */
export const SBB = instruction({
  mnemonic: 'sbb',
  encodings: arithmeticEncodings(0x18, 3, true),
  access: 'rw r',
  flags: { reads: 'c', writes: 'oszapc' },
  emit(b, { ops: [dst, src], width }) {
    const x = b.read(dst);
    const y = b.read(src);
    const difference = b.sub(width, b.sub(width, x, y), fromBool(b, width, b.flag('c')));
    const notX = b.not(width, x);
    b.write(dst, difference);
    b.flagsFromResult(width, difference, {
      c: b.isNegative(width, b.or(width, b.and(width, notX, y), b.and(width, b.or(width, notX, y), difference))),
      o: b.isNegative(width, b.and(width, b.xor(width, x, y), b.xor(width, x, difference))),
      a: bit(b, width, b.xor(width, b.xor(width, x, y), difference), 4),
    });
  },
});

/** SUB: DEST := DEST - SRC. */
export const SUB = instruction({
  mnemonic: 'sub',
  encodings: arithmeticEncodings(0x28, 5, true),
  access: 'rw r',
  flags: { writes: 'oszapc' },
  emit(b, { ops: [dst, src], width }) {
    const x = b.read(dst);
    const y = b.read(src);
    b.write(dst, b.sub(width, x, y));
    b.flagsAfterSub(width, x, y);
  },
});

/** CMP: flags of DEST - SRC. */
export const CMP = instruction({
  mnemonic: 'cmp',
  encodings: arithmeticEncodings(0x38, 7, false),
  access: 'r r',
  flags: { writes: 'oszapc' },
  emit(b, { ops: [x, y], width }) {
    b.flagsAfterSub(width, b.read(x), b.read(y));
  },
});

/** INC: DEST := DEST + 1, CF stays. */
export const INC = instruction({
  mnemonic: 'inc',
  encodings: [['FE /0', 'r/m8', 'LOCK'], ['FF /0', 'r/m', 'LOCK']], // biome-ignore format: as in the manual
  access: 'rw',
  flags: { writes: 'oszap' },
  emit(b, { ops: [dst], width }) {
    const result = b.add(width, b.read(dst), b.const(width, 1));
    b.write(dst, result);
    b.flagsAfterInc(width, result);
  },
});

/** DEC: DEST := DEST - 1, CF stays. */
export const DEC = instruction({
  mnemonic: 'dec',
  encodings: [['FE /1', 'r/m8', 'LOCK'], ['FF /1', 'r/m', 'LOCK']], // biome-ignore format: as in the manual
  access: 'rw',
  flags: { writes: 'oszap' },
  emit(b, { ops: [dst], width }) {
    const result = b.sub(width, b.read(dst), b.const(width, 1));
    b.write(dst, result);
    b.flagsAfterDec(width, result);
  },
});

/** NEG: DEST := 0 - DEST. */
export const NEG = instruction({
  mnemonic: 'neg',
  encodings: [['F6 /3', 'r/m8', 'LOCK'], ['F7 /3', 'r/m', 'LOCK']], // biome-ignore format: as in the manual
  access: 'rw',
  flags: { writes: 'oszapc' },
  emit(b, { ops: [dst], width }) {
    const x = b.read(dst);
    b.write(dst, b.neg(width, x));
    b.flagsAfterSub(width, b.const(width, 0), x);
  },
});

/** XADD: TEMP := SRC + DEST, SRC := DEST, DEST := TEMP. */
export const XADD = instruction({
  mnemonic: 'xadd',
  encodings: [['0F C0 /r', 'r/m8, r8', 'LOCK'], ['0F C1 /r', 'r/m, r', 'LOCK']], // biome-ignore format: as in the manual
  access: 'rw rw',
  flags: { writes: 'oszapc' },
  emit(b, { ops: [dst, src], width }) {
    const x = b.read(dst);
    const y = b.read(src);
    b.write(src, x);
    b.write(dst, b.add(width, x, y));
    b.flagsAfterAdd(width, x, y);
  },
});

/** CMPXCHG: if the accumulator equals DEST, DEST := SRC, else the accumulator := DEST. DEST is written either way. */
export const CMPXCHG = instruction({
  mnemonic: 'cmpxchg',
  encodings: [['0F B0 /r', 'r/m8, r8', 'LOCK'], ['0F B1 /r', 'r/m, r', 'LOCK']], // biome-ignore format: as in the manual
  access: 'rw r',
  flags: { writes: 'oszapc' },
  emit(b, { ops: [dst, src], width }) {
    const accumulator = b.readReg(width, RAX);
    const old = b.read(dst);
    const equal = b.eq(width, accumulator, old);
    const value = b.read(src);
    if (width === 32) {
      // Of two 32-bit registers, only the one that gets a new value loses its upper half.
      const wide = (x: Val) => b.zext(32, 64, x);
      b.writeReg(64, RAX, b.select(64, equal, b.readReg(64, RAX), wide(old)));
      if (dst.kind === 'reg') b.writeReg(64, dst.reg, b.select(64, equal, wide(value), b.readReg(64, dst.reg)));
    } else b.writeReg(width, RAX, old);
    if (width !== 32 || dst.kind === 'mem') b.write(dst, b.select(width, equal, value, old));
    b.flagsAfterSub(width, accumulator, old);
  },
});

/** ADCX, ADOX: DEST := DEST + SRC + flag, the carry goes to that flag, the other flags stay. */
const addWithFlag = (mnemonic: string, prefix: string, flag: 'c' | 'o') =>
  instruction({
    mnemonic,
    encodings: [[`${prefix} 0F 38 F6 /r`, 'r, r/m', 'NO16']],
    access: 'rw r',
    flags: { reads: flag, writes: flag },
    emit(b, { ops: [dst, src], width }) {
      const x = b.read(dst);
      const y = b.read(src);
      const sum = b.add(width, b.add(width, x, y), fromBool(b, width, b.flag(flag)));
      b.write(dst, sum);
      const carry = b.or(width, b.and(width, x, y), b.and(width, b.or(width, x, y), b.not(width, sum)));
      b.setFlags({ [flag]: b.isNegative(width, carry) });
    },
  });
export const ADCX = addWithFlag('adcx', '66', 'c');
export const ADOX = addWithFlag('adox', 'F3', 'o');
