/**
 * Nothing of an instruction set is forgotten: every encoding that iced-x86 knows in 64-bit mode is there (privileged ones
 * raise #GP), or stands in isa/missing.ts.
 */
import { Code, CodeExt, CpuidFeature, Decoder, DecoderOptions, EncodingKind, Instruction } from 'iced-x86';
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/cpu/decode.ts';
import type { InstructionDef } from '../../src/cpu/isa/define.ts';
import { type Feature, featureOf } from '../../src/cpu/isa/features.ts';
import { allRecords } from '../../src/cpu/isa/index.ts';
import { MISSING } from '../../src/cpu/isa/missing.ts';
import { rngOf, sampleEncoding } from '../helpers/encode.ts';

/** Our features, as iced-x86 names them. */
const SETS: Readonly<Record<Feature, string>> = {
  base: 'INTEL8086 INTEL186 INTEL286 INTEL386 INTEL486 X64 CPUID MSR MULTIBYTENOP PAUSE RDPMC',
  tsc: 'TSC',
  cx8: 'CX8',
  cmov: 'CMOV',
  syscall: 'SYSCALL',
  clflush: 'CLFSH',
  fpu: 'FPU FPU287 FPU387 FPU+CMOV',
  mmx: 'MMX',
  fxsr: 'FXSR',
  sse: 'SSE',
  sse2: 'SSE2',
  sse3: 'SSE3 FPU+SSE3',
  ssse3: 'SSSE3',
  'sse4.1': 'SSE4_1',
  'sse4.2': 'SSE4_2',
  popcnt: 'POPCNT',
  cx16: 'CMPXCHG16B',
  movbe: 'MOVBE',
  aes: 'AES AES+AVX',
  pclmulqdq: 'PCLMULQDQ PCLMULQDQ+AVX',
  sha: 'SHA',
  adx: 'ADX',
  bmi1: 'BMI1',
  bmi2: 'BMI2',
  lzcnt: 'LZCNT',
  f16c: 'F16C',
  avx: 'AVX',
  avx2: 'AVX2',
  fma: 'FMA',
  xsave: 'XSAVE',
  xsaveopt: 'XSAVEOPT',
  xsavec: 'XSAVEC',
  xsaves: 'XSAVES',
  rdrand: 'RDRAND',
  rdseed: 'RDSEED',
  fsgsbase: 'FSGSBASE',
  rdtscp: 'RDTSCP',
  rdpid: 'RDPID',
  prefetchw: 'PREFETCHW',
  prefetchwt1: 'PREFETCHWT1',
  prefetchi: 'PREFETCHITI',
  clflushopt: 'CLFLUSHOPT',
  clwb: 'CLWB',
  cldemote: 'CLDEMOTE',
  movdiri: 'MOVDIRI',
  invpcid: 'INVPCID',
  'cet-ibt': 'CET_IBT',
};

/** Instances of each encoding: enough to meet every operand size, condition and form. */
const SAMPLES = 300;
const RIP = 0x401000n;

const setOf = new Map(
  Object.entries(SETS).flatMap(([feature, names]) => names.split(' ').map((name) => [name, feature as Feature])),
);

interface Known {
  readonly text: string;
  readonly feature: Feature;
}
/** By iced-x86's code. */
const known = new Map<number, Known>();
const scratch = new Instruction();
for (const code of Object.values(Code).filter((value) => typeof value === 'number')) {
  const info = CodeExt.opCode(code);
  const isOurs = info.isInstruction && info.mode64 && [EncodingKind.Legacy, EncodingKind.VEX].includes(info.encoding);
  scratch.code = code;
  const feature = setOf.get([...scratch.cpuidFeatures()].map((name) => CpuidFeature[name]).join('+'));
  if (isOurs && feature !== undefined && !isNotIntels(info.opCodeString))
    known.set(code, { text: `${info.instructionString} (${info.opCodeString})`, feature });
  info.free();
}
scratch.free();
/** With 66, only AMD's processors take near branches for 16-bit ones; UD0 without ModRM is AMD's. FSTSW and such are two instructions. */
function isNotIntels(opcode: string): boolean {
  const branch = /^(?:a\d\d )?o16 (?:7[0-9A-F] cb|0F 8[0-9A-F] cw|E[0-3B] cb|E[89] cw|C2 iw|C3|FF \/[24])$/;
  return branch.test(opcode) || opcode === '0F FF' || opcode.startsWith('9B ');
}

/** The codes that iced-x86 sees in instances of an encoding. */
function* codesOf(def: InstructionDef, index: number, rng: () => number): Generator<number> {
  const isMissing = MISSING.includes(def);
  const isRow = def.encodings[index][0].includes('+cc');
  for (let i = isRow ? -8 * SAMPLES : 0; i < SAMPLES; i++) {
    const bytes = sampleEncoding(def, index, rng);
    const decoded = decode(bytes, 0, bytes.length, RIP);
    if (isMissing && typeof decoded !== 'string') throw new Error(`${def.mnemonic} is listed as missing, but decodes`);
    // Hints share their opcodes with the NOPs that they are elsewhere.
    if (!isMissing && (typeof decoded === 'string' || decoded.def !== def)) continue;
    const decoder = new Decoder(64, bytes, DecoderOptions.None);
    const instruction = decoder.decode();
    yield instruction.code;
    instruction.free();
    decoder.free();
  }
}

const there = new Set<number>();
const listed = new Set<number>();
const misplaced = new Set<string>();
const rng = rngOf(1);
for (const def of [...allRecords(), ...MISSING]) {
  for (const [index, [opcode]] of def.encodings.entries()) {
    const feature = featureOf(def, index);
    for (const code of codesOf(def, index, rng)) {
      (MISSING.includes(def) ? listed : there).add(code);
      const theirs = known.get(code)?.feature;
      if (theirs !== feature) misplaced.add(`${def.mnemonic} ${opcode}: ${feature}, not ${theirs ?? Code[code]}`);
    }
  }
}

test('encodings belong to the feature that iced-x86 says', () => {
  expect([...misplaced]).toEqual([]);
});

describe('every encoding is there, or listed with a reason', () => {
  test.each(Object.keys(SETS) as Feature[])('%s', (feature) => {
    const codes = [...known].filter(([, { feature: of }]) => of === feature);
    expect(codes.length).toBeGreaterThan(0);
    const lacking = codes.filter(([code]) => !there.has(code) && !listed.has(code)).map(([, { text }]) => text);
    expect(lacking).toEqual([]);
  });
  test('and not both', () => {
    const both = [...listed].filter((code) => there.has(code));
    expect(both.map((code) => known.get(code)?.text)).toEqual([]);
  });
});
