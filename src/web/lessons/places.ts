/**
 * Places of a run, as a lesson names them: by what happens there, never by a number. "The child's first copy-on-write
 * break", "the area that mmap returned". They are looked for in the events of the run at hand, so that a lesson holds for
 * whatever frames, addresses and pids this run has.
 */
import type { EventDetail, EventGoal, EventKind, Move, TimelineEvent } from '../protocol.ts';

/** Processes in the order of their birth. */
export type Who = 'parent' | 'child' | 'second child' | 'third child';
const BIRTH: Readonly<Record<Who, number>> = { parent: 0, child: 1, 'second child': 2, 'third child': 3 };

export interface EventPattern {
  readonly kind: EventKind;
  /** Of a system call, its return, and a fork: `mmap`. */
  readonly call?: string;
  /** Of a page fault. */
  readonly cause?: Extract<EventDetail, { kind: 'fault' }>['cause'];
  /** Of a page fault: the kernel's, for a call, do not count. */
  readonly by?: 'program' | 'kernel';
  /** Of a signal: `SIGSEGV`. */
  readonly signal?: string;
  /** Of a return: `EACCES`. */
  readonly error?: string;
  readonly who?: Who;
  /** Of a fault: in the page of this address. */
  readonly page?: AddressOf;
  /** Of those that match, counted from 1; negative: from the last. Default: the first. */
  readonly nth?: number;
  readonly after?: EventPattern;
}

/** What mmap(2) returned, or where a fault or a signal was; `plus`: bytes further on. */
export interface AddressOf {
  readonly of: EventPattern;
  readonly plus?: number;
}

/** Where a step of a lesson stands. */
export interface Stand {
  readonly at: EventPattern;
  /** Before the instruction that causes the event; default: right after the event. */
  readonly when?: 'before' | 'after';
  /** From there on: to the next event of a kind, or by instructions of the selected process. */
  readonly onTo?: { readonly goal: EventGoal } | { readonly instructions: number };
}

/** Undefined: there is no such process, as far as the events tell. */
export function pidOf(events: readonly TimelineEvent[], who: Who): number | undefined {
  const born = events.flatMap(({ detail }) => (detail.kind === 'fork' && !detail.isThread ? [detail.childPid] : []));
  return [events[0]?.pid, ...born][BIRTH[who]];
}

export function findEvent(events: readonly TimelineEvent[], pattern: EventPattern): TimelineEvent | undefined {
  const from = pattern.after === undefined ? 0 : findEvent(events, pattern.after)?.number;
  const pid = pattern.who === undefined ? undefined : pidOf(events, pattern.who);
  if (from === undefined || (pattern.who !== undefined && pid === undefined)) return undefined;
  const page = pattern.page === undefined ? undefined : findAddress(events, pattern.page);
  const found = events.filter(
    (event) => event.number > from && (pid === undefined || event.pid === pid) && isAlike(event.detail, pattern, page),
  );
  const { nth = 1 } = pattern;
  return found.at(nth > 0 ? nth - 1 : nth);
}

function isAlike(detail: EventDetail, pattern: EventPattern, page: bigint | undefined): boolean {
  const { kind, call, cause, by, signal, error } = pattern;
  if (detail.kind !== kind) return false;
  if (call !== undefined && callOf(detail) !== call) return false;
  if (error !== undefined && !(detail.kind === 'return' && detail.error === error)) return false;
  if (signal !== undefined && !(detail.kind === 'signal' && detail.name === signal)) return false;
  if (detail.kind !== 'fault') return pattern.page === undefined;
  if (cause !== undefined && detail.cause !== cause) return false;
  if (by !== undefined && detail.by !== by) return false;
  return pattern.page === undefined || (page !== undefined && detail.address >> 12n === page >> 12n);
}

function callOf(detail: EventDetail): string | undefined {
  if (detail.kind === 'fork') return detail.call;
  return 'name' in detail ? detail.name : undefined;
}

export function findAddress(events: readonly TimelineEvent[], { of, plus = 0 }: AddressOf): bigint | undefined {
  const detail = findEvent(events, of)?.detail;
  const start = detail && addressIn(detail);
  return start === undefined ? undefined : start + BigInt(plus);
}

function addressIn(detail: EventDetail): bigint | undefined {
  switch (detail.kind) {
    case 'return':
      return detail.error !== undefined || detail.result === undefined ? undefined : BigInt.asUintN(64, detail.result);
    case 'fault':
    case 'signal':
      return detail.address;
    case 'mapping':
      return detail.start;
    default:
      return undefined;
  }
}

/** How the machine comes there, and the event that it is about. Undefined: the run has no such place. */
export function movesTo(
  events: readonly TimelineEvent[],
  { at, when = 'after', onTo }: Stand,
): { readonly moves: readonly Move[]; readonly event: TimelineEvent } | undefined {
  const event = findEvent(events, at);
  if (event === undefined) return undefined;
  const first: Move = { kind: 'goto', position: when === 'before' ? positionBefore(event) : { event: event.number } };
  const more: Move[] =
    onTo === undefined
      ? []
      : 'goal' in onTo
        ? [{ kind: 'event', goal: onTo.goal, direction: 'forward' }]
        : [{ kind: 'instruction', direction: 'forward', count: onTo.instructions }];
  return { moves: [first, ...more], event };
}

/** A fault and a signal are told before their instruction has been executed, all else after it. */
function positionBefore({ number, instruction, detail }: TimelineEvent): { instruction: number; event: number } {
  return detail.kind === 'fault' || detail.kind === 'signal'
    ? { instruction, event: number - 1 }
    : { instruction: Math.max(0, instruction - 1), event: 0 };
}
