/**
 * The file of `--record`: program, options and inputs, from which `--replay` makes the same run again, since nothing else
 * goes into one. Small JSON, for people to read; the program itself is named by its path and its SHA-256.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from '../../base/invariant.ts';
import type { CpuLevel } from '../../cpu/isa/features.ts';
import type { MountOption } from '../../machine/host-tree.ts';

const VERSION = 1;

/** What a debugged run follows from, besides its inputs. */
export interface RunDescription {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: {
    readonly env?: readonly string[];
    readonly cwd?: string;
    readonly root?: string;
    readonly mount?: readonly MountOption[];
    readonly memory?: number;
    readonly quantum?: number;
    readonly seed?: number;
    readonly cpu?: CpuLevel;
  };
}

/**
 * What the program was given to read, and when: instructions retired, events told. `base64`: bytes that are no text.
 * Neither: the end of the input.
 */
export interface RecordedInput {
  readonly instruction: number;
  readonly event: number;
  readonly text?: string;
  readonly base64?: string;
}

export function recorded(bytes: Uint8Array): Pick<RecordedInput, 'text' | 'base64'> {
  if (bytes.length === 0) return {};
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return Buffer.from(text).equals(bytes) ? { text } : { base64: Buffer.from(bytes).toString('base64') };
}

/** Empty for the end of the input. */
export const bytesOf = ({ text = '', base64 }: RecordedInput): Uint8Array =>
  base64 === undefined ? new TextEncoder().encode(text) : Buffer.from(base64, 'base64');

export interface Recording extends RunDescription {
  readonly sha256: string;
  readonly inputs: readonly RecordedInput[];
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function writeRecording(file: string, recording: Recording): void {
  try {
    writeFileSync(file, `${JSON.stringify({ pml4: VERSION, ...recording }, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--record: ${file}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Whether a file begins as a recording does: a program never does. */
export const isRecording = (bytes: Uint8Array): boolean =>
  /^\s*\{\s*"pml4"\s*:/.test(new TextDecoder().decode(bytes.subarray(0, 64)));

/** Throws UsageError for what is no recording. */
export function readRecording(file: string): Recording {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: no recording to read (${(error as NodeJS.ErrnoException).code})`, 127);
  }
  return parseRecording(file, text);
}

function parseRecording(file: string, text: string): Recording {
  const wrong = (what: string): UsageError => new UsageError(`${file} is no recording: ${what}`);
  let found: Record<string, unknown>;
  try {
    found = JSON.parse(text);
  } catch {
    throw wrong('it is not JSON');
  }
  if (typeof found !== 'object' || found === null || found.pml4 !== VERSION)
    throw wrong(`"pml4" must be ${VERSION}, the format's version`);
  const { program, sha256, args, options, inputs } = found;
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (!isText(program) || !isText(sha256)) throw wrong('"program" and "sha256" must be texts');
  if (!Array.isArray(args) || !args.every(isText)) throw wrong('"args" must be a list of texts');
  if (typeof options !== 'object' || options === null) throw wrong('"options" must be an object');
  if (!Array.isArray(inputs) || !inputs.every(isInput))
    throw wrong('"inputs" must be a list of objects with instruction, event and text');
  return { program, sha256, args, options, inputs } as Recording;
}

function isInput(value: unknown): value is RecordedInput {
  const { instruction, event, text, base64 } = (value ?? {}) as Record<string, unknown>;
  return (
    Number.isSafeInteger(instruction) &&
    Number.isSafeInteger(event) &&
    [text, base64].every((given) => ['string', 'undefined'].includes(typeof given))
  );
}
