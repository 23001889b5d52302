/** Bit tests, scans and counts, compare-and-exchange of pairs. Intel SDM Vol. 2, by instruction name. */
import type { Bool, Builder, Val, Width } from '../builder.ts';
import { RAX, RBX, RCX, RDX } from '../state.ts';
import { asMem, asReg, bitAt, linear } from './common.ts';
import { instruction } from './define.ts';

type Wide = 32 | 64;
/** The width to compute in, where only 32 and 64 exist. */
const wideOf = (width: Width): Wide => (width === 64 ? 64 : 32);
const widen = (b: Builder, width: Width, x: Val): Val => (width < 32 ? b.zext(width, 32, x) : x);
const narrow = (b: Builder, width: Width, x: Val): Val => (width < 32 ? b.trunc(32, width, x) : x);

/** Where bit `index` is in a bit string in memory: the index is signed and may leave the operand. */
function bitStringAddress(b: Builder, width: Width, operand: ReturnType<typeof asMem>, index: Val): Val {
  const shift = width === 64 ? 6 : width === 32 ? 5 : 4;
  const signed = width === 64 ? index : b.sext(width, 64, index);
  const element = b.shrS(64, signed, b.const(32, shift));
  return linear(b, operand, b.add(64, b.offset(operand), b.shl(64, element, b.const(32, shift - 3))));
}

const bitTest = (
  mnemonic: string,
  opcode: string,
  n: number,
  change?: (b: Builder, width: Width, x: Val, mask: Val) => Val,
) =>
  instruction({
    mnemonic,
    encodings: change
      ? [[`0F ${opcode} /r`, 'r/m, r', 'LOCK'], [`0F BA /${n} ib`, 'r/m, imm8', 'LOCK']]
      : [[`0F ${opcode} /r`, 'r/m, r'], [`0F BA /${n} ib`, 'r/m, imm8']], // biome-ignore format: as in the manual
    access: change ? 'rw r' : 'r r',
    flags: { writes: 'c', undefined: 'osap' },
    emit(b, { ops: [dst, by], width }) {
      let at: Val | undefined;
      let position: Val;
      if (by.kind === 'imm') position = b.const(32, Number(by.value) & (width - 1));
      else {
        const index = b.read(by);
        const low = b.and(width, index, b.const(width, width - 1));
        position = width === 64 ? b.trunc(64, 32, low) : widen(b, width, low);
        if (dst.kind === 'mem') at = bitStringAddress(b, width, dst, index);
      }
      const x = at === undefined ? b.read(dst) : change ? b.loadForStore(width, at) : b.load(width, at);
      if (change) {
        const changed = change(b, width, x, b.shl(width, b.const(width, 1), position));
        if (at === undefined) b.write(dst, changed);
        else b.store(width, at, changed);
      }
      b.setFlags({ c: bitAt(b, width, x, position) });
    },
  });

/** BT, BTS, BTR, BTC: CF := the bit; then the bit is set, reset or complemented. */
export const BT = bitTest('bt', 'A3', 4);
export const BTS = bitTest('bts', 'AB', 5, (b, width, x, mask) => b.or(width, x, mask));
export const BTR = bitTest('btr', 'B3', 6, (b, width, x, mask) => b.and(width, x, b.not(width, mask)));
export const BTC = bitTest('btc', 'BB', 7, (b, width, x, mask) => b.xor(width, x, mask));

/** BSF, BSR: index of the lowest or highest bit that is set; ZF and an unchanged DEST if there is none. */
const bitScan = (mnemonic: string, opcode: string, find: (b: Builder, width: Wide, x: Val) => Val) =>
  instruction({
    mnemonic,
    encodings: [[`0F ${opcode} /r`, 'r, r/m']],
    access: 'rw r',
    flags: { writes: 'oszapc', undefined: 'osapc' },
    emit(b, { ops: [dst, src], width }) {
      const x = b.read(src);
      const found = narrow(b, width, find(b, wideOf(width), widen(b, width, x)));
      const none = b.isZero(width, x);
      if (width === 32) {
        // All 64 bits stay.
        const { reg } = asReg(dst);
        b.writeReg(64, reg, b.select(64, none, b.readReg(64, reg), b.zext(32, 64, found)));
      } else b.write(dst, b.select(width, none, b.read(dst), found));
      b.flagsFromResult(width, x, { c: b.const(8, 0), o: b.const(8, 0) });
    },
  });
export const BSF = bitScan('bsf', 'BC', (b, width, x) => b.ctz(width, x));
export const BSR = bitScan('bsr', 'BD', (b, width, x) => b.sub(width, b.const(width, width - 1), b.clz(width, x)));

/** TZCNT, LZCNT: zeros from the bottom or the top; CF if there is no one bit, ZF if there is no zero. */
const countZeros = (mnemonic: string, opcode: string, count: (b: Builder, width: Width, x: Val) => Val) =>
  instruction({
    mnemonic,
    encodings: [[`F3 0F ${opcode} /r`, 'r, r/m']],
    access: 'w r',
    flags: { writes: 'oszapc', undefined: 'osap' },
    emit(b, { ops: [dst, src], width }) {
      const x = b.read(src);
      const result = count(b, width, x);
      b.write(dst, result);
      b.flagsFromResult(width, result, { c: b.isZero(width, x), o: b.const(8, 0) });
    },
  });
export const TZCNT = countZeros('tzcnt', 'BC', (b, width, x) =>
  width === 16
    ? b.trunc(32, 16, b.ctz(32, b.or(32, b.zext(16, 32, x), b.const(32, 0x10000))))
    : b.ctz(wideOf(width), x),
);
export const LZCNT = countZeros('lzcnt', 'BD', (b, width, x) =>
  width === 16 ? b.trunc(32, 16, b.sub(32, b.clz(32, b.zext(16, 32, x)), b.const(32, 16))) : b.clz(wideOf(width), x),
);

/** POPCNT: ones in SRC. ZF if SRC is 0, the other flags are cleared. */
export const POPCNT = instruction({
  mnemonic: 'popcnt',
  encodings: [['F3 0F B8 /r', 'r, r/m']],
  access: 'w r',
  flags: { writes: 'oszapc' },
  emit(b, { ops: [dst, src], width }) {
    const x = b.read(src);
    b.write(dst, narrow(b, width, b.popcnt(wideOf(width), widen(b, width, x))));
    const none: Bool = b.const(8, 0);
    b.setFlags({ o: none, s: none, z: b.isZero(width, x), a: none, p: none, c: none });
  },
});

/** CRC32: CRC-32C of DEST and the bytes of SRC, lowest first. The polynomial's bits are in reverse order. */
export const CRC32 = instruction({
  mnemonic: 'crc32',
  encodings: [['F2 0F 38 F0 /r', 'ry, r/m8'], ['F2 0F 38 F1 /r', 'ry, r/m']], // biome-ignore format: as in the manual
  access: 'rw r',
  emit(b, { ops: [dst, src] }) {
    const { reg } = asReg(dst);
    const width = (src.kind === 'reg' || src.kind === 'mem' ? src.width : 8) as Width;
    const data = b.read(src);
    const [one, polynomial] = [b.const(32, 1), b.const(32, 0x82f6_3b78)];
    let crc = b.readReg(32, reg);
    for (let at = 0; at < width; at += 32) {
      const part = width === 64 ? b.trunc(64, 32, b.shrU(64, data, b.const(32, at))) : widen(b, width, data);
      crc = b.xor(32, crc, part);
      for (let i = 0; i < Math.min(width, 32); i++) {
        const low = b.and(32, crc, one);
        crc = b.xor(32, b.shrU(32, crc, one), b.and(32, b.neg(32, low), polynomial));
      }
    }
    b.writeReg(64, reg, b.zext(32, 64, crc));
  },
});

// ---- compare and exchange pairs --------------------------------------------------------------------------------------

const pair = (b: Builder, high: number, low: number): Val =>
  b.or(64, b.shl(64, b.zext(32, 64, b.readReg(32, high)), b.const(32, 32)), b.zext(32, 64, b.readReg(32, low)));

/** CMPXCHG8B: if EDX:EAX equals DEST, DEST := ECX:EBX, else EDX:EAX := DEST. */
export const CMPXCHG8B = instruction({
  mnemonic: 'cmpxchg8b',
  encodings: [['W0 0F C7 /1', 'm64', 'LOCK']],
  access: 'rw',
  flags: { reads: 'osapc', writes: 'z' },
  emit(b, { ops: [dst] }) {
    const old = b.read(dst);
    const equal = b.eq(64, pair(b, RDX, RAX), old);
    b.write(dst, b.select(64, equal, pair(b, RCX, RBX), old));
    const low = b.zext(32, 64, b.trunc(64, 32, old));
    b.writeReg(64, RAX, b.select(64, equal, b.readReg(64, RAX), low));
    b.writeReg(64, RDX, b.select(64, equal, b.readReg(64, RDX), b.shrU(64, old, b.const(32, 32))));
    b.setFlags({ z: equal });
  },
});

/** CMPXCHG16B: the same with RDX:RAX and RCX:RBX; #GP(0) if DEST is not aligned to 16 bytes. */
export const CMPXCHG16B = instruction({
  mnemonic: 'cmpxchg16b',
  encodings: [['REX.W 0F C7 /1', 'm128', 'LOCK']],
  access: 'rw',
  flags: { reads: 'osapc', writes: 'z' },
  emit(b, { ops: [dst] }) {
    const at = b.address(asMem(dst));
    b.raiseIf(b.ne(64, b.and(64, at, b.const(64, 15)), b.const(64, 0)), 'GP', 0);
    const above = b.add(64, at, b.const(64, 8));
    const low = b.loadForStore(64, at);
    const high = b.loadForStore(64, above);
    const [rax, rdx] = [b.readReg(64, RAX), b.readReg(64, RDX)];
    const equal = b.boolAnd(b.eq(64, rax, low), b.eq(64, rdx, high));
    b.store(64, at, b.select(64, equal, b.readReg(64, RBX), low));
    b.store(64, above, b.select(64, equal, b.readReg(64, RCX), high));
    b.writeReg(64, RAX, b.select(64, equal, rax, low));
    b.writeReg(64, RDX, b.select(64, equal, rdx, high));
    b.setFlags({ z: equal });
  },
});
