/** The outside in Node.js: a program's file. Only files `node*.ts` of the library import `node:` modules. */
import { readFileSync, realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
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

/** The current directory as it is called inside a directory; `/` when it is not inside, or there is none. */
export function workingDirectory(root: string): string {
  try {
    const inside = relative(realpathSync(root), realpathSync('.'));
    return inside === '..' || inside.startsWith(`..${sep}`) ? '/' : `/${inside.split(sep).join('/')}`;
  } catch {
    return '/';
  }
}
