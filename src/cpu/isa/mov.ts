/** Data movement and conversion. Intel SDM Vol. 2, by instruction name. */
import type { Width } from '../builder.ts';
import { RAX, RDX } from '../state.ts';
import { asMem, linear } from './common.ts';
import { instruction } from './define.ts';

/** MOV: DEST := SRC. */
export const MOV = instruction({
  mnemonic: 'mov',
  encodings: [
    ['88 /r', 'r/m8, r8'], ['89 /r', 'r/m, r'], ['8A /r', 'r8, r/m8'], ['8B /r', 'r, r/m'],
    ['A0', 'AL, moffs8'], ['A1', 'rAX, moffs'], ['A2', 'moffs8, AL'], ['A3', 'moffs, rAX'],
    ['B0+r ib', 'r8, imm8'], ['B8+r iv', 'r, imm'], ['C6 /0 ib', 'r/m8, imm8'], ['C7 /0 iz', 'r/m, imm'],
  ], // biome-ignore format: as in the manual
  access: 'w r',
  emit(b, { ops: [dst, src] }) {
    b.write(dst, b.read(src));
  },
});

/** MOVZX: DEST := zero-extended SRC. */
export const MOVZX = instruction({
  mnemonic: 'movzx',
  encodings: [['0F B6 /r', 'r, r/m8'], ['0F B7 /r', 'r, r/m16']], // biome-ignore format: as in the manual
  access: 'w r',
  emit(b, { ops: [dst, src], width }) {
    const from = src.kind === 'reg' || src.kind === 'mem' ? (src.width as Width) : width;
    b.write(dst, from === width ? b.read(src) : b.zext(from, width, b.read(src)));
  },
});

/** MOVSX: DEST := sign-extended SRC. */
export const MOVSX = instruction({
  mnemonic: 'movsx',
  encodings: [['0F BE /r', 'r, r/m8'], ['0F BF /r', 'r, r/m16']], // biome-ignore format: as in the manual
  access: 'w r',
  emit(b, { ops: [dst, src], width }) {
    const from = src.kind === 'reg' || src.kind === 'mem' ? (src.width as Width) : width;
    b.write(dst, from === width ? b.read(src) : b.sext(from, width, b.read(src)));
  },
});

/** MOVSXD: DEST := sign-extended 32-bit SRC; without REX.W a plain move of 16 or 32 bits. */
export const MOVSXD = instruction({
  mnemonic: 'movsxd',
  encodings: [['REX.W 63 /r', 'r, r/m32'], ['63 /r', 'r, r/m']], // biome-ignore format: as in the manual
  access: 'w r',
  emit(b, { ops: [dst, src], width }) {
    const value = b.read(src);
    b.write(dst, width === 64 ? b.sext(32, 64, value) : value);
  },
});

/** MOVBE: DEST := SRC with its bytes reversed. */
export const MOVBE = instruction({
  mnemonic: 'movbe',
  encodings: [['0F 38 F0 /r', 'r, m'], ['0F 38 F1 /r', 'm, r']], // biome-ignore format: as in the manual
  access: 'w r',
  emit(b, { ops: [dst, src], width }) {
    b.write(dst, b.bswap(width as 16 | 32 | 64, b.read(src)));
  },
});

/** MOVNTI: a store with a hint for the caches. */
export const MOVNTI = instruction({
  mnemonic: 'movnti',
  encodings: [['NP 0F C3 /r', 'm, r', 'NO16']],
  access: 'w r',
  emit(b, { ops: [dst, src] }) {
    b.write(dst, b.read(src));
  },
});

/** MOVDIRI: a store that hardware sends past its caches. */
export const MOVDIRI = instruction({
  mnemonic: 'movdiri',
  encodings: [['NP 0F 38 F9 /r', 'm, r', 'NO16']],
  access: 'w r',
  emit(b, { ops: [dst, src] }) {
    b.write(dst, b.read(src));
  },
});

/** LEA: DEST := offset of the memory operand; segment bases do not take part. */
export const LEA = instruction({
  mnemonic: 'lea',
  encodings: [['8D /r', 'r, m0']],
  access: 'w none',
  emit(b, { ops: [dst, src], width }) {
    const offset = b.offset(asMem(src));
    b.write(dst, width === 64 ? offset : b.trunc(64, width, offset));
  },
});

/** XCHG: TEMP := DEST, DEST := SRC, SRC := TEMP. */
export const XCHG = instruction({
  mnemonic: 'xchg',
  encodings: [['86 /r', 'r8, r/m8', 'LOCK'], ['87 /r', 'r, r/m', 'LOCK'], ['90+r', 'r, rAX']], // biome-ignore format: as in the manual
  access: 'rw rw',
  emit(b, { ops: [dst, src] }) {
    const x = b.read(dst);
    const y = b.read(src);
    b.write(src, x);
    b.write(dst, y);
  },
});

/** BSWAP: bytes of DEST reversed. For 16 bits, undefined in the manual, processors clear the register. */
export const BSWAP = instruction({
  mnemonic: 'bswap',
  encodings: [['0F C8+r', 'r']],
  access: 'rw',
  emit(b, { ops: [dst], width }) {
    b.write(dst, width === 16 ? b.const(16, 0) : b.bswap(width as 32 | 64, b.read(dst)));
  },
});

/** CMOVcc: if the condition holds, DEST := SRC. SRC is read and a 32-bit DEST zero-extended in any case. */
export const CMOV = instruction({
  mnemonic: 'cmov{cc}',
  encodings: [['0F 40+cc /r', 'r, r/m']],
  access: 'rw r',
  flags: { reads: 'cc' },
  emit(b, { ops: [dst, src], width, cc }) {
    const old = b.read(dst);
    b.write(dst, b.select(width, b.condition(cc), b.read(src), old));
  },
});

/** SETcc: DEST := 1 if the condition holds, else 0. */
export const SETCC = instruction({
  mnemonic: 'set{cc}',
  encodings: [['0F 90+cc /r', 'r/m8']],
  access: 'w',
  flags: { reads: 'cc' },
  emit(b, { ops: [dst], cc }) {
    b.write(dst, b.condition(cc));
  },
});

/** CBW, CWDE, CDQE: the accumulator's lower half sign-extended into all of it. */
export const CBW = instruction({
  mnemonic: 'cbw|cwde|cdqe',
  encodings: [['98', '']],
  access: '',
  emit(b, { width }) {
    const half = (width / 2) as Width;
    b.writeReg(width, RAX, b.sext(half, width, b.readReg(half, RAX)));
  },
});

/** CWD, CDQ, CQO: DX, EDX or RDX := the accumulator's sign, in every bit. */
export const CWD = instruction({
  mnemonic: 'cwd|cdq|cqo',
  encodings: [['99', '']],
  access: '',
  emit(b, { width }) {
    b.writeReg(width, RDX, b.shrS(width, b.readReg(width, RAX), b.const(32, width - 1)));
  },
});

/** XLAT: AL := byte at RBX + AL. */
export const XLAT = instruction({
  mnemonic: 'xlatb',
  encodings: [['D7', '[rBX]', 'W8']],
  access: 'r',
  emit(b, { ops: [table] }) {
    const operand = asMem(table);
    const index = b.zext(8, 64, b.readReg(8, RAX));
    const offset = b.add(64, b.offset(operand), index);
    b.writeReg(8, RAX, b.load(8, linear(b, operand, offset)));
  },
});
