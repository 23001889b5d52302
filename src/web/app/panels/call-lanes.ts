/**
 * The system calls of a run as lanes, one for each thread, time downwards: each row is one line of strace(1). A call that
 * sleeps has two rows, and what lies between them is its sleep; a fork leads from its row to a new lane.
 */
import type { TimelineEvent } from '../../protocol.ts';

export interface CallRow {
  readonly lane: number;
  readonly kind: 'call' | 'asleep' | 'resumed' | 'exec' | 'signal' | 'stop' | 'exit' | 'unfinished';
  /** Whose number is the time of this row. */
  readonly event: TimelineEvent;
  /** The first event of the call: it is under way from there on. */
  readonly from: number;
  /** As strace(1) prints it, without the number of the process. */
  readonly text: string;
  /** Of a call. */
  readonly name: string | undefined;
  /** `EBADF`. */
  readonly error: string | undefined;
  /** Of a fork: the lane that begins here. */
  readonly child: number | undefined;
}

export interface CallLane {
  readonly tid: number;
  readonly pid: number;
  /** Its first row: it was born there, by the thread of another lane. */
  readonly from: number;
  /** Its last row; undefined: it still lives where the events end. */
  readonly to: number | undefined;
  readonly sleeps: readonly Sleep[];
}

/** From one row to another; `to` undefined: it is not known to end. */
export interface Sleep {
  readonly from: number;
  readonly to: number | undefined;
}

export interface CallLanes {
  readonly lanes: readonly CallLane[];
  readonly rows: readonly CallRow[];
}

interface OpenLane {
  readonly tid: number;
  readonly pid: number;
  from: number;
  to: number | undefined;
  readonly sleeps: { from: number; to: number | undefined }[];
  /** The call that it is in. */
  call: { readonly event: TimelineEvent; asleep: number | undefined } | undefined;
  /** The lane of the child that its call has made. */
  child: number | undefined;
}

export function layOutCalls(events: readonly TimelineEvent[]): CallLanes {
  const lanes: OpenLane[] = [];
  const byTid = new Map<number, number>();
  const rows: CallRow[] = [];
  const laneOf = (tid: number, pid: number): number => {
    let lane = byTid.get(tid);
    if (lane === undefined) {
      lane = lanes.length;
      byTid.set(tid, lane);
      lanes.push({ tid, pid, from: rows.length, to: undefined, sleeps: [], call: undefined, child: undefined });
    }
    return lane;
  };
  for (const event of events) {
    const { detail, tid, pid, text } = event;
    if (detail.kind === 'switch' || detail.kind === 'mapping' || detail.kind === 'fault') continue;
    const lane = laneOf(tid, pid);
    const own = lanes[lane];
    const put = (kind: CallRow['kind'], more: Partial<CallRow> = {}): void => {
      const child = kind === 'call' || kind === 'asleep' || kind === 'resumed' ? own.child : undefined;
      rows.push({ lane, kind, event, from: event.number, text, name: undefined, error: undefined, child, ...more });
      if (child !== undefined) own.child = undefined;
    };
    switch (detail.kind) {
      case 'syscall':
        own.call = { event, asleep: undefined };
        break;
      case 'fork': {
        own.child = laneOf(detail.childTid, detail.childPid);
        break;
      }
      case 'blocked':
        if (own.call?.asleep !== undefined) break;
        if (own.call !== undefined) own.call.asleep = rows.length;
        own.sleeps.push({ from: rows.length, to: undefined });
        put('asleep', { name: detail.name, from: own.call?.event.number ?? event.number });
        break;
      case 'return': {
        const { call } = own;
        own.call = undefined;
        const { name, error } = detail;
        if (call?.asleep === undefined) {
          put('call', { name, error, from: call?.event.number ?? event.number });
          break;
        }
        own.sleeps.at(-1)!.to = rows.length;
        const before = call.event.text;
        const rest = text.startsWith(before) ? text.slice(before.length) : text;
        put('resumed', { name, error, text: `<... ${name} resumed>${rest}`, from: event.number });
        break;
      }
      case 'exit':
        own.to = rows.length;
        own.call = undefined;
        // A number that is given again is another thread.
        byTid.delete(tid);
        put('exit');
        break;
      default:
        put(detail.kind);
    }
  }
  // Calls that are under way where the events end.
  for (const [lane, { call }] of lanes.entries()) {
    if (call === undefined || call.asleep !== undefined) continue;
    const { event } = call;
    const name = event.detail.kind === 'syscall' ? event.detail.name : undefined;
    rows.push({ lane, kind: 'unfinished', event, from: event.number, text: `${event.text} <unfinished ...>`, name, error: undefined, child: undefined }); // biome-ignore format: one line
  }
  return { lanes, rows };
}

/** How many rows have happened at a position. */
export function rowsUntil(rows: readonly CallRow[], event: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].event.number <= event) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of the sleeps of a lane those that touch a range of rows. */
export function sleepsWithin(sleeps: readonly Sleep[], first: number, last: number): Sleep[] {
  let [low, high] = [0, sleeps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sleeps[middle].to ?? Number.POSITIVE_INFINITY) < first) low = middle + 1;
    else high = middle;
  }
  const found: Sleep[] = [];
  for (let i = low; i < sleeps.length && sleeps[i].from <= last; i++) found.push(sleeps[i]);
  return found;
}
