/**
 * Units of .debug_info, as far as line tables need them: where the compiler was started, what language it read, and the
 * blocks of code (functions, inlined calls, scopes with variables) that tell places of the same line apart. Entries are
 * read one after the other, a unit when it is asked for. DWARF 5, "Program Scope Entries"; versions 2 to 5.
 */
import { type DwarfSections, type Encoding, FORM_IMPLICIT_CONST, type FormValue, readForm, textAt } from './forms.ts';
import { readRanges } from './ranges.ts';
import { DwarfReader } from './reader.ts';

export interface Unit extends Encoding {
  readonly name: string;
  readonly directory: string;
  readonly producer: string;
  readonly language: number;
  /** Its table's place in .debug_line. */
  readonly lineOffset: number | undefined;
  readonly tables: TableBases;
  readonly abbreviations: Abbreviations;
  /** Of its entries in .debug_info, the root aside. */
  readonly start: number;
  readonly end: number;
}

/** Half-open. */
export interface CodeRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** A function, an inlined call or a scope with names of its own. */
export interface CodeBlock {
  readonly kind: 'function' | 'inlined' | 'scope';
  readonly ranges: readonly CodeRange[];
  /** Where one enters it. */
  readonly entry: bigint;
  readonly parent: CodeBlock | undefined;
}

/** Where the unit's own part of the tables of strings, addresses and ranges begins. */
export interface TableBases {
  readonly strings: number;
  readonly addresses: number;
  readonly rangeLists: number;
  /** What ranges are relative to. */
  readonly low: bigint;
}

type Attributes = ReadonlyMap<number, FormValue>;
interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly { readonly at: number; readonly form: number; readonly value: number }[];
}
type Abbreviations = ReadonlyMap<number, Abbreviation>;

const TAG_FORMAL = 0x05, TAG_LEXICAL_BLOCK = 0x0b, TAG_COMPILE_UNIT = 0x11, TAG_INLINED = 0x1d, TAG_SUBPROGRAM = 0x2e,
  TAG_VARIABLE = 0x34, TAG_SKELETON_UNIT = 0x4a; // biome-ignore format: a list
const AT_LOCATION = 0x02, AT_NAME = 0x03, AT_STMT_LIST = 0x10, AT_LOW_PC = 0x11, AT_HIGH_PC = 0x12, AT_LANGUAGE = 0x13, AT_COMP_DIR = 0x1b,
  AT_PRODUCER = 0x25, AT_ENTRY_PC = 0x52, AT_RANGES = 0x55, AT_STR_OFFSETS_BASE = 0x72,
  AT_ADDR_BASE = 0x73, AT_RNGLISTS_BASE = 0x74; // biome-ignore format: a list
const UNIT_COMPILE = 1, UNIT_PARTIAL = 3, UNIT_SKELETON = 4, UNIT_SPLIT = 5; // biome-ignore format: one line
const MOST_DEPTH = 1000;

/** All units that can be read. */
export function readUnits(sections: DwarfSections): Unit[] {
  const units: Unit[] = [];
  const known = new Map<number, Abbreviations>();
  for (let at = 0; at < sections.debug_info.length; ) {
    const start = new DwarfReader(sections.debug_info, at);
    const { length, offsetBytes } = start.unitLength();
    if (start.isDamaged || length === 0) break;
    const end = start.at + length;
    const unit = readUnit(sections, start.at, end, offsetBytes, known);
    if (unit !== undefined) units.push(unit);
    at = end;
  }
  return units;
}

function readUnit(
  sections: DwarfSections,
  at: number,
  end: number,
  offsetBytes: 4 | 8,
  known: Map<number, Abbreviations>,
): Unit | undefined {
  const reader = new DwarfReader(sections.debug_info, at, end);
  const version = reader.u16();
  if (version < 2 || version > 5) return undefined;
  let addressBytes: number;
  let abbreviationsAt: number;
  if (version === 5) {
    const type = reader.u8();
    addressBytes = reader.u8();
    abbreviationsAt = reader.number(offsetBytes);
    if (type === UNIT_SKELETON || type === UNIT_SPLIT) reader.skip(8);
    else if (type !== UNIT_COMPILE && type !== UNIT_PARTIAL) return undefined;
  } else {
    abbreviationsAt = reader.number(offsetBytes);
    addressBytes = reader.u8();
  }
  let abbreviations = known.get(abbreviationsAt);
  if (abbreviations === undefined)
    known.set(abbreviationsAt, (abbreviations = readAbbreviations(sections.debug_abbrev, abbreviationsAt)));
  const encoding = { version, offsetBytes, addressBytes };
  const entry = abbreviations.get(reader.uleb());
  if (entry === undefined || (entry.tag !== TAG_COMPILE_UNIT && entry.tag !== TAG_SKELETON_UNIT)) return undefined;
  const root = readAttributes(reader, entry, encoding, sections);
  if (root === undefined) return undefined;
  const tables = tableBasesOf(root, encoding, sections);
  const text = (attribute: number): string => textOf(root.get(attribute), encoding, tables, sections);
  return {
    ...encoding,
    name: text(AT_NAME),
    directory: text(AT_COMP_DIR),
    producer: text(AT_PRODUCER),
    language: numberOf(root.get(AT_LANGUAGE)) ?? 0,
    lineOffset: numberOf(root.get(AT_STMT_LIST)),
    tables,
    abbreviations,
    start: reader.at,
    end,
  };
}

function readAbbreviations(section: Uint8Array, at: number): Abbreviations {
  const reader = new DwarfReader(section, at);
  const found = new Map<number, Abbreviation>();
  while (!reader.isDone) {
    const code = reader.uleb();
    if (code === 0) break;
    const tag = reader.uleb();
    const hasChildren = reader.u8() !== 0;
    const attributes: { at: number; form: number; value: number }[] = [];
    while (!reader.isDone) {
      const attribute = { at: reader.uleb(), form: reader.uleb(), value: 0 };
      if (attribute.form === FORM_IMPLICIT_CONST) attribute.value = reader.sleb();
      if (attribute.at === 0 && attribute.form === 0) break;
      attributes.push(attribute);
    }
    found.set(code, { tag, hasChildren, attributes });
  }
  return found;
}

/** Undefined where an attribute has a form that is not known: what comes after it cannot be found. */
function readAttributes(
  reader: DwarfReader,
  { attributes }: Abbreviation,
  encoding: Encoding,
  sections: DwarfSections,
): Attributes | undefined {
  const found = new Map<number, FormValue>();
  for (const { at, form, value } of attributes) {
    const read: FormValue | undefined =
      form === FORM_IMPLICIT_CONST ? { kind: 'number', value } : readForm(reader, form, encoding, sections);
    if (read === undefined || reader.isDamaged) return undefined;
    found.set(at, read);
  }
  return found;
}

/** Where the unit does not say it, tables begin after their header: that is what a single unit has. */
function tableBasesOf(root: Attributes, encoding: Encoding, sections: DwarfSections): TableBases {
  const header = encoding.offsetBytes === 8 ? 16 : 8;
  const listHeader = encoding.offsetBytes === 8 ? 20 : 12;
  const tables = {
    strings: numberOf(root.get(AT_STR_OFFSETS_BASE)) ?? header,
    addresses: numberOf(root.get(AT_ADDR_BASE)) ?? header,
    rangeLists: numberOf(root.get(AT_RNGLISTS_BASE)) ?? listHeader,
    low: 0n,
  };
  return { ...tables, low: addressOf(root.get(AT_LOW_PC), encoding, tables, sections) ?? 0n };
}

const numberOf = (value: FormValue | undefined): number | undefined =>
  value !== undefined && 'value' in value ? value.value : undefined;

function textOf(
  value: FormValue | undefined,
  { offsetBytes }: Encoding,
  { strings }: TableBases,
  sections: DwarfSections,
): string {
  if (value?.kind === 'text') return value.text;
  if (value?.kind !== 'strx') return '';
  const reader = new DwarfReader(sections.debug_str_offsets, strings + value.value * offsetBytes);
  const at = reader.number(offsetBytes);
  return reader.isDamaged ? '' : textAt(sections.debug_str, at);
}

function addressOf(
  value: FormValue | undefined,
  { addressBytes }: Encoding,
  { addresses }: Pick<TableBases, 'addresses'>,
  sections: DwarfSections,
): bigint | undefined {
  if (value?.kind === 'address') return value.address;
  if (value?.kind !== 'addrx') return undefined;
  const reader = new DwarfReader(sections.debug_addr, addresses + value.value * addressBytes);
  const address = reader.address(addressBytes);
  return reader.isDamaged ? undefined : address;
}

export interface UnitBlocks {
  /** Outer ones before those inside them. */
  readonly blocks: readonly CodeBlock[];
  /** Variables have one place here and another one there: the code is optimised, and what is said of it holds everywhere. */
  readonly hasLocationLists: boolean;
}

export function readBlocks(unit: Unit, sections: DwarfSections): UnitBlocks {
  const reader = new DwarfReader(sections.debug_info, unit.start, unit.end);
  const blocks: CodeBlock[] = [];
  let hasLocationLists = false;
  /** Of each level that the reader is in: the block that is open, and one that becomes one if it has names. */
  const open: { block: CodeBlock | undefined; scope: CodeBlock | undefined }[] = [
    { block: undefined, scope: undefined },
  ];
  while (!reader.isDone && open.length > 0 && open.length < MOST_DEPTH) {
    const code = reader.uleb();
    if (code === 0) {
      open.pop();
      continue;
    }
    const entry = unit.abbreviations.get(code);
    const attributes = entry && readAttributes(reader, entry, unit, sections);
    if (attributes === undefined) break;
    const level = open[open.length - 1];
    const { tag, hasChildren } = entry!;
    const place = attributes.get(AT_LOCATION);
    hasLocationLists ||= place?.kind === 'offset' || place?.kind === 'number';
    if (level.scope !== undefined && (tag === TAG_VARIABLE || tag === TAG_FORMAL)) {
      // A scope in which nothing is declared is no block to a debugger.
      blocks.push(level.scope);
      level.block = level.scope;
      level.scope = undefined;
    }
    let made: CodeBlock | undefined;
    if (tag === TAG_SUBPROGRAM || tag === TAG_INLINED || tag === TAG_LEXICAL_BLOCK)
      made = blockOf(tag, attributes, level.block, unit, sections);
    if (made !== undefined && made.kind !== 'scope') blocks.push(made);
    if (!hasChildren) continue;
    open.push(
      made?.kind === 'scope' ? { block: level.block, scope: made } : { block: made ?? level.block, scope: undefined },
    );
  }
  return { blocks, hasLocationLists };
}

function blockOf(
  tag: number,
  attributes: Attributes,
  parent: CodeBlock | undefined,
  unit: Unit,
  sections: DwarfSections,
): CodeBlock | undefined {
  const address = (attribute: number): bigint | undefined =>
    addressOf(attributes.get(attribute), unit, unit.tables, sections);
  const low = address(AT_LOW_PC);
  const high = attributes.get(AT_HIGH_PC);
  const list = attributes.get(AT_RANGES);
  let ranges: readonly CodeRange[] = [];
  if (list !== undefined) ranges = readRanges(list, unit, sections);
  else if (low !== undefined && high !== undefined) {
    // An address, or from version 4 on the length.
    const end = high.kind === 'number' ? low + BigInt(high.value) : (address(AT_HIGH_PC) ?? low);
    ranges = [{ start: low, end }];
  }
  if (ranges.length === 0) return undefined;
  const kind = tag === TAG_SUBPROGRAM ? 'function' : tag === TAG_INLINED ? 'inlined' : 'scope';
  const least = ranges.reduce((a, { start }) => (start < a ? start : a), ranges[0].start);
  const entry = low ?? address(AT_ENTRY_PC) ?? least;
  return { kind, ranges, entry, parent };
}
