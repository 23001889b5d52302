/**
 * What commands return: values with their parts by name, for whoever shows them (text.ts, the terminal view, DAP, gdb's
 * `monitor`). Numbers and addresses are not text yet, except where gdb's format letters have made them so.
 */

import type { MemoryRow } from '../expression/examine.ts';
import type { Value } from '../expression/values.ts';
import type { AreaView } from '../inspect/areas.ts';
import type { CodeLine } from '../inspect/disassembly.ts';
import type { DescriptorView } from '../inspect/files.ts';
import type { FrameView } from '../inspect/frames.ts';
import type { ProcessView, TaskView } from '../inspect/tasks.ts';
import type { AddressWalk } from '../inspect/walk.ts';
import type { X87State } from '../inspect/x87.ts';
import type { TimelineEvent } from '../timeline.ts';

/** Where code is: what a line such as `#0  twice () at state.asm:68` is made of. */
export interface Place {
  readonly address: bigint;
  /** The symbol's name, and how far into it. */
  readonly symbol: string | undefined;
  readonly offset: number;
  readonly source: SourcePlace | undefined;
}

export interface SourcePlace {
  /** As the compiler has named it. */
  readonly file: string;
  /** Its whole path. */
  readonly path: string;
  readonly line: number;
  /** The address is the first of the line's code. */
  readonly isStart: boolean;
  /** Undefined: the file is not at hand. */
  readonly text: string | undefined;
}

export interface SourceLine {
  readonly number: number;
  readonly text: string;
}

export interface BreakpointRow {
  readonly number: number;
  /** `breakpoint`, `hw watchpoint`, `read watchpoint`, `acc watchpoint`, `catchpoint`. */
  readonly type: string;
  readonly disposition: 'keep' | 'del' | 'dis';
  readonly enabled: boolean;
  readonly address: bigint | undefined;
  readonly what: string;
  readonly condition: string | undefined;
  readonly thread: number | undefined;
  readonly hits: number;
  readonly ignoreCount: number;
  /** What is done when it stops the program. */
  readonly lines: readonly string[];
}

export interface RegisterRow {
  readonly name: string;
  readonly value: Value;
  /** Hexadecimal, and as its type has it. */
  readonly raw: string;
  readonly natural: string;
}

export interface DisplayRow {
  readonly number: number;
  readonly enabled: boolean;
  /** Without the slash; empty: none. */
  readonly format: string;
  readonly expression: string;
}

/** What a stop says before it says where: by its reason. */
export type StopHead =
  | { readonly kind: 'none' }
  | { readonly kind: 'breakpoint'; readonly number: number; readonly isTemporary: boolean }
  | {
      readonly kind: 'watchpoint';
      readonly number: number;
      readonly title: string;
      readonly expression: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
      /** Of ones that look for reads: the value that was read. */
      readonly value: string | undefined;
      readonly by: string | undefined;
    }
  | { readonly kind: 'catchpoint'; readonly number: number; readonly isTemporary: boolean; readonly what: string }
  | { readonly kind: 'signal'; readonly name: string; readonly text: string }
  | { readonly kind: 'message'; readonly text: string };

export type Output =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly number: number; readonly text: string; readonly value: Value }
  | { readonly kind: 'memory'; readonly rows: readonly MemoryRow[]; readonly perRow: 'cells' | 'strings' }
  | {
      readonly kind: 'code';
      readonly title: string | undefined;
      readonly lines: readonly CodeLine[];
      /** Of the selected task: where `=>` is. */
      readonly current: bigint | undefined;
      readonly hasBytes: boolean;
      /** `x/i` names every line `<symbol+4>`, `disassemble` those of one function `<+4>`. */
      readonly style: 'x' | 'function' | 'range';
      /** What cannot be read after the last line. */
      readonly error: string | undefined;
    }
  | { readonly kind: 'registers'; readonly rows: readonly RegisterRow[] }
  | { readonly kind: 'x87'; readonly state: X87State }
  | {
      readonly kind: 'place';
      readonly place: Place;
      readonly level: number | undefined;
      readonly style: 'line' | 'both' | 'source';
    }
  | { readonly kind: 'stop'; readonly heads: readonly StopHead[]; readonly switched: TaskView | undefined }
  | { readonly kind: 'leaving'; readonly title: string; readonly level: number; readonly place: Place }
  | { readonly kind: 'backtrace'; readonly frames: readonly Place[]; readonly more: boolean }
  | { readonly kind: 'source'; readonly lines: readonly SourceLine[] }
  | { readonly kind: 'breakpoints'; readonly rows: readonly BreakpointRow[]; readonly only: 'all' | 'watchpoints' }
  | { readonly kind: 'displays'; readonly rows: readonly DisplayRow[] }
  | { readonly kind: 'display'; readonly row: DisplayRow; readonly text: string; readonly isBlock: boolean }
  | { readonly kind: 'threads'; readonly threads: readonly ThreadRow[] }
  | { readonly kind: 'inferiors'; readonly processes: readonly ProcessView[]; readonly current: number | undefined }
  | { readonly kind: 'timeline'; readonly events: readonly TimelineEvent[]; readonly now: number }
  | { readonly kind: 'maps'; readonly pid: number; readonly areas: readonly AreaView[] }
  | { readonly kind: 'files'; readonly pid: number; readonly files: readonly DescriptorView[] }
  | { readonly kind: 'walk'; readonly walks: readonly WalkOutput[] }
  | { readonly kind: 'frame'; readonly frame: FrameView; readonly from: number | undefined }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  /** What the program has printed since the last time. */
  | { readonly kind: 'program'; readonly bytes: Uint8Array }
  | { readonly kind: 'quit' };

export interface ThreadRow {
  readonly task: TaskView;
  readonly isCurrent: boolean;
  readonly place: Place | undefined;
}

export interface WalkOutput {
  readonly pid: number;
  readonly walk: AddressWalk;
  /** `rw-s shared anonymous`, `not mapped`. */
  readonly area: string;
  /** Of the frame at its end: entries of page tables that lead to it; and references, of files and checkpoints, too. */
  readonly mappings: number;
  readonly references: number;
  readonly bytes: Uint8Array | undefined;
}

export const say = (text: string): Output => ({ kind: 'text', text });
