/** The checksum with which `compare-sections` compares memory: CRC-32 without reflection, as GDB manual, "Separate Debug Files" and qCRC have it. */
const POLYNOMIAL = 0x04c1_1db7;
const INITIAL = 0xffff_ffff;

const TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let rest = byte << 24;
  for (let bit = 0; bit < 8; bit++) rest = rest & 0x8000_0000 ? (rest << 1) ^ POLYNOMIAL : rest << 1;
  return rest >>> 0;
});

/** Goes on from the sum of the bytes before. */
export function crc32(bytes: Uint8Array, before: number = INITIAL): number {
  let sum = before;
  for (const byte of bytes) sum = ((sum << 8) ^ TABLE[((sum >>> 24) ^ byte) & 0xff]) >>> 0;
  return sum;
}
