/** Every call that is there, by number. Its file is asked for its record when the call is first made. */
import type { Support, Syscall } from './define.ts';
import { FILE_COUNT, syscallsOf } from './files.ts';
import { FILE_OF_NUMBER } from './numbers.prebuilt.ts';

const met: (Syscall | undefined)[] = new Array(FILE_OF_NUMBER.length).fill(undefined);

export const findSyscall = (number: number): Syscall | undefined => met[number] ?? meet(number);

function meet(number: number): Syscall | undefined {
  const file = FILE_OF_NUMBER[number] ?? -1;
  if (file < 0) return undefined;
  for (const record of syscallsOf(file)) met[record.number] = record;
  return met[number];
}

/** What is there and what it leaves out, by number: the table of support. */
export const supportedSyscalls = (): { number: number; name: string; support: Support }[] =>
  Array.from({ length: FILE_COUNT }, (_, file) => syscallsOf(file))
    .flat()
    .sort((a, b) => a.number - b.number)
    .map(({ number, name, support }) => ({ number, name, support }));
