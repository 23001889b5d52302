/** The outside in Node.js: files, standard input, the clock. The only part of the library that imports `node:` modules. */
import { readFileSync, readSync } from 'node:fs';
import { UsageError } from '../base/invariant.ts';

const REASONS: Readonly<Record<string, string>> = { EISDIR: 'is a directory', EACCES: 'permission denied' };

/** A program's file. A UsageError with status 127 says that there is none, 126 that it cannot be read. */
export function readProgram(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UsageError(`${path}: no such file`, 127);
    throw new UsageError(`${path}: ${REASONS[code ?? ''] ?? `cannot be read (${code ?? String(error)})`}`, 126);
  }
}

/** At most so many bytes of the process's own standard input, waiting for them; none at its end. */
export function readStandardInput(most: number): Uint8Array {
  const bytes = new Uint8Array(most);
  for (;;) {
    try {
      return bytes.subarray(0, readSync(0, bytes, 0, most, null));
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === 'EOF') return new Uint8Array(0);
      if (code !== 'EAGAIN') throw error;
    }
  }
}
