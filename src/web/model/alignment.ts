/**
 * Two histories of one program side by side: the same call or event in both is one row, what only one of them has stands
 * alone. Longest common subsequence over what an event is and whose; how it ended may differ, and is then marked.
 */
import type { EventDetail, TimelineEvent } from '../protocol.ts';

export interface AlignedRow {
  readonly left: TimelineEvent | undefined;
  readonly right: TimelineEvent | undefined;
  /** One of them is not there, or they tell different things. */
  readonly differs: boolean;
}

export interface Alignment {
  readonly rows: readonly AlignedRow[];
  /** Events of both that were too many to be laid side by side. */
  readonly leftOut: number;
}

/** Events of one history that are compared: the work grows with the square. */
const MOST_EVENTS = 1500;

export function align(left: readonly TimelineEvent[], right: readonly TimelineEvent[]): Alignment {
  const [ours, theirs] = [left.filter(isTold), right.filter(isTold)];
  const [a, b] = [ours.slice(0, MOST_EVENTS), theirs.slice(0, MOST_EVENTS)];
  const leftOut = ours.length - a.length + (theirs.length - b.length);
  return { rows: pair(a, b), leftOut };
}

/** The scheduler's turns, what a call asks and what it changed are told with its return. */
function isTold({ detail }: TimelineEvent): boolean {
  return (
    detail.kind !== 'switch' && detail.kind !== 'mapping' && detail.kind !== 'syscall' && detail.kind !== 'blocked'
  );
}

function pair(a: readonly TimelineEvent[], b: readonly TimelineEvent[]): AlignedRow[] {
  const [keysA, keysB] = [keysOf(a), keysOf(b)];
  const width = b.length + 1;
  // common[i * width + j]: the most rows that a from i on and b from j on can have in common.
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        keysA[i] === keysB[j]
          ? common[(i + 1) * width + j + 1] + 1
          : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
  const rows: AlignedRow[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && keysA[i] === keysB[j]) {
      rows.push({ left: a[i], right: b[j], differs: a[i].text !== b[j].text });
      i++;
      j++;
    } else if (j === b.length || (i < a.length && common[(i + 1) * width + j] >= common[i * width + j + 1]))
      rows.push({ left: a[i++], right: undefined, differs: true });
    else rows.push({ left: undefined, right: b[j++], differs: true });
  }
  return rows;
}

/** What it is, whose, and the how-manieth of its kind there: a fault in one history has no partner among later ones. */
function keysOf(events: readonly TimelineEvent[]): string[] {
  const births = new Map<number, number>();
  const nameOf = (pid: number): number => {
    if (!births.has(pid)) births.set(pid, births.size);
    return births.get(pid)!;
  };
  return events.map(({ pid, detail }) => `${nameOf(pid)} ${keyOf(detail)}`);
}

function keyOf(detail: EventDetail): string {
  switch (detail.kind) {
    case 'return':
      return `call ${detail.name}`;
    case 'fault':
      return `fault ${detail.address >> 12n} ${detail.cause}`;
    case 'signal':
      return `signal ${detail.name}`;
    default:
      return detail.kind;
  }
}

/** The row at which a history stands: the last one with an event of it that has happened. -1: before all. */
export function rowAt(rows: readonly AlignedRow[], side: 'left' | 'right', event: number): number {
  return rows.findLastIndex((row) => row[side] !== undefined && row[side].number <= event);
}

/** Where a history stands at a row: at its event, or at the last one before. Undefined: it has none before. */
export function eventAt(rows: readonly AlignedRow[], side: 'left' | 'right', row: number): TimelineEvent | undefined {
  return rows.slice(0, row + 1).findLast((one) => one[side] !== undefined)?.[side];
}

/** Memory that the program asked to share without a file: where each such area begins. */
export const sharedAreas = (events: readonly TimelineEvent[]): bigint[] =>
  events.flatMap(({ detail }) =>
    detail.kind === 'mapping' && detail.cause === 'mmap' && detail.backing === 'shared anonymous' ? [detail.start] : [],
  );
