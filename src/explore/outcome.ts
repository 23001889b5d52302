/**
 * How a run ended, as something that can be compared, counted, printed and written to JSON: ending, output, and at a
 * deadlock who waits for what. Two runs have the same outcome when all of that is the same.
 */
import type { Outcome, RunResult } from '../machine/result.ts';

export interface RunOutcome {
  readonly end: Outcome;
  /** Exit status, after `exited`. */
  readonly status?: number;
  /** `SIGSEGV`, after `killed`. */
  readonly signal?: string;
  /** Printable text: bytes that are not are `\xNN`, a backslash is two. What is long is cut, and has a digest. */
  readonly stdout: string;
  readonly stderr: string;
  /** After `deadlock`: `pid 101 demo: wait4(-1, NULL, 0, NULL)`. */
  readonly waiting?: readonly string[];
}

/** What outcomes are told apart by: everything, or how they ended alone. */
export type Comparison = 'all' | 'ending';

/** Bytes of each output that are kept. */
const MOST_BYTES = 4096;

export async function outcomeOf(result: RunResult, comparison: Comparison): Promise<RunOutcome> {
  const isWhole = comparison === 'all';
  return {
    end: result.outcome,
    ...(result.status !== undefined && result.outcome === 'exited' ? { status: result.status } : {}),
    ...(result.signal !== undefined && result.outcome === 'killed' ? { signal: result.signal } : {}),
    stdout: isWhole ? await printable(result.stdoutBytes) : '',
    stderr: isWhole ? await printable(result.stderrBytes) : '',
    ...(result.outcome === 'deadlock' ? { waiting: result.waiting } : {}),
  };
}

/** The same for the same outcome. */
export const outcomeKey = ({ end, status, signal, stdout, stderr, waiting }: RunOutcome): string =>
  JSON.stringify([end, status ?? null, signal ?? null, stdout, stderr, waiting ?? []]);

/** `exit 0`, `killed by SIGSEGV`, `deadlock`. */
export function endingText({ end, status, signal }: RunOutcome): string {
  switch (end) {
    case 'exited':
      return `exit ${status}`;
    case 'killed':
      return `killed by ${signal}`;
    case 'deadlock':
      return 'deadlock';
    case 'limit':
      return 'no end (--max-instructions)';
    case 'timeout':
      return 'no end (--timeout)';
  }
}

async function printable(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= MOST_BYTES) return escaped(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice()));
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${escaped(bytes.subarray(0, MOST_BYTES))}... (${bytes.length} bytes, SHA-256 ${hex})`;
}

function escaped(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const isUtf8 = !text.includes('\ufffd');
  const units = isUtf8 ? text : Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const unprintable = isUtf8 ? /[\\\0-\x08\x0b-\x1f\x7f-\x9f]/g : /[\\\0-\x08\x0b-\x1f\x7f-\xff]/g;
  return units.replaceAll(unprintable, (unit) =>
    unit === '\\' ? '\\\\' : `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
