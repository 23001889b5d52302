/** The options of the commands that run a program, and what is to come. */
import { UsageError } from '../base/invariant.ts';
import type { CpuLevel } from '../cpu/isa/features.ts';
import type { MountOption } from '../machine/host-tree.ts';
import type { OptionTable, OptionValues } from './parse-options.ts';

const GIB = 1024 ** 3;
const MOST_PORT = 65_535;
/** The same each time, since what a browser keeps for use without a network belongs to host and port. */
export const SERVE_PORT = 8664;

export const flag = (help: string) => ({ kind: 'flag', help, parse: () => true }) as const;
/** An empty text stands for standard error. */
const file = (help: string) => ({ kind: 'optional', value: 'FILE', help, parse: (text: string) => text }) as const;
export const text = (value: string, help: string) => ({ kind: 'required', value, help, parse: nonEmpty }) as const;
export const number = <T>(value: string, help: string, parse: (text: string) => T) =>
  ({ kind: 'required', value, help, parse }) as const;

export const RUN_OPTIONS = {
  strace: file('print each system call as strace(1) does, to standard error or FILE'),
  pages: file('draw the page tables at each event that changes a mapping'),
  trace: text('FILE.jsonl', 'write every event as one line of JSON'),
  root: text('DIR', 'a host directory is /; changes stay in memory'),
  mount: {
    kind: 'list',
    value: 'HOST:GUEST[:ro|rw]',
    help: 'show the guest a host directory (ro, or rw)',
    parse: parseMount,
  },
  cwd: text('DIR', 'where the program starts (default /; with --root our own if inside)'),
  env: { kind: 'list', value: 'K=V', help: 'give the guest an environment variable; repeatable', parse: variable },
  memory: number('SIZE', 'physical memory of the machine, as 64M or 1G (default 1G)', size),
  'max-instructions': number('N', 'stop after N instructions of all processes together', positive),
  'crash-at': number('N', 'let power fail after N instructions; run again from the disk', positive),
  timeout: number('S', 'stop after S seconds of wall time', seconds),
  quantum: number('N', 'instructions in one time slice', positive),
  seed: number('N', 'what interleaving and randomness derive from (default 0: in turn)', natural),
  schedule: text('TEXT|FILE', 'the interleaving that explore --exhaustive has printed'),
  cpu: number('v1|v2|v3', 'x86-64 level of the processor; what is above it is #UD (default v3)', level),
  tty: flag('give the program a terminal in any case'),
  'no-tty': flag('give it none (default: if input and output are one)'),
  clock: number('virtual|host', 'virtual: from instructions (default); host: real, sleeps too', clock),
  stats: flag('print counters at the end'),
  verbose: flag('show the stack of an error of ours'),
} as const satisfies OptionTable;

export type RunOptionValues = OptionValues<typeof RUN_OPTIONS>;

const { memory, quantum, seed, cpu, root, mount: mounts, cwd, env, timeout, verbose } = RUN_OPTIONS;
export const EXPLAIN_OPTIONS = {
  html: text('FILE', 'write one page of HTML with drawings, in place of Markdown on standard output'),
  root,
  mount: mounts,
  cwd,
  env,
  memory,
  'max-instructions': RUN_OPTIONS['max-instructions'],
  timeout,
  quantum,
  seed,
  cpu,
  verbose,
} as const satisfies OptionTable;

/** Of a machine that is debugged: its clock is virtual, and what it writes stays in it. */
export const DEBUGGED_MACHINE = {
  root: RUN_OPTIONS.root,
  mount: RUN_OPTIONS.mount,
  cwd: RUN_OPTIONS.cwd,
  env: RUN_OPTIONS.env,
  memory: RUN_OPTIONS.memory,
  quantum: RUN_OPTIONS.quantum,
  seed: RUN_OPTIONS.seed,
  cpu: RUN_OPTIONS.cpu,
  verbose: RUN_OPTIONS.verbose,
} as const satisfies OptionTable;

export const DEBUG_OPTIONS = {
  commands: text('FILE', 'run commands from FILE, print plain text, end (piped input likewise)'),
  input: text('FILE', 'what the program reads from its standard input; without: the command input gives it lines'),
  record: text('FILE', 'write program, options and input to a small file'),
  replay: text('FILE', 'debug the run that such a file describes'),
  ...DEBUGGED_MACHINE,
} as const satisfies OptionTable;

export type DebugOptionValues = OptionValues<typeof DEBUG_OPTIONS>;

const { root: _root, mount: _mount, ...WITHOUT_FILES } = DEBUGGED_MACHINE;
export const SERVE_OPTIONS = {
  port: number('N', `serve on this TCP port of 127.0.0.1 (0: any that is free; default ${SERVE_PORT}, or any)`, port),
  ...WITHOUT_FILES,
} as const satisfies OptionTable;

const NO_FILES = "files of the host in the browser's machine";
export const NOT_THERE_YET_TO_SERVE: Readonly<Record<string, string>> = { root: NO_FILES, mount: NO_FILES };

export type ServeOptionValues = OptionValues<typeof SERVE_OPTIONS>;

export const DAP_OPTIONS = { verbose } as const satisfies OptionTable;

/** Options the command line is meant to have, and what each waits for. */
export const NOT_THERE_YET: Readonly<Record<string, string>> = {
  aslr: 'a choice of layouts',
};

export const INFO_OPTIONS = {
  syscalls: flag('list the system calls there are, and their known gaps'),
  isa: flag('list the encodings of instructions by CPUID feature, and what is missing'),
  json: flag('with --isa: as JSON'),
  verbose: flag('show the stack of an error of ours'),
} as const satisfies OptionTable;

function nonEmpty(given: string): string {
  if (given === '') throw new UsageError('a value is missing');
  return given;
}

/** The guest's path is absolute, so the last `:/` but for `:ro` and `:rw` separates the two. */
export function parseMount(given: string): MountOption {
  const match = /^(.+):(\/[^:]*)(?::(ro|rw))?$/s.exec(given);
  if (!match) throw new UsageError(`'${given}' is not of the form HOST:GUEST[:ro|rw], with an absolute GUEST`);
  return { host: match[1], guest: match[2], writable: match[3] === 'rw' };
}

function variable(given: string): string {
  if (given.indexOf('=') < 1) throw new UsageError(`'${given}' is not of the form NAME=VALUE`);
  return given;
}

function level(given: string): CpuLevel {
  const found = /^v([123])$/.exec(given);
  if (!found) throw new UsageError(`'${given}' is none of v1, v2, v3`);
  return Number(found[1]) as CpuLevel;
}

/** Bytes: a number, optionally followed by K, M or G (powers of 1024). */
function size(given: string): number {
  const match = /^(\d+)([KMG]?)i?B?$/i.exec(given);
  if (!match) throw new UsageError(`'${given}' is not a size such as 64M`);
  const bytes = Number(match[1]) * 1024 ** ' KMG'.indexOf(match[2].toUpperCase() || ' ');
  if (bytes < 1024 ** 2 || bytes > 4 * GIB) throw new UsageError(`${given} is not between 1M and 4G`);
  return bytes;
}

export function natural(given: string): number {
  const value = Number(given.replaceAll('_', ''));
  if (given === '' || !Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`'${given}' is not a whole number`);
  return value;
}

export function port(given: string): number {
  const value = natural(given);
  if (value > MOST_PORT) throw new UsageError(`${given} is not a port (0 to ${MOST_PORT})`);
  return value;
}

export function positive(given: string): number {
  const value = natural(given);
  if (value === 0) throw new UsageError('must be at least 1');
  return value;
}

function seconds(given: string): number {
  const value = Number(given);
  if (given === '' || !Number.isFinite(value) || value <= 0)
    throw new UsageError(`'${given}' is not a time in seconds`);
  return value;
}

function clock(given: string): 'virtual' | 'host' {
  if (given !== 'virtual' && given !== 'host') throw new UsageError(`'${given}' is neither virtual nor host`);
  return given;
}
