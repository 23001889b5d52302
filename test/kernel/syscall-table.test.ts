/** Which system call a number is: what the list of files says, and the records themselves. */
import { expect, test } from 'vitest';
import { FILE_COUNT, syscallsOf } from '../../src/kernel/syscalls/files.ts';
import { FILE_OF_NUMBER } from '../../src/kernel/syscalls/numbers.prebuilt.ts';
import { findSyscall, supportedSyscalls } from '../../src/kernel/syscalls/table.ts';

const files = Array.from({ length: FILE_COUNT }, (_, file) => syscallsOf(file));

test('each record of each file is found by its number, and nothing else is', () => {
  const records = files.flat();
  for (const record of records) expect(findSyscall(record.number), record.name).toBe(record);
  expect(FILE_OF_NUMBER.filter((file) => file >= 0)).toHaveLength(records.length);
});

test('a file without a call is in the list for nothing', () => {
  expect(files.filter((records) => records.length === 0)).toEqual([]);
});

test.each([-1, 335, FILE_OF_NUMBER.length, 0xffff_ffff])('%i is no call', (number) => {
  expect(findSyscall(number)).toBeUndefined();
});

test('the table of support goes by number', () => {
  const numbers = supportedSyscalls().map(({ number }) => number);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
});
