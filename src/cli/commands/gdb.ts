/** `pml4 gdb`: a program that waits for a gdb to debug it, over TCP from this computer. */
import { UsageError } from '../../base/invariant.ts';
import { Engine, type EngineOptions } from '../../debug/engine.ts';
import type { StartRequest } from '../../gdb/debuggee.ts';
import { EngineDebuggee } from '../../gdb/engine-debuggee.ts';
import { GdbServer } from '../../gdb/server.ts';
import { readProgram, workingDirectory } from '../../host/node.ts';
import { StandardInput } from '../../host/node-input.ts';
import { SpareMemory } from '../../mem/frames.ts';
import { GDB_OPTIONS, type GdbOptionValues } from '../gdb-options.ts';
import { listen } from '../listener.ts';
import { writeAll } from '../output.ts';
import { parseOptions } from '../parse-options.ts';
import { environment } from './run.ts';

/** Of standard input that nobody limits: as much as a pipe holds. */
const MOST_INPUT = 65_536;

export async function gdb(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions(GDB_OPTIONS, words);
  const [path, ...args] = rest;
  if (path === undefined) throw new UsageError('gdb needs a PROGRAM');
  if (values.port === undefined) throw new UsageError('gdb needs --port N');
  const report = (message: string) => writeAll(2, `pml4: ${message}\n`);
  const stdin = new StandardInput();
  const spare = new SpareMemory();
  const debuggee: EngineDebuggee = new EngineDebuggee({
    open: (request) => openEngine(values, path, args, request, { show, report, spare }),
    input: async () => {
      const input = await stdin.read(MOST_INPUT);
      return input instanceof Uint8Array ? input : new Uint8Array(0);
    },
    report,
    monitor: async (engine, line) => (await import('../../gdb/monitor.ts')).monitor(engine, line),
  });
  const server = new GdbServer(debuggee, report);
  const decoder = new TextDecoder();
  const show = (fd: 1 | 2, bytes: Uint8Array): void => {
    if (values['output-to-gdb'] && server.print(decoder.decode(bytes, { stream: true }))) return;
    writeAll(fd, bytes);
  };
  await debuggee.prepare();
  const left = Promise.withResolvers<void>();
  const listener = await listen(server, values.port, () => {
    if (values.once) left.resolve();
  });
  report(`${path} waits on 127.0.0.1:${listener.port}; in gdb: target extended-remote 127.0.0.1:${listener.port}`);
  await left.promise;
  listener.close();
  // What the client has detached from goes on to its end.
  await debuggee.freeRun();
  stdin.close();
  return 0;
}

interface Surroundings {
  readonly show: (fd: 1 | 2, bytes: Uint8Array) => void;
  readonly report: (message: string) => void;
  /** Memory of the machine before. */
  readonly spare: SpareMemory;
}

/** The program on a machine of its own, before its first instruction. */
async function openEngine(
  values: GdbOptionValues,
  path: string,
  args: readonly string[],
  request: StartRequest,
  { show, report, spare }: Surroundings,
): Promise<Engine> {
  const env = environment(values.env ?? []);
  for (const [name, value] of request.environment) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  const options = {
    path: request.file ?? path,
    args: request.args ?? args,
    env,
    argv0: request.file ?? path,
    machine: {
      memory: values.memory,
      quantum: values.quantum,
      seed: values.seed,
      cpu: values.cpu,
      root: values.root,
      mounts: values.mount,
      cwd: request.workingDirectory ?? values.cwd ?? (values.root && workingDirectory(values.root)),
      onDiagnostic: report,
      spare,
    },
  };
  const engine = (await openOfGuest(values, options)) ?? (await openOfHost(options));
  engine.output.onWritten = ({ fd, bytes }) => show(fd, bytes);
  return engine;
}

type OpenOptions = Omit<EngineOptions, 'program'>;

/** A program among the files that the guest is given; undefined: it is none of them. */
async function openOfGuest({ root, mount }: GdbOptionValues, options: OpenOptions): Promise<Engine | undefined> {
  if (root === undefined && mount === undefined) return undefined;
  try {
    return await Engine.open({ ...options, program: undefined });
  } catch (error) {
    if (error instanceof UsageError && error.status === STATUS_NO_FILE) return undefined;
    throw error;
  }
}

const openOfHost = (options: OpenOptions): Promise<Engine> =>
  Engine.open({ ...options, program: readProgram(options.path) });

const STATUS_NO_FILE = 127;
