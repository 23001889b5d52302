/** 64-bit values as text: as panels show and compare them. */
export type NumberBase = 'hex' | 'unsigned' | 'signed';

export const NUMBER_BASES = [
  { id: 'hex', title: 'hex', help: 'Hexadecimal' },
  { id: 'unsigned', title: 'dec', help: 'Decimal, without a sign' },
  { id: 'signed', title: '±', help: 'Decimal, as a signed number' },
] as const;

/** Hexadecimal with all its digits, in two parts: the zeros that lead, and the rest. */
export function hexParts(value: bigint, digits = 16): readonly [zeros: string, rest: string] {
  const rest = value === 0n ? '0' : value.toString(16);
  return ['0'.repeat(Math.max(0, digits - rest.length)), rest];
}

export function numberText(value: bigint, base: NumberBase, bits = 64): string {
  if (base === 'hex') return `0x${value.toString(16)}`;
  return (base === 'signed' ? BigInt.asIntN(bits, value) : value).toString();
}

export const byteText = (byte: number): string => byte.toString(16).padStart(2, '0');

export type LaneKind = 'u64' | 'u32' | 'u16' | 'u8' | 'f64' | 'f32';

/** A vector register's 16 bytes as lanes, lowest first. */
export function lanesOf(low: bigint, high: bigint, kind: LaneKind): string[] {
  const view = new DataView(BigUint64Array.of(low, high).buffer);
  const every = <T>(size: number, read: (at: number) => T): string[] =>
    Array.from({ length: 16 / size }, (_, i) => String(read(i * size)));
  const asHex = (x: bigint | number): string => x.toString(16);
  switch (kind) {
    case 'u64':
      return every(8, (at) => asHex(view.getBigUint64(at, true)));
    case 'u32':
      return every(4, (at) => asHex(view.getUint32(at, true)));
    case 'u16':
      return every(2, (at) => asHex(view.getUint16(at, true)));
    case 'u8':
      return every(1, (at) => byteText(view.getUint8(at)));
    case 'f64':
      return every(8, (at) => Number(view.getFloat64(at, true).toPrecision(8)));
    case 'f32':
      return every(4, (at) => Number(view.getFloat32(at, true).toPrecision(5)));
  }
}
