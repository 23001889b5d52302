/**
 * Lines of the files that a program was built from, as its line tables name them. The tables are the program's own and can
 * name anything, so that only regular files are read that are called like sources.
 */
import { readFileSync, statSync } from 'node:fs';

export const SOURCE_NAME =
  /\.(?:asm|nasm|inc|s|S|c|h|cc|cpp|cxx|hh|hpp|hxx|rs|go|zig|d|f|f90|ml|nim|pas|adb|ads|swift|v)$/;
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_OF_LINE = 200;

const FILES = new Map<string, readonly string[]>();

/** The lines; none where there is no such file here. */
export function readSource(path: string): readonly string[] {
  let lines = FILES.get(path);
  if (lines === undefined) FILES.set(path, (lines = read(path)));
  return lines;
}

/** A line, counted from 1, without what is beyond a reasonable length. */
export const readSourceLine = (path: string, line: number): string | undefined =>
  readSource(path)[line - 1]?.slice(0, MOST_OF_LINE);

function read(path: string): readonly string[] {
  if (!SOURCE_NAME.test(path)) return [];
  try {
    const file = statSync(path);
    if (!file.isFile() || file.size > MOST_BYTES) return [];
    return readFileSync(path, 'utf8').split(/\r?\n/);
  } catch {
    return [];
  }
}
