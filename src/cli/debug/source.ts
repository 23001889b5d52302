/** Source files of the host's, for the debugger to show: as the compiler has named them, or from where the program is. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const MOST_BYTES = 8 << 20;

/** Of a program at a path: what it gives is undefined for a file that is not at hand. */
export const sourceReader =
  (program: string) =>
  (path: string): string | undefined => {
    const home = dirname(program);
    const name = basename(path);
    for (const candidate of [path, join(home, '..', path), join(home, path), join(home, name), name]) {
      try {
        const bytes = readFileSync(candidate);
        if (bytes.length <= MOST_BYTES) return bytes.toString('utf8');
      } catch {
        // Perhaps it is the next one.
      }
    }
    return undefined;
  };
