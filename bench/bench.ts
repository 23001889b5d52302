/**
 * `npm run bench`: the same programs natively, in qemu-x86_64 and in pml4, interleaved in one run. Wall time of the whole
 * process (median of the rounds) and its peak memory. What is missing on this machine shows as `-`. A program that fails
 * or does not print the same everywhere is told below the table, and makes the benchmark fail.
 * Options: --only NAME[,NAME] --rounds N --no-native --no-qemu --markdown. The means are geometric.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toolVersion } from '../asm/assemble.ts';
import { fixed, median, printTable, runOnce, TIMEOUT_MS } from './measure.ts';
import { type BenchProgram, buildPrograms } from './programs.ts';

const CLI = join(fileURLToPath(new URL('..', import.meta.url)), 'dist/cli.js');
const TIME = '/usr/bin/time';

type Runner = 'native' | 'qemu' | 'pml4';

interface Measurement {
  readonly seconds: number;
  /** Peak resident memory; undefined without /usr/bin/time. */
  readonly peakMiB: number | undefined;
}

/** What pml4 is to reach, as ratios of its time to the other's: over all kernels, over the integer ones, and each at worst. */
const TARGETS = { all: { qemu: 0.6, native: 4.0 }, integer: { qemu: 1.0 }, worst: { qemu: 1.5 } } as const;
/** What an empty program is to take, as a ratio of Node's own start with an empty script. */
const START_UP_TARGET = 1.8;

type Row = { readonly program: BenchProgram; readonly results: Partial<Record<Runner, Measurement>> };

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    'no-native': { type: 'boolean', default: false },
    'no-qemu': { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
  },
});

const rounds = Number(values.rounds);
const problems: string[] = [];
const commands = findRunners();
const rows = buildPrograms(values.only === '' ? [] : values.only.split(',')).map(measure);
printResults(rows);
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;

/** The command line of each runner that is here, program to be appended. */
function findRunners(): Partial<Record<Runner, string[]>> {
  const found: Partial<Record<Runner, string[]>> = {};
  if (!values['no-native'] && process.platform === 'linux' && process.arch === 'x64') found.native = [];
  if (!values['no-qemu'] && toolVersion('qemu-x86_64') !== undefined) found.qemu = ['qemu-x86_64'];
  if (existsSync(CLI)) found.pml4 = [process.execPath, CLI, 'run'];
  else problems.push('dist/cli.js is missing: npm run build');
  return found;
}

function measure(program: BenchProgram): Row {
  if (program.file === undefined) return { program, results: {} };
  const runners = Object.entries(commands) as [Runner, string[]][];
  const times: Partial<Record<Runner, number[]>> = {};
  const peaks: Partial<Record<Runner, number | undefined>> = {};
  let expected: { runner: Runner; output: string } | undefined;
  for (const [runner, command] of runners) {
    // The first run warms the file cache up and is the one whose memory is measured.
    const first = runWithPeak([...command, program.file]);
    if (first === undefined) {
      problems.push(`${program.name}: ${runner} failed`);
      continue;
    }
    peaks[runner] = first.peakMiB;
    expected ??= { runner, output: first.output };
    if (first.output === expected.output) times[runner] = [];
    else
      problems.push(
        `${program.name}: ${runner} printed ${JSON.stringify(first.output)}, ${expected.runner} ${JSON.stringify(expected.output)}`,
      );
  }
  for (let round = 0; round < rounds; round++)
    for (const [runner, command] of runners) {
      const { seconds, output } = runOnce([...command, program.file]);
      times[runner]?.push(seconds);
      if (times[runner] !== undefined && output !== expected?.output)
        problems.push(`${program.name}: ${runner} printed something else in a later round, or failed`);
    }
  const results: Row['results'] = {};
  for (const [runner, measured] of Object.entries(times) as [Runner, number[]][])
    results[runner] = { seconds: median(measured), peakMiB: peaks[runner] };
  return { program, results };
}

/** Standard output and peak memory; undefined when it did not exit with 0. */
function runWithPeak(command: string[]): { output: string; peakMiB: number | undefined } | undefined {
  const [file, ...args] = existsSync(TIME) ? [TIME, '-f', '%M', ...command] : command;
  const result = spawnSync(file, args, { timeout: TIMEOUT_MS, encoding: 'utf8' });
  if (result.status !== 0) return undefined;
  const kib = Number(result.stderr.trim().split('\n').at(-1));
  return { output: result.stdout, peakMiB: file === TIME ? kib / 1024 : undefined };
}

function printResults(measured: readonly Row[]): void {
  const header = ['program', 'native s', 'qemu s', 'pml4 s', 'pml4/qemu', 'pml4/native', 'qemu MiB', 'pml4 MiB'];
  const lines = measured.map(({ program, results: { native, qemu, pml4 } }) => [
    program.name,
    fixed(native?.seconds, 3),
    fixed(qemu?.seconds, 3),
    fixed(pml4?.seconds, 3),
    fixed(ratio(pml4, qemu), 2),
    fixed(ratio(pml4, native), 2),
    fixed(qemu?.peakMiB, 0),
    fixed(pml4?.peakMiB, 0),
  ]);
  lines.push(...summaryLines(measured.filter(({ program }) => program.group === 'kernel')));
  lines.push(...startUpLines(measured.find(({ program }) => program.name === 'empty')));
  printTable([header, ...lines], values.markdown);
}

/** Means over the kernels and the worst of them, with the target of each. */
function summaryLines(kernels: readonly Row[]): string[][] {
  if (kernels.length < 2) return [];
  const ratios = (rows: readonly Row[], other: Runner): (number | undefined)[] =>
    rows.map(({ results }) => ratio(results.pml4, results[other]));
  const line = (name: string, qemu: number | undefined, native: number | undefined): string[] => {
    return [name, '', '', '', fixed(qemu, 2), fixed(native, 2), '', ''];
  };
  const meanLine = (name: string, rows: readonly Row[]): string[] =>
    line(name, geometricMean(ratios(rows, 'qemu')), geometricMean(ratios(rows, 'native')));
  const integer = kernels.filter(({ program }) => program.work === 'integer');
  const { all, integer: integerTarget, worst } = TARGETS;
  const lines = [meanLine(`mean of ${kernels.length} kernels`, kernels), line('  target', all.qemu, all.native)];
  if (integer.length > 1)
    lines.push(
      meanLine(`mean of ${integer.length} integer kernels`, integer),
      line('  target', integerTarget.qemu, undefined),
    );
  lines.push(
    line('worst kernel', most(ratios(kernels, 'qemu')), most(ratios(kernels, 'native'))),
    line('  target', worst.qemu, undefined),
  );
  return lines;
}

function startUpLines(empty: Row | undefined): string[][] {
  const pml4 = empty?.results.pml4;
  if (pml4 === undefined) return [];
  const node = median(Array.from({ length: 2 * rounds + 1 }, () => runOnce([process.execPath, '/dev/null']).seconds));
  const line = (name: string, x: string): string[] => [name, '', '', x, '', '', '', ''];
  return [
    line('empty in bare Node', fixed(node, 3)),
    line('pml4/bare Node', fixed(pml4.seconds / node, 2)),
    line('  target', fixed(START_UP_TARGET, 2)),
  ];
}

function most(ratios: readonly (number | undefined)[]): number | undefined {
  const known = ratios.filter((x) => x !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function ratio(a: Measurement | undefined, b: Measurement | undefined): number | undefined {
  return a && b ? a.seconds / b.seconds : undefined;
}

function geometricMean(ratios: readonly (number | undefined)[]): number | undefined {
  if (ratios.length === 0 || ratios.includes(undefined)) return undefined;
  return Math.exp(ratios.reduce<number>((sum, x) => sum + Math.log(x!), 0) / ratios.length);
}
