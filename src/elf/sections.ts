/** Names of the parts of a file, from its section header table: elf(5). Advice, like symbols: a damaged table is empty. */
import { type Vaddr, vaddr } from '../base/ints.ts';

const HEADER_BYTES = 64;
const SHF_ALLOC = 2n;

export interface ElfSection {
  readonly name: string;
  /** For a position-independent file, relative to its base. */
  readonly address: Vaddr;
  readonly sizeBytes: number;
}

/** The sections that occupy memory, by address. */
export function readSections(bytes: Uint8Array): ElfSection[] {
  if (bytes.length < HEADER_BYTES) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const names = view.getUint16(62, true);
  if (view.getUint16(58, true) !== HEADER_BYTES || names >= count || table + count * HEADER_BYTES > bytes.length)
    return [];
  const header = (index: number): number => table + index * HEADER_BYTES;
  const strings = Number(view.getBigUint64(header(names) + 24, true));
  const sections: ElfSection[] = [];
  for (let i = 0; i < count; i++) {
    const at = header(i);
    if (!(view.getBigUint64(at + 8, true) & SHF_ALLOC)) continue;
    sections.push({
      name: nameAt(bytes, strings + view.getUint32(at, true)),
      address: vaddr(view.getBigUint64(at + 16, true)),
      sizeBytes: Number(view.getBigUint64(at + 32, true)),
    });
  }
  return sections.sort((a, b) => Number(a.address - b.address));
}

function nameAt(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(0, start);
  return end < 0 ? '' : String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 256)));
}
