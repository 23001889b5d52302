/** What kind of mark an event gets on the slider and in lists; the same everywhere. */
import type { TimelineEvent } from '../protocol.ts';

export type MarkKind = 'fork' | 'fault' | 'cow' | 'write' | 'signal' | 'exit' | 'call';

/** Undefined: it gets none, being the other half of one that does, or the scheduler's. */
export function markOf({ detail }: TimelineEvent): MarkKind | undefined {
  switch (detail.kind) {
    case 'fork':
      return 'fork';
    case 'fault':
      return detail.cause === 'copy-on-write break' ? 'cow' : 'fault';
    case 'signal':
      return 'signal';
    case 'exit':
      return 'exit';
    case 'syscall':
      return /^p?writev?/.test(detail.name) ? 'write' : 'call';
    default:
      return undefined;
  }
}
