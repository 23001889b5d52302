/** Moves of vector registers: SSE to SSE4.1, and the same with VEX. Intel SDM Vol. 2, by instruction name. */
import type { Builder, Val, Vec } from '../builder.ts';
import { asImm, asMem, asReg } from './common.ts';
import { type Encoding, type InstructionDef, instruction } from './define.ts';
import type { Operand } from './operand.ts';
import { asXmm, lanes, readVector, readWide, vex, withLowLane, writeVector, writeWide, zeroVector } from './vector.ts';

type Defs = readonly InstructionDef[];

/** The whole register, both ways. */
const whole = (mnemonic: string, load: string, store: string, isAligned: boolean): Defs => [
  instruction({
    mnemonic,
    encodings: [[`${load} /r`, 'xmm, xmm/m128'], [`${store} /r`, 'xmm/m128, xmm']], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, readVector(b, src, isAligned), isAligned);
    },
  }),
  instruction({
    mnemonic: `v${mnemonic}`,
    encodings: [
      [`${vex(128, load)} /r`, 'xmm, xmm/m128'], [`${vex(128, store)} /r`, 'xmm/m128, xmm'],
      [`${vex(256, load)} /r`, 'ymm, ymm/m256'], [`${vex(256, store)} /r`, 'ymm/m256, ymm'],
    ], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeWide(b, dst, readWide(b, src, isAligned), isAligned);
    },
  }),
];

/** MOVAPS, MOVAPD, MOVDQA: memory is aligned. MOVUPS, MOVUPD, MOVDQU: anywhere. */
export const WHOLE: readonly Defs[] = [
  whole('movaps', 'NP 0F 28', 'NP 0F 29', true),
  whole('movapd', '66 0F 28', '66 0F 29', true),
  whole('movdqa', '66 0F 6F', '66 0F 7F', true),
  whole('movups', 'NP 0F 10', 'NP 0F 11', false),
  whole('movupd', '66 0F 10', '66 0F 11', false),
  whole('movdqu', 'F3 0F 6F', 'F3 0F 7F', false),
];

/** Stores and loads with a hint for the caches. */
const nonTemporal = (mnemonic: string, opcode: string, isLoad = false): Defs => [
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, isLoad ? 'xmm, m128' : 'm128, xmm']],
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, readVector(b, src));
    },
  }),
  instruction({
    mnemonic: `v${mnemonic}`,
    encodings: [
      [`${vex(128, opcode)} /r`, isLoad ? 'xmm, m128' : 'm128, xmm'], [`${vex(256, opcode)} /r`, isLoad ? 'ymm, m256' : 'm256, ymm'],
    ], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeWide(b, dst, readWide(b, src, true), true);
    },
  }),
];
export const NON_TEMPORAL: readonly Defs[] = [
  nonTemporal('movntps', 'NP 0F 2B'),
  nonTemporal('movntpd', '66 0F 2B'),
  nonTemporal('movntdq', '66 0F E7'),
  nonTemporal('movntdqa', '66 0F 38 2A', true),
];

/** LDDQU: as MOVDQU, from memory. */
export const LDDQU: Defs = [
  instruction({
    mnemonic: 'lddqu',
    encodings: [['F2 0F F0 /r', 'xmm, m128']],
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, readVector(b, src, false));
    },
  }),
  instruction({
    mnemonic: 'vlddqu',
    encodings: [[`${vex(128, 'F2 0F F0')} /r`, 'xmm, m128'], [`${vex(256, 'F2 0F F0')} /r`, 'ymm, m256']], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      writeWide(b, dst, readWide(b, src));
    },
  }),
];

/** MOVSS, MOVSD: the lowest lane; from memory, the rest becomes zero; between registers it stays, or is that of another. */
function scalar(mnemonic: string, bits: 32 | 64, prefix: string): Defs {
  const store = (b: Builder, dst: Operand, value: Vec) => {
    if (bits === 32) b.store(32, b.address(asMem(dst)), b.vec('i32x4.extract_lane', value, 0));
    else b.store(64, b.address(asMem(dst)), b.vec('i64x2.extract_lane', value, 0));
  };
  const [load, back] = [`${prefix} 0F 10`, `${prefix} 0F 11`];
  const bytes = bits === 32 ? 4 : 8;
  return [
    instruction({
      mnemonic,
      encodings: [[`${load} /r`, `xmm, xmm/m${bits}`], [`${back} /r`, `xmm/m${bits}, xmm`]], // biome-ignore format: as in the manual
      access: 'w r',
      emit(b, { ops: [dst, src] }) {
        const value = readVector(b, src);
        if (dst.kind !== 'xmm') store(b, dst, value);
        else b.writeXmm(dst.reg, src.kind === 'mem' ? value : withLowLane(b, bytes, b.readXmm(dst.reg), value));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${vex('LIG', load)} /r`, `xmm, m${bits}`], [`${vex('LIG', back)} /r`, `m${bits}, xmm`]], // biome-ignore format: as in the manual
      access: 'w r',
      emit(b, { ops: [dst, src] }) {
        if (dst.kind === 'xmm') writeWide(b, dst, readWide(b, src));
        else store(b, dst, readVector(b, src));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${vex('LIG', load)} /r`, 'xmm, vx, rmx'], [`${vex('LIG', back)} /r`, 'rmx, vx, xmm']], // biome-ignore format: as in the manual
      access: 'w r r',
      emit(b, { ops: [dst, upper, src] }) {
        writeWide(b, dst, { low: withLowLane(b, bytes, readVector(b, upper), readVector(b, src)), high: undefined });
      },
    }),
  ];
}
export const MOVSS = scalar('movss', 32, 'F3');
export const MOVSD = scalar('movsd', 64, 'F2');

/** A legacy instruction and its VEX form, which also makes the upper half of the destination zero. */
const alike = (mnemonic: string, encodings: readonly Encoding[], vexEncodings: readonly Encoding[], result: (b: Builder, src: Operand, dst: Operand) => Vec | Val): Defs =>
  [[mnemonic, encodings] as const, [`v${mnemonic}`, vexEncodings] as const].map(([name, list]) =>
    instruction({
      mnemonic: name,
      encodings: list,
      access: 'w r',
      emit(b, { ops: [dst, src] }) {
        const value = result(b, src, dst);
        if (dst.kind !== 'xmm') b.write(dst, value as Val);
        else if (list === encodings) b.writeXmm(dst.reg, value as Vec);
        else writeWide(b, dst, { low: value as Vec, high: undefined });
      },
    }),
  ); // biome-ignore format: a long list

/** MOVD: between a general register or memory and the lowest 32 bits; the rest of a vector register becomes zero. */
export const MOVD = alike(
  'movd',
  [['66 0F 6E /r', 'xmm, r/m32'], ['66 0F 7E /r', 'r/m32, xmm']],
  [[`${vex(128, '66 0F 6E', 'W0')} /r`, 'xmm, r/m32'], [`${vex(128, '66 0F 7E', 'W0')} /r`, 'r/m32, xmm']],
  (b, src) => {
    if (src.kind === 'xmm') return b.vec('i32x4.extract_lane', b.readXmm(src.reg), 0);
    return src.kind === 'mem' ? readVector(b, src) : b.vec('i32x4.replace_lane', zeroVector(b), 0, b.read(src));
  },
); // biome-ignore format: as in the manual

/** MOVQ: as MOVD, with 64 bits; also between vector registers. */
export const MOVQ = [
  alike(
    'movq',
    [['66 REX.W 0F 6E /r', 'xmm, r/m64'], ['F3 0F 7E /r', 'xmm, xmm/m64']],
    [[`${vex(128, '66 0F 6E', 'W1')} /r`, 'xmm, r/m64'], [`${vex(128, 'F3 0F 7E')} /r`, 'xmm, xmm/m64']],
    (b, src) => {
      if (src.kind === 'mem') return readVector(b, src);
      return b.vec('i64x2.replace_lane', zeroVector(b), 0, src.kind === 'xmm' ? lowHalf(b, src) : b.read(src));
    },
  ),
  alike(
    'movq',
    [['66 REX.W 0F 7E /r', 'r/m64, xmm'], ['66 0F D6 /r', 'xmm/m64, xmm']],
    [[`${vex(128, '66 0F 7E', 'W1')} /r`, 'r/m64, xmm'], [`${vex(128, '66 0F D6')} /r`, 'xmm/m64, xmm']],
    (b, src, dst) =>
      dst.kind === 'xmm' ? b.vec('i64x2.replace_lane', zeroVector(b), 0, lowHalf(b, src)) : lowHalf(b, src),
  ),
].flat(); // biome-ignore format: as in the manual
function lowHalf(b: Builder, src: Operand): Val {
  return b.vec('i64x2.extract_lane', readVector(b, src), 0);
}

/** MOVLPS, MOVLPD, MOVHPS, MOVHPD: one half of the register from and to memory. */
const half = (mnemonic: string, n: 0 | 1, load: string, store: string): Defs => [
  instruction({
    mnemonic,
    encodings: [[`${load} /r`, 'xmm, m64'], [`${store} /r`, 'm64, xmm']], // biome-ignore format: as in the manual
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      if (dst.kind === 'xmm') b.writeXmm(dst.reg, b.vec('i64x2.replace_lane', b.readXmm(dst.reg), n, b.read(src)));
      else b.write(dst, b.vec('i64x2.extract_lane', b.readXmm(asXmm(src).reg), n));
    },
  }),
  instruction({
    mnemonic: `v${mnemonic}`,
    encodings: [[`${vex(128, load)} /r`, 'xmm, vx, m64']],
    access: 'w r r',
    emit(b, { ops: [dst, other, src] }) {
      const low = b.vec('i64x2.replace_lane', readVector(b, other), n, b.read(src));
      writeWide(b, dst, { low, high: undefined });
    },
  }),
  instruction({
    mnemonic: `v${mnemonic}`,
    encodings: [[`${vex(128, store)} /r`, 'm64, xmm']],
    access: 'w r',
    emit(b, { ops: [dst, src] }) {
      b.write(dst, b.vec('i64x2.extract_lane', b.readXmm(asXmm(src).reg), n));
    },
  }),
];
export const HALVES: readonly Defs[] = [
  half('movlps', 0, 'NP 0F 12', 'NP 0F 13'),
  half('movlpd', 0, '66 0F 12', '66 0F 13'),
  half('movhps', 1, 'NP 0F 16', 'NP 0F 17'),
  half('movhpd', 1, '66 0F 16', '66 0F 17'),
];

/** DEST := some lanes of both registers. */
const between = (mnemonic: string, opcode: string, compute: (b: Builder, x: Vec, y: Vec) => Vec): Defs => [
  instruction({
    mnemonic,
    encodings: [[`${opcode} /r`, 'xmm, rmx']],
    access: 'rw r',
    emit(b, { ops: [dst, src] }) {
      writeVector(b, dst, compute(b, readVector(b, dst), readVector(b, src)));
    },
  }),
  instruction({
    mnemonic: `v${mnemonic}`,
    encodings: [[`${vex(128, opcode)} /r`, 'xmm, vx, rmx']],
    access: 'w r r',
    emit(b, { ops: [dst, x, y] }) {
      writeWide(b, dst, { low: compute(b, readVector(b, x), readVector(b, y)), high: undefined });
    },
  }),
];
/** MOVHLPS: low half of DEST := high half of SRC. */
export const MOVHLPS = between('movhlps', 'NP 0F 12', (b, x, y) => b.shuffle(y, x, lanes(8, 1, 3)));
/** MOVLHPS: high half of DEST := low half of SRC. */
export const MOVLHPS = between('movlhps', 'NP 0F 16', (b, x, y) => b.shuffle(x, y, lanes(8, 0, 2)));

/** The top bits of all lanes as a number. */
function mask(mnemonic: string, opcode: string, register: 'r32' | 'ry', op: 'i8x16.bitmask' | 'i32x4.bitmask' | 'i64x2.bitmask', laneCount: number): Defs {
  const emit: InstructionDef['emit'] = (b, { ops: [dst, src] }) => {
    const { low, high } = readWide(b, src);
    let bits = b.vec(op, low);
    if (high) bits = b.or(32, bits, b.shl(32, b.vec(op, high), b.const(32, laneCount)));
    b.write(dst, b.zext(32, asReg(dst).width, bits));
  };
  return [
    instruction({ mnemonic, encodings: [[`${opcode} /r`, `${register}, rmx`]], access: 'w r', emit }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${vex(128, opcode)} /r`, 'ry, rmx'], [`${vex(256, opcode)} /r`, 'ry, rmy']],
      access: 'w r',
      emit,
    }),
  ];
} // biome-ignore format: long lists
export const MASKS: readonly Defs[] = [
  mask('pmovmskb', '66 0F D7', 'r32', 'i8x16.bitmask', 16),
  mask('movmskps', 'NP 0F 50', 'ry', 'i32x4.bitmask', 4),
  mask('movmskpd', '66 0F 50', 'ry', 'i64x2.bitmask', 2),
];

type Insert = (b: Builder, x: Vec, src: Operand, imm: number) => Vec;
/** One lane of DEST := SRC. */
function insert(mnemonic: string, opcodes: readonly [legacy: string, withVex: string], src: string, compute: Insert): Defs {
  return [
    instruction({
      mnemonic,
      encodings: [[`${opcodes[0]} /r ib`, `xmm, ${src}, imm8`]],
      access: 'rw r r',
      emit(b, { ops: [dst, from, imm] }) {
        writeVector(b, dst, compute(b, readVector(b, dst), from, Number(asImm(imm).value)));
      },
    }),
    instruction({
      mnemonic: `v${mnemonic}`,
      encodings: [[`${opcodes[1]} /r ib`, `xmm, vx, ${src.replace('ry', 'r32')}, imm8`]],
      access: 'w r r r',
      emit(b, { ops: [dst, other, from, imm] }) {
        writeWide(b, dst, { low: compute(b, readVector(b, other), from, Number(asImm(imm).value)), high: undefined });
      },
    }),
  ];
} // biome-ignore format: a long list
const both = (opcode: string): [string, string] => [opcode, vex(128, opcode)];
/** The low 32 bits at least of a register, or a memory operand. */
const narrow = (b: Builder, src: Operand): Val => (src.kind === 'reg' ? b.readReg(32, src.reg) : b.read(src));
/** PINSRB, PINSRW, PINSRD, PINSRQ, INSERTPS. */
export const INSERTS: readonly Defs[] = [
  insert('pinsrb', both('66 0F 3A 20'), 'r32/m8', (b, x, src, imm) => b.vec('i8x16.replace_lane', x, imm & 15, narrow(b, src))),
  insert('pinsrw', both('66 0F C4'), 'ry/m16'  , (b, x, src, imm) => b.vec('i16x8.replace_lane', x, imm & 7, narrow(b, src))),
  insert('pinsrd', ['66 W0 0F 3A 22', vex(128, '66 0F 3A 22', 'W0')], 'r/m32', (b, x, src, imm) => b.vec('i32x4.replace_lane', x, imm & 3, b.read(src))),
  insert('pinsrq', ['66 REX.W 0F 3A 22', vex(128, '66 0F 3A 22', 'W1')], 'r/m64', (b, x, src, imm) => b.vec('i64x2.replace_lane', x, imm & 1, b.read(src))),
  insert('insertps', both('66 0F 3A 21'), 'xmm/m32', (b, x, src, imm) => {
    // A lane of the source register, or memory; to a lane; then lanes become zero.
    const from = src.kind === 'mem' ? 0 : imm >> 6;
    const inserted = b.vec('i32x4.replace_lane', x, (imm >> 4) & 3, b.vec('i32x4.extract_lane', readVector(b, src), from));
    return b.shuffle(inserted, zeroVector(b), lanes(4, ...[0, 1, 2, 3].map((n) => ((imm >> n) & 1 ? 4 : n))));
  }),
]; // biome-ignore format: a table

type Extract = (b: Builder, x: Vec, imm: number) => Val;
/** DEST := one lane, zero-extended in a register. */
function extract(mnemonic: string, opcodes: readonly [legacy: string, withVex: string], dst: string, compute: Extract): Defs {
  const emit: InstructionDef['emit'] = (b, { ops: [to, src, imm] }) => {
    const value = compute(b, readVector(b, src), Number(asImm(imm).value));
    b.write(to, to.kind === 'reg' && to.width === 64 && dst !== 'r/m64' ? b.zext(32, 64, value) : value);
  };
  const columns = dst === 'ry' ? 'ry, rmx, imm8' : `${dst}, xmm, imm8`;
  return [
    instruction({ mnemonic, encodings: [[`${opcodes[0]} /r ib`, columns]], access: 'w r r', emit }),
    instruction({ mnemonic: `v${mnemonic}`, encodings: [[`${opcodes[1]} /r ib`, columns]], access: 'w r r', emit }),
  ];
} // biome-ignore format: long lists
const extractWord: Extract = (b, x, imm) => b.vec('i16x8.extract_lane_u', x, imm & 7);
const extractDword: Extract = (b, x, imm) => b.vec('i32x4.extract_lane', x, imm & 3);
/** PEXTRB, PEXTRW (twice), PEXTRD, PEXTRQ, EXTRACTPS. */
export const EXTRACTS: readonly Defs[] = [
  extract('pextrw', both('66 0F C5'), 'ry', extractWord),
  extract('pextrw', both('66 0F 3A 15'), 'ry/m16', extractWord),
  extract('pextrb', both('66 0F 3A 14'), 'ry/m8', (b, x, imm) => b.vec('i8x16.extract_lane_u', x, imm & 15)),
  extract('pextrd', ['66 W0 0F 3A 16', vex(128, '66 0F 3A 16', 'W0')], 'r/m32', extractDword),
  extract('pextrq', ['66 REX.W 0F 3A 16', vex(128, '66 0F 3A 16', 'W1')], 'r/m64', (b, x, imm) => b.vec('i64x2.extract_lane', x, imm & 1)),
  extract('extractps', both('66 0F 3A 17'), 'ry/m32', extractDword),
]; // biome-ignore format: a table

/**
 * MASKMOVDQU: stores the bytes of the first operand where the second one's have their top bit set. Processors
 * check the upper half of the memory operand, then the lower one.
 */
export const MASKMOVDQU: Defs = ['66 0F F7', vex(128, '66 0F F7')].map((opcode, i) =>
  instruction({
    mnemonic: i === 0 ? 'maskmovdqu' : 'vmaskmovdqu',
    encodings: [[`${opcode} /r`, 'xmm, rmx, [ds:rDI]']],
    access: 'r r rw',
    emit(b, { ops: [src, selector, dst] }) {
      const selected: Vec = b.vec('i8x16.shr_s', readVector(b, selector), b.const(32, 7));
      const value = readVector(b, src);
      const address = b.address(asMem(dst));
      // Whatever the mask says.
      for (const half of [8, 0]) b.probe(b.add(64, address, b.const(64, half)), 8);
      b.storeVec(address, b.vec('v128.bitselect', value, b.loadVec(128, address), selected));
    },
  }),
);
