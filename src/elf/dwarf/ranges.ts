/** Code that is in several pieces: .debug_ranges up to version 4, .debug_rnglists from 5 on. DWARF 5, "Range List Table". */
import type { DwarfSections, FormValue } from './forms.ts';
import { DwarfReader } from './reader.ts';
import type { CodeRange, Unit } from './units.ts';

const END = 0, BASE_ADDRESSX = 1, STARTX_ENDX = 2, STARTX_LENGTH = 3, OFFSET_PAIR = 4, BASE_ADDRESS = 5, START_END = 6,
  START_LENGTH = 7; // biome-ignore format: a list
const MOST_RANGES = 1 << 20;

/** What DW_AT_ranges stands for, without pieces of no length. */
export function readRanges(list: FormValue, unit: Unit, sections: DwarfSections): CodeRange[] {
  const found = unit.version < 5 ? pairsOf(list, unit, sections) : entriesOf(list, unit, sections);
  return found.filter(({ start, end }) => start < end);
}

function pairsOf(list: FormValue, { addressBytes, tables }: Unit, sections: DwarfSections): CodeRange[] {
  if (!('value' in list)) return [];
  const reader = new DwarfReader(sections.debug_ranges, list.value);
  const most = addressBytes === 8 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  const found: CodeRange[] = [];
  let base = tables.low;
  while (!reader.isDone && found.length < MOST_RANGES) {
    const start = reader.address(addressBytes);
    const end = reader.address(addressBytes);
    if (start === 0n && end === 0n) break;
    if (start === most) base = end;
    else found.push({ start: base + start, end: base + end });
  }
  return found;
}

function entriesOf(list: FormValue, unit: Unit, sections: DwarfSections): CodeRange[] {
  const { addressBytes, offsetBytes, tables } = unit;
  if (!('value' in list)) return [];
  let at = list.value;
  if (list.kind === 'rnglistx') {
    const offsets = new DwarfReader(sections.debug_rnglists, tables.rangeLists + at * offsetBytes);
    at = tables.rangeLists + offsets.number(offsetBytes);
    if (offsets.isDamaged) return [];
  }
  const indexed = (index: number): bigint =>
    new DwarfReader(sections.debug_addr, tables.addresses + index * addressBytes).address(addressBytes);
  const reader = new DwarfReader(sections.debug_rnglists, at);
  const found: CodeRange[] = [];
  let base = tables.low;
  while (!reader.isDone && found.length < MOST_RANGES) {
    const kind = reader.u8();
    if (kind === END) break;
    if (kind === BASE_ADDRESSX) base = indexed(reader.uleb());
    else if (kind === BASE_ADDRESS) base = reader.address(addressBytes);
    else if (kind === STARTX_ENDX) found.push({ start: indexed(reader.uleb()), end: indexed(reader.uleb()) });
    else if (kind === START_END) found.push({ start: reader.address(addressBytes), end: reader.address(addressBytes) });
    else if (kind === OFFSET_PAIR)
      found.push({ start: base + BigInt(reader.uleb()), end: base + BigInt(reader.uleb()) });
    else if (kind === STARTX_LENGTH || kind === START_LENGTH) {
      const start = kind === STARTX_LENGTH ? indexed(reader.uleb()) : reader.address(addressBytes);
      found.push({ start, end: start + BigInt(reader.uleb()) });
    } else break;
  }
  return found;
}
