/**
 * What the page and the machine's worker say to each other: plain data that structured clones carry. Addresses and entries
 * are bigint, frame numbers are number. All of a view is read from the machine at one position (model/), none of it kept.
 */
import type { Foreseen } from '../debug/inspect/foresee.ts';
import type { Position } from '../debug/position.ts';
import type { CatchWhat, Watchpoint } from '../debug/stops.ts';
import type { TimelineEvent } from '../debug/timeline.ts';
import type { Level } from '../mem/page-table.ts';
import type { Pte } from '../mem/pte.ts';

export type { Foreseen } from '../debug/inspect/foresee.ts';
export type { Position } from '../debug/position.ts';
export type { EventDetail, EventKind, TimelineEvent } from '../debug/timeline.ts';
export type { Level } from '../mem/page-table.ts';

/** A file that the guest finds. */
export interface GivenFile {
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** A program and all that its run follows from. */
export interface ProgramSpec {
  /** Its path in the guest, and argv[0]. */
  readonly path: string;
  readonly program: Uint8Array;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What it finds besides, by absolute path: libraries, inputs. */
  readonly files?: Readonly<Record<string, GivenFile>> | undefined;
  /** All of its standard input. Undefined: what is typed. */
  readonly stdin?: string | undefined;
  readonly seed?: number | undefined;
  /** Instructions of a time slice. */
  readonly quantum?: number | undefined;
  /** Physical memory, in bytes. */
  readonly memory?: number | undefined;
  /** x86-64 level of the processor. */
  readonly cpu?: 1 | 2 | 3 | undefined;
  readonly cwd?: string | undefined;
  /** Each mapping that it asks to be MAP_SHARED|MAP_ANONYMOUS is private instead. */
  readonly asPrivate?: boolean | undefined;
}

/** What the page wants to see: of a thread, at an address, so much of each list. */
export interface ViewQuery {
  /** Undefined, or of nobody: the one that the engine has selected. */
  readonly tid?: number | undefined;
  /** Whose walk is drawn in every process. Undefined: none. */
  readonly address?: bigint | undefined;
  /** Where the code's list begins to be centred. Undefined: at RIP. */
  readonly codeAddress?: bigint | undefined;
  readonly stackWords?: number | undefined;
  readonly memory?: { readonly address: bigint; readonly length: number } | undefined;
}

export type Direction = 'forward' | 'backward';

/** What can be run to. `store`: to the selected address's frame, by whomever. */
export type EventGoal = 'any' | 'syscall' | 'write' | 'fork' | 'fault' | 'copy-on-write' | 'store' | 'signal' | 'exit';

export type Move =
  | {
      readonly kind: 'instruction' | 'over' | 'out' | 'line' | 'over line' | 'continue';
      readonly direction: Direction;
      readonly count?: number | undefined;
    }
  | {
      readonly kind: 'event';
      readonly goal: EventGoal;
      readonly direction: Direction;
      /** Of `store`: the frame, in place of the selected address's. */
      readonly pfn?: number | undefined;
    }
  | {
      readonly kind: 'goto';
      readonly position: Position | { readonly event: number } | { readonly instruction: number };
    }
  | { readonly kind: 'start' | 'end' };

export interface StopModel {
  readonly kind: string;
  /** One line: `breakpoint 2`, `page fault: copy-on-write break`, `the beginning of the run`. */
  readonly text: string;
  /** Of the event that was run to. */
  readonly event?: TimelineEvent | undefined;
  /** Of what was written: at which address or frame, by which instruction. */
  readonly access?:
    | { readonly rip: bigint; readonly isWrite: boolean; readonly before: Uint8Array; readonly after: Uint8Array }
    | undefined;
}

export interface MachineView {
  readonly position: Position;
  /** The furthest position that is known, and whether the run ends there. */
  readonly end: Position;
  readonly isWhole: boolean;
  /** Every process has ended. */
  readonly isOver: boolean;
  /** Why the machine stands here. */
  readonly stop: StopModel;
  /** The selected thread, and its process. Zero: everybody has gone. */
  readonly tid: number;
  readonly pid: number;
  /** As the query has it. */
  readonly address: bigint | undefined;
  /** All there have been until now, in order of birth. */
  readonly processes: readonly ProcessModel[];
  /** Those that listed pages lead to, each once, by number. */
  readonly frames: readonly FrameModel[];
  readonly memoryInUse: { readonly frames: number; readonly limit: number };
  readonly registers: RegistersModel | undefined;
  readonly code: readonly CodeLineModel[];
  /** Of the instruction at RIP; undefined: the thread sleeps, or there is none. */
  readonly next: NextModel | undefined;
  readonly stack: readonly StackWordModel[];
  readonly memory: MemoryModel | undefined;
  readonly stopPoints: readonly StopPointModel[];
  /** Another number: what was later was forgotten, since input or a change gave the run another course. */
  readonly course: number;
  /** Those that the page has not got, as far as they are described, also of what is later than the position. */
  readonly newEvents: readonly TimelineEvent[];
  readonly newWrites: readonly WriteModel[];
  /** The number of the first of these, from 0. */
  readonly firstNewWrite: number;
  /** Of the writes, those that have happened at the position. */
  readonly printed: number;
  /** What has been typed for the program until now; none for its end. */
  readonly typed: readonly TypedModel[];
  /** Somebody waits for standard input. */
  readonly wantsInput: boolean;
  /** Counters of what may be slow. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface WriteModel {
  readonly fd: 1 | 2;
  readonly bytes: Uint8Array;
  readonly position: Position;
}

export interface ProcessModel {
  readonly pid: number;
  readonly parentPid: number;
  readonly comm: string;
  readonly args: readonly string[];
  readonly state: 'running' | 'ready' | 'waiting' | 'stopped' | 'zombie' | 'gone';
  /** Of one that has ended: `exited with 0`, `killed by SIGSEGV`. Of one that waits: the call, as strace prints it. */
  readonly stateText: string;
  readonly threads: readonly ThreadModel[];
  /** Undefined: it has no page table any more. */
  readonly space: SpaceModel | undefined;
  readonly instructions: number;
  readonly minorFaults: number;
}

export interface ThreadModel {
  readonly tid: number;
  readonly state: ProcessModel['state'];
  readonly stateText: string;
  /** It has the CPU. */
  readonly isCurrent: boolean;
  readonly rip: bigint | undefined;
  readonly place: PlaceModel | undefined;
}

/** Where in a program an address is. */
export interface PlaceModel {
  /** `_start+16`. */
  readonly symbol: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

export interface SpaceModel {
  readonly cr3: number;
  /** Processes that run on the same page table, this one included: more than one after vfork(2) and CLONE_VM. */
  readonly pids: readonly number[];
  readonly areas: readonly AreaModel[];
  /** Of the query's address. */
  readonly walk: WalkModel | undefined;
  /** Frames that hold its page tables, all levels. */
  readonly tables: number;
}

export interface AreaModel {
  readonly start: bigint;
  readonly end: bigint;
  /** `rw-s`. */
  readonly rights: string;
  /** The path, `[stack]`, `shared, anonymous`. */
  readonly title: string;
  readonly backing: 'private anonymous' | 'shared anonymous' | 'file' | 'shared memory';
  /** Of the file's first byte that it shows. */
  readonly offset: bigint;
  /** Its entries in use, by address: the first ones, and those that hold the query's address. */
  readonly pages: readonly PageModel[];
  /** All of them. */
  readonly present: number;
  readonly total: number;
}

export interface PageModel {
  readonly address: bigint;
  readonly entry: Pte;
  readonly pfn: number;
}

export interface WalkModel {
  readonly address: bigint;
  readonly isCanonical: boolean;
  readonly steps: readonly WalkStepModel[];
  readonly pfn: number | undefined;
  readonly paddr: number | undefined;
  readonly rights: { readonly read: boolean; readonly write: boolean; readonly execute: boolean };
  /** `rw-s shared, anonymous`; undefined: no area. */
  readonly area: string | undefined;
  /** What each access would meet if it were made now. */
  readonly foreseen: { readonly read: Foreseen; readonly write: Foreseen; readonly execute: Foreseen };
}

export interface WalkStepModel {
  readonly level: Level;
  readonly index: number;
  readonly entry: Pte;
  /** The physical address of the entry itself. */
  readonly at: number;
}

/** `file`: a page of a file that nobody may write to here; `zero`: the one frame of zeros that reads of untouched memory get. */
export type FrameKind = 'shared' | 'copy on write' | 'private' | 'file' | 'zero';

export interface FrameModel {
  readonly pfn: number;
  readonly paddr: number;
  readonly kind: FrameKind;
  readonly references: number;
  readonly mappings: readonly FrameMappingModel[];
  /** Page caches that have it, with the page's number: `/tmp/file, page 0`. */
  readonly holders: readonly string[];
  /** All 4096; undefined of those beyond the first few. */
  readonly bytes: Uint8Array | undefined;
}

export interface FrameMappingModel {
  readonly pids: readonly number[];
  readonly address: bigint;
  readonly entry: Pte;
}

export interface RegistersModel {
  /** RAX to R15, in the order of their encoding. */
  readonly general: readonly { readonly name: string; readonly value: bigint; readonly note: string | undefined }[];
  readonly rip: bigint;
  readonly rflags: number;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
  /** XMM0 to XMM15, low quadword first. */
  readonly vectors: readonly { readonly name: string; readonly low: bigint; readonly high: bigint }[];
}

export interface CodeLineModel {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Its first instruction: `_start`. */
  readonly label: string | undefined;
  /** Where a jump or call goes: `print_hex+4`. */
  readonly target: string | undefined;
  /** The same, or that of an operand relative to RIP. */
  readonly targetAddress: bigint | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** What an instruction is about to do. */
export interface NextModel {
  readonly rip: bigint;
  /** Of memory, with what the page tables say to it. */
  readonly accesses: readonly NextAccessModel[];
  /** Of a conditional jump: it will be taken. */
  readonly branch: boolean | undefined;
  /** The name of the system call that it makes. */
  readonly call: string | undefined;
}

export interface NextAccessModel {
  readonly access: 'read' | 'write' | 'execute';
  readonly address: bigint;
  readonly length: number;
  readonly outcome: Foreseen;
}

/** Bytes of one process, page by page; zeros where nothing is mapped. */
export interface MemoryModel {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly pages: readonly MemoryPageModel[];
}

export interface MemoryPageModel {
  readonly address: bigint;
  /** Undefined: it has none yet; what a first touch would bring is shown. */
  readonly pfn: number | undefined;
  /** `rw-p [stack]`; undefined: nothing is mapped there. */
  readonly area: string | undefined;
}

export interface TypedModel {
  readonly bytes: Uint8Array;
  readonly position: Position;
}

export interface StackWordModel {
  readonly address: bigint;
  readonly offset: number;
  readonly value: bigint;
  /** What it may mean: `_start+21`, `stack`, `"HOME=/"`. */
  readonly note: string | undefined;
  /** What the kernel put there for the program's start: `argc`, `argv[0]`, `AT_PAGESZ`. */
  readonly role: string | undefined;
}

export interface StopPointModel {
  readonly id: number;
  readonly kind: 'breakpoint' | 'watchpoint' | 'catchpoint';
  readonly label: string;
  readonly isEnabled: boolean;
  readonly hits: number;
  /** `rax == 3`. */
  readonly condition: string | undefined;
  /** Of a watchpoint, what is watched: `writes of 8 bytes of frame 0x0020e000 at 0x38`. */
  readonly watched: string | undefined;
  readonly address: bigint | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** What to stop at. `text` is an expression or, for code, a symbol or `FILE:LINE`; then perhaps `if CONDITION`. */
export type StopWish =
  | { readonly kind: 'break'; readonly text: string }
  | {
      readonly kind: 'watch';
      readonly text: string;
      readonly access: Watchpoint['access'];
      readonly length?: number | undefined;
      /** The bytes in physical memory, whoever maps them; not the address of one process. */
      readonly ofFrame: boolean;
    }
  | { readonly kind: 'catch'; readonly what: CatchWhat };

/** What a breakpoint is put at. */
export type CodePlace = { readonly address: bigint } | { readonly file: string; readonly line: number };

/** What some moves lead to, and what happens on the way: the machine has gone there and come back. */
export interface Ahead {
  readonly view: MachineView;
  readonly events: readonly TimelineEvent[];
  readonly writes: readonly WriteModel[];
}

/** How a move that takes long gets on. */
export interface Progress {
  readonly position: Position;
  readonly instructionsPerSecond: number;
  /** The machine in passing, while it runs forwards; now and then. */
  readonly view: MachineView | undefined;
}

export interface WriterModel {
  readonly pid: number;
  readonly tid: number;
  readonly rip: bigint;
  readonly by: 'program' | 'kernel';
  readonly position: Position;
  readonly text: string;
}
