/** Why the run has stopped, as the protocol tells it. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../base/ints.ts';
import type { Stop, StopReason } from '../debug/stops.ts';

type Body = DebugProtocol.StoppedEvent['body'];
type Told = Pick<Body, 'reason' | 'description' | 'text'>;

/** `idsOf`: the client's numbers of breakpoints, by the engine's. */
export function describeStop({ reason, task, position }: Stop, idsOf: (ids: readonly number[]) => number[]): Body {
  const met =
    reason.kind === 'breakpoint' ? reason.breakpoints : reason.kind === 'watchpoint' ? [reason.watchpoint] : [];
  const hits = idsOf(met.map(({ id }) => id));
  return {
    ...told(reason),
    ...(task && { threadId: task.tid }),
    ...(hits.length > 0 && { hitBreakpointIds: hits }),
    allThreadsStopped: true,
    // What is said in the status line of some clients.
    ...(reason.kind === 'goto' && { text: `instruction ${position.instruction}` }),
  };
}

function told(reason: StopReason): Told {
  switch (reason.kind) {
    case 'step':
      return { reason: 'step' };
    case 'goto':
      return { reason: 'goto' };
    case 'breakpoint':
      return { reason: 'breakpoint' };
    case 'watchpoint': {
      const { isWrite, by, rip, before, after } = reason.access;
      const bytes = (some: Uint8Array): string => [...some].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
      const who = by === 'kernel' ? 'The kernel' : 'The program';
      const what = isWrite ? `has written ${bytes(before)} -> ${bytes(after)}` : `has read ${bytes(after)}`;
      return {
        reason: 'data breakpoint',
        description: `Paused on ${reason.watchpoint.label}`,
        text: `${who} ${what}, at ${hex(rip)}`,
      };
    }
    case 'catchpoint':
      return { reason: 'exception', description: reason.catchpoint.label, text: reason.event.text };
    case 'signal':
      return { reason: 'exception', description: 'Paused on a signal', text: reason.event.text };
    case 'task ended':
      return { reason: 'pause', description: 'The thread has ended' };
    case 'start':
      return { reason: 'pause', description: 'The beginning of the run' };
    case 'end':
      return { reason: 'pause', description: 'The end of the run' };
    case 'deadlock':
      return { reason: 'pause', description: 'Every process waits, and nothing can wake one' };
    case 'input':
      return { reason: 'pause', description: 'The program waits for input: `input TEXT` or `end-input`' };
    case 'interrupted':
      return { reason: 'pause' };
  }
}
