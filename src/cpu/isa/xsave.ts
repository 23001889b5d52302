/**
 * XSAVE, XSAVEC, XRSTOR and XGETBV, with the components x87, SSE and AVX (XCR0 = 7), which are always enabled. Intel SDM
 * Vol. 1, "Managing State Using the XSAVE Feature Set". A component is in use when it differs from its initial state.
 * ```
 *   0  as FXSAVE    512  XSTATE_BV: what is in it    520  XCOMP_BV, of the compacted form    576  YMM0 to YMM15, upper halves
 * ```
 * With these components the compacted form lies as the standard one.
 */
import type { Bool, Builder, Val, Vec } from '../builder.ts';
import { XCR0, XSAVE_AVX_BYTES, XSAVE_AVX_OFFSET } from '../cpuid.ts';
import { RAX, RCX, RDX } from '../state.ts';
import { asMem, bit, linear } from './common.ts';
import { type InstructionDef, instruction } from './define.ts';
import type { MemOperand } from './operand.ts';
import {
  AT_MXCSR,
  AT_XMM,
  type ImageAt,
  loadMxcsr,
  loadX87,
  requireMxcsr,
  storeMxcsr,
  storeX87,
  X87_WORDS,
} from './sse-state.ts';
import { zeroVector } from './vector.ts';

const X87 = 0, SSE = 1, AVX = 2; // biome-ignore format: bits of XCR0
const AT_STATE_BV = 512, AT_COMP_BV = 520, AT_RESERVED = 528, HEADER_END = 576; // biome-ignore format: one line
const COMPACTED = 1n << 63n;
const INITIAL_MXCSR = 0x1f80, INITIAL_X87 = 0x37f; // biome-ignore format: one line

const has = (b: Builder, components: Val, n: number): Bool => bit(b, 32, components, n);
/** What EDX:EAX asks for. */
const requested = (b: Builder): Val => b.and(32, b.readReg(32, RAX), b.const(32, XCR0));

/** The components in use. */
function inUse(b: Builder): Val {
  const x87 = X87_WORDS.map((offset) =>
    offset === 0 ? b.xor(64, b.readX87(0), b.const(64, INITIAL_X87)) : b.readX87(offset),
  ).reduce((all, one) => b.or(64, all, one));
  const anyOf = (read: (n: number) => Vec) =>
    b.vec('v128.any_true', Array.from({ length: 16 }, (_, n) => read(n)).reduce((all, one) => b.vec('v128.or', all, one))); // biome-ignore format: one line
  const sse = b.boolOr(anyOf((n) => b.readXmm(n)), b.ne(32, b.mxcsr(), b.const(32, INITIAL_MXCSR))); // biome-ignore format: one line
  const avx = anyOf((n) => b.readYmmHigh(n));
  const at = (is: Bool, n: number) => b.shl(32, is, b.const(32, n));
  return b.or(32, b.or(32, at(b.ne(64, x87, b.const(64, 0)), X87), at(sse, SSE)), at(avx, AVX));
}

function imageOf(b: Builder, operand: MemOperand): ImageAt {
  const offset = b.offset(operand);
  const at: ImageAt = (n) => linear(b, operand, b.add(64, offset, b.const(64, n)));
  b.raiseIf(b.ne(64, b.and(64, at(0), b.const(64, 63)), b.const(64, 0)), 'GP', 0);
  return at;
}

const halfAt = (n: number): number => XSAVE_AVX_OFFSET + 16 * n;

/** XSAVE: the components asked for. XSAVEC: those of them that are in use. */
const save = (mnemonic: string, opcode: string, width: 32 | 64, isCompacted: boolean): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[opcode, 'm4096']],
    access: 'w',
    emit(b, { ops: [dst] }) {
      const at = imageOf(b, asMem(dst));
      const asked = requested(b);
      const used = b.and(32, asked, inUse(b));
      const saved = isCompacted ? used : asked;
      // Processors begin with the last byte that they store, and go on with the first.
      const last = XSAVE_AVX_OFFSET + XSAVE_AVX_BYTES - 1;
      b.if(has(b, saved, AVX), () => b.probe(at(last), 1), () => b.probe(at(HEADER_END - 1), 1)); // biome-ignore format: one line
      b.if(has(b, saved, X87), () => b.probe(at(0), 1));
      b.if(b.boolOr(has(b, saved, SSE), has(b, saved, AVX)), () => b.probe(at(AT_MXCSR), 1));
      b.probe(at(AT_STATE_BV), 1);
      const before = isCompacted ? undefined : b.load(64, at(AT_STATE_BV));
      b.if(has(b, saved, X87), () => storeX87(b, at, width));
      b.if(isCompacted ? has(b, saved, SSE) : b.boolOr(has(b, saved, SSE), has(b, saved, AVX)), () =>
        storeMxcsr(b, at),
      );
      b.if(has(b, saved, SSE), () => {
        for (let n = 0; n < 16; n++) b.storeVec(at(AT_XMM + 16 * n), b.readXmm(n));
      });
      b.if(has(b, saved, AVX), () => {
        for (let n = 0; n < 16; n++) b.storeVec(at(halfAt(n)), b.readYmmHigh(n));
      });
      const now = b.zext(32, 64, used);
      if (before === undefined) {
        b.store(64, at(AT_STATE_BV), now);
        b.store(64, at(AT_COMP_BV), b.or(64, b.zext(32, 64, asked), b.const(64, COMPACTED)));
        for (let offset = AT_RESERVED; offset < HEADER_END; offset += 8) b.store(64, at(offset), b.const(64, 0));
      } else {
        const kept = b.and(64, before, b.not(64, b.zext(32, 64, asked)));
        b.store(64, at(AT_STATE_BV), b.or(64, kept, now));
      }
    },
  });

/** #GP unless the header is one that XRSTOR takes: components that there are, and zeros where it is reserved. */
function requireHeader(b: Builder, at: ImageAt, state: Val, compacted: Val): void {
  const isZero = (x: Val) => b.eq(64, x, b.const(64, 0));
  const isCompacted = b.isNegative(64, compacted);
  const others = b.const(64, ~BigInt(XCR0));
  const named = b.and(64, compacted, b.const(64, COMPACTED - 1n));
  const fits = b.boolAnd(isZero(b.and(64, named, others)), isZero(b.and(64, state, b.not(64, named))));
  const plain = b.boolAnd(isZero(compacted), isZero(b.and(64, state, others)));
  b.raiseIf(b.boolNot(b.select(32, isCompacted, fits, plain) as Bool), 'GP', 0);
  const first = b.load(64, at(AT_RESERVED));
  const rest = [1, 2, 3, 4, 5].map((n) => b.load(64, at(AT_RESERVED + 8 * n)));
  b.raiseIf(b.boolNot(isZero(first)), 'GP', 0);
  const all = rest.reduce((x, y) => b.or(64, x, y));
  b.raiseIf(b.boolAnd(isCompacted, b.boolNot(isZero(all))), 'GP', 0);
}

/** XRSTOR: the components asked for := what is in the image, or their initial state. */
const restore = (mnemonic: string, opcode: string, width: 32 | 64): InstructionDef =>
  instruction({
    mnemonic,
    encodings: [[opcode, 'm4096']],
    access: 'r',
    emit(b, { ops: [src] }) {
      const at = imageOf(b, asMem(src));
      const asked = requested(b);
      const compacted = b.load(64, at(AT_COMP_BV));
      const state = b.load(64, at(AT_STATE_BV));
      const present = b.and(32, asked, b.trunc(64, 32, state));
      // Processors touch both ends before they look at the header.
      b.if(has(b, asked, AVX), () => void b.load(8, at(XSAVE_AVX_OFFSET + XSAVE_AVX_BYTES - 1)));
      b.if(has(b, asked, X87), () => void b.load(8, at(0)));
      b.if(b.boolOr(has(b, asked, SSE), has(b, asked, AVX)), () => void b.load(8, at(AT_MXCSR)));
      requireHeader(b, at, state, compacted);
      // In the standard form MXCSR comes with either of its components, whatever is in the image.
      const isCompacted = b.isNegative(64, compacted);
      const asksFor = b.boolOr(has(b, asked, SSE), has(b, asked, AVX));
      const takesMxcsr = b.select(32, isCompacted, has(b, present, SSE), asksFor) as Bool;
      b.if(takesMxcsr, () => requireMxcsr(b, loadMxcsr(b, at)));
      const takeOrReset = (n: number, take: () => void, reset: () => void) =>
        b.if(has(b, asked, n), () => b.if(has(b, present, n), take, reset));
      takeOrReset(
        X87,
        () => loadX87(b, at, width)(),
        () => {
          for (const offset of X87_WORDS) b.writeX87(offset, b.const(64, offset === 0 ? INITIAL_X87 : 0));
        },
      );
      const vectors = (write: (n: number, value: Vec) => void, offsetOf: (n: number) => number) =>
        [() => { for (let n = 0; n < 16; n++) write(n, b.loadVec(128, at(offsetOf(n)))); },
         () => { for (let n = 0; n < 16; n++) write(n, zeroVector(b)); }] as const; // biome-ignore format: two loops
      takeOrReset(SSE, ...vectors((n, value) => b.writeXmm(n, value), (n) => AT_XMM + 16 * n)); // biome-ignore format: one line
      takeOrReset(AVX, ...vectors((n, value) => b.writeYmmHigh(n, value), halfAt)); // biome-ignore format: one line
      b.if(
        takesMxcsr,
        () => b.setMxcsr(loadMxcsr(b, at)),
        () => b.if(b.boolAnd(isCompacted, has(b, asked, SSE)), () => b.setMxcsr(b.const(32, INITIAL_MXCSR))),
      );
    },
  });

export const IMAGES: readonly InstructionDef[] = [
  save('xsave', 'NP 0F AE /4', 32, false),
  save('xsave64', 'NP REX.W 0F AE /4', 64, false),
  save('xsavec', 'NP 0F C7 /4', 32, true),
  save('xsavec64', 'NP REX.W 0F C7 /4', 64, true),
  restore('xrstor', 'NP 0F AE /5', 32),
  restore('xrstor64', 'NP REX.W 0F AE /5', 64),
];

/** XGETBV: EDX:EAX := XCR0; there is no other. */
export const XGETBV = instruction({
  mnemonic: 'xgetbv',
  encodings: [['NP 0F 01 D0', '']],
  access: '',
  emit(b) {
    b.raiseIf(b.ne(32, b.readReg(32, RCX), b.const(32, 0)), 'GP', 0);
    b.writeReg(32, RAX, b.const(32, XCR0));
    b.writeReg(32, RDX, b.const(32, 0));
  },
});
