/**
 * `pml4 debug` in a terminal, from the options on. A bundle of its own, with its own copy of everything, since Ink is an
 * ES module that awaits at its top level, and no other command is to load it: what is wrong is reported here, too.
 */
import { runTerminalView } from '../tui/tui.ts';
import { openSession } from './debug/open.ts';
import { report } from './errors.ts';
import type { DebugOptionValues } from './options.ts';

/** The exit status. */
export async function debugInTerminal(values: DebugOptionValues, rest: readonly string[]): Promise<number> {
  try {
    const { session, save } = await openSession(values, rest);
    try {
      return await runTerminalView(session);
    } finally {
      save();
    }
  } catch (error) {
    return report(error, values.verbose === true);
  }
}
