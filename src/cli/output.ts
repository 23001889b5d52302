/** Where the command writes: descriptors, at once and in order, and files. */
import { openSync, writeSync } from 'node:fs';
import { UsageError } from '../base/invariant.ts';

const STDERR = 2;
/** 128 + SIGPIPE: what a program ends with when nobody reads its output any more. */
const STATUS_PIPE = 141;

/** Writes all of it, waiting for a slow reader; a reader that has gone ends the run, and so does a full disk. */
export function writeAll(
  fd: number,
  data: Uint8Array | string,
  name = fd === STDERR ? 'standard error' : 'standard output',
): void {
  let bytes = typeof data === 'string' ? Buffer.from(data) : data;
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') process.exit(STATUS_PIPE);
      if (code !== 'EAGAIN') throw new UsageError(`cannot write to ${name}: ${code ?? String(error)}`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** A writer to the file of an option such as `--strace[=FILE]`; an empty name is standard error. */
export function openOutput(option: string, path: string): (text: string) => void {
  if (path === '') return (text) => writeAll(STDERR, text);
  try {
    const fd = openSync(path, 'w');
    return (text) => writeAll(fd, text, path);
  } catch (error) {
    throw new UsageError(`--${option}: cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
