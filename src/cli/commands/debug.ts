/** `pml4 debug`: the terminal view; with --commands or piped input, commands and plain text. */
import { createInterface } from 'node:readline';
import { UsageError } from '../../base/invariant.ts';
import { runScript } from '../../debug/commands/script.ts';
import { openSession } from '../debug/open.ts';
import { DEBUG_OPTIONS, NOT_THERE_YET } from '../options.ts';
import { writeAll } from '../output.ts';
import { parseOptions } from '../parse-options.ts';

/** As gdb -batch: a script has failed. */
const STATUS_SCRIPT_FAILED = 1;

export async function debug(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions(DEBUG_OPTIONS, words, NOT_THERE_YET);
  const script = values.commands === undefined ? undefined : readScript(values.commands);
  if (script === undefined && process.stdin.isTTY && process.stdout.isTTY) {
    const { debugInTerminal } = await import('../terminal-debugger.ts');
    return await debugInTerminal(values, rest);
  }
  const { session, save } = await openSession(values, rest);
  try {
    const lines = script ?? createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
    const options = { stopsAtErrors: script !== undefined, repeats: script === undefined };
    const failed = await runScript(session, lines, options, (text) => writeAll(1, text));
    if (failed === undefined) return 0;
    writeAll(2, `pml4: ${values.commands}:${failed.line}: ${failed.message}\n`);
    return STATUS_SCRIPT_FAILED;
  } finally {
    save();
  }
}

function readScript(file: string): string[] {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(file, 'utf8').replace(/\n$/, '').split('\n');
  } catch (error) {
    throw new UsageError(`--commands: ${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
