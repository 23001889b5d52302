/**
 * The library: `run` a program and look at what came of it, or hold a `Machine` and drive it yourself. Works in a
 * browser, too, where programs are given as bytes.
 */
import { UsageError } from './base/invariant.ts';
import { ElfError, type ElfImage, parseElf } from './elf/image.ts';
import { Machine, type MachineOptions, type ProgramOptions, type RunLimits } from './machine/machine.ts';
import type { RunResult } from './machine/result.ts';

export interface RunOptions extends MachineOptions, ProgramOptions, RunLimits {
  /** What the program is called, when it is given as bytes. Default: `program`. */
  readonly name?: string;
  /** Files of the guest whose contents the result is to have, as they are in the end. */
  readonly collect?: readonly string[];
}

/**
 * Runs an x86-64 Linux executable to its end, with all its children. A program that crashes, or exceeds a limit, is a
 * result; what cannot be run at all is a UsageError (`status` 126, or 127 for a file that is not there).
 */
export async function run(program: string | Uint8Array, options: RunOptions = {}): Promise<RunResult> {
  const path = typeof program === 'string' ? program : (options.name ?? 'program');
  const machine = new Machine(options);
  const found = typeof program === 'string' ? machine.findProgram(program, options.env?.PATH) : undefined;
  const image = found === undefined ? await loadImage(program, path) : undefined;
  await machine.load(image, found?.path ?? path, { argv0: path, ...options });
  const result = await machine.run(options);
  return options.collect === undefined ? result : { ...result, files: filesOf(machine, options.collect) };
}

function filesOf(machine: Machine, paths: readonly string[]): Record<string, Uint8Array> {
  return Object.fromEntries(
    paths.flatMap((path) => {
      const bytes = machine.readFile(path);
      return bytes === undefined ? [] : [[path, bytes]];
    }),
  );
}

/** Reads and checks a program; a path is the host's (Node.js). */
export async function loadImage(program: string | Uint8Array, name?: string): Promise<ElfImage> {
  const bytes = typeof program === 'string' ? (await import('./host/node.ts')).readProgram(program) : program;
  const image = await parseElf(bytes);
  const path = name ?? (typeof program === 'string' ? program : 'program');
  if (image instanceof ElfError) throw new UsageError(`${path}: ${image.message}`, 126);
  return image;
}

export type { Ending } from './abi/wait.ts';
export { UsageError } from './base/invariant.ts';
export { ElfError, type ElfImage, parseElf } from './elf/image.ts';
export type * from './kernel/observer.ts';
export { supportedSyscalls } from './kernel/syscalls/table.ts';
export type { GuestFile, GuestFiles } from './kernel/vfs/given-files.ts';
export { Machine, type MachineOptions, type ProgramOptions, type RunLimits } from './machine/machine.ts';
export type { Outcome, ProcessResult, RunResult, SharedFrame, SyscallResultEntry } from './machine/result.ts';
