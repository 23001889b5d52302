/** The committed guest programs with what real Linux did with them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES_DIR, programs } from '../../asm/programs.ts';
import type { RecordedStatus } from '../../asm/record.ts';

export interface Fixture extends RecordedStatus {
  readonly name: string;
  readonly path: string;
  readonly stdout: string;
  /** As recorded: raw text of strace -f. */
  readonly strace: string;
}

export const fixturePath = (name: string): string => join(FIXTURES_DIR, name);

export const fixtures: readonly Fixture[] = programs.map(({ name }) => {
  const path = fixturePath(name);
  const status: RecordedStatus = JSON.parse(readFileSync(`${path}.status`, 'utf8'));
  return {
    name,
    path,
    ...status,
    stdout: readFileSync(`${path}.out`, 'latin1'),
    strace: readFileSync(`${path}.strace`, 'utf8'),
  };
});
