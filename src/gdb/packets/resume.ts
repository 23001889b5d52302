/**
 * Going on, forwards and backwards. The machine is one: whoever goes on, all processes do, as the scheduler says, and all
 * stop together; a step is one instruction of the thread that is named. The answer is sent when everything stops.
 */
import { UsageError } from '../../base/invariant.ts';
import { bigintOfHex, numberOfHex, splitAt } from '../bytes.ts';
import type { Resumption } from '../debuggee.ts';
import type { Session } from '../session.ts';
import { linuxSignal } from '../signals.ts';
import { isMeant, parseThreadId, type ThreadId } from '../thread-id.ts';
import { OK, type Packet, packet } from './define.ts';

/** `t` never stops one thread alone; a client wants to see it offered. */
const ACTIONS = 'c;C;s;S;t;r';
const ALL: ThreadId = { pid: 'all', tid: 'all' };

interface Action {
  readonly letter: string;
  readonly signal: number | undefined;
  readonly range: readonly [start: bigint, end: bigint] | undefined;
  readonly threads: ThreadId;
}

function parseAction(text: string): Action {
  const [what, threads] = splitAt(text, ':');
  const letter = what[0];
  const rest = what.slice(1);
  const [start, end] = splitAt(rest, ',');
  if (letter === undefined || !ACTIONS.split(';').includes(letter)) throw new UsageError('no such action');
  return {
    letter,
    signal: letter === 'C' || letter === 'S' ? signalOf(rest) : undefined,
    range: letter === 'r' ? [bigintOfHex(start), bigintOfHex(end)] : undefined,
    threads: threads === undefined ? ALL : parseThreadId(threads),
  };
}

/** Zero is none. */
function signalOf(text: string): number | undefined {
  const number = numberOfHex(text);
  const signal = linuxSignal(number);
  if (signal === undefined && number !== 0) throw new UsageError('no such signal');
  return signal;
}

/** The first thread that is to step; without one everybody continues. */
function resumptionOf(session: Session, actions: readonly Action[]): Resumption {
  const threads = session.debuggee.threads();
  const first = session.findTask();
  const inOrder = first === undefined ? threads : [first, ...threads.filter((task) => task !== first)];
  const signal = actions.find((action) => action.signal !== undefined)?.signal;
  for (const task of inOrder) {
    const action = actions.find((one) => isMeant(one.threads, task));
    if (action === undefined || !'sSr'.includes(action.letter)) continue;
    return { kind: 'step', direction: 'forward', task, signal, range: action.range };
  }
  return { kind: 'continue', direction: 'forward', signal };
}

const step = (session: Session, direction: 'forward' | 'backward', signal?: number): Promise<string> =>
  session.resume({ kind: 'step', direction, task: session.taskToResume(), signal, range: undefined });
const resume = (session: Session, direction: 'forward' | 'backward', signal?: number): Promise<string> =>
  session.resume({ kind: 'continue', direction, signal });
/** The older packets, `c`, `s`, `C` and `S`, may say where to go on: nothing does. */
function withoutAddress(args: string): string {
  if (args.includes(';') || /^[cs]./.test(args)) throw new UsageError('going on elsewhere is not supported');
  return args;
}

export const RESUME: readonly Packet[] = [
  packet({ name: '?', run: (session) => session.debuggee.stopReply() }),
  packet({ name: 'vCont?', run: () => `vCont;${ACTIONS}` }),
  packet({
    name: 'vCont',
    run(session, args) {
      const actions = args.split(';').slice(1).map(parseAction);
      if (actions.length === 0) throw new UsageError('no action');
      if (actions.every(({ letter }) => letter === 't')) return OK;
      return session.resume(resumptionOf(session, actions));
    },
  }),
  packet({ name: 'c', run: (session, args) => resume(session, 'forward', void withoutAddress(`c${args}`)) }),
  packet({ name: 's', run: (session, args) => step(session, 'forward', void withoutAddress(`s${args}`)) }),
  packet({ name: 'C', run: (session, args) => resume(session, 'forward', signalOf(withoutAddress(args))) }),
  packet({ name: 'S', run: (session, args) => step(session, 'forward', signalOf(withoutAddress(args))) }),
  packet({ name: 'bc', run: (session) => resume(session, 'backward') }),
  packet({ name: 'bs', run: (session) => step(session, 'backward') }),
  // Runs stop by the byte 3 or by this; here nothing runs.
  packet({ name: 'vCtrlC', run: () => OK }),
];
