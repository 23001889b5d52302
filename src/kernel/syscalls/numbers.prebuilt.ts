/**
 * In which file each system call is. With it at hand, a bundle evaluates a file only when a program makes one of its
 * calls. A number that two records claim is a bug.
 */
import { invariant } from '../../base/invariant.ts';
import { FILE_COUNT, syscallsOf } from './files.ts';

/** A call's number -> its file's place in files.ts; -1: there is no such call. */
export const FILE_OF_NUMBER: readonly number[] = listNumbers();

function listNumbers(): number[] {
  const places: number[] = [];
  for (let file = 0; file < FILE_COUNT; file++)
    for (const { number, name } of syscallsOf(file)) {
      invariant(places[number] === undefined, `${name} has the number of another system call, ${number}`);
      places[number] = file;
    }
  return Array.from(places, (file) => file ?? -1);
}
