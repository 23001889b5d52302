/**
 * Everything the kernel has told so far, as plain values in the order in which it happened, each with its number. Going back
 * forgets nothing: when the same instructions run again, the same events are counted again and not written down twice.
 */
import { signalName } from '../abi/signal.ts';
import { hex, type Vpn, vaddrOf, vpnOf } from '../base/ints.ts';
import { rights } from '../kernel/mm/describe.ts';
import type {
  FaultEvent,
  ForkEvent,
  KernelObserver,
  MappingEvent,
  Moment,
  SignalEvent,
  SyscallEvent,
} from '../kernel/observer.ts';
import type { Task } from '../kernel/task/task.ts';
import type { Access } from '../mem/mmu.ts';
import type { Pte } from '../mem/pte.ts';
import { type AreaBacking, backingOf, titleOf } from './inspect/areas.ts';

/** Why a page fault happened, as a user asks for it. `zero page`: a read of memory that nobody has written. */
export type FaultCause = 'demand zero' | 'zero page' | 'file page' | 'shared page' | 'copy-on-write break';

export type EventDetail =
  | { readonly kind: 'exec'; readonly path: string; readonly args: readonly string[] }
  | { readonly kind: 'syscall'; readonly name: string; readonly number: number }
  | { readonly kind: 'blocked'; readonly name: string }
  | {
      readonly kind: 'return';
      readonly name: string;
      readonly number: number;
      /** RAX, signed; undefined for a call that does not return. */
      readonly result: bigint | undefined;
      readonly error: string | undefined;
    }
  | {
      readonly kind: 'mapping';
      readonly cause: MappingEvent['cause'];
      readonly start: bigint;
      readonly end: bigint;
      /** What its first page is backed by now; undefined: nothing is mapped there. */
      readonly backing: AreaBacking | undefined;
    }
  | {
      readonly kind: 'fork';
      readonly call: ForkEvent['call'];
      readonly childPid: number;
      readonly childTid: number;
      readonly isThread: boolean;
    }
  | {
      readonly kind: 'fault';
      readonly cause: FaultCause;
      readonly resolution: FaultEvent['resolution'];
      readonly by: FaultEvent['by'];
      readonly address: bigint;
      readonly access: Access;
      readonly before: Pte;
      readonly after: Pte;
      readonly oldFrame: FaultEvent['oldFrame'];
      readonly newFrame: FaultEvent['newFrame'];
      /** `rw-s shared, anonymous`: what the page belonged to. */
      readonly area: string;
    }
  | {
      readonly kind: 'signal';
      readonly signal: number;
      readonly name: string;
      readonly code: number;
      /** Of a fault: the address that was accessed. */
      readonly address: bigint | undefined;
      readonly action: SignalEvent['action'];
    }
  | { readonly kind: 'stop'; readonly signal: number }
  | { readonly kind: 'exit'; readonly status: number | undefined; readonly signal: number | undefined }
  | { readonly kind: 'switch'; readonly fromTid: number | undefined; readonly toTid: number };

export type EventKind = EventDetail['kind'];

export interface TimelineEvent {
  /** Counted from 1. */
  readonly number: number;
  /** Instructions retired by the whole machine when it was told. */
  readonly instruction: number;
  readonly pid: number;
  readonly tid: number;
  /** The instruction that caused it; 0 of a switch. */
  readonly rip: bigint;
  readonly detail: EventDetail;
  /** One line, in strace's words where it has some. */
  readonly text: string;
}

/** The oldest events are forgotten beyond so many. */
const MOST_EVENTS = 64_000;
const FORGOTTEN_AT_ONCE = 16_000;

export class Timeline {
  /** Undefined: it was only counted. */
  private _events: (TimelineEvent | undefined)[] = [];
  private _forgotten = 0;

  /** Events that were forgotten: those with numbers up to this. */
  get forgotten(): number {
    return this._forgotten;
  }
  /** The number of the last event that is known, wherever the machine is now. */
  get last(): number {
    return this._forgotten + this._events.length;
  }
  /** Undefined also for an event of a stretch that was run through so fast that events were only counted. */
  find(number: number): TimelineEvent | undefined {
    return this._events[number - this._forgotten - 1];
  }
  /** Those from one number to another, both included, as far as they are known. */
  between(first: number, last: number): readonly TimelineEvent[] {
    const kept = this._events.slice(Math.max(0, first - this._forgotten - 1), Math.max(0, last - this._forgotten));
    return kept.filter((event) => event !== undefined);
  }
  /** Another course of events begins after that one. */
  forgetAfter(number: number): void {
    this._events.length = Math.min(this._events.length, Math.max(0, number - this._forgotten));
  }
  /** The event of that number, which may be the next one; or just that there was one. */
  put(number: number, event: TimelineEvent | undefined): void {
    const index = number - this._forgotten - 1;
    if (index < 0) return;
    if (index < this._events.length) {
      this._events[index] ??= event;
      return;
    }
    this._events.push(event);
    if (this._events.length <= MOST_EVENTS) return;
    this._events = this._events.slice(FORGOTTEN_AT_ONCE);
    this._forgotten += FORGOTTEN_AT_ONCE;
  }
}

/** What of the recorder belongs to the moment, so that a snapshot takes it along. */
export interface Told {
  events: number;
}

/** Writes the timeline. `onTold` hears of each event, known or not, when it happens. */
export class TimelineRecorder implements KernelObserver {
  readonly told: Told = { events: 0 };
  readonly timeline: Timeline = new Timeline();
  onTold: ((event: TimelineEvent) => void) | undefined;
  /** Hears of the number of each, first. */
  onCounted: ((number: number) => void) | undefined;
  /** Beyond this number events are only counted, but for kinds that somebody wants: describing a million calls takes time. */
  countsAfter = Number.POSITIVE_INFINITY;
  wanted: ReadonlySet<EventKind> | undefined;
  /** From this number on they are described again. */
  describesFrom = Number.POSITIVE_INFINITY;
  /** By thread, the text of the call that it is in, or was in last. */
  private readonly _entries = new Map<number, string>();

  onExec: NonNullable<KernelObserver['onExec']> = (event) =>
    void this._tell('exec', event, () => ({ kind: 'exec', path: event.path, args: event.args }), event.text);

  onSyscallEnter: NonNullable<KernelObserver['onSyscallEnter']> = (event) => {
    const { name, number } = event;
    const told = this._tell('syscall', event, () => ({ kind: 'syscall', name, number }), event.entryText);
    if (told === undefined) this._entries.delete(event.pid);
    else this._entries.set(event.pid, told.text);
  };

  onSyscallBlocked: NonNullable<KernelObserver['onSyscallBlocked']> = (event) =>
    void this._tell(
      'blocked',
      event,
      () => ({ kind: 'blocked', name: event.name }),
      () => `${this._entryText(event)} <unfinished ...>`,
    );

  onSyscallExit: NonNullable<KernelObserver['onSyscallExit']> = (event) =>
    void this._tell(
      'return',
      event,
      () => ({
        kind: 'return',
        name: event.name,
        number: event.number,
        result: event.result,
        error: event.error?.name,
      }),
      () => `${this._entryText(event)}${event.exitText()} ${event.resultText()}`,
    );

  onMapping: NonNullable<KernelObserver['onMapping']> = (event) => {
    const range = { start: vaddrOf(event.range.start), end: vaddrOf(event.range.end) };
    const text = (): string => `${event.cause} ${hex(range.start)}-${hex(range.end)}`;
    const detail = (): EventDetail => ({
      kind: 'mapping',
      cause: event.cause,
      ...range,
      backing: backingAt(event.task, event.range.start),
    });
    this._tell('mapping', event, detail, text);
  };

  onFork: NonNullable<KernelObserver['onFork']> = (event) =>
    void this._tell(
      'fork',
      event,
      () => ({
        kind: 'fork',
        call: event.call,
        childPid: event.child.pid,
        childTid: event.child.tid,
        isThread: event.isThread,
      }),
      () => `${event.call}: ${event.isThread ? 'thread' : 'process'} ${event.child.tid}`,
    );

  onFirstTouch: NonNullable<KernelObserver['onFirstTouch']> = (event) => this._fault(event);
  onCopyOnWrite: NonNullable<KernelObserver['onCopyOnWrite']> = (event) => this._fault(event);

  onSignal: NonNullable<KernelObserver['onSignal']> = (event) =>
    void this._tell(
      'signal',
      event,
      () => ({
        kind: 'signal',
        signal: event.info.signal,
        name: signalName(event.info.signal),
        code: event.info.code,
        address: 'address' in event.info ? (event.info.address as bigint | undefined) : undefined,
        action: event.action,
      }),
      event.text,
    );

  onStop: NonNullable<KernelObserver['onStop']> = (event) =>
    void this._tell('stop', event, () => ({ kind: 'stop', signal: event.signal }), event.text);

  onExit: NonNullable<KernelObserver['onExit']> = (event) =>
    void this._tell(
      'exit',
      event,
      () => ({
        kind: 'exit',
        status: event.ending.kind === 'exited' ? event.ending.status : undefined,
        signal: event.ending.kind === 'killed' ? event.ending.signal : undefined,
      }),
      event.text,
    );

  onSwitch: NonNullable<KernelObserver['onSwitch']> = ({ from, to, instructions }) => {
    const who = (task: Task): string => `${task.tid}`;
    this._tell(
      'switch',
      { pid: to.tid, task: to, instructions, rip: 0n },
      () => ({ kind: 'switch', fromTid: from?.tid, toTid: to.tid }),
      () => (from === undefined ? `${who(to)} gets the CPU` : `the CPU goes from ${who(from)} to ${who(to)}`),
    );
  };

  /** What was printed when the call was entered: its arguments may have changed since. */
  private _entryText(event: SyscallEvent): string {
    const known = this._entries.get(event.pid);
    return known ?? event.entryText();
  }

  private _fault(event: FaultEvent): void {
    const { resolution, by, access, before, after, oldFrame, newFrame } = event;
    const cause = CAUSES[resolution];
    if (cause === undefined) return;
    const address = event.address as bigint;
    this._tell(
      'fault',
      event,
      () => ({
        kind: 'fault',
        cause,
        resolution,
        by,
        address,
        access,
        before,
        after,
        oldFrame,
        newFrame,
        area: areaText(event.task, address),
      }),
      () => `page fault (${access}) at ${hex(address)}: ${cause}`,
    );
  }

  private _tell(
    kind: EventKind,
    moment: Moment,
    detail: () => EventDetail,
    text: () => string,
  ): TimelineEvent | undefined {
    const number = ++this.told.events;
    this.onCounted?.(number);
    let event = this.timeline.find(number);
    if (event === undefined) {
      if (number <= this.countsAfter || number >= this.describesFrom || this.wanted?.has(kind) === true) {
        const { pid: tid, task, instructions: instruction, rip } = moment;
        event = { number, instruction, pid: task.pid, tid, rip, detail: detail(), text: text() };
      }
      this.timeline.put(number, event);
    }
    if (event !== undefined) this.onTold?.(event);
    return event;
  }
}

function areaText({ mm }: Task, address: bigint): string {
  const vma = mm.vmas.find(vpnOf(address));
  return vma === undefined ? '' : `${rights(vma)} ${titleOf(mm, vma)}`;
}

const CAUSES: Partial<Record<FaultEvent['resolution'], FaultCause>> = {
  'zero page': 'zero page',
  'demand zero': 'demand zero',
  'file page': 'file page',
  'file copy': 'copy-on-write break',
  'shared page': 'shared page',
  copied: 'copy-on-write break',
  reused: 'copy-on-write break',
};

function backingAt(task: Task, vpn: Vpn): AreaBacking | undefined {
  const vma = task.hasMemory() ? [...task.mm.vmas].find(({ start, end }) => vpn >= start && vpn < end) : undefined;
  return vma && backingOf(vma);
}
