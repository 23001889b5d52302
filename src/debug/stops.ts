/**
 * What a user wants the run to stop at: breakpoints, watchpoints and catchpoints, numbered together as in gdb; and the
 * reasons a stop is told with.
 */
import type { Task } from '../kernel/task/task.ts';
import type { Position } from './position.ts';
import type { EventKind, FaultCause, TimelineEvent } from './timeline.ts';

/** What all of them have in common. */
interface StopPoint {
  readonly id: number;
  isEnabled: boolean;
  /** Times that it was met, going either way, its condition being true. */
  hits: number;
  /** So many hits more are only counted. */
  ignoreCount: number;
  /** Of which process; undefined: of all. */
  readonly pid: number | undefined;
  /** Of which thread. */
  readonly tid: number | undefined;
  /** It goes when it is met. */
  readonly isTemporary: boolean;
  condition: Condition | undefined;
  /** As the user has put it: `main`, `demo.asm:69`, `*0x401000`. */
  readonly label: string;
}

export interface Condition {
  readonly text: string;
  /** Looks at the machine as it stands. */
  isTrue(task: Task): boolean;
}

export interface Breakpoint extends StopPoint {
  readonly kind: 'breakpoint';
  readonly address: bigint;
}

/** What is watched: bytes at an address of one process, or bytes of a frame, whoever maps it wherever. */
export type WatchedPlace =
  | { readonly kind: 'virtual'; readonly pid: number; readonly address: bigint; readonly length: number }
  | { readonly kind: 'frame'; readonly pfn: number; readonly offset: number; readonly length: number };

export interface Watchpoint extends StopPoint {
  readonly kind: 'watchpoint';
  readonly place: WatchedPlace;
  /** `change`: a write after which the bytes are others. */
  readonly access: 'read' | 'write' | 'access' | 'change';
}

export type CatchWhat =
  | { readonly kind: 'syscall'; readonly names?: readonly string[] | undefined }
  | { readonly kind: 'fork' | 'vfork' | 'exec' | 'exit' | 'mapping' | 'switch' }
  | { readonly kind: 'signal'; readonly names?: readonly string[] | undefined }
  | { readonly kind: 'fault'; readonly cause?: FaultCause | 'protection' | undefined };

export interface Catchpoint extends StopPoint {
  readonly kind: 'catchpoint';
  readonly what: CatchWhat;
  /** Of an exit or a signal: stops when it has happened, and not before. */
  readonly standsAfter: boolean;
}

export type AnyStopPoint = Breakpoint | Watchpoint | Catchpoint;

/** A watchpoint, and the access that it was waiting for. */
export interface WatchHit {
  readonly watchpoint: Watchpoint;
  readonly access: WatchAccess;
}

/** An access to what is watched. */
export interface WatchAccess {
  readonly isWrite: boolean;
  readonly by: 'program' | 'kernel';
  /** The instruction that did it, or asked the kernel to. */
  readonly rip: bigint;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export type StopReason =
  /** What was asked for has been done: steps, or the position is reached. */
  | { readonly kind: 'step' | 'goto' }
  | { readonly kind: 'breakpoint'; readonly breakpoints: readonly Breakpoint[] }
  | ({ readonly kind: 'watchpoint'; readonly others: readonly WatchHit[] } & WatchHit)
  | { readonly kind: 'catchpoint'; readonly catchpoint: Catchpoint; readonly event: TimelineEvent }
  /** A signal is about to be delivered. */
  | { readonly kind: 'signal'; readonly event: TimelineEvent }
  /** The task that was to step has ended. */
  | { readonly kind: 'task ended' }
  /** Backwards: the beginning of the run. */
  | { readonly kind: 'start' }
  /** Every process has ended. */
  | { readonly kind: 'end' }
  /** Everybody waits for everybody. */
  | { readonly kind: 'deadlock' }
  /** Somebody waits for input, and nobody else can run. */
  | { readonly kind: 'input' }
  | { readonly kind: 'interrupted' };

export interface Stop {
  readonly reason: StopReason;
  readonly position: Position;
  /** Whose doing it was; the selected one from now on. */
  readonly task: Task | undefined;
}

/** Codes of SIGSEGV and SIGBUS that faults have: above 0, and not SI_KERNEL. */
const SI_KERNEL = 0x80;

/** Kinds of events among which there may be one that is to be caught. */
export function kindsOf({ kind }: CatchWhat): readonly EventKind[] {
  if (kind === 'syscall') return ['syscall', 'return'];
  if (kind === 'fault') return ['fault', 'signal'];
  return [kind === 'vfork' ? 'fork' : kind];
}

/** Whether an event is what is to be caught. */
export function isCaught(what: CatchWhat, { detail }: TimelineEvent): boolean {
  switch (what.kind) {
    case 'syscall':
      return (
        // A call that ends the program does not return.
        (detail.kind === 'syscall' || (detail.kind === 'return' && detail.result !== undefined)) &&
        (what.names === undefined || what.names.includes(detail.name))
      );
    case 'fork':
      return detail.kind === 'fork' && !detail.isThread && detail.call !== 'vfork';
    case 'vfork':
      return detail.kind === 'fork' && detail.call === 'vfork';
    case 'signal':
      return detail.kind === 'signal' && (what.names === undefined || what.names.includes(detail.name));
    case 'fault':
      if (detail.kind === 'signal')
        return what.cause !== undefined ? what.cause === 'protection' && isFaultSignal(detail) : isFaultSignal(detail);
      return detail.kind === 'fault' && (what.cause === undefined || what.cause === detail.cause);
    default:
      return detail.kind === what.kind;
  }
}

const isFaultSignal = ({ name, code }: { name: string; code: number }): boolean =>
  (name === 'SIGSEGV' || name === 'SIGBUS') && code > 0 && code !== SI_KERNEL;

/** Signals at which a debugger does not stop unless it is asked to: those that programs use in passing, as in gdb. */
export const QUIET_SIGNALS: ReadonlySet<string> = new Set([
  'SIGALRM', 'SIGURG', 'SIGIO', 'SIGVTALRM', 'SIGPROF', 'SIGCHLD', 'SIGPOLL', 'SIGWINCH', 'SIGCANCEL',
]); // biome-ignore format: a list
