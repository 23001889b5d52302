/**
 * What there is to see of an event that changes a mapping, as data: every view draws these, none works out its own.
 * All numbers were read from the entries in the frames when the event happened (page-story.ts does that).
 */
import type { Ending } from '../abi/wait.ts';
import type { Pfn } from '../base/ints.ts';
import type { Resolution } from '../kernel/mm/fault.ts';
import type { FaultEvent, ForkEvent, MappingEvent, SignalEvent } from '../kernel/observer.ts';
import type { WalkStep } from '../mem/page-table.ts';
import type { Pte } from '../mem/pte.ts';

/** One page as one process has it. */
export interface PageWalk {
  readonly pid: number;
  /** The root's physical address, as in CR3. */
  readonly cr3: number;
  /** What is mapped there: `rw-s shared, anonymous`; undefined when nothing is. */
  readonly area: string | undefined;
  /** Entries read, root first, up to the first that is not present. */
  readonly steps: readonly WalkStep[];
  /** The same before the event, where the event changed them: its last step is the entry that was another one. */
  readonly before?: readonly WalkStep[];
  /** The frame, when the walk reaches one. */
  readonly pfn: Pfn | undefined;
}

/** A frame at the time of the event. */
export interface FrameView {
  readonly pfn: Pfn;
  /** Page-table entries, of all processes, that lead to it. */
  readonly mappings: number;
  /** `shared`, `copy on write`, `new, zeroed`, ... */
  readonly note: string;
  /** Where in the frame `bytes` start. */
  readonly offset: number;
  /** Sixteen bytes worth showing. */
  readonly bytes: readonly number[];
  /** Those before, where the event is that they changed. */
  readonly bytesBefore?: readonly number[];
}

/** One virtual page in all processes that matter, and the frames that their walks end in, each once. */
export interface PagePicture {
  readonly address: bigint;
  /** `walk`: all four levels; `leaf`: the entry that matters; the levels above are as in the picture before. */
  readonly detail: 'walk' | 'leaf';
  readonly walks: readonly PageWalk[];
  readonly frames: readonly FrameView[];
  /** Pages after this one, in the same area, of which the same can be said. */
  readonly more: number;
}

/** A leaf entry that the event changed. */
export interface EntryChange {
  readonly pid: number;
  readonly address: bigint;
  readonly before: Pte;
  readonly after: Pte;
}

/** How many entries led to a frame before an event, and after it. */
export interface FrameCount {
  readonly pfn: Pfn;
  readonly before: number;
  readonly after: number;
}

/** What has happened, for who tells it in other words than the title's. */
export type Occasion =
  | { readonly kind: 'exec'; readonly path: string; readonly isFirst: boolean }
  | {
      readonly kind: 'fault';
      readonly resolution: Resolution;
      readonly access: FaultEvent['access'];
      readonly by: FaultEvent['by'];
      readonly address: bigint;
    }
  | {
      readonly kind: 'fork';
      readonly call: ForkEvent['call'];
      /** The number that the call returns. */
      readonly child: number;
      /** `copy`: the child has its own page table; `shared`: both run on one until it ends; `thread`: of one process. */
      readonly memory: 'copy' | 'shared' | 'thread';
    }
  | {
      readonly kind: 'mapping';
      readonly cause: MappingEvent['cause'];
      /** As strace(1) prints it, with its result. */
      readonly call: string;
      readonly start: bigint;
      readonly end: bigint;
      /** Entries that differ, those not listed in `changes` included. */
      readonly entries: number;
    }
  | {
      /** A fault that becomes a signal. */
      readonly kind: 'refused';
      readonly signal: 'SIGSEGV' | 'SIGBUS';
      /** No area has the page; its area does not allow the access; the file ends before it. */
      readonly why: 'no area' | 'rights' | 'past the end';
      readonly address: bigint;
      readonly action: SignalEvent['action'];
    }
  | { readonly kind: 'store'; readonly seenWhen: string }
  | { readonly kind: 'load'; readonly seenWhen: string }
  | {
      readonly kind: 'exit';
      readonly ending: Ending;
      /** A thread has ended, its process goes on. */
      readonly isThread: boolean;
      /** Page tables and frames that were the process's, and how many of the frames others still map. */
      readonly tables: number;
      readonly frames: number;
      readonly kept: number;
    };

export interface PageEvent {
  readonly occasion: Occasion;
  /** Counted from 1. */
  readonly number: number;
  /** Instructions retired by all processes so far. */
  readonly instructions: number;
  readonly pid: number;
  /** `fork() = 101`, `first touch`, `copy-on-write break`, ... */
  readonly title: string;
  /** The process; `pid` is the thread's number. */
  readonly process: number;
  /** Where the program was: at a SYSCALL for what a call did; undefined where the CPU was taken from it. */
  readonly rip: bigint | undefined;
  /** The instruction that faulted, as its address and text, where there is one. */
  readonly cause?: { readonly rip: bigint; readonly text: string };
  /** Remarks: a line each. */
  readonly notes: readonly string[];
  readonly changes: readonly EntryChange[];
  /** Of the first frames whose number of mappings the event has changed. */
  readonly counts?: readonly FrameCount[];
  readonly pictures: readonly PagePicture[];
}
