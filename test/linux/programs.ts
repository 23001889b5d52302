/**
 * The C programs of this folder, FOLDER/NAME.c, where FOLDER is the manual page they are about: what each printed on real
 * Linux and how it ended (recorded/expected.json), all of them linked into one executable (recorded/programs.gz), and
 * which do not pass here yet (not-yet.json, with the reason).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { run } from '../../src/index.ts';

export const LINUX_DIR = import.meta.dirname;
export const EXPECTED = join(LINUX_DIR, 'recorded/expected.json');
export const EXECUTABLE = join(LINUX_DIR, 'recorded/programs.gz');
export const NOT_YET = join(LINUX_DIR, 'not-yet.json');

/** How a run went: `exit 0`, `SIGSEGV`, and for pml4 also `deadlock`, `limit`, `timeout`. */
export interface Behaviour {
  readonly ending: string;
  /** Standard output, in lines. */
  readonly lines: readonly string[];
}

export interface Expected {
  /** Of all sources, when the executable was built. */
  readonly sources: string;
  readonly programs: Readonly<Record<string, Behaviour>>;
}

/** `mmap/errors` and so on. */
export const programNames: readonly string[] = globSync('*/*.c', { cwd: LINUX_DIR })
  .map((file) => file.slice(0, -'.c'.length))
  .sort();

export const sourceOf = (name: string): string => join(LINUX_DIR, `${name}.c`);
export const readExpected = (): Expected => JSON.parse(readFileSync(EXPECTED, 'utf8'));
export const readNotYet = (): Record<string, string> => JSON.parse(readFileSync(NOT_YET, 'utf8'));
export const readExecutable = (): Uint8Array => gunzipSync(readFileSync(EXECUTABLE));

export function hashSources(): string {
  const hash = createHash('sha256');
  for (const file of [join(LINUX_DIR, 'check.h'), ...programNames.map(sourceOf)]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Runs a program on the Linux at hand, as user 1000 if we are root, with a fresh directory to work in. */
export function runNatively(file: string, args: readonly string[] = []): Behaviour {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-native-'));
  const root = process.getuid?.() === 0;
  const user = root ? ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'] : [];
  try {
    if (root) chownSync(dir, 1000, 1000);
    chmodSync(dir, 0o755);
    const [command, ...words] = [...user, file, ...args];
    const { error, stdout, status, signal } = spawnSync(command, words, {
      cwd: dir,
      env: { PATH: '/usr/bin:/bin', TMPDIR: dir },
      input: '',
      encoding: 'latin1',
      timeout: 60_000,
    });
    if (error) throw error;
    return { ending: signal ?? `exit ${status}`, lines: stdout.split('\n') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Far more than any of them needs. */
const MAX_INSTRUCTIONS = 1_500_000_000;
const TIMEOUT_SECONDS = 30;

/** Runs a program on pml4, with pml4's own messages. `timeout` is in seconds. */
export async function runHere(
  executable: Uint8Array,
  args: readonly string[] = [],
  timeout: number = TIMEOUT_SECONDS,
): Promise<Behaviour & { readonly diagnostics: readonly string[] }> {
  const limits = { maxInstructions: MAX_INSTRUCTIONS, timeout };
  const result = await run(executable, {
    name: 'programs',
    args,
    recordFrames: false,
    recordSyscalls: false,
    ...limits,
  });
  const { outcome, status, signal, diagnostics } = result;
  const ending = outcome === 'exited' ? `exit ${status}` : outcome === 'killed' ? signal! : outcome;
  return { ending, lines: Buffer.from(result.stdoutBytes).toString('latin1').split('\n'), diagnostics };
}

export const behaveAlike = (one: Behaviour, other: Behaviour): boolean =>
  one.ending === other.ending && one.lines.join('\n') === other.lines.join('\n');
