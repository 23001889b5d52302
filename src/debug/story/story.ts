/**
 * The story of a run as data: chapters of what happened, in order, with the page events' pictures; what repeats is folded
 * where it happens, so that a long run needs no more room than a short one. Words are found later (prose.ts): only then it
 * is known who was a parent.
 */
import type { Ending } from '../../abi/wait.ts';
import type { SignalEvent } from '../../kernel/observer.ts';
import type { RunResult } from '../../machine/result.ts';
import type { PageEvent } from '../page-events.ts';
import type { Comparison } from './comparison.ts';
import type { CodePlace } from './places.ts';

export type ChapterKind =
  | 'start'
  | 'exec'
  | 'fork'
  | 'thread'
  | 'copy'
  | 'store'
  | 'load'
  | 'wait'
  | 'unmap'
  | 'exit'
  | 'rest';

export interface Chapter {
  readonly kind: ChapterKind;
  /** Whom the title is about: a thread's number. */
  readonly pid: number;
  /** Of a fork: the child. */
  readonly child?: number | undefined;
  /** Instructions retired when it begins. */
  readonly instructions: number;
  readonly items: StoryItem[];
}

export type StoryItem = PageItem | LikesItem | CallItem | SignalItem;

/** An event with its picture. */
export interface PageItem {
  readonly kind: 'page';
  readonly event: PageEvent;
  readonly place: CodePlace | undefined;
  /** Of a store or a load: the instruction that made it, once it has been looked for. */
  cause?: Access | undefined;
}

/** An access that was found by going through the run again. */
export interface Access {
  readonly place: CodePlace;
  readonly text: string;
  /** The kernel made it, for the call at `place`. */
  readonly byKernel: boolean;
}

/** Events like one that the story has shown; they are counted. */
export interface LikesItem {
  readonly kind: 'likes';
  readonly first: PageEvent;
  last: PageEvent;
  count: number;
  /** Whose they are: threads. */
  readonly pids: Set<number>;
  lowest: bigint;
  highest: bigint;
  /** Frames that they have brought, each once; undefined: too many to keep. */
  frames: Set<number> | undefined;
}

export interface CallItem {
  readonly kind: 'call';
  readonly pid: number;
  readonly name: string;
  /** As strace(1) prints it, result included. */
  readonly text: string;
  /** It has begun to wait. Its end is an item of its own. */
  readonly sleeps: boolean;
  /** What reached standard output or standard error with it. */
  readonly output: string;
  /** Later calls of that name in this chapter that are not listed, and the beginning of what was printed with them. */
  more: number;
  moreOutput: string;
}

export interface SignalItem {
  readonly kind: 'signal';
  readonly pid: number;
  readonly text: string;
  readonly action: SignalEvent['action'];
  /** Later ones in this chapter. */
  more: number;
}

export interface StoryProcess {
  /** Of a thread its own number. */
  readonly pid: number;
  /** The process it belongs to. */
  readonly process: number;
  /** Who made it; undefined for the first. */
  readonly parent: number | undefined;
  /** Instructions of the whole run when it began, and when it ended. */
  readonly born: number;
  ended: number | undefined;
  ending: Ending | undefined;
}

/** What was folded or not kept. */
export interface LeftOut {
  /** Page events without a picture of their own. */
  events: number;
  /** Calls that are only counted. */
  calls: number;
  /** Items of chapters that were full. */
  items: number;
  /** Bytes of output. */
  outputBytes: number;
  processes: number;
}

export interface Story {
  readonly program: string;
  readonly args: readonly string[];
  readonly chapters: readonly Chapter[];
  readonly processes: readonly StoryProcess[];
  readonly pageEvents: number;
  readonly calls: number;
  readonly leftOut: LeftOut;
  readonly result: RunResult;
  /** Where the program asks for shared memory without a file. */
  readonly comparison?: Comparison | undefined;
}
