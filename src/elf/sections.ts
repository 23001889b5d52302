/**
 * The parts of a file, from its section header table: elf(5). Advice, like symbols: a damaged table is empty, and a section
 * that lies outside the file has no bytes.
 */
import { type Vaddr, vaddr } from '../base/ints.ts';
import { inflate } from './inflate.ts';

const HEADER_BYTES = 64;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2n, SHF_COMPRESSED = 0x800n; // biome-ignore format: one line
const ELFCOMPRESS_ZLIB = 1, COMPRESSION_HEADER_BYTES = 24; // biome-ignore format: one line
/** What a damaged size may not ask for. */
const MOST_INFLATED_BYTES = 1 << 30;

export interface ElfSection {
  readonly name: string;
  /** For a position-independent file, relative to its base. */
  readonly address: Vaddr;
  readonly sizeBytes: number;
}

export interface SectionHeader extends ElfSection {
  readonly type: number;
  readonly flags: bigint;
  readonly offset: number;
  /** Index of the section that goes with it. */
  readonly link: number;
}

/** The whole table, in its order. */
export function readSectionTable(bytes: Uint8Array): SectionHeader[] {
  if (bytes.length < HEADER_BYTES) return [];
  const view = viewOf(bytes);
  const table = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const names = view.getUint16(62, true);
  if (view.getUint16(58, true) !== HEADER_BYTES || table + count * HEADER_BYTES > bytes.length) return [];
  const strings = names < count ? Number(view.getBigUint64(table + names * HEADER_BYTES + 24, true)) : bytes.length;
  return Array.from({ length: count }, (_, i) => {
    const at = table + i * HEADER_BYTES;
    return {
      name: stringAt(bytes, strings + view.getUint32(at, true), 256),
      address: vaddr(view.getBigUint64(at + 16, true)),
      sizeBytes: Number(view.getBigUint64(at + 32, true)),
      type: view.getUint32(at + 4, true),
      flags: view.getBigUint64(at + 8, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      link: view.getUint32(at + 40, true),
    };
  });
}

/** The sections that occupy memory, by address. */
export const readSections = (bytes: Uint8Array): ElfSection[] =>
  readSectionTable(bytes)
    .filter(({ flags }) => flags & SHF_ALLOC)
    .map(({ name, address, sizeBytes }) => ({ name, address, sizeBytes }))
    .sort((a, b) => Number(a.address - b.address));

/** What a section holds in the file, as it is there. */
export function rawBytesOf(file: Uint8Array, { type, offset, sizeBytes }: SectionHeader): Uint8Array {
  const isInside = type !== SHT_NOBITS && offset + sizeBytes <= file.length;
  return isInside ? file.subarray(offset, offset + sizeBytes) : new Uint8Array(0);
}

/** The same, decompressed where it is compressed; empty if that cannot be done. */
export function bytesOf(file: Uint8Array, section: SectionHeader): Uint8Array {
  const raw = rawBytesOf(file, section);
  if (!(section.flags & SHF_COMPRESSED)) return raw;
  if (raw.length < COMPRESSION_HEADER_BYTES) return new Uint8Array(0);
  const view = viewOf(raw);
  const sizeBytes = Number(view.getBigUint64(8, true));
  if (view.getUint32(0, true) !== ELFCOMPRESS_ZLIB || sizeBytes > MOST_INFLATED_BYTES) return new Uint8Array(0);
  return inflate(raw.subarray(COMPRESSION_HEADER_BYTES), sizeBytes) ?? new Uint8Array(0);
}

/** A string that ends with a NUL, cut after so many bytes; empty where it does not end. */
export function stringAt(text: Uint8Array, start: number, most: number): string {
  const end = text.indexOf(0, start);
  return end < 0 ? '' : String.fromCharCode(...text.subarray(start, Math.min(end, start + most)));
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
