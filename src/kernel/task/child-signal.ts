/** What a parent is sent when a child ends, stops or goes on: SIGCHLD of sigaction(2), kernel/signal.c (`do_notify_parent`). */
import { SIGNAL_MAX } from '../../abi/signal.ts';
import { NS_PER_SECOND } from '../../abi/structs.ts';
import type { Process } from './process.ts';
import { sendToProcess } from './signal.ts';

/** USER_HZ: what times in siginfo_t and times(2) are counted in. */
export const CLOCK_TICKS = 100;

/** Processor time in clock ticks. */
export const ticksOf = (ns: number): number => Math.floor((ns * CLOCK_TICKS) / NS_PER_SECOND);

/** Sends the parent, which is not init, a signal about a child. */
export function notifyParent(child: Process, signal: number, code: number, status: number): void {
  if (signal > SIGNAL_MAX) return;
  const { instructions } = child.usage;
  const utime = ticksOf(instructions);
  sendToProcess(child.parent!, { signal, code, pid: child.pid, uid: child.leader.credentials.uid, status, utime });
}
