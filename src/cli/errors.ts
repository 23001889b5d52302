/**
 * How the command ends: with the status that it comes to; its own failures with one clear line on standard error, and
 * 125, or what the error says (126, 127).
 */
import { UsageError } from '../base/invariant.ts';

const STATUS_USAGE = 125;

/** Prints the failure and gives the exit status for it. */
export function report(error: unknown, verbose: boolean): number {
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  const what = isUsage ? message : `internal error: ${message}${verbose ? '' : ' (--verbose shows where)'}`;
  process.stderr.write(`pml4: ${what.replaceAll('\n', ' ')}\n`);
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return isUsage ? error.status : STATUS_USAGE;
}

/** The exit status is to be what a command gives. */
export function conclude(command: Promise<number>, words: readonly string[]): void {
  command.then(
    (status) => {
      process.exitCode = status;
    },
    (error: unknown) => {
      process.exitCode = report(error, words.includes('--verbose'));
    },
  );
}
