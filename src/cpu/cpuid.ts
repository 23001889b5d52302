/**
 * What CPUID answers: a modeled Intel processor that has what cpu/isa implements at its level, and nothing else. Intel
 * SDM Vol. 2A, "CPUID-CPU Identification". Left out: TLBs, performance counters, power.
 */
import type { CpuLevel } from './isa/features.ts';

export interface CpuidLeaf {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
}

const bits = (...positions: number[]): number => positions.reduce((sum, n) => (sum | (1 << n)) >>> 0, 0);

/** Leaf 1, by the level that brings them. */
const FEATURES_ECX: readonly [v1: number, v2: number, v3: number] = [
  bits(
    31, // runs under a hypervisor: this emulator
  ),
  bits(
    0, // SSE3
    9, // SSSE3
    13, // CMPXCHG16B
    19, // SSE4.1
    20, // SSE4.2
    23, // POPCNT
  ),
  bits(
    1, // PCLMULQDQ
    12, // FMA
    22, // MOVBE
    25, // AES
    26, // XSAVE
    27, // and the operating system uses it
    28, // AVX
    29, // F16C
    30, // RDRAND
  ),
];
const FEATURES_EDX = bits(
  0, // x87
  4, // TSC
  8, // CMPXCHG8B
  15, // CMOV
  19, // CLFLUSH
  23, // MMX
  24, // FXSAVE
  25, // SSE
  26, // SSE2
);
/** Leaf 7, subleaf 0, of level 3. */
const EXTENDED_EBX = bits(
  0, // FSGSBASE
  3, // BMI1
  5, // AVX2
  6, // the x87 data pointer changes only with exceptions
  8, // BMI2
  9, // enhanced REP MOVSB and STOSB
  13, // no x87 code and data segments
  18, // RDSEED
  19, // ADX
  23, // CLFLUSHOPT
  24, // CLWB
  29, // SHA
);
const EXTENDED_ECX = bits(
  2, // UMIP
  22, // RDPID
  27, // MOVDIRI
);
/** Leaf 80000001h: v1, and v3. */
const AMD_ECX: readonly [v1: number, v3: number] = [
  bits(
    0, // LAHF and SAHF in 64-bit mode
    8, // PREFETCHW
  ),
  bits(
    5, // LZCNT
  ),
];
const AMD_EDX = bits(
  11, // SYSCALL
  20, // NX
  27, // RDTSCP
  29, // 64-bit mode
);

const NOTHING: CpuidLeaf = { eax: 0, ebx: 0, ecx: 0, edx: 0 };

/** Four characters as the register that holds them. */
const word = (text: string, at: number): number =>
  [0, 1, 2, 3].reduce((sum, i) => (sum | ((text.charCodeAt(at + i) || 0) << (8 * i))) >>> 0, 0);

const VENDOR = 'GenuineIntel';
const BRAND = 'pml4 modeled CPU'.padEnd(48, '\0');
/** Family 6, a model number that no product has, stepping 0. */
const SIGNATURE = 0x0000_06f0;
/** CLFLUSH line of 64 bytes (in units of 8), one logical processor. */
const FEATURES_EBX = (8 << 8) | (1 << 16);
/** 48 linear address bits, 46 physical ones. */
const ADDRESS_BITS = (48 << 8) | 46;
const LAST = 13;
const LAST_EXTENDED = 0x8000_0008;

/** Leaf 2: one round; caches are in leaf 4, no prefetching is told. */
const DESCRIPTORS = 0x00ff_0001;
const DATA = 1, CODE = 2, UNIFIED = 3, LINE_BYTES = 64; // biome-ignore format: one line
/** Leaf 4: what the C library adapts its copying to; memory here has no caches. */
const CACHES: readonly (readonly [type: number, level: number, ways: number, sets: number])[] = [
  [DATA, 1, 8, 64], [CODE, 1, 8, 64], [UNIFIED, 2, 16, 1024], [UNIFIED, 3, 16, 8192],
]; // biome-ignore format: a table
function cacheLeaf(subleaf: number): CpuidLeaf {
  const cache = CACHES[subleaf];
  if (cache === undefined) return NOTHING;
  const [type, level, ways, sets] = cache;
  const SELF_INITIALIZING = 0x100;
  return {
    eax: type | (level << 5) | SELF_INITIALIZING,
    ebx: (((ways - 1) << 22) | (LINE_BYTES - 1)) >>> 0,
    ecx: sets - 1,
    edx: 0,
  };
}

/** Leaf 11: one thread in one core. */
function topologyLeaf(subleaf: number): CpuidLeaf {
  const level = subleaf === 0 ? 0x100 : subleaf === 1 ? 0x200 : 0;
  return { eax: 0, ebx: level === 0 ? 0 : 1, ecx: level | (subleaf & 0xff), edx: 0 };
}

/** x87, SSE and AVX state: XCR0, and the area of XSAVE with and without the last of them. */
export const XCR0 = 7;
export const XSAVE_AVX_OFFSET = 576, XSAVE_AVX_BYTES = 256; // biome-ignore format: one line
const XSAVE_BYTES = XSAVE_AVX_OFFSET + XSAVE_AVX_BYTES;
function stateLeaf(subleaf: number): CpuidLeaf {
  const XSAVEC = 2;
  if (subleaf === 0) return { eax: XCR0, ebx: XSAVE_BYTES, ecx: XSAVE_BYTES, edx: 0 };
  if (subleaf === 1) return { eax: XSAVEC, ebx: XSAVE_BYTES, ecx: 0, edx: 0 };
  return subleaf === 2 ? { ...NOTHING, eax: XSAVE_AVX_BYTES, ebx: XSAVE_AVX_OFFSET } : NOTHING;
}

const ofLevel = (level: CpuLevel, parts: readonly number[]): number =>
  parts.slice(0, level).reduce((all, part) => (all | part) >>> 0);

/** Leaf EAX, subleaf ECX, both unsigned. An unknown leaf answers zeros. */
export function cpuid(leaf: number, subleaf: number, level: CpuLevel = 3): CpuidLeaf {
  switch (leaf) {
    case 0:
      return { eax: LAST, ebx: word(VENDOR, 0), edx: word(VENDOR, 4), ecx: word(VENDOR, 8) };
    case 1:
      return { eax: SIGNATURE, ebx: FEATURES_EBX, ecx: ofLevel(level, FEATURES_ECX), edx: FEATURES_EDX };
    case 2:
      return { ...NOTHING, eax: DESCRIPTORS };
    case 4:
      return cacheLeaf(subleaf);
    case 7:
      return subleaf === 0 && level === 3 ? { eax: 0, ebx: EXTENDED_EBX, ecx: EXTENDED_ECX, edx: 0 } : NOTHING;
    case 11:
      return topologyLeaf(subleaf);
    case 13:
      return level === 3 ? stateLeaf(subleaf) : NOTHING;
    case 0x8000_0000:
      return { ...NOTHING, eax: LAST_EXTENDED };
    case 0x8000_0001:
      return { ...NOTHING, ecx: AMD_ECX[0] | (level === 3 ? AMD_ECX[1] : 0), edx: AMD_EDX };
    case 0x8000_0002:
    case 0x8000_0003:
    case 0x8000_0004: {
      const at = (leaf - 0x8000_0002) * 16;
      return { eax: word(BRAND, at), ebx: word(BRAND, at + 4), ecx: word(BRAND, at + 8), edx: word(BRAND, at + 12) };
    }
    case 0x8000_0008:
      return { ...NOTHING, eax: ADDRESS_BITS };
    default:
      return NOTHING;
  }
}
