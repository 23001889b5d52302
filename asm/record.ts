/**
 * `npm run record [NAME...]`: runs the fixtures on the Linux at hand and writes what it did beside each: NAME.out (what
 * came on standard output), NAME.status (how it was run, how each process ended) and NAME.strace (strace -f, as it
 * came; test/helpers/normalise.ts makes it comparable).
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEndings } from '../test/helpers/normalise.ts';
import { FIXTURES_DIR, type GuestProgram, programs } from './programs.ts';

export type Ending = { readonly exit: number } | { readonly signal: string };

/** What NAME.status holds. */
export interface RecordedStatus {
  readonly args: readonly string[];
  readonly status: Ending;
  /** By place in the family: 1 is the program, 1.1 its first child. */
  readonly processes: Readonly<Record<string, Ending>>;
}

/** Of every recorded run. */
export const ENVIRONMENT = { PATH: '/usr/bin:/bin' };

type Recorded = Pick<GuestProgram, 'name' | 'args'>;

/** Runs a program natively, without a tracer. */
export function runNatively({ name, args }: Recorded): { stdout: Buffer; status: Ending } {
  return inEmptyDirectory(name, (cwd) => {
    const result = spawnSync(`./${name}`, args, { cwd, ...OPTIONS });
    if (result.error) throw result.error;
    return {
      stdout: result.stdout,
      status: result.signal === null ? { exit: result.status! } : { signal: result.signal },
    };
  });
}

/** The text of `strace -f -o FILE`: every line starts with its pid. */
export function straceNatively({ name, args }: Recorded): string {
  return inEmptyDirectory(name, (cwd) => {
    const file = `${cwd}.strace`;
    try {
      const result = spawnSync('strace', ['-f', '-o', file, `./${name}`, ...args], { cwd, ...OPTIONS });
      if (result.error) throw result.error;
      return readFileSync(file, 'utf8');
    } finally {
      rmSync(file, { force: true });
    }
  });
}

const OPTIONS = { env: ENVIRONMENT, input: '', maxBuffer: 1 << 26 } as const;

/** Gives `use` a directory that holds the program and nothing else: some programs make files. */
function inEmptyDirectory<T>(name: string, use: (cwd: string) => T): T {
  const cwd = mkdtempSync(join(tmpdir(), 'pml4-record-'));
  try {
    copyFileSync(join(FIXTURES_DIR, name), join(cwd, name));
    return use(cwd);
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  for (const program of programs) {
    if (wanted.length > 0 && !wanted.includes(program.name)) continue;
    const { stdout, status } = runNatively(program);
    const strace = straceNatively(program);
    const processes = processEndings(strace);
    const recorded: RecordedStatus = { args: program.args, status, processes };
    const base = join(FIXTURES_DIR, program.name);
    writeFileSync(`${base}.out`, stdout);
    writeFileSync(`${base}.status`, JSON.stringify(recorded) + '\n');
    writeFileSync(`${base}.strace`, strace);
    console.log(`${program.name}: ${JSON.stringify(status)}`);
  }
}
