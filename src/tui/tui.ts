/** The terminal view: is on its way. */
import { UsageError } from '../base/invariant.ts';

export function runTerminalView(): Promise<number> {
  throw new UsageError('the terminal view is not there yet; give commands with --commands FILE, or on standard input');
}
