/** The committed guest programs with what real Linux did with them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES_DIR, programs } from '../../asm/programs.ts';
import type { RecordedStatus } from '../../asm/record.ts';
import { type Varying, withoutVarying } from '../../asm/varying.ts';
import { normaliseStrace } from './normalise.ts';

export interface Fixture extends RecordedStatus {
  readonly name: string;
  readonly varying: readonly Varying[];
  readonly asRoot: boolean;
  readonly path: string;
  readonly stdout: string;
  /** As recorded: raw text of strace -f. */
  readonly strace: string;
}

export const fixturePath = (name: string): string => join(FIXTURES_DIR, name);

export const fixtures: readonly Fixture[] = programs.map(({ name, varying, asRoot }) => {
  const path = fixturePath(name);
  const status: RecordedStatus = JSON.parse(readFileSync(`${path}.status`, 'utf8'));
  return {
    name,
    varying,
    asRoot,
    path,
    ...status,
    stdout: readFileSync(`${path}.out`, 'latin1'),
    strace: readFileSync(`${path}.strace`, 'utf8'),
  };
});

/** Output and trace of a run of that program, as they are compared. */
export const comparableOutput = ({ varying }: Fixture, stdout: string): string => withoutVarying(stdout, varying);
export const comparableStrace = ({ varying }: Fixture, strace: string): string =>
  withoutVarying(normaliseStrace(strace), varying);
