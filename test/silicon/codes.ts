/**
 * Every encoding of 64-bit mode that works on general registers and memory, one for each operand size, as iced-x86
 * lists them; and random instances of one. Independent of src/cpu/isa: what is missing there shows in the vectors.
 */
import * as iced from 'iced-x86';
import { type Inspected, inspect } from './inspect.ts';
import { usable } from './usable.ts';
import { below, bits, bytesOf, chance, pick, type Rng } from './values.ts';
import { CODE_AT } from './wire.ts';

const { CodeExt, EncodingKind, MandatoryPrefix, OpCodeOperandKind, OpCodeTableKind } = iced;

/** The parts of an encoding from which bytes are made. */
interface Shape {
  readonly code: number;
  readonly vex: boolean;
  readonly map: 0 | 1 | 2 | 3;
  readonly opcode: readonly number[];
  /** Whether its low three bits are a register. */
  readonly embedded: boolean;
  /** ModRM.reg and ModRM.rm where they belong to the opcode; -1 otherwise. */
  readonly group: number;
  readonly rmGroup: number;
  /** 0x66, 0xf3, 0xf2 or none. */
  readonly prefix: number;
  readonly operandSize: number;
  readonly wide: boolean;
  /** VEX.L: 0, 1, or -1 where it does not matter; likewise VEX.W; and whether VEX.vvvv is in use. */
  readonly l: number;
  readonly anyW: boolean;
  readonly usesVvvv: boolean;
  readonly lockable: boolean;
  readonly repeatable: boolean;
}

const PREFIXES: Readonly<Record<number, number>> = {
  [MandatoryPrefix.P66]: 0x66,
  [MandatoryPrefix.PF3]: 0xf3,
  [MandatoryPrefix.PF2]: 0xf2,
};
const MAPS: Readonly<Record<number, 0 | 1 | 2 | 3>> = {
  [OpCodeTableKind.Normal]: 0,
  [OpCodeTableKind.T0F]: 1,
  [OpCodeTableKind.T0F38]: 2,
  [OpCodeTableKind.T0F3A]: 3,
};

const kindsNamed = (pattern: RegExp): ReadonlySet<number> =>
  new Set(Object.entries(OpCodeOperandKind).flatMap(([name, kind]) => (typeof kind === 'number' && pattern.test(name) ? [kind] : []))); // biome-ignore format: one line
const EMBEDDED = kindsNamed(/_opcode$/);
const VVVV = kindsNamed(/_vvvv/);

function shapeOf(code: number): Shape | undefined {
  const info = CodeExt.opCode(code);
  const vex = info.encoding === EncodingKind.VEX;
  const map = MAPS[info.table];
  const known =
    info.isInstruction && info.mode64 && (vex || info.encoding === EncodingKind.Legacy) && map !== undefined;
  const kinds = Array.from({ length: info.opCount }, (_, index) => info.opKind(index));
  const shape: Shape | undefined = known
    ? {
        code,
        vex,
        map,
        opcode: info.opCodeLength === 2 ? [info.opCode >> 8, info.opCode & 0xff] : [info.opCode],
        embedded: kinds.some((kind) => EMBEDDED.has(kind)),
        group: info.groupIndex,
        rmGroup: info.rmGroupIndex,
        prefix: PREFIXES[info.mandatoryPrefix] ?? 0,
        operandSize: info.operandSize,
        wide: info.W === 1 || info.operandSize === 64,
        l: info.isLIG ? -1 : info.L,
        anyW: info.isWIG || info.isWIG32,
        usesVvvv: kinds.some((kind) => VVVV.has(kind)),
        lockable: info.canUseLockPrefix,
        repeatable: info.canUseRepPrefix || info.canUseRepnePrefix,
      }
    : undefined;
  info.free();
  return shape;
}

function legacyBytes(shape: Shape, tail: Uint8Array, rng: Rng): number[] {
  const bytes: number[] = [];
  if (shape.operandSize === 16 || (shape.wide && chance(rng, 0.1))) bytes.push(0x66);
  if (chance(rng, 0.12)) bytes.push(0x67);
  if (chance(rng, 0.12)) bytes.push(pick(rng, [0x64, 0x65, 0x64, 0x65, 0x2e, 0x3e]));
  if (shape.lockable && chance(rng, 0.2)) bytes.push(0xf0);
  else if (shape.repeatable && chance(rng, 0.6)) bytes.push(pick(rng, [0xf2, 0xf3]));
  else if (!shape.prefix && chance(rng, 0.06)) bytes.push(pick(rng, [0xf2, 0xf3]));
  if (shape.prefix) bytes.push(shape.prefix);
  const rex = below(rng, 8) | (shape.wide ? 8 : 0);
  if (shape.wide || chance(rng, 0.45)) bytes.push(0x40 | rex);
  if (shape.map > 0) bytes.push(0x0f);
  if (shape.map === 2) bytes.push(0x38);
  if (shape.map === 3) bytes.push(0x3a);
  bytes.push(...opcodeBytes(shape, rng), ...tail);
  return bytes;
}

const opcodeBytes = ({ opcode, embedded }: Shape, rng: Rng): readonly number[] =>
  embedded ? [...opcode.slice(0, -1), opcode[opcode.length - 1] | below(rng, 8)] : opcode;

function vexBytes(shape: Shape, tail: Uint8Array, rng: Rng): number[] {
  const pp = shape.prefix === 0x66 ? 1 : shape.prefix === 0xf3 ? 2 : shape.prefix === 0xf2 ? 3 : 0;
  const prefixes = chance(rng, 0.1) ? [pick(rng, [0x64, 0x65])] : [];
  if (chance(rng, 0.05)) prefixes.push(0x67);
  const l = shape.l < 0 ? below(rng, 2) : shape.l;
  const low = ((shape.usesVvvv ? below(rng, 16) : 15) << 3) | (l << 2) | pp;
  const w = shape.anyW ? below(rng, 2) : shape.wide ? 1 : 0;
  if (shape.map === 1 && w === 0 && chance(rng, 0.5))
    return [...prefixes, 0xc5, (below(rng, 2) << 7) | low, ...shape.opcode, ...tail];
  return [...prefixes, 0xc4, (below(rng, 8) << 5) | shape.map, (w << 7) | low, ...shape.opcode, ...tail];
}

/** One random instance; undefined when the dice made something else of it. `operand`: ModRM and what follows it, if it has one. */
function instance(
  shape: Shape,
  rng: Rng,
  operand: readonly number[] = [],
): { bytes: Uint8Array; insn: Inspected } | undefined {
  const tail = bytesOf(bits(rng, 96), 12);
  tail.set(operand);
  if (shape.group >= 0) tail[0] = (tail[0] & 0xc7) | (shape.group << 3);
  if (shape.rmGroup >= 0) tail[0] = 0xc0 | (tail[0] & 0x38) | shape.rmGroup;
  const made = shape.vex ? vexBytes(shape, tail, rng) : legacyBytes(shape, tail, rng);
  const bytes = Uint8Array.from(made.slice(0, 15));
  const insn = inspect(bytes, CODE_AT);
  return insn.code === shape.code && usable(insn, rng) ? { bytes: bytes.subarray(0, insn.length), insn } : undefined;
}

/** Bytes of an instance of the encoding. `operand`: its ModRM, SIB and displacement, if it has them and may. */
export type CodeSampler = (rng: Rng, operand?: readonly number[]) => { bytes: Uint8Array; insn: Inspected };

/** A sampler for each encoding from which a case can be made. */
export function codeSamplers(rng: Rng): CodeSampler[] {
  const samplers: CodeSampler[] = [];
  for (const code of Object.values(iced.Code)) {
    const shape = typeof code === 'number' ? shapeOf(code) : undefined;
    if (!shape) continue;
    const tries = Array.from({ length: 60 }, () => instance(shape, rng));
    if (!tries.some((one) => one !== undefined)) continue;
    samplers.push((random, operand) => {
      for (let tries = 0; ; tries++) {
        const one = instance(shape, random, tries < 20 ? operand : []);
        if (one) return one;
      }
    });
  }
  return samplers;
}

const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['arith', /^(add|adc|sub|sbb|cmp|inc|dec|neg|xadd|cmpxchg|cmpxchg8b|cmpxchg16b|adcx|adox)$/],
  ['logic', /^(and|or|xor|not|test|andn)$/],
  ['shift', /^(shl|sal|shr|sar|rol|ror|rcl|rcr|shld|shrd|sarx|shlx|shrx|rorx)$/],
  ['muldiv', /^(mul|imul|div|idiv|mulx)$/],
  ['string', /^(movs|cmps|stos|lods|scas|ins|outs)[bwdq]$/],
  ['stack', /^(push|pop|pushf|popf|pushfq|popfq|enter|leave)$/],
  ['branch', /^(j.*|call|ret|loop.*)$/],
  ['bits', /^(bt|bts|btr|btc|bsf|bsr|lzcnt|tzcnt|popcnt|bextr|bls.*|bzhi|pdep|pext|set.*|bswap)$/],
  ['mov', /^(mov.*|cmov.*|xchg|lea|xlatb|lahf|sahf|cbw|cwde|cdqe|cwd|cdq|cqo)$/],
];

const SSE_FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['convert', /^cvt/],
  ['float', /^(?!p|blend|insert|extract|test|broadcast|gather|maskmov|lddqu).*[sp][sd]$/],
  [
    'move',
    /^(mov|gather|pgather|broadcast|pbroadcast|perm|insert|extract|zero|lddqu|pmaskmov|maskmov|pinsr|pextr|pmovmsk|ldmxcsr|stmxcsr|fxsave|fxrstor)/,
  ],
];
/** Moves and bitwise operations end as arithmetic does. */
const SSE_INTEGER = /^(and|andn|or|xor|mov|unpck|shuf)/;

/** Came with SSE, but moves nothing of it. */
const INTEGER_SSE = /^(movnti|prefetch.*|[lms]fence|pause|clflush)$/;

/** The file that an instruction's vectors go to. */
export function familyOf(insn: Inspected): string {
  const { mnemonic, sse, mmx } = insn;
  if (/^x(save|rstor)/.test(mnemonic)) return 'xsave';
  if (insn.x87 && !/^fx(save|rstor)/.test(mnemonic))
    return !/^f/.test(mnemonic) && (mmx.length > 0 || mnemonic === 'emms') ? 'mmx' : x87FamilyOf(mnemonic);
  const byFeature = FEATURE_FAMILIES[insn.feature];
  if (byFeature) return byFeature;
  if (insn.avx) return `${insn.feature.toLowerCase()}-${sseFamilyOf(mnemonic.slice(1))}`;
  if (!sse || INTEGER_SSE.test(mnemonic)) return integerFamilyOf(mnemonic);
  return `sse-${sseFamilyOf(mnemonic)}`;
}
/** By CPUID's features. */
const FEATURE_FAMILIES: Readonly<Record<string, string>> = {
  SSE3: 'sse3', SSSE3: 'ssse3', SSE4_1: 'sse41', SSE4_2: 'sse42', AES: 'aes', PCLMULQDQ: 'aes', SHA: 'sha', FMA: 'fma', F16C: 'f16c',
}; // biome-ignore format: a table
const sseFamilyOf = (mnemonic: string): string =>
  SSE_FAMILIES.find(([name, one]) => one.test(mnemonic) && !(name === 'float' && SSE_INTEGER.test(mnemonic)))?.[0] ??
  'integer';
const x87FamilyOf = (mnemonic: string): string =>
  X87_FAMILIES.find(([, pattern]) => pattern.test(mnemonic))?.[0] ?? 'x87-arith';
const X87_FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['mmx', /^cvtpi2p/],
  ['x87-transcendental', /^(fsin|fcos|fsincos|fptan|fpatan|f2xm1|fyl2x|fyl2xp1)$/],
  ['x87-control', /^(fn?init|fldcw|fn?stcw|fn?stsw|fldenv|fn?stenv|frstor|fn?save|fn?clex|ffree|ffreep|f(inc|dec)stp|fnop|wait|fn?disi|fn?eni|fn?setpm|frstpm)$/],
  ['x87-move', /^(fld.*|fst|fstp|fild|fist|fistp|fisttp|fbld|fbstp|fxch|fcmov.*)$/],
]; // biome-ignore format: a table
const integerFamilyOf = (mnemonic: string): string =>
  FAMILIES.find(([, pattern]) => pattern.test(mnemonic))?.[0] ?? 'system';
