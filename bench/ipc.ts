/**
 * `npm run bench:ipc`: what it costs to hand a message from one process to another, by shared memory, a pipe and a UNIX
 * socket, natively and in pml4. Nanoseconds of wall time for each message: a run with many messages less a run with a
 * quarter of them, divided; of each the fastest of the rounds, in which all runs take turns, since what else goes on only
 * adds. Both processes are kept on one processor; what making and reading the bytes takes by itself is the column `none`.
 * A run that fails shows as `-`, and is told below the table. Options: --rounds N --no-native --markdown.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileC } from '../asm/compile.ts';
import { fixed, median, printTable, runOnce } from './measure.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'dist/cli.js');
const BUILD_DIR = join(ROOT, '.tmp/bench');
const MECHANISMS = ['none', 'shared', 'pipe', 'socket'] as const;
const CASES = [
  { title: 'turns, 8 bytes', mode: 'turns', size: 8 },
  ...[8, 64, 1024, 4096, 65536].map((size) => ({ title: `stream, ${size} bytes`, mode: 'stream', size })),
] as const;
/** How long a run is to take at least, beyond start-up. */
const LEAST_SECONDS = { native: 0.3, pml4: 1.5 };
const MOST_MESSAGES = 1 << 27;

type Mechanism = (typeof MECHANISMS)[number];
type Case = (typeof CASES)[number];

interface Series {
  readonly runner: string;
  readonly mechanism: Mechanism;
  readonly of: Case;
  /** The command line without the number of messages. */
  readonly command: readonly string[];
  readonly count: number;
  /** Seconds with a quarter of the messages. */
  readonly few: number[];
  readonly many: number[];
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    'no-native': { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
  },
});

const problems: string[] = [];
const all: Series[] = [];
let built = false;
const runners = findRunners();
for (const of of CASES) measure(of);
printResults();
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;

function findRunners(): Record<string, string[]> {
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
  const pml4 = [process.execPath, CLI, 'run'];
  return values['no-native'] ? { pml4 } : { native: [], pml4 };
}

function measure(of: Case): void {
  const series = Object.entries(runners).flatMap(([runner, command]) =>
    MECHANISMS.flatMap((mechanism) => prepare(runner, command, mechanism, of) ?? []),
  );
  for (let round = 0; round < Number(values.rounds); round++)
    for (const { command, count, few, many } of series) {
      few.push(runOnce([...command, String(count / 4)]).seconds);
      many.push(runOnce([...command, String(count)]).seconds);
    }
  all.push(...series);
}

/** Finds how many messages take long enough to be measured, and whether their sum is right. */
function prepare(runner: string, runnerCommand: readonly string[], mechanism: Mechanism, of: Case): Series | undefined {
  const command = [...runnerCommand, program(), mechanism, of.mode, String(of.size)];
  const start = median(Array.from({ length: 3 }, () => runOnce([...command, '1']).seconds));
  const least = runner === 'native' ? LEAST_SECONDS.native : LEAST_SECONDS.pml4;
  let count = 4096;
  for (; count < MOST_MESSAGES; count *= 2) {
    const { seconds, output } = runOnce([...command, String(count)]);
    if (output === undefined || (of.mode === 'stream' && output !== sumOf(of.size, count))) {
      problems.push(`${of.title}, ${mechanism}: ${runner} ${output === undefined ? 'failed' : `printed ${output}`}`);
      return undefined;
    }
    if (seconds - start >= least) break;
  }
  return { runner, mechanism, of, command, count, few: [], many: [] };
}

/** What the receiver prints: message n has the numbers n, n + 1, ... */
function sumOf(size: number, count: number): string {
  const words = BigInt(size) / 8n;
  const messages = BigInt(count);
  const sum = (words * messages * (messages - 1n)) / 2n + (messages * words * (words - 1n)) / 2n;
  return `${BigInt.asUintN(64, sum).toString(16)}\n`;
}

function program(): string {
  const file = join(BUILD_DIR, 'messages');
  if (!built) {
    mkdirSync(BUILD_DIR, { recursive: true });
    compileC('musl-gcc', ['-O2'], join(ROOT, 'bench/ipc/messages.c'), file);
    built = true;
  }
  return file;
}

function printResults(): void {
  const names = Object.keys(runners);
  const nanoseconds = (runner: string, of: Case, mechanism: Mechanism): number | undefined => {
    const found = all.find((one) => one.runner === runner && one.of === of && one.mechanism === mechanism);
    if (found === undefined) return undefined;
    const messages = found.count * 0.75 * (of.mode === 'turns' ? 2 : 1);
    return (Math.max(0, Math.min(...found.many) - Math.min(...found.few)) / messages) * 1e9;
  };
  const over = (a: number | undefined, b: number | undefined): string => fixed(a && b && a / b, 1);
  const header = ['ns per message', 'on', ...MECHANISMS, 'pipe/shared', 'socket/shared'];
  const lines = CASES.flatMap((of) =>
    names.map((runner) => {
      const [none, shared, pipe, socket] = MECHANISMS.map((mechanism) => nanoseconds(runner, of, mechanism));
      const cells = [none, shared, pipe, socket].map((ns) => fixed(ns, ns !== undefined && ns < 100 ? 1 : 0));
      return [of.title, runner, ...cells, over(pipe, shared), over(socket, shared)];
    }),
  );
  printTable([header, ...lines], values.markdown);
}
