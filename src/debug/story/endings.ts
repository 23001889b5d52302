/** How a process or a run ended, in words. */
import { signalName } from '../../abi/signal.ts';
import type { Ending } from '../../abi/wait.ts';

/** `exits with status 1`, `is killed by SIGSEGV`. */
export const describeEnding = (ending: Ending): string =>
  ending.kind === 'exited' ? `exits with status ${ending.status}` : `is killed by ${signalName(ending.signal)}`;
