/** How pml4's own failures end: one clear line on standard error, and 125, or what the error says (126, 127). */
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
