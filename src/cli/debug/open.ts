/** What `pml4 debug` is asked to debug, as a session: a program with options, or a recording of one. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../../base/invariant.ts';
import { Session } from '../../debug/commands/session.ts';
import { Engine } from '../../debug/engine.ts';
import { readProgram, workingDirectory } from '../../host/node.ts';
import { environment } from '../commands/run.ts';
import type { DebugOptionValues } from '../options.ts';
import {
  bytesOf,
  hashOf,
  isRecording,
  type RecordedInput,
  type Recording,
  type RunDescription,
  readRecording,
  recorded,
  writeRecording,
} from './recording.ts';
import { sourceReader } from './source.ts';

export interface Opened {
  readonly session: Session;
  /** Writes what --record asks for, with the inputs that were given. */
  save(): void;
}

export async function openSession(values: DebugOptionValues, rest: readonly string[]): Promise<Opened> {
  const recording = values.replay === undefined ? undefined : readRecording(values.replay);
  const [path, ...args] = rest;
  if (recording !== undefined) {
    if (path !== undefined) throw new UsageError('--replay FILE names the program itself');
    return await replay(recording, values);
  }
  if (path === undefined) throw new UsageError('debug needs a PROGRAM, or --replay FILE');
  const isHosts = values.root === undefined || values.mount === undefined;
  if (isHosts && path.endsWith('.json')) {
    const bytes = readProgram(path);
    if (isRecording(bytes)) return await replay(readRecording(path), values);
  }
  return await open({ program: path, args, options: optionsOf(values) }, values, undefined);
}

function optionsOf({
  env,
  cwd,
  root,
  mount,
  memory,
  quantum,
  seed,
  cpu,
}: DebugOptionValues): RunDescription['options'] {
  const given = { env, cwd, root, mount, memory, quantum, seed, cpu };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function replay(recording: Recording, values: DebugOptionValues): Promise<Opened> {
  const { program, args, options } = recording;
  for (const name of Object.keys(optionsOf(values))) throw new UsageError(`--${name}: a recording has its own options`);
  return await open({ program, args, options }, values, recording);
}

async function open(run: RunDescription, values: DebugOptionValues, recording: Recording | undefined): Promise<Opened> {
  const { program: path, args, options } = run;
  const { root, mount: mounts, memory, quantum, seed, cpu } = options;
  const env = environment(options.env ?? []);
  const machine = { root, mounts, memory, quantum, seed, cpu, cwd: options.cwd ?? (root && workingDirectory(root)) };
  const isGuests = root !== undefined || (mounts?.length ?? 0) > 0;
  const engine = await openEngine({ path, args, env, argv0: path, machine }, isGuests);
  const session = new Session(engine, { readSource: sourceReader(path) });
  const sha256 = hashOf(programBytes(session, path));
  if (recording !== undefined && recording.sha256 !== sha256)
    throw new UsageError(`${path} is another program than the one that was recorded: its SHA-256 is ${sha256}`);
  if (recording !== undefined) await giveInputs(session, recording.inputs);
  else if (values.input !== undefined) {
    engine.input(readInput(values.input));
    engine.endInput();
  }
  const save = (): void => {
    if (values.record === undefined) return;
    if (engine.history.hasChanges)
      throw new UsageError(
        `--record: ${values.record} is not written: registers or memory were changed, which it cannot hold`,
      );
    writeRecording(values.record, { ...run, sha256, inputs: inputsOf(engine) });
  };
  return { session, save };
}

/** Among the guest's own files, if it has any; else the host's. */
async function openEngine(
  options: Omit<Parameters<typeof Engine.open>[0], 'program'>,
  isGuests: boolean,
): Promise<Engine> {
  if (isGuests) {
    try {
      return await Engine.open({ ...options, program: undefined });
    } catch (error) {
      if (!(error instanceof UsageError) || error.status !== 127) throw error;
    }
  }
  return await Engine.open({ ...options, program: readProgram(options.path) });
}

const programBytes = (session: Session, path: string): Uint8Array => session.programFile() ?? readProgram(path);

function readInput(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`--input: ${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** As the run has them now: what was given on another course of it is forgotten. */
function inputsOf({ history }: Engine): RecordedInput[] {
  return history.inputs.flatMap((input) => ('bytes' in input ? [{ ...input.position, ...recorded(input.bytes) }] : []));
}

/** What was given when it was recorded is given at the same moments. */
async function giveInputs(session: Session, inputs: readonly RecordedInput[]): Promise<void> {
  const { engine } = session;
  for (const input of inputs) {
    const { instruction, event } = input;
    await engine.goto({ instruction, event });
    const bytes = bytesOf(input);
    if (bytes.length === 0) engine.endInput();
    else engine.input(bytes);
  }
  await engine.goto({ instruction: 0 });
}
