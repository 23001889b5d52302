/** What waits for a task in the way of signals, what it blocks, and what its process does on each: signal(7). */
import {
  type DefaultAction, defaultAction, SA_NAMES, SIG_DFL, SIG_IGN, SIGNAL_MAX, type SignalInfo, signalBit, signalName,
} from '../../abi/signal.ts'; // biome-ignore format: a list
import { wideFlagParts } from '../../kernel/syscalls/args/text.ts';
import type { Task } from '../../kernel/task/task.ts';

export interface SignalView {
  readonly signal: number;
  readonly name: string;
  readonly disposition: 'default' | 'ignored' | 'handler';
  /** What happens if the disposition is the default one. */
  readonly defaultAction: DefaultAction;
  /** The handler's address; 0 without one. */
  readonly handler: bigint;
  /** `SA_RESTART`, ... */
  readonly flags: readonly string[];
  /** Blocked while the handler runs: a sigset_t. */
  readonly mask: bigint;
  readonly isBlocked: boolean;
  /** Waits for this thread, or for whichever thread of the process takes it. */
  readonly isPending: boolean;
}

export interface SignalState {
  /** Of each that waits what came with it: for the thread alone, then for the process. */
  readonly pending: readonly SignalInfo[];
  readonly processPending: readonly SignalInfo[];
  /** sigset_t. */
  readonly blocked: bigint;
  /** 1 to 64. */
  readonly signals: readonly SignalView[];
}

export function viewSignals(task: Task): SignalState {
  const { process, blockedSignals, pending } = task;
  const waiting = pending.set | process.pending.set;
  const signals = Array.from({ length: SIGNAL_MAX }, (_, i): SignalView => {
    const signal = i + 1;
    const { handler, flags, mask } = process.actions.get(signal);
    const hasHandler = handler !== SIG_DFL && handler !== SIG_IGN;
    return {
      signal,
      name: signalName(signal),
      disposition: hasHandler ? 'handler' : handler === SIG_IGN ? 'ignored' : 'default',
      defaultAction: defaultAction(signal),
      handler: hasHandler ? handler : 0n,
      flags: wideFlagParts(flags, SA_NAMES),
      mask,
      isBlocked: (blockedSignals & signalBit(signal)) !== 0n,
      isPending: (waiting & signalBit(signal)) !== 0n,
    };
  });
  return { pending: pending.all(), processPending: process.pending.all(), blocked: blockedSignals, signals };
}
