/**
 * Which CPUID feature an encoding belongs to, as Intel SDM Vol. 2 has it in the column "CPUID Feature Flag". It follows from
 * where the opcode lies, with names where opcodes do not tell; test/cpu/completeness.test.ts holds it against iced-x86.
 * A record says it itself (`feature`) where neither does.
 */
import type { InstructionDef } from './define.ts';
import {
  PREFIX_66,
  PREFIX_F2,
  PREFIX_F3,
  parseOpening,
  SPACE_0F,
  SPACE_0F3A,
  SPACE_0F38,
  SPACE_ONE,
} from './encoding.ts';

/** `base`: every x86-64 processor has it, and no CPUID bit says so. */
export const FEATURES = [
  'base', 'tsc', 'cx8', 'cmov', 'syscall', 'clflush', 'fpu', 'mmx', 'fxsr', 'sse', 'sse2', 'sse3', 'ssse3', 'sse4.1', 'sse4.2',
  'popcnt', 'cx16', 'movbe', 'aes', 'pclmulqdq', 'sha', 'adx', 'bmi1', 'bmi2', 'lzcnt', 'f16c', 'avx', 'avx2', 'fma', 'xsave',
  'xsaveopt', 'xsavec', 'xsaves', 'rdrand', 'rdseed', 'fsgsbase', 'rdtscp', 'rdpid', 'prefetchw', 'prefetchwt1', 'prefetchi',
  'clflushopt', 'clwb', 'cldemote', 'movdiri', 'invpcid', 'cet-ibt',
] as const; // biome-ignore format: a list
export type Feature = (typeof FEATURES)[number];

/** x86-64-v1 to v3, as the x86-64 psABI calls them. What no level asks for comes with the third. */
export type CpuLevel = 1 | 2 | 3;
const LEVEL_1 = new Set<Feature>(['base', 'tsc', 'cx8', 'cmov', 'syscall', 'clflush', 'fpu', 'mmx', 'fxsr', 'sse', 'sse2', 'rdtscp', 'prefetchw', 'cet-ibt']); // biome-ignore format: a list
const LEVEL_2 = new Set<Feature>(['sse3', 'ssse3', 'sse4.1', 'sse4.2', 'popcnt', 'cx16']);
/** The lowest level that has it. */
export const levelOf = (feature: Feature): CpuLevel => (LEVEL_1.has(feature) ? 1 : LEVEL_2.has(feature) ? 2 : 3);

/** Names that say it all, general-purpose and system instructions first. */
const NAMES: Partial<Record<Feature, string>> = {
  tsc: 'rdtsc',
  cx8: 'cmpxchg8b',
  cmov: 'cmov{cc}',
  syscall: 'syscall sysret',
  clflush: 'clflush',
  fxsr: 'fxsave fxsave64 fxrstor fxrstor64',
  popcnt: 'popcnt',
  cx16: 'cmpxchg16b',
  movbe: 'movbe',
  pclmulqdq: 'pclmulqdq vpclmulqdq',
  adx: 'adcx adox',
  bmi1: 'andn bextr blsi blsmsk blsr tzcnt',
  bmi2: 'bzhi mulx pdep pext rorx sarx shlx shrx',
  lzcnt: 'lzcnt',
  'sse4.2': 'crc32',
  f16c: 'vcvtph2ps vcvtps2ph',
  xsave: 'xsave xsave64 xrstor xrstor64 xgetbv xsetbv',
  xsaveopt: 'xsaveopt xsaveopt64',
  xsavec: 'xsavec xsavec64',
  xsaves: 'xsaves xsaves64 xrstors xrstors64',
  rdrand: 'rdrand',
  rdseed: 'rdseed',
  fsgsbase: 'rdfsbase rdgsbase wrfsbase wrgsbase',
  rdtscp: 'rdtscp',
  rdpid: 'rdpid',
  prefetchw: 'prefetch prefetchw',
  prefetchwt1: 'prefetchwt1',
  prefetchi: 'prefetchit0 prefetchit1',
  clflushopt: 'clflushopt',
  clwb: 'clwb',
  cldemote: 'cldemote',
  movdiri: 'movdiri',
  invpcid: 'invpcid',
  'cet-ibt': 'endbr64 endbr32',
  sse: 'prefetchnta prefetcht0 prefetcht1 prefetcht2 sfence ldmxcsr stmxcsr',
  sse2: 'lfence mfence movnti cvtdq2ps cvtps2pd cvttps2dq cvtdq2pd cvtss2sd movdqu pshufhw movq2dq movdq2q cvtpi2pd psubq pmuludq',
  sse3: 'addsubpd addsubps haddpd haddps hsubpd hsubps lddqu movddup movshdup movsldup fisttp',
  avx: 'vperm2f128 vpermilpd vpermilps vptest',
  avx2:
    'vbroadcasti128 vextracti128 vinserti128 vpblendd vpbroadcastb vpbroadcastd vpbroadcastq vpbroadcastw vpgatherdd ' +
    'vpgatherdq vpgatherqd vpgatherqq vgatherdpd vgatherdps vgatherqpd vgatherqps vperm2i128 vpmaskmovd vpmaskmovq ' +
    'vpsllvd vpsllvq vpsravd vpsrlvd vpsrlvq',
};
/** MMX registers' instructions that came with SSE. */
const MMX_OF_SSE =
  ' maskmovq movntq pavgb pavgw pextrw pinsrw pmaxsw pmaxub pminsw pminub pmovmskb pmulhuw psadbw pshufw cvtpi2ps cvtps2pi cvttps2pi ';

let byName: Map<string, Feature> | undefined;

/** The feature of `def.encodings[index]`. */
export function featureOf(def: InstructionDef, index: number): Feature {
  byName ??= new Map(
    Object.entries(NAMES).flatMap(([feature, names]) => names.split(' ').map((name) => [name, feature as Feature])),
  );
  return def.feature ?? byName.get(def.mnemonic) ?? byEncoding(def, index);
}

function byEncoding({ mnemonic, encodings }: InstructionDef, index: number): Feature {
  const [opcode, operands] = encodings[index];
  const { space, prefix, opcode: byte, isVex, vexL } = parseOpening(opcode);
  if (space === SPACE_ONE) return byte >= 0xd8 && byte <= 0xdf ? 'fpu' : 'base';
  if (isVex) return ofVex(mnemonic, operands, vexL === 1);
  if (space === SPACE_0F38 || space === SPACE_0F3A) return ofMaps38(space, byte, prefix);
  const usesMm = /\b(?:r?mm|rmx?m)\b/.test(operands) || mnemonic === 'emms';
  const usesXmm = /\bxmm\b|\brmx\b/.test(operands);
  if (!usesMm && !usesXmm) return 'base';
  if (space !== SPACE_0F || prefix === PREFIX_66 || prefix === PREFIX_F2) return 'sse2';
  if (usesMm) return MMX_OF_SSE.includes(` ${mnemonic} `) ? 'sse' : 'mmx';
  return prefix === PREFIX_F3 && mnemonic === 'movq' ? 'sse2' : 'sse';
}

function ofVex(mnemonic: string, operands: string, isWide: boolean): Feature {
  if (/^vfn?m(?:add|sub)/.test(mnemonic)) return 'fma';
  if (mnemonic.startsWith('vaes')) return 'aes';
  if (/^vbroadcasts[sd]$/.test(mnemonic)) return /m\d/.test(operands) ? 'avx' : 'avx2';
  if (!isWide) return 'avx';
  return /^vp|^vmpsadbw|^vmovntdqa|^vpacks/.test(mnemonic) ? 'avx2' : 'avx';
}

function ofMaps38(space: number, byte: number, prefix: number): Feature {
  if (space === SPACE_0F38) {
    if (byte <= 0x0b || (byte >= 0x1c && byte <= 0x1e)) return 'ssse3';
    if (byte === 0x37) return 'sse4.2';
    if (byte >= 0xdb && byte <= 0xdf) return 'aes';
    if (byte >= 0xc8 && byte <= 0xcd) return 'sha';
  } else {
    if (byte === 0x0f) return 'ssse3';
    if (byte >= 0x60 && byte <= 0x63) return 'sse4.2';
    if (byte === 0xdf) return 'aes';
    if (byte === 0xcc) return 'sha';
  }
  return prefix === PREFIX_66 ? 'sse4.1' : 'base';
}
