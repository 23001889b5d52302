/** How pml4's own failures end: one clear line on standard error, and 125, 126 or 127. */
import { UsageError } from '../base/invariant.ts';

export const STATUS_USAGE = 125;
export const STATUS_NOT_EXECUTABLE = 126;
export const STATUS_NOT_FOUND = 127;

/** What a failed open of the program means. */
export function openError(path: string, error: unknown): UsageError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new UsageError(`${path}: no such file`, STATUS_NOT_FOUND);
  const reasons: Record<string, string> = { EISDIR: 'is a directory', EACCES: 'permission denied' };
  const reason = reasons[String(code)] ?? (error instanceof Error ? error.message : String(error));
  return new UsageError(`${path}: ${reason}`, STATUS_NOT_EXECUTABLE);
}

/** Prints the failure and gives the exit status for it. */
export function report(error: unknown, verbose: boolean): number {
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  const what = isUsage ? message : `internal error: ${message}${verbose ? '' : ' (--verbose shows where)'}`;
  process.stderr.write(`pml4: ${what.replaceAll('\n', ' ')}\n`);
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return isUsage ? error.status : STATUS_USAGE;
}
