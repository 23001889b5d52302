/** Which threads there are, and which one the packets after it are about. GDB manual, "Packets". */
import { UsageError } from '../../base/invariant.ts';
import { hexOfString } from '../bytes.ts';
import { isMeant, parseThreadId, threadIdText } from '../thread-id.ts';
import { FAILED, OK, type Packet, packet } from './define.ts';

export const THREADS: readonly Packet[] = [
  packet({
    name: 'H',
    run(session, args) {
      const id = parseThreadId(args.slice(1));
      if (args[0] === 'g') session.select(id);
      else if (args[0] === 'c') session.selectToResume(id);
      else throw new UsageError('neither Hg nor Hc');
      return OK;
    },
  }),
  packet({ name: 'qC', run: (session) => `QC${session.threadText(session.task())}` }),
  packet({
    name: 'T',
    run(session, args) {
      const id = parseThreadId(args);
      return session.debuggee.threads().some((task) => isMeant(id, task)) ? OK : FAILED;
    },
  }),
  packet({
    name: 'qfThreadInfo',
    run(session) {
      const threads = session.debuggee.threads().map((task) => session.threadText(task));
      return threads.length === 0 ? 'l' : `m${threads.join(',')}`;
    },
  }),
  packet({ name: 'qsThreadInfo', run: () => 'l' }),
  packet({
    name: 'qThreadExtraInfo',
    run(session, args) {
      const id = parseThreadId(args.slice(1));
      const task = session.debuggee.threads().find((one) => isMeant(id, one));
      if (task === undefined) throw new UsageError('no such thread');
      return hexOfString(task.describe());
    },
  }),
  // The program was started here, so that a client that leaves without a word may end it.
  packet({
    name: 'qAttached',
    run(session, args) {
      const pid = args === '' ? undefined : Number.parseInt(args.slice(1), 16);
      return pid !== undefined && session.debuggee.wasAttached(pid) ? '1' : '0';
    },
  }),
];

export const threadOf = (task: { readonly pid: number; readonly tid: number }): string =>
  threadIdText(task.pid, task.tid);
