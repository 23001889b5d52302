/** `pml4 run`: runs a program on a machine and exits as it did. */
import { UsageError } from '../../base/invariant.ts';
import { ElfError, type ElfImage, parseElf } from '../../elf/image.ts';
import type { Conductor } from '../../explore/conductor.ts';
import { readProgram, workingDirectory } from '../../host/node.ts';
import { StandardInput } from '../../host/node-input.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
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

  const input = new StandardInput();
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
    onStdout: (bytes) => writeAll(1, bytes),
    onStderr: (bytes) => writeAll(2, bytes),
    onDiagnostic: (message) => writeAll(2, `pml4: ${message}\n`),
    observer: await makeObserver(values, () => image!),
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
  const started = values.stats ? performance.now() : 0;
  const result = await machine.run({ maxInstructions: values['max-instructions'], timeout: values.timeout });
  input.close();
  if (result.outcome !== 'exited' && result.outcome !== 'killed') machine.sync();
  if (values.stats)
    writeAll(2, (await import('../stats.ts')).describeStats(machine, result, performance.now() - started));
  return finish(result, values);
}

/** Leads the tasks as a schedule says. */
async function conductorOf(given: string): Promise<Conductor> {
  const { following, parseSchedule } = await import('../../explore/schedule-text.ts');
  const { Conductor } = await import('../../explore/conductor.ts');
  const isText = /^\s*\d+(?:[:,\s]|$)/.test(given);
  const segments = parseSchedule(isText ? given : new TextDecoder().decode(readProgram(given)));
  return new Conductor(following(segments), undefined);
}

/** What is loaded only when it is asked for. */
async function makeObserver(values: RunOptionValues, image: () => ElfImage): Promise<KernelObserver | undefined> {
  const observers: KernelObserver[] = [];
  if (values.strace !== undefined) {
    const { StraceWriter } = await import('../strace.ts');
    observers.push(new StraceWriter(openOutput('strace', values.strace)));
  }
  if (values.pages !== undefined) {
    const { PageStory } = await import('../../debug/page-story.ts');
    const { drawPageEvent } = await import('../pages.ts');
    const write = openOutput('pages', values.pages);
    const columns = values.pages === '' ? (process.stderr.columns ?? DEFAULT_COLUMNS) : DEFAULT_COLUMNS;
    observers.push(new PageStory(image, (event) => write(drawPageEvent(event, columns))));
  }
  if (values.trace !== undefined) {
    const { traceObserver } = await import('../trace-file.ts');
    observers.push(traceObserver(openOutput('trace', values.trace)));
  }
  return combineObservers(observers);
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
