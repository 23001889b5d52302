/** String comparisons and CRC32: SSE4.2. Intel SDM Vol. 2, by instruction name. */
import type { Bool, Builder, Val, Vec } from '../builder.ts';
import { RAX, RCX, RDX } from '../state.ts';
import { asImm } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import { readVector, vex, writeWide, zeroVector } from './vector.ts';

/** A length in a register: the absolute value, as many as there are elements at most. */
function explicitLength(b: Builder, width: 32 | 64, register: number, count: number): Val {
  const length = b.readReg(width, register);
  const absolute = b.select(width, b.isNegative(width, length), b.neg(width, length), length);
  const most = b.const(width, count);
  return b.trunc(width, 32, b.select(width, b.ltU(width, absolute, most), absolute, most));
}
/** A length up to the first zero. */
function implicitLength(b: Builder, x: Vec, count: number): Val {
  const zero = zeroVector(b);
  const zeros =
    count === 16
      ? b.vec('i8x16.bitmask', b.vec('i8x16.eq', x, zero))
      : b.vec('i16x8.bitmask', b.vec('i16x8.eq', x, zero));
  return b.ctz(32, b.or(32, zeros, b.const(32, 1 << count)));
}

/** The number of the lowest or highest bit set, or the number of elements. */
function indexOf(b: Builder, found: Val, count: number, isHighest: boolean): Val {
  if (!isHighest) return b.ctz(32, b.or(32, found, b.const(32, 1 << count)));
  const highest = b.sub(32, b.const(32, 31), b.clz(32, found));
  return b.select(32, b.isZero(32, found), b.const(32, count), highest);
}
/** One bit for each element in the low lane, or elements of all ones. */
function maskOf(b: Builder, found: Val, count: number, isExpanded: boolean): Vec {
  if (!isExpanded) return b.vec('i32x4.replace_lane', zeroVector(b), 0, found);
  if (count === 8) {
    const bits = b.vecConst(0x0008_0004_0002_0001n, 0x0080_0040_0020_0010n);
    return b.vec('i16x8.eq', b.vec('v128.and', b.vec('i16x8.splat', found), bits), bits);
  }
  const bits = b.vecConst(0x8040_2010_0804_0201n, 0x8040_2010_0804_0201n);
  const bytes = b.vec('i16x8.splat', found);
  const each = b.shuffle(
    bytes,
    bytes,
    Array.from({ length: 16 }, (_, i) => i >> 3),
  );
  return b.vec('i8x16.eq', b.vec('v128.and', each, bits), bits);
}

/** CF: any bit set; OF: the lowest one; ZF, SF: SRC's, DEST's string ends within. ECX := an index, or XMM0 := a mask. */
function emitComparison(isExplicit: boolean, toIndex: boolean, width: 32 | 64, isVex: boolean): InstructionDef['emit'] {
  return (b, { ops: [dst, src, imm] }) => {
    const control = Number(asImm(imm).value);
    const count = control & 1 ? 8 : 16;
    const [x, y] = [readVector(b, dst), readVector(b, src, false)];
    const [xLength, yLength] = isExplicit
      ? [explicitLength(b, width, RAX, count), explicitLength(b, width, RDX, count)]
      : [implicitLength(b, x, count), implicitLength(b, y, count)];
    const found = b.callRuntime('compareStrings', x, y, xLength, yLength, b.const(32, control));
    const isExpanded = (control & 0x40) !== 0;
    if (toIndex) b.writeReg(32, RCX, indexOf(b, found, count, isExpanded));
    else if (isVex)
      writeWide(b, { kind: 'xmm', reg: 0, isYmm: false, access: 'w' }, { low: maskOf(b, found, count, isExpanded), high: undefined }); // biome-ignore format: one line
    else b.writeXmm(0, maskOf(b, found, count, isExpanded));
    const no = b.const(32, 0);
    const isShort = (length: Val) => b.ltU(32, length, b.const(32, count));
    b.setFlags({
      o: b.and(32, found, b.const(32, 1)) as Bool,
      s: isShort(xLength),
      z: isShort(yLength),
      a: no,
      p: no,
      c: b.ne(32, found, no),
    });
  };
}
function comparison(name: string, byte: string, isExplicit: boolean, toIndex: boolean): readonly InstructionDef[] {
  const define = (mnemonic: string, opcode: string, width: 32 | 64, isVex: boolean) =>
    instruction({
      mnemonic,
      encodings: [[`${opcode} /r ib`, 'xmm, xmm/m128, imm8']],
      access: 'r r r',
      flags: { writes: 'oszapc' },
      emit: emitComparison(isExplicit, toIndex, width, isVex),
    });
  const opcode = `66 0F 3A ${byte}`;
  if (!isExplicit) return [define(name, opcode, 32, false), define(`v${name}`, vex(128, opcode), 32, true)];
  return [
    define(name, `66 W0 0F 3A ${byte}`, 32, false),
    define(`${name}64`, `66 REX.W 0F 3A ${byte}`, 64, false),
    define(`v${name}`, vex(128, opcode, 'W0'), 32, true),
    define(`v${name}64`, vex(128, opcode, 'W1'), 64, true),
  ];
}
export const COMPARISONS: readonly (readonly InstructionDef[])[] = [
  comparison('pcmpestrm', '60', true, false),
  comparison('pcmpestri', '61', true, true),
  comparison('pcmpistrm', '62', false, false),
  comparison('pcmpistri', '63', false, true),
];

/** CRC32: the CRC-32C of SRC, on top of DEST. */
export const CRC32 = instruction({
  mnemonic: 'crc32',
  encodings: [['F2 0F 38 F0 /r', 'ry, r/m8'], ['F2 0F 38 F1 /r', 'ry, r/m']], // biome-ignore format: as in the manual
  access: 'rw r',
  emit(b, { ops: [dst, src], width }) {
    const bits = src.kind === 'reg' || src.kind === 'mem' ? src.width : width;
    const data = b.zext(bits as 8 | 16 | 32 | 64, 64, b.read(src));
    const crc = b.callRuntime('crc32c', dst.kind === 'reg' ? b.readReg(32, dst.reg) : b.const(32, 0), data, b.const(32, bits)); // biome-ignore format: one line
    if (dst.kind === 'reg') b.writeReg(32, dst.reg, crc);
  },
});
