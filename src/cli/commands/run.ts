/** `pml4 run`: runs a program on a machine and exits as it did. */
import { UsageError } from '../../base/invariant.ts';
import { ElfError, type ElfImage, parseElf } from '../../elf/image.ts';
import type { Conductor } from '../../explore/conductor.ts';
import { readProgram, workingDirectory } from '../../host/node.ts';
import { mayBeTerminal, StandardInput } from '../../host/node-input.ts';
import type { HostTerminal } from '../../host/node-terminal.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import type { Disk } from '../../kernel/vfs/fs/diskfs.ts';
import { Machine } from '../../machine/machine.ts';
import { combineObservers } from '../../machine/recorder.ts';
import type { RunResult } from '../../machine/result.ts';
import { NOT_THERE_YET, RUN_OPTIONS, type RunOptionValues } from '../options.ts';
import { openOutput, writeAll } from '../output.ts';
import { parseOptions } from '../parse-options.ts';

/** As timeout(1): the run was cut short. */
const STATUS_CUT_SHORT = 124;
const DEFAULT_COLUMNS = 100;

export async function run(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions(RUN_OPTIONS, words, NOT_THERE_YET);
  const [path, ...args] = rest;
  if (path === undefined) throw new UsageError('run needs a PROGRAM');
  // What is among the guest's own files is known once there is a machine, which wants its observers first.
  let image: ElfImage | undefined;
  const env = environment(values.env ?? []);

  const terminal = await openTerminal(values);
  const input = new StandardInput();
  const observer = await makeObserver(values, () => image!);
  const start = async (disk: Disk | undefined): Promise<Machine> => {
    const conductor = values.schedule === undefined ? undefined : await conductorOf(values.schedule);
    const machine = new Machine({
      ...conductor?.ofMachine,
      memory: values.memory,
      quantum: values.quantum,
      seed: values.seed,
      cpu: values.cpu,
      capture: false,
      recordSyscalls: false,
      recordFrames: false,
      stdin: (most) => input.read(most),
      tty: terminal,
      clock: values.clock,
      onStdout: (bytes) => writeAll(1, bytes),
      onStderr: (bytes) => writeAll(2, bytes),
      onDiagnostic: (message) => writeAll(2, `pml4: ${message}\n`),
      observer: observer(),
      disk,
      root: values.root,
      mounts: values.mount,
      cwd: values.cwd ?? (values.root && workingDirectory(values.root)),
    });
    conductor?.attach(machine);
    const found = machine.findProgram(path, env.PATH);
    if (found === undefined || values.pages !== undefined) {
      const parsed = await parseElf(found?.bytes() ?? readProgram(path));
      if (parsed instanceof ElfError) throw new UsageError(`${path}: ${parsed.message}`, 126);
      image = parsed;
    }
    await machine.load(found === undefined ? image : undefined, found?.path ?? path, { args, env, argv0: path });
    return machine;
  };
  const crashAt = values['crash-at'];
  if (crashAt !== undefined && values.root !== undefined)
    throw new UsageError('--crash-at: what changes under --root is never on a disk');
  let machine = await start(crashAt === undefined ? undefined : new Map());
  if (crashAt !== undefined) {
    const cut = await machine.run({ maxInstructions: crashAt, timeout: values.timeout });
    if (cut.outcome === 'timeout') return finish(cut, values);
    const when = cut.outcome === 'limit' ? `after ${crashAt} instructions` : `when all is over (--crash-at ${crashAt})`;
    writeAll(2, `pml4: power failure ${when}; the machine starts again\n`);
    machine = await start(machine.powerFailure());
  }
  const started = values.stats ? performance.now() : 0;
  const result = await machine.run({ maxInstructions: values['max-instructions'], timeout: values.timeout });
  terminal?.close();
  input.close();
  if (result.outcome !== 'exited' && result.outcome !== 'killed') machine.sync();
  if (values.stats)
    writeAll(2, (await import('../stats.ts')).describeStats(machine, result, performance.now() - started));
  return finish(result, values);
}

/** The terminal that we run in becomes the guest's: when it is one, unless the user says otherwise. */
async function openTerminal({ tty, 'no-tty': noTty }: RunOptionValues): Promise<HostTerminal | undefined> {
  if (tty && noTty) throw new UsageError('--tty and --no-tty exclude each other');
  if (noTty || (!tty && !mayBeTerminal())) return undefined;
  const { HostTerminal, isTerminal } = await import('../../host/node-terminal.ts');
  return tty || isTerminal() ? new HostTerminal((bytes) => writeAll(1, bytes)) : undefined;
}

/** Leads the tasks as a schedule says. */
async function conductorOf(given: string): Promise<Conductor> {
  const { following, parseSchedule } = await import('../../explore/schedule-text.ts');
  const { Conductor } = await import('../../explore/conductor.ts');
  const isText = /^\s*\d+(?:[:,\s]|$)/.test(given);
  const segments = parseSchedule(isText ? given : readSchedule(given));
  return new Conductor(following(segments), undefined, false);
}

function readSchedule(file: string): string {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`--schedule: '${file}' is no schedule such as 100:12,101, nor a file to read (${code})`);
  }
}

/** Makes what watches one machine. What is not asked for is not loaded. */
async function makeObserver(values: RunOptionValues, image: () => ElfImage): Promise<() => KernelObserver | undefined> {
  const makers: (() => KernelObserver)[] = [];
  if (values.strace !== undefined) {
    const { StraceWriter } = await import('../strace.ts');
    const write = openOutput('strace', values.strace);
    makers.push(() => new StraceWriter(write));
  }
  if (values.pages !== undefined) {
    const { PageStory } = await import('../../debug/page-story.ts');
    const { drawPageEvent } = await import('../../story/pages.ts');
    const write = openOutput('pages', values.pages);
    const columns = values.pages === '' ? (process.stderr.columns ?? DEFAULT_COLUMNS) : DEFAULT_COLUMNS;
    makers.push(() => new PageStory(image, (event) => write(drawPageEvent(event, columns))));
  }
  if (values.trace !== undefined) {
    const { traceObserver } = await import('../trace-file.ts');
    const write = openOutput('trace', values.trace);
    makers.push(() => traceObserver(write));
  }
  return () => combineObservers(makers.map((make) => make()));
}

export function environment(variables: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    variables.map((variable) => {
      const equals = variable.indexOf('=');
      return [variable.slice(0, equals), variable.slice(equals + 1)];
    }),
  );
}

/** The exit status; says on standard error what a shell would say of a program of its own. */
function finish(result: RunResult, values: RunOptionValues): number {
  switch (result.outcome) {
    case 'exited':
      return result.exitCode!;
    case 'killed':
      writeAll(2, `pml4: killed by ${result.signal}\n`);
      return result.exitCode!;
    case 'limit':
      return cutShort(`${result.instructions} instructions (--max-instructions)`);
    case 'timeout':
      return cutShort(`${values.timeout} s (--timeout)`);
    case 'deadlock':
      writeAll(2, 'pml4: every process that is left waits, and nothing can wake one\n');
      return STATUS_CUT_SHORT;
  }
}

function cutShort(limit: string): number {
  writeAll(2, `pml4: stopped after ${limit}\n`);
  return STATUS_CUT_SHORT;
}
