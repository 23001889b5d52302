/** Why the program has stopped, in gdb's words: `Breakpoint 1, `, `Program received signal SIGSEGV`, ... */

import { signalName } from '../../abi/signal.ts';
import { hex } from '../../base/ints.ts';
import { unreachable } from '../../base/invariant.ts';
import { formatValue } from '../expression/format.ts';
import { Value } from '../expression/values.ts';
import { allProcesses } from '../inspect/tasks.ts';
import type { Stop, WatchAccess, Watchpoint } from '../stops.ts';
import type { TimelineEvent } from '../timeline.ts';
import type { StopHead } from './output.ts';
import type { Session } from './session.ts';
import { SIGNAL_TEXTS } from './signal-texts.ts';
import { WATCH_TITLES } from './watchpoints.ts';

const message = (text: string): StopHead => ({ kind: 'message', text });

/** Nothing is left to be looked at. */
export const isOver = ({ reason }: Stop): boolean => reason.kind === 'end';

/** None for a step that has come to its end. */
export function headsOf(session: Session, { reason }: Stop): StopHead[] {
  switch (reason.kind) {
    case 'step':
    case 'goto':
      return [];
    case 'breakpoint': {
      const [{ id, isTemporary }] = reason.breakpoints;
      return [{ kind: 'breakpoint', number: id, isTemporary }];
    }
    case 'watchpoint':
      return [reason, ...reason.others].map(({ watchpoint, access }) => watchHead(session, watchpoint, access));
    case 'catchpoint': {
      const { id, isTemporary } = reason.catchpoint;
      return [{ kind: 'catchpoint', number: id, isTemporary, what: describeEvent(reason.event) }];
    }
    case 'signal': {
      const { detail } = reason.event;
      const name = detail.kind === 'signal' ? detail.name : '';
      return [{ kind: 'signal', name, text: SIGNAL_TEXTS[name] ?? 'Real-time event' }];
    }
    case 'task ended':
      return session.engine.isOver ? endings(session).map(message) : [message('\nThe thread has ended.')];
    case 'start':
      return [message('\nNo more reverse-execution history.')];
    case 'end':
      return endings(session).map(message);
    case 'deadlock':
      return [message('\nEvery process that is left waits, and nothing can wake one.')];
    case 'input':
      return [message('\nThe program waits for input: input TEXT gives it a line, end-input ends it.')];
    case 'interrupted':
      return [message('\nInterrupted.')];
    default:
      unreachable(reason);
  }
}

/** As gdb tells of inferiors, in order of birth. */
function endings({ engine }: Session): string[] {
  return allProcesses(engine.machine.kernel).map(({ pid, ending }, i) => {
    const who = `Inferior ${i + 1} (process ${pid})`;
    if (ending === undefined) return `[${who} has ended]`;
    if (ending.kind === 'exited')
      return ending.status === 0
        ? `[${who} exited normally]`
        : `[${who} exited with code ${ending.status.toString(8).padStart(2, '0')}]`;
    const name = signalName(ending.signal);
    return `[${who} was killed by signal ${name}, ${SIGNAL_TEXTS[name] ?? 'Real-time event'}]`;
  });
}

function describeEvent({ detail, pid, text }: TimelineEvent): string {
  switch (detail.kind) {
    case 'syscall':
      return `call to syscall ${detail.name}`;
    case 'return':
      return `returned from syscall ${detail.name}`;
    case 'fork':
      return `${detail.call === 'vfork' ? 'vforked' : 'forked'} process ${detail.childPid}`;
    case 'exec':
      return `exec'd ${detail.path}`;
    case 'signal':
      return `signal ${detail.name}`;
    case 'exit':
      return `process ${pid} ${detail.signal === undefined ? `exits with ${detail.status}` : `is killed by ${signalName(detail.signal)}`}`;
    case 'fault':
      return `${detail.cause} at ${hex(detail.address)}`;
    default:
      return text;
  }
}

function watchHead(session: Session, watchpoint: Watchpoint, access: WatchAccess): StopHead {
  const { id, label, place } = watchpoint;
  const detail = session.stops.watchOf(id);
  const kind = detail?.kind ?? 'watch';
  const isChanged = access.before.some((byte, i) => byte !== access.after[i]);
  const at = isChanged ? access.before.findIndex((byte, i) => byte !== access.after[i]) : 0;
  const show = (bytes: Uint8Array): string => {
    if (detail?.type !== undefined && place.kind === 'virtual')
      return formatValue(new Value(detail.type, bytes, { kind: 'memory', address: place.address }), session.scope());
    const shown = [...bytes.subarray(at, at + 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `+${hex(at + (place.kind === 'frame' ? place.offset : 0))}: ${shown}`;
  };
  const hasBoth = kind === 'watch' || (kind === 'awatch' && isChanged);
  return {
    kind: 'watchpoint',
    number: id,
    title: WATCH_TITLES[kind],
    expression: label,
    before: hasBoth ? show(access.before) : undefined,
    after: hasBoth ? show(access.after) : undefined,
    value: hasBoth ? undefined : show(access.after),
    by: access.by === 'kernel' ? 'By the kernel, in a system call.' : undefined,
  };
}
