/**
 * Runs Debian's gdb in batch mode: on a program natively, and on the same program behind `pml4 gdb`. What must differ
 * (process numbers, places of the stack, how gdb is connected) is made equal, so that the rest can be compared as text.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const CLI: string = join(import.meta.dirname, '../../src/cli/main.ts');
const SETTINGS = ['set pagination off', 'set confirm off', 'set width 0', 'set style enabled off'];
const GDB_TIMEOUT_MS = 90_000;
const MOST_LOOKS = 100, LOOK_MS = 50; // biome-ignore format: one line

export interface Transcript {
  /** What gdb printed, without what the program did. */
  readonly text: string;
  /** What the program wrote to its standard output. */
  readonly output: string;
}

export interface RemoteTranscript extends Transcript {
  /** What the server said on its standard error. */
  readonly server: string;
  readonly status: number | null;
}

export interface RemoteOptions {
  /** `extended-remote`, unless something else is said. */
  readonly target?: 'remote' | 'extended-remote';
  /** Words for `pml4 gdb` in front of the program. */
  readonly options?: readonly string[];
  readonly args?: readonly string[];
  /** Lines before the connection is made. */
  readonly before?: readonly string[];
  readonly input?: string;
}

/**
 * A program under gdb itself, from its first instruction on. What gdb has detached from may still write when gdb has gone:
 * `expected` is waited for, for a while.
 */
export async function nativeGdb(
  program: string,
  commands: readonly string[],
  args: readonly string[],
  expected: string,
): Promise<Transcript> {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-gdb-'));
  try {
    const output = join(dir, 'output');
    const start = ['unset environment', `set args ${args.join(' ')} > ${output}`, 'starti'];
    const text = await gdb(dir, program, [...start, ...commands]);
    const written = (): string => readFileSync(output, 'latin1');
    for (let i = 0; i < MOST_LOOKS && written() !== expected; i++) await setTimeout(LOOK_MS);
    return { text: withoutStart(text), output: written() };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The same behind pml4's server, which ends with gdb. */
export async function remoteGdb(
  program: string,
  commands: readonly string[],
  { target = 'extended-remote', options = [], args = [], before = [], input }: RemoteOptions = {},
): Promise<RemoteTranscript> {
  const dir = mkdtempSync(join(tmpdir(), 'pml4-gdb-'));
  const server = new Server([...options, program, ...args], input);
  try {
    const port = await server.port;
    const text = await gdb(dir, program, [...before, `target ${target} 127.0.0.1:${port}`, ...commands]);
    const { status, stdout, stderr } = await server.end();
    return { text: withoutStart(text), output: stdout, server: stderr, status };
  } finally {
    server.kill();
    rmSync(dir, { recursive: true });
  }
}

/** `pml4 gdb`, until its client has gone. */
export class Server {
  readonly port: Promise<number>;
  private readonly _child: ChildProcess;
  private readonly _ended: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(words: readonly string[], input?: string, once = true) {
    this._child = spawn(process.execPath, [CLI, 'gdb', '--port', '0', ...(once ? ['--once'] : []), ...words]);
    this._child.stdin!.end(input);
    this._ended = new Promise((resolve) => this._child.on('close', resolve));
    this._child.stdout!.on('data', (bytes: Buffer) => {
      this.stdout += bytes.toString('latin1');
    });
    this.port = new Promise((resolve, reject) => {
      this._child.stderr!.on('data', (bytes: Buffer) => {
        this.stderr += bytes.toString('latin1');
        const port = /127\.0\.0\.1:(\d+)/.exec(this.stderr)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      this._ended.then(() => reject(new Error(`the server has ended: ${this.stderr}`)));
    });
    this.port.catch(() => {});
  }

  async end(): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const status = await this._ended;
    return { status, stdout: this.stdout, stderr: this.stderr };
  }

  kill(): void {
    if (this._child.exitCode === null) this._child.kill('SIGKILL');
  }
}

/** gdb's output and errors, in the order in which they came: both go to one file. */
async function gdb(dir: string, program: string, commands: readonly string[]): Promise<string> {
  const script = join(dir, 'script');
  const transcript = join(dir, 'transcript');
  writeFileSync(script, [...SETTINGS, ...commands, ''].join('\n'));
  const fd = openSync(transcript, 'w');
  const child = spawn('gdb', ['-nx', '-batch', '-x', script, program], {
    stdio: ['ignore', fd, fd],
    timeout: GDB_TIMEOUT_MS,
  });
  await new Promise((resolve) => child.on('close', resolve));
  closeSync(fd);
  return readFileSync(transcript, 'latin1');
}

/** gdb with these words: its output and errors. */
export function batch(words: readonly string[]): Promise<string> {
  const child = spawn('gdb', ['-nx', '-batch', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: GDB_TIMEOUT_MS,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
    });
  return new Promise((resolve) => child.on('close', () => resolve(text)));
}

/** What is printed where the two ways to start differ. */
const withoutStart = (text: string): string => text.replace(/^\s*Program stopped\.\s*\n/, '');

/** Text in which what must differ is equal: numbers of processes by order, places on the stack, the kind of connection. */
export function comparable(text: string): string {
  const numbers = new Map<string, number>();
  const numberOf = (pid: string): number => {
    if (!numbers.has(pid)) numbers.set(pid, numbers.size + 1);
    return numbers.get(pid)!;
  };
  return text
    .replace(/Thread 0x[\da-f]+ \(LWP (\d+)\)/g, (_, tid: string) => `process ${tid}`)
    .replace(/Thread (\d+)\.(\d+)/g, (_, _pid: string, tid: string) => `process ${tid}`)
    .replace(/(process|LWP|Thread) (\d+)/g, (_, word: string, pid: string) => `${word} #${numberOf(pid)}`)
    .replace(/0x0*7ff[\da-f]{9}/g, '0x7ff...')
    .replace(/\s+\d+ \((?:native|(?:extended-)?remote [^)]*)\)/g, '')
    .replace(/^(_\w+.* in section \.\w+) of .*$/gm, '$1')
    .replace(/\S+\/script:\d+: (?=Error in sourced command file)/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
    .replace(/^(?:warning: .*|\[Thread debugging using .*|Using host libthread_db .*)\n/gm, '')
    .replace(/^Reading .* from remote target\.\.\.\n/gm, '');
}
