/** Source files of the host's, for the debugger to show: as the compiler has named them, or beside us. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const MOST_BYTES = 8 << 20;

/** Undefined: not at hand. */
export function readSource(path: string): string | undefined {
  for (const candidate of [path, basename(path)]) {
    try {
      const bytes = readFileSync(candidate);
      if (bytes.length <= MOST_BYTES) return bytes.toString('utf8');
    } catch {
      // Perhaps it is the next one.
    }
  }
  return undefined;
}
