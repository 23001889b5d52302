/**
 * What there is to see of an event that changes a mapping, as data: every view draws these, none works out its own.
 * All numbers were read from the entries in the frames when the event happened (page-story.ts does that).
 */
import type { Pfn } from '../base/ints.ts';
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

export interface PageEvent {
  /** Counted from 1. */
  readonly number: number;
  /** Instructions retired by all processes so far. */
  readonly instructions: number;
  readonly pid: number;
  /** `fork() = 101`, `first touch`, `copy-on-write break`, ... */
  readonly title: string;
  /** The instruction that faulted, as its address and text, where there is one. */
  readonly cause?: { readonly rip: bigint; readonly text: string };
  /** Remarks: a line each. */
  readonly notes: readonly string[];
  readonly changes: readonly EntryChange[];
  readonly pictures: readonly PagePicture[];
}
