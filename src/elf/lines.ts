/**
 * Source lines for addresses and addresses for source lines, from DWARF (.debug_line, versions 2 to 5): what gcc -g, LLVM
 * and nasm -g -F dwarf write. Read when first asked for; a damaged table counts as empty, or as what can be read of
 * it. Where a debugger has a choice (which of several rows of a line, where a function's own code begins), it is gdb's.
 * Left out: split DWARF (.dwo), what dwz has taken out, zstd, and the opcodes of VLIW machines.
 */
import { DWARF_SECTIONS, type DwarfSections } from './dwarf/forms.ts';
import { type LineUnit, normalise, readLineUnits, type Sequence, type SourceFile } from './dwarf/line-units.ts';
import { prologueBytes } from './dwarf/prologue.ts';
import { type CodeBlock, readBlocks, type UnitBlocks } from './dwarf/units.ts';
import { bytesOf, readSectionTable, type SectionHeader } from './sections.ts';

export type { SourceFile } from './dwarf/line-units.ts';

/** A row of the table: the instructions of [start, end) come from there. */
export interface SourceLine {
  readonly file: SourceFile;
  readonly line: number;
  /** Counted from 1; 0: the whole line. */
  readonly column: number;
  /** A place to stop at; others are in the middle of something. */
  readonly isStatement: boolean;
  readonly start: bigint;
  readonly end: bigint;
}

/** What `break FILE:LINE` comes to. */
export interface LineBreak {
  /** The line that has code: the one that was asked for, or the next one that has. */
  readonly line: number;
  readonly file: SourceFile;
  /** One for each place where the code of the line is entered, prologues skipped. */
  readonly addresses: readonly bigint[];
}

const NO_BLOCKS: UnitBlocks = { blocks: [], hasLocationLists: false };
/** DW_LANG_Mips_Assembler, which all assemblers use. */
const LANG_ASSEMBLER = 0x8001;
const MOST_PROLOGUE_BYTES = 16;

/** Lines of one file. For a position-independent one, addresses are relative to its base. */
export class Lines {
  private readonly _bytes: Uint8Array;
  private _table: readonly SectionHeader[] | undefined;
  private _sections: DwarfSections | undefined;
  private _units: readonly LineUnit[] | undefined;
  /** By address. */
  private _sequences: readonly Sequence[] | undefined;
  private _files: readonly SourceFile[] | undefined;

  constructor(bytes: Uint8Array) {
    this._bytes = bytes;
  }

  /** Files that there is code of, by path. */
  files(): readonly SourceFile[] {
    if (this._files === undefined) {
      const found = new Map<string, SourceFile>();
      for (const { rows } of this._all()) for (const { file } of rows) found.set(file.path, file);
      this._files = [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    }
    return this._files;
  }

  /** Where the instruction at an address comes from. */
  findAt(address: bigint): SourceLine | undefined {
    const sequence = this._sequenceAt(address);
    return sequence && lineAt(sequence, address);
  }

  /**
   * What a step by line does not leave: the row of an address, with the ones before and after it that are of the same line.
   */
  stepRange(address: bigint): { readonly start: bigint; readonly end: bigint } | undefined {
    const sequence = this._sequenceAt(address);
    const here = sequence && lineAt(sequence, address);
    if (sequence === undefined || here === undefined) return undefined;
    const isSame = (other: SourceLine | undefined): other is SourceLine =>
      other !== undefined && other.line === here.line && other.file.path === here.file.path;
    let { start, end } = here;
    for (let next = lineAt(sequence, end); isSame(next); next = lineAt(sequence, end)) end = next.end;
    for (let before = lineAt(sequence, start - 1n); isSame(before); before = lineAt(sequence, start - 1n))
      start = before.start;
    return { start, end };
  }

  /** Files that somebody may mean: by their whole path, or by the end of it. */
  findFiles(name: string): readonly SourceFile[] {
    const wanted = normalise(name);
    return this.files().filter(
      ({ path, name: given }) => given === name || path === wanted || path.endsWith(`/${wanted}`),
    );
  }

  /** Lines of a file that begin at an address where one may stop, ascending. */
  linesOf(file: SourceFile): number[] {
    const lines = new Set<number>();
    for (const { rows } of this._all())
      for (const row of rows) if (row.file.path === file.path && row.isStatement) lines.add(row.line);
    return [...lines].sort((a, b) => a - b);
  }

  /** Where `break FILE:LINE` stops; undefined: no code comes from this line or from one after it. */
  breakAt(file: SourceFile, line: number): LineBreak | undefined {
    const rows = this._all().flatMap((sequence) =>
      sequence.rows.filter((row) => row.isStatement && row.file.path === file.path).map((row) => ({ row, sequence })),
    );
    const actual = rows.reduce((best, { row }) => (row.line >= line && row.line < best ? row.line : best), Infinity);
    if (actual === Infinity) return undefined;
    const addresses: bigint[] = [];
    const entered = new Set<CodeBlock | LineUnit>();
    for (const { row, sequence } of rows) {
      if (row.line !== actual) continue;
      const block = this._blockAt(sequence.unit, row.address);
      if (entered.has(block ?? sequence.unit)) continue;
      entered.add(block ?? sequence.unit);
      addresses.push(this._afterPrologue(sequence, functionOf(block), row.address));
    }
    return addresses.length === 0 ? undefined : { file, line: actual, addresses: [...new Set(addresses)] };
  }

  /** Where `break FUNCTION` stops: behind its prologue, if it has one; the code must be in the file. */
  breakAtFunction(entry: bigint, sizeBytes: number): bigint {
    const sequence = this._sequenceAt(entry);
    if (sequence === undefined) return entry + BigInt(this._prologueAt(entry));
    const owner = functionOf(this._blockAt(sequence.unit, entry));
    return this._afterPrologue(sequence, owner, entry, entry + BigInt(sizeBytes || MOST_PROLOGUE_BYTES));
  }

  /** The address; behind the prologue of its function, if it is in there. `end` is where a function ends of which nothing is said. */
  private _afterPrologue(sequence: Sequence, owner: CodeBlock | undefined, address: bigint, end = address): bigint {
    const { unit } = sequence.unit;
    if (unit?.language === LANG_ASSEMBLER) return address;
    // Of optimised code gcc says where variables are at every instruction: nothing has to be set up first.
    if (unit?.producer.startsWith('GNU ') && this._blocks(sequence.unit).hasLocationLists) return address;
    const entry = owner?.entry ?? address;
    const range = owner?.ranges.find(({ start, end }) => start <= entry && entry < end) ?? { start: entry, end };
    const isLlvm = unit?.producer.startsWith('clang ');
    const after =
      bodyByMark(sequence, entry, range.end) ??
      (isLlvm ? this._bodyByRows(sequence, entry, range.end) : undefined) ??
      this._bodyByCode(entry, range.end);
    return after > address ? after : address;
  }

  /** Behind the instructions that set up the frame; at the next row, where that is in the middle of one. */
  private _bodyByCode(entry: bigint, end: bigint): bigint {
    const address = entry + BigInt(this._prologueAt(entry));
    const row = this.findAt(address);
    return address > entry && row !== undefined && row.start !== address && row.end < end ? row.end : address;
  }

  /**
   * By the rows that LLVM writes, one before a prologue and one behind it: the second row, or a later one as long as lines go
   * backwards, since parts of the body have been moved up then. Undefined: the function has one row.
   */
  private _bodyByRows(sequence: Sequence, entry: bigint, end: bigint): bigint | undefined {
    let row = this.findAt(entry);
    if (row === undefined) return undefined;
    const { file } = row;
    const first = sequence.rows.filter((other) => other.address === entry && other.file.path === file.path);
    if (first.length > 1) return entry;
    if (row.end >= end) return undefined;
    while (row.end < end) {
      const next = this.findAt(row.end);
      if (next === undefined || next.line >= row.line || next.file.path !== file.path) break;
      if (isInlined(this._blockAt(sequence.unit, row.end))) break;
      row = next;
    }
    return row.end < end ? row.end : undefined;
  }

  private _prologueAt(address: bigint): number {
    const section = this._headers().find(
      (header) =>
        header.address !== 0n && header.address <= address && address < header.address + BigInt(header.sizeBytes),
    );
    if (section === undefined) return 0;
    const at = section.offset + Number(address - section.address);
    return prologueBytes(this._bytes.subarray(at, at + MOST_PROLOGUE_BYTES));
  }

  private _blockAt(unit: LineUnit, address: bigint): CodeBlock | undefined {
    return this._blocks(unit).blocks.findLast(({ ranges }) =>
      ranges.some(({ start, end }) => start <= address && address < end),
    );
  }

  private _blocks(unit: LineUnit): UnitBlocks {
    return (unit.blocks ??= unit.unit === undefined ? NO_BLOCKS : readBlocks(unit.unit, this._dwarf()));
  }

  private _sequenceAt(address: bigint): Sequence | undefined {
    const sequences = this._all();
    let low = 0;
    let high = sequences.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sequences[middle].start <= address) low = middle + 1;
      else high = middle;
    }
    const sequence = sequences[low - 1];
    return sequence !== undefined && address < sequence.end ? sequence : undefined;
  }

  private _all(): readonly Sequence[] {
    this._units ??= readLineUnits(this._dwarf());
    return (this._sequences ??= this._units
      .flatMap(({ sequences }) => sequences)
      .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0)));
  }

  private _headers(): readonly SectionHeader[] {
    return (this._table ??= readSectionTable(this._bytes));
  }

  private _dwarf(): DwarfSections {
    if (this._sections === undefined) {
      const sectionOf = (name: string): Uint8Array => {
        const header = this._headers().find((section) => section.name === `.${name}`);
        return header === undefined ? new Uint8Array(0) : bytesOf(this._bytes, header);
      };
      const entries = DWARF_SECTIONS.map((name) => [name, sectionOf(name)]);
      this._sections = Object.fromEntries(entries) as DwarfSections;
    }
    return this._sections;
  }
}

/** The last row at or before an address; of several at one address one to stop at, if there is one. */
function lineAt({ rows, start, end }: Sequence, address: bigint): SourceLine | undefined {
  if (address < start || address >= end) return undefined;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle].address <= address) low = middle + 1;
    else high = middle;
  }
  let at = low - 1;
  if (at < 0) return undefined;
  const next = rows[low]?.address ?? end;
  for (let i = at; i >= 0 && rows[i].address === rows[at].address; i--)
    if (rows[i].isStatement) {
      at = i;
      break;
    }
  const { file, line, column, isStatement, address: from } = rows[at];
  return { file, line, column, isStatement, start: from, end: next };
}

/** Where the compiler itself has marked the end of a prologue, in the file that the function begins in. */
function bodyByMark({ rows }: Sequence, entry: bigint, end: bigint): bigint | undefined {
  const file = rows.findLast(({ address }) => address <= entry)?.file;
  return rows.find((row) => row.isPrologueEnd && row.address >= entry && row.address < end && row.file === file)
    ?.address;
}

/** The function that a block is a part of, through inlined calls. */
function functionOf(block: CodeBlock | undefined): CodeBlock | undefined {
  let at = block;
  while (at !== undefined && at.kind !== 'function') at = at.parent;
  return at;
}

/** Whether it is a part of an inlined call. */
function isInlined(block: CodeBlock | undefined): boolean {
  let at = block;
  while (at?.kind === 'scope') at = at.parent;
  return at?.kind === 'inlined';
}
