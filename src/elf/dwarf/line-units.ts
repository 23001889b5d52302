/**
 * The line tables of a file as a debugger keeps them: with the units of .debug_info that they belong to, with paths in the
 * place of numbers, and without the rows that tell nothing. What is left out is what gdb leaves out.
 */
import type { DwarfSections } from './forms.ts';
import { type LineRow, type LineTable, readLineTable } from './line-program.ts';
import { readUnits, type Unit, type UnitBlocks } from './units.ts';

export interface SourceFile {
  /** With the directory where the compiler was started, and without `.` and `..`. */
  readonly path: string;
  /** As the compiler was told. */
  readonly name: string;
}

export interface Row {
  readonly address: bigint;
  readonly file: SourceFile;
  readonly line: number;
  readonly column: number;
  readonly isStatement: boolean;
  readonly isPrologueEnd: boolean;
}

export interface Sequence {
  readonly start: bigint;
  readonly end: bigint;
  readonly rows: readonly Row[];
  readonly unit: LineUnit;
}

/** A table, and the unit of .debug_info that it belongs to, where there is one. */
export interface LineUnit {
  readonly unit: Unit | undefined;
  readonly sequences: Sequence[];
  blocks: UnitBlocks | undefined;
}

/** The tables of all units, and those that no unit names. */
export function readLineUnits(sections: DwarfSections): LineUnit[] {
  const units = readUnits(sections);
  const byOffset = new Map(units.flatMap((unit) => (unit.lineOffset === undefined ? [] : [[unit.lineOffset, unit]])));
  const found: LineUnit[] = [];
  for (let at: number | undefined = 0; at !== undefined && at < sections.debug_line.length; ) {
    const { table, next } = readLineTable(sections, at);
    if (table !== undefined) found.push(lineUnitOf(table, byOffset.get(at)));
    at = next;
  }
  return found;
}

function lineUnitOf(table: LineTable, unit: Unit | undefined): LineUnit {
  const made: LineUnit = { unit, sequences: [], blocks: undefined };
  const files = filesOf(table, unit);
  for (const { rows, start, end } of table.sequences)
    made.sequences.push({ start, end, unit: made, rows: recorded(rows, end, files) });
  return made;
}

/** By the numbers of the table. */
function filesOf({ version, directories, files }: LineTable, unit: Unit | undefined): (SourceFile | undefined)[] {
  const start = (version >= 5 ? directories[0] : undefined) ?? unit?.directory ?? '';
  const own = unit === undefined ? undefined : normalise(joined(unit.directory, unit.name));
  return files.map((file) => {
    if (file === undefined) return undefined;
    const directory = directories[file.directory] ?? '';
    const path = normalise(joined(joined(start, directory), file.name));
    if (path === own) return { path, name: unit!.name };
    // As gdb has it: only before version 5 names of directory 0 stand alone.
    return { path, name: version < 5 && file.directory === 0 ? file.name : joined(directory, file.name) };
  });
}

/**
 * The rows that a debugger keeps. Line 0 is no line; of rows at one address where the file changes only the last file's count;
 * and parts of a line that are told apart by discriminators alone are one.
 */
function recorded(rows: readonly LineRow[], end: bigint, files: readonly (SourceFile | undefined)[]): Row[] {
  const kept: Row[] = [];
  let last: { file: SourceFile; line: number } | undefined;
  let hasDiscriminator = false;
  let line = 0;
  let hasStatement = false;
  for (const [i, row] of rows.entries()) {
    const file = files[row.file];
    const isSameAddress = i > 0 && rows[i - 1].address === row.address;
    if (!isSameAddress) hasStatement = false;
    if (row.line !== line) hasDiscriminator = false;
    line = row.line;
    hasDiscriminator ||= row.discriminator !== 0;
    const hadStatement = hasStatement;
    hasStatement ||= row.isStatement;
    if (file === undefined || row.line <= 0 || row.address >= end) continue;
    const isOtherFile = last !== undefined && last.file !== file;
    if (isOtherFile && isSameAddress && !row.isStatement && hadStatement) continue;
    if (isOtherFile) while (kept.at(-1)?.file === last!.file && kept.at(-1)!.address === row.address) kept.pop();
    if (!isOtherFile && last?.line === row.line && hasDiscriminator) continue;
    const { address, column, isStatement, isPrologueEnd } = row;
    kept.push({ address, file, line: row.line, column, isStatement, isPrologueEnd });
    last = { file, line: row.line };
  }
  return kept;
}

const joined = (directory: string, name: string): string =>
  name.startsWith('/') || directory === '' ? name : `${directory.replace(/\/$/, '')}/${name}`;

/** Without `.`, `..` and doubled slashes. */
export function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !path.startsWith('/')) parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}
