/**
 * What CPUID answers: a modeled Intel processor that has what cpu/isa implements, and nothing else. Intel SDM Vol. 2A,
 * "CPUID-CPU Identification". Caches, topology and XSAVE are left out.
 */

export interface CpuidLeaf {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
}

const bits = (...positions: number[]): number => positions.reduce((sum, n) => (sum | (1 << n)) >>> 0, 0);

/** Leaf 1. */
const FEATURES_ECX = bits(
  13, // CMPXCHG16B
  22, // MOVBE
  23, // POPCNT
  31, // runs under a hypervisor: this emulator
);
const FEATURES_EDX = bits(
  4, // TSC
  8, // CMPXCHG8B
  15, // CMOV
  19, // CLFLUSH
);
/** Leaf 7, subleaf 0. */
const EXTENDED_EBX = bits(
  0, // FSGSBASE
  3, // BMI1
  8, // BMI2
  9, // enhanced REP MOVSB and STOSB
  19, // ADX
  23, // CLFLUSHOPT
  24, // CLWB
);
const EXTENDED_ECX = bits(
  2, // UMIP
  22, // RDPID
  27, // MOVDIRI
);
/** Leaf 80000001h. */
const AMD_ECX = bits(
  0, // LAHF and SAHF in 64-bit mode
  5, // LZCNT
  8, // PREFETCHW
);
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
const LAST = 7;
const LAST_EXTENDED = 0x8000_0008;

/** Leaf EAX, subleaf ECX, both unsigned. An unknown leaf answers zeros. */
export function cpuid(leaf: number, subleaf: number): CpuidLeaf {
  switch (leaf) {
    case 0:
      return { eax: LAST, ebx: word(VENDOR, 0), edx: word(VENDOR, 4), ecx: word(VENDOR, 8) };
    case 1:
      return { eax: SIGNATURE, ebx: FEATURES_EBX, ecx: FEATURES_ECX, edx: FEATURES_EDX };
    case 7:
      return subleaf === 0 ? { eax: 0, ebx: EXTENDED_EBX, ecx: EXTENDED_ECX, edx: 0 } : NOTHING;
    case 0x8000_0000:
      return { ...NOTHING, eax: LAST_EXTENDED };
    case 0x8000_0001:
      return { ...NOTHING, ecx: AMD_ECX, edx: AMD_EDX };
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
