/** Why the machine stands where it stands, in one line. */
import { hex } from '../../base/ints.ts';
import type { Stop } from '../../debug/stops.ts';
import type { StopModel } from '../protocol.ts';

export function viewStop({ reason }: Stop): StopModel {
  const { kind } = reason;
  switch (reason.kind) {
    case 'breakpoint':
      return { kind, text: `breakpoint ${reason.breakpoints.map(({ label }) => label).join(', ')}` };
    case 'watchpoint': {
      const { isWrite, by, rip, before, after } = reason.access;
      const who = by === 'kernel' ? 'the kernel' : 'the program';
      const text = `${who} has ${isWrite ? 'written to' : 'read'} what is watched, at ${hex(rip)}`;
      return { kind, text, access: { rip, isWrite, before, after } };
    }
    case 'catchpoint':
    case 'signal':
      return { kind, text: reason.event.text, event: reason.event };
    default:
      return { kind, text: TEXTS[reason.kind] };
  }
}

const TEXTS = {
  step: 'stepped',
  goto: 'here',
  'task ended': 'the thread has ended',
  start: 'the beginning of the run',
  end: 'the end of the run',
  deadlock: 'every process waits, and nothing can wake one',
  input: 'the program waits for input',
  interrupted: 'stopped',
} as const;
