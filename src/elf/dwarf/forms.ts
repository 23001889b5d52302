/** What the attributes of entries and the columns of line tables hold, by their form. DWARF 5, "Attribute Encodings". */
import type { DwarfReader } from './reader.ts';

/** The sections that are read, by their names without the dot; those that the file does not have are empty. */
export type DwarfSections = Readonly<Record<DwarfSectionName, Uint8Array>>;
export const DWARF_SECTIONS = [
  'debug_line', 'debug_info', 'debug_abbrev', 'debug_str', 'debug_line_str', 'debug_str_offsets', 'debug_addr', 'debug_ranges',
  'debug_rnglists',
] as const; // biome-ignore format: a list
export type DwarfSectionName = (typeof DWARF_SECTIONS)[number];

/** What the size of a value depends on. */
export interface Encoding {
  readonly version: number;
  readonly offsetBytes: 4 | 8;
  readonly addressBytes: number;
}

/**
 * `text`: here or in a section of strings. `strx`, `addrx` and `rnglistx` are indices into a table whose place the unit tells.
 * `offset`: into another section. `other`: of no use here.
 */
export type FormValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'address'; readonly address: bigint }
  | { readonly kind: 'offset' | 'strx' | 'addrx' | 'rnglistx'; readonly value: number }
  | { readonly kind: 'other' };

export const FORM_INDIRECT = 0x16, FORM_IMPLICIT_CONST = 0x21; // biome-ignore format: one line
const OTHER: FormValue = { kind: 'other' };

type Read = (reader: DwarfReader, encoding: Encoding, sections: DwarfSections) => FormValue;

const number = (value: number): FormValue => ({ kind: 'number', value });
const constant =
  (bytes: number): Read =>
  (reader) =>
    number(reader.number(bytes));
const skipping =
  (length: (reader: DwarfReader, encoding: Encoding) => number): Read =>
  (reader, encoding) => {
    reader.skip(length(reader, encoding));
    return OTHER;
  };
const index =
  (kind: 'strx' | 'addrx' | 'rnglistx', bytes: number): Read =>
  (reader) => ({
    kind,
    value: bytes === 0 ? reader.uleb() : bytes === 3 ? reader.u16() + reader.u8() * 65536 : reader.number(bytes),
  });
const textIn =
  (section: 'debug_str' | 'debug_line_str'): Read =>
  (reader, { offsetBytes }, sections) => ({
    kind: 'text',
    text: textAt(sections[section], reader.number(offsetBytes)),
  });

const FORMS: Readonly<Record<number, Read>> = {
  1: (reader, { addressBytes }) => ({ kind: 'address', address: reader.address(addressBytes) }),
  3: skipping((reader) => reader.u16()), // block2
  4: skipping((reader) => reader.u32()), // block4
  5: constant(2),
  6: constant(4),
  7: constant(8),
  8: (reader) => ({ kind: 'text', text: reader.text() }),
  9: skipping((reader) => reader.uleb()), // block
  10: skipping((reader) => reader.u8()), // block1
  11: constant(1),
  12: constant(1), // flag
  13: (reader) => number(reader.sleb()),
  14: textIn('debug_str'),
  15: (reader) => number(reader.uleb()),
  16: skipping((_, { version, addressBytes, offsetBytes }) => (version <= 2 ? addressBytes : offsetBytes)), // ref_addr
  17: constant(1), // ref1 to ref_udata: offsets in the unit
  18: constant(2),
  19: constant(4),
  20: constant(8),
  21: (reader) => number(reader.uleb()),
  23: (reader, { offsetBytes }) => ({ kind: 'offset', value: reader.number(offsetBytes) }),
  24: skipping((reader) => reader.uleb()), // exprloc
  25: () => number(1), // flag_present
  26: index('strx', 0),
  27: index('addrx', 0),
  28: skipping(() => 4), // ref_sup4
  29: skipping((_, { offsetBytes }) => offsetBytes), // strp_sup
  30: skipping(() => 16), // data16
  31: textIn('debug_line_str'),
  32: skipping(() => 8), // ref_sig8
  34: (reader) => number(reader.uleb()), // loclistx
  35: index('rnglistx', 0),
  36: skipping(() => 8), // ref_sup8
  37: index('strx', 1),
  38: index('strx', 2),
  39: index('strx', 3),
  40: index('strx', 4),
  41: index('addrx', 1),
  42: index('addrx', 2),
  43: index('addrx', 3),
  44: index('addrx', 4),
  7968: skipping((_, { offsetBytes }) => offsetBytes), // GNU_ref_alt
  7969: skipping((_, { offsetBytes }) => offsetBytes), // GNU_strp_alt
};

/** The value that the reader stands at; undefined if its form is none that is known, and nothing after it can be read. */
export function readForm(
  reader: DwarfReader,
  form: number,
  encoding: Encoding,
  sections: DwarfSections,
): FormValue | undefined {
  const actual = form === FORM_INDIRECT ? reader.uleb() : form;
  return FORMS[actual]?.(reader, encoding, sections);
}

/** A string of a section of strings; empty if there is none. */
export function textAt(section: Uint8Array, at: number): string {
  const end = at < section.length ? section.indexOf(0, at) : -1;
  return end < 0 ? '' : decoder.decode(section.subarray(at, end));
}

const decoder = new TextDecoder();
