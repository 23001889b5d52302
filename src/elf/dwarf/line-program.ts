/**
 * Line tables: the header of one, and the machine whose program makes its rows. DWARF 5, "Line Number Information", and
 * versions 2 to 4, whose header differs. Left out: what VLIW machines need of it, several operations in an instruction.
 */
import { type DwarfSections, type Encoding, readForm } from './forms.ts';
import { DwarfReader } from './reader.ts';

/** A file as a table names it: relative names are relative to the directory, and that to directory 0. */
export interface LineFile {
  readonly name: string;
  readonly directory: number;
}

export interface LineTable {
  readonly version: number;
  /** 0 is where the compiler was started; before version 5 its name is with the unit and it is empty here. */
  readonly directories: readonly string[];
  /** By the numbers that rows have. Before version 5 there is no 0. */
  readonly files: readonly (LineFile | undefined)[];
  readonly sequences: readonly LineSequence[];
}

/** Rows of ascending addresses without a gap, up to `end`; those at it are of no instruction. */
export interface LineSequence {
  readonly rows: readonly LineRow[];
  readonly start: bigint;
  /** The first address that no longer belongs to it. */
  readonly end: bigint;
}

export interface LineRow {
  readonly address: bigint;
  readonly file: number;
  /** 0: of no line. */
  readonly line: number;
  /** 0: the left edge, or not said. */
  readonly column: number;
  /** A place to stop at. */
  readonly isStatement: boolean;
  readonly discriminator: number;
  /** The compiler says that the function's own code begins here. */
  readonly isPrologueEnd: boolean;
}

/** Content types of version 5's columns. */
const LNCT_PATH = 1, LNCT_DIRECTORY = 2; // biome-ignore format: one line
const MOST_ROWS = 10_000_000;

/** The table at an offset of .debug_line, or as much of it as can be read; and where the next one is. */
export function readLineTable(
  sections: DwarfSections,
  offset: number,
): { table: LineTable | undefined; next: number | undefined } {
  const start = new DwarfReader(sections.debug_line, offset);
  const { length, offsetBytes } = start.unitLength();
  if (start.isDamaged) return { table: undefined, next: undefined };
  const end = start.at + length;
  const reader = new DwarfReader(sections.debug_line, start.at, end);
  const version = reader.u16();
  const next = end <= sections.debug_line.length ? end : undefined;
  if (version < 2 || version > 5) return { table: undefined, next };
  let addressBytes = 8;
  if (version === 5) {
    addressBytes = reader.u8();
    reader.skip(1); // the segment selector's size
  }
  const headerBytes = reader.number(offsetBytes);
  const program = reader.at + headerBytes;
  const minInstruction = reader.u8();
  if (version >= 4) reader.skip(1); // operations in an instruction: 1
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  const operands = [0, ...Array.from({ length: Math.max(0, opcodeBase - 1) }, () => reader.u8())];
  const encoding = { version, offsetBytes, addressBytes };
  const names = version === 5 ? readTables(reader, encoding, sections) : readLists(reader);
  if (reader.isDamaged || lineRange === 0 || names === undefined) return { table: undefined, next };
  const files = [...names.files];
  const machine: ProgramHeader = { minInstruction, defaultIsStatement, lineBase, lineRange, opcodeBase, operands };
  const sequences = runProgram(new DwarfReader(sections.debug_line, program, end), machine, files);
  return { table: { version, directories: names.directories, files, sequences }, next };
}

interface Names {
  readonly directories: readonly string[];
  readonly files: readonly (LineFile | undefined)[];
}

/** Versions 2 to 4. */
function readLists(reader: DwarfReader): Names {
  const directories = [''];
  for (let name = reader.text(); name !== ''; name = reader.text()) directories.push(name);
  const files: (LineFile | undefined)[] = [undefined];
  for (let name = reader.text(); name !== ''; name = reader.text()) files.push(readFile(reader, name));
  return { directories, files };
}

function readFile(reader: DwarfReader, name: string): LineFile {
  const directory = reader.uleb();
  reader.uleb(); // when it was changed
  reader.uleb(); // its length
  return { name, directory };
}

/** Version 5: tables that say themselves what their columns are. */
function readTables(reader: DwarfReader, encoding: Encoding, sections: DwarfSections): Names | undefined {
  const directories = readTable(reader, encoding, sections);
  const files = directories && readTable(reader, encoding, sections);
  return files && { directories: directories.map(({ name }) => name), files };
}

function readTable(reader: DwarfReader, encoding: Encoding, sections: DwarfSections): LineFile[] | undefined {
  const columns = Array.from({ length: reader.u8() }, () => ({ type: reader.uleb(), form: reader.uleb() }));
  const count = reader.uleb();
  const rows: LineFile[] = [];
  if (columns.length === 0 && count > 0) return undefined;
  while (rows.length < count && !reader.isDamaged) {
    let name = '';
    let directory = 0;
    for (const { type, form } of columns) {
      const value = readForm(reader, form, encoding, sections);
      if (value === undefined) return undefined;
      if (type === LNCT_PATH && value.kind === 'text') name = value.text;
      else if (type === LNCT_DIRECTORY && value.kind === 'number') directory = value.value;
    }
    rows.push({ name, directory });
  }
  return rows;
}

interface ProgramHeader {
  readonly minInstruction: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Of each standard opcode, how many. */
  readonly operands: readonly number[];
}

/** Standard opcodes, and those after a 0. */
const COPY = 1, ADVANCE_PC = 2, ADVANCE_LINE = 3, SET_FILE = 4, SET_COLUMN = 5, NEGATE_STMT = 6, CONST_ADD_PC = 8,
  FIXED_ADVANCE_PC = 9, SET_PROLOGUE_END = 10; // biome-ignore format: a list
const END_SEQUENCE = 1, SET_ADDRESS = 2, DEFINE_FILE = 3, SET_DISCRIMINATOR = 4; // biome-ignore format: one line

/** What is read before the program turns out to be damaged counts. Adds the files that the program defines. */
function runProgram(reader: DwarfReader, header: ProgramHeader, files: (LineFile | undefined)[]): LineSequence[] {
  const { minInstruction, defaultIsStatement, lineBase, lineRange, opcodeBase, operands } = header;
  const sequences: LineSequence[] = [];
  let rows: LineRow[] = [];
  let count = 0;
  let address = 0n;
  let file = 1;
  let line = 1;
  let column = 0;
  let isStatement = defaultIsStatement;
  let discriminator = 0;
  let isPrologueEnd = false;
  const emit = (): void => {
    rows.push({ address, file, line, column, isStatement, discriminator, isPrologueEnd });
    discriminator = 0;
    isPrologueEnd = false;
    count++;
  };
  const advance = (operations: number): void => {
    address = BigInt.asUintN(64, address + BigInt(Math.trunc(operations) * minInstruction));
  };
  while (!reader.isDone && count < MOST_ROWS) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      advance(Math.floor(adjusted / lineRange));
      line += lineBase + (adjusted % lineRange);
      emit();
    } else if (opcode === 0) {
      const length = reader.uleb();
      const next = reader.at + length;
      const extended = reader.u8();
      if (extended === END_SEQUENCE) {
        addSequence(sequences, rows, address);
        rows = [];
        [address, file, line, column, isStatement, discriminator] = [0n, 1, 1, 0, defaultIsStatement, 0];
      } else if (extended === SET_ADDRESS) address = reader.address(length - 1);
      else if (extended === DEFINE_FILE) files.push(readFile(reader, reader.text()));
      else if (extended === SET_DISCRIMINATOR) discriminator = reader.uleb();
      reader.skip(next - reader.at);
    } else if (opcode === COPY) emit();
    else if (opcode === ADVANCE_PC) advance(reader.uleb());
    else if (opcode === ADVANCE_LINE) line += reader.sleb();
    else if (opcode === SET_FILE) file = reader.uleb();
    else if (opcode === SET_COLUMN) column = reader.uleb();
    else if (opcode === NEGATE_STMT) isStatement = !isStatement;
    else if (opcode === SET_PROLOGUE_END) isPrologueEnd = true;
    else if (opcode === CONST_ADD_PC) advance(Math.floor((255 - opcodeBase) / lineRange));
    else if (opcode === FIXED_ADVANCE_PC) address += BigInt(reader.u16());
    // The others, of this version or of a later one, say nothing that is shown.
    else for (let i = 0; i < operands[opcode]; i++) reader.uleb();
  }
  return sequences;
}

/** What the linker has thrown away is left at address 0, or of no length. */
function addSequence(sequences: LineSequence[], rows: readonly LineRow[], end: bigint): void {
  if (rows.length === 0 || rows[0].address === 0n || end <= rows[0].address) return;
  const isAscending = rows.every(({ address }, i) => i === 0 || address >= rows[i - 1].address);
  const sorted = isAscending
    ? rows
    : rows.toSorted((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  sequences.push({ rows: sorted, start: sorted[0].address, end });
}
