/**
 * The shared libraries that a file asks for: DT_NEEDED of its dynamic section, ld.so(8). Read from the section table, as
 * the other advice is: a damaged one asks for nothing.
 */
import { readSectionTable, stringAt } from './sections.ts';

const SHT_DYNAMIC = 6, ENTRY_BYTES = 16, DT_NULL = 0n, DT_NEEDED = 1n, MOST_NAME_BYTES = 4096; // biome-ignore format: one line

/** Names as they are written there, in their order. */
export function neededLibraries(bytes: Uint8Array): string[] {
  const sections = readSectionTable(bytes);
  const dynamic = sections.find(({ type }) => type === SHT_DYNAMIC);
  const strings = dynamic && sections[dynamic.link];
  if (strings === undefined) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(bytes.length, dynamic!.offset + dynamic!.sizeBytes);
  const names: string[] = [];
  for (let at = dynamic!.offset; at + ENTRY_BYTES <= end; at += ENTRY_BYTES) {
    const tag = view.getBigInt64(at, true);
    if (tag === DT_NULL) break;
    const name = Number(view.getBigUint64(at + 8, true));
    if (tag === DT_NEEDED && name < strings.sizeBytes)
      names.push(stringAt(bytes, strings.offset + name, MOST_NAME_BYTES));
  }
  return names.filter((name) => name !== '');
}
