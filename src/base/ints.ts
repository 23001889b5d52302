/**
 * Fixed-width integers. Guest 64-bit values are bigint, always held as unsigned; page and frame numbers are number.
 */
declare const vaddrBrand: unique symbol;
declare const paddrBrand: unique symbol;
declare const vpnBrand: unique symbol;
declare const pfnBrand: unique symbol;

/** Virtual address, unsigned 64 bits. */
export type Vaddr = bigint & { readonly [vaddrBrand]: true };
/** Physical address, below the machine's memory size. Also the offset in the machine's WebAssembly.Memory. */
export type Paddr = number & { readonly [paddrBrand]: true };
/** Virtual page number: vaddr >> 12, 36 bits of a canonical user address. */
export type Vpn = number & { readonly [vpnBrand]: true };
/** Physical frame number: paddr >> 12. */
export type Pfn = number & { readonly [pfnBrand]: true };

export const PAGE_SIZE = 4096;
export const PAGE = 4096n;
export const PAGE_OFFSET_MASK = 0xfffn;

export const U64_MAX = 0xffff_ffff_ffff_ffffn;

export const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
export const s64 = (x: bigint): bigint => BigInt.asIntN(64, x);
export const u32 = (x: number): number => x >>> 0;

const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);
/**
 * `Number` of what is no wider than 64 bits, such as a register, for hot paths: V8 compiles it in place, and calls its
 * runtime for the other.
 */
export function numberOf(x: bigint): number {
  wide[0] = x;
  return halves[0] + halves[1] * 2 ** 32;
}

export const vaddr = (x: bigint): Vaddr => BigInt.asUintN(64, x) as Vaddr;
export const paddrOf = (pfn: Pfn): Paddr => (pfn * PAGE_SIZE) as Paddr;
export const pfnOf = (paddr: number): Pfn => Math.floor(paddr / PAGE_SIZE) as Pfn;
export const vpnOf = (address: bigint): Vpn => Number(address >> 12n) as Vpn;
export const vaddrOf = (vpn: Vpn): Vaddr => (BigInt(vpn) << 12n) as Vaddr;
export const isPageAligned = (address: bigint): boolean => (address & PAGE_OFFSET_MASK) === 0n;
export const pageDown = (address: bigint): bigint => address & ~PAGE_OFFSET_MASK;
export const pageUp = (address: bigint): bigint => (address + PAGE_OFFSET_MASK) & ~PAGE_OFFSET_MASK;

/** `0x` and lower-case digits, padded to `digits`. */
export const hex = (x: bigint | number, digits = 0): string => `0x${x.toString(16).padStart(digits, '0')}`;
