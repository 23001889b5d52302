/**
 * The loadable segments of a file that is mapped already, at once and from a few bytes of it: elf(5). For whoever asks
 * what a mapping of a running process is. What may be run is image.ts' to say; here a damaged table counts as empty.
 */
import { type Vaddr, vaddr } from '../base/ints.ts';
import type { ElfSource } from './image.ts';

const HEADER_BYTES = 64, PROGRAM_HEADER_BYTES = 56, PT_LOAD = 1, PF_X = 1, PF_W = 2, MAX_HEADERS = 1170; // biome-ignore format: one line
/** 0x7f ELF, of 64 bits, little-endian. */
const MAGIC = [0x7f, 0x45, 0x4c, 0x46, 2, 1];

export interface LoadSegment {
  /** For a position-independent file, relative to its base. */
  readonly address: Vaddr;
  readonly offset: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly isWritable: boolean;
  readonly isExecutable: boolean;
}

/** PT_LOAD, as in the file; none if it is no ELF file of 64 bits. */
export function readLoads(source: ElfSource): LoadSegment[] {
  const header = source.read(0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || MAGIC.some((byte, i) => header[i] !== byte)) return [];
  const view = viewOf(header);
  const start = Number(view.getBigUint64(32, true));
  const count = view.getUint16(56, true);
  if (view.getUint16(54, true) !== PROGRAM_HEADER_BYTES || count > MAX_HEADERS || start > source.sizeBytes) return [];
  const table = source.read(start, count * PROGRAM_HEADER_BYTES);
  const rows = viewOf(table);
  const loads: LoadSegment[] = [];
  for (let at = 0; at + PROGRAM_HEADER_BYTES <= table.length; at += PROGRAM_HEADER_BYTES) {
    if (rows.getUint32(at, true) !== PT_LOAD) continue;
    loads.push({
      address: vaddr(rows.getBigUint64(at + 16, true)),
      offset: Number(rows.getBigUint64(at + 8, true)),
      fileBytes: Number(rows.getBigUint64(at + 32, true)),
      memoryBytes: Number(rows.getBigUint64(at + 40, true)),
      isWritable: (rows.getUint32(at + 4, true) & PF_W) !== 0,
      isExecutable: (rows.getUint32(at + 4, true) & PF_X) !== 0,
    });
  }
  return loads;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
