/** Builds the benchmark programs into .tmp/bench. Without nasm and ld only the committed fixtures are there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble, toolVersion } from '../asm/assemble.ts';
import { coldProgram } from './cold.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD_DIR = join(ROOT, '.tmp/bench');

/**
 * - `speed`: the translator's speed, compared by the geometric mean.
 * - `cold`: code that runs once.
 * - `whole`: whole programs, start-up included.
 */
export type Group = 'whole' | 'speed' | 'cold';

export interface BenchProgram {
  readonly name: string;
  readonly group: Group;
  /** Path of the built file; undefined when the tools that build it are missing. */
  readonly file: string | undefined;
}

const SPEED = ['sieve', 'fib', 'hash', 'interp', 'sha256', 'copy', 'forks'] as const;

export function buildPrograms(only: readonly string[]): BenchProgram[] {
  const canBuild = toolVersion('nasm') !== undefined && toolVersion('ld') !== undefined;
  const include = [join(ROOT, 'asm/include')];
  mkdirSync(BUILD_DIR, { recursive: true });
  const built = (name: string, source: () => string): string | undefined => {
    if (!canBuild) return undefined;
    const output = join(BUILD_DIR, name);
    assemble(source(), output, include);
    return output;
  };
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const programs: BenchProgram[] = [];
  for (const [name, fixture] of [
    ['empty', 'empty'],
    ['demo', 'shm_demo'],
  ])
    if (wanted(name)) programs.push({ name, group: 'whole', file: join(ROOT, 'fixtures', fixture) });
  for (const name of SPEED)
    if (wanted(name))
      programs.push({ name, group: 'speed', file: built(name, () => join(ROOT, `bench/asm/${name}.asm`)) });
  if (wanted('cold')) {
    const generated = (): string => {
      const source = join(BUILD_DIR, 'cold.asm');
      writeFileSync(source, coldProgram());
      return source;
    };
    programs.push({ name: 'cold', group: 'cold', file: built('cold', generated) });
  }
  return programs;
}
