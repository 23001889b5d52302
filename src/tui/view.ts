/**
 * What the screen shows of a session, as values: read once after each command, so that drawing is a pure function of it.
 */
import { vaddr } from '../base/ints.ts';
import type { Place, WalkOutput } from '../debug/commands/output.ts';
import { currentPlace, placeOf } from '../debug/commands/places.ts';
import type { Session } from '../debug/commands/session.ts';
import { walksOf } from '../debug/commands/walk.ts';
import { describeSymbol } from '../debug/expression/format.ts';
import { type AreaView, viewAreas } from '../debug/inspect/areas.ts';
import { type CodeLine, disassembleAt, disassembleBefore } from '../debug/inspect/disassembly.ts';
import { readMemory } from '../debug/inspect/memory.ts';
import { type Registers, readRegisters } from '../debug/inspect/registers.ts';
import { livingTasks, type TaskView } from '../debug/inspect/tasks.ts';

export interface StackRow {
  readonly address: bigint;
  readonly value: bigint;
  /** `<main+4>`, or the text that it points to. */
  readonly note: string;
}

export interface TimelineRow {
  readonly number: number;
  readonly instruction: number;
  readonly pid: number;
  readonly text: string;
  /** Where the run stands: this event has been told, the next one has not. */
  readonly isPast: boolean;
}

export interface View {
  readonly tasks: readonly TaskView[];
  readonly currentTid: number | undefined;
  readonly instruction: number;
  readonly event: number;
  /** Undefined once the selected thread has ended. */
  readonly place: Place | undefined;
  readonly code: readonly CodeLine[];
  /** The whole file of the current line. */
  readonly source: readonly string[] | undefined;
  /** Addresses and lines with breakpoints: `file:line` by path. */
  readonly breakAddresses: ReadonlySet<bigint>;
  readonly breakLines: ReadonlySet<string>;
  /** Where the other threads stand. */
  readonly otherAddresses: ReadonlySet<bigint>;
  readonly otherLines: ReadonlySet<string>;
  readonly registers: Registers | undefined;
  /** Registers that hold addresses, and what is there: a symbol, or the area. */
  readonly pointers: readonly { readonly register: string; readonly note: string }[];
  readonly stack: readonly StackRow[];
  readonly memory: { readonly address: bigint; readonly bytes: Uint8Array };
  readonly walkAddress: bigint;
  readonly walks: readonly WalkOutput[];
  readonly areas: readonly AreaView[];
  readonly timeline: readonly TimelineRow[];
  readonly output: string;
}

/** What the user has asked the panes to show. */
export interface Wishes {
  /** Undefined: the stack pointer. */
  readonly memoryAddress: bigint | undefined;
  /** Undefined: the first shared area, else the stack. */
  readonly walkAddress: bigint | undefined;
}

const CODE_BEFORE = 60, CODE_AFTER = 120, STACK_WORDS = 64, MEMORY_BYTES = 1024, TIMELINE_ROWS = 200; // biome-ignore format: one line

export function readView(session: Session, wishes: Wishes): View {
  const { engine } = session;
  const { kernel } = engine.machine;
  const task = engine.task?.isAlive() ? engine.task : undefined;
  const registers = task && readRegisters(task);
  const place = task && currentPlace(session, task);
  const areas = task === undefined ? [] : viewAreas(task);
  const sp = registers?.general.rsp ?? 0n;
  const memoryAddress = wishes.memoryAddress ?? sp & ~15n;
  const walkAddress = wishes.walkAddress ?? interestingAddress(areas, sp);
  const { addresses, lines } = session.breakpointMarks();
  return {
    tasks: livingTasks(kernel),
    currentTid: engine.task?.tid,
    instruction: engine.position.instruction,
    event: engine.position.event,
    place,
    code:
      task === undefined || registers === undefined
        ? []
        : [...disassembleBefore(task, registers.rip, CODE_BEFORE), ...disassembleAt(task, registers.rip, CODE_AFTER)],
    source: place?.source === undefined ? undefined : session.sources.lines(task!, place.source.path),
    breakAddresses: addresses,
    breakLines: lines,
    ...othersOf(session),
    registers,
    pointers: registers === undefined ? [] : pointersOf(session, registers, areas),
    stack: task === undefined ? [] : stackRows(session, sp),
    memory: {
      address: memoryAddress,
      bytes: task === undefined ? new Uint8Array(0) : readMemory(task, memoryAddress, MEMORY_BYTES),
    },
    walkAddress,
    walks: walksOf(session, walkAddress),
    areas,
    timeline: timelineRows(session),
    output: new TextDecoder().decode(session.printedBytes()),
  };
}

function othersOf(session: Session): Pick<View, 'otherAddresses' | 'otherLines'> {
  const others = livingTasks(session.engine.machine.kernel).filter(({ task }) => task !== session.engine.task);
  const places = others.flatMap(({ task, rip }) => (rip === undefined ? [] : [placeOf(session, task, rip)]));
  const lines = places.flatMap(({ source }) => (source === undefined ? [] : [`${source.path}:${source.line}`]));
  return { otherAddresses: new Set(places.map(({ address }) => address)), otherLines: new Set(lines) };
}

function pointersOf(session: Session, { general }: Registers, areas: readonly AreaView[]): View['pointers'] {
  const scope = session.scope();
  return Object.entries(general).flatMap(([register, value]) => {
    const area = areas.find(({ start, end }) => start <= value && value < end);
    if (area === undefined) return [];
    const symbol = describeSymbol(value, scope);
    return [
      {
        register,
        note: symbol || `${area.rights} ${area.title}`,
      },
    ];
  });
}

/** Where sharing can be seen: the first shared area; else the page of the stack pointer. */
function interestingAddress(areas: readonly AreaView[], sp: bigint): bigint {
  return areas.find(({ vma }) => vma.shared)?.start ?? vaddr(sp & ~4095n);
}

/** Around where the run stands. */
function timelineRows({ engine }: Session): TimelineRow[] {
  const { event: now } = engine.position;
  return engine.timeline.between(Math.max(1, now - TIMELINE_ROWS), now + TIMELINE_ROWS).map((event) => ({
    number: event.number,
    instruction: event.instruction,
    pid: event.tid,
    text: event.text,
    isPast: event.number <= now,
  }));
}

function stackRows(session: Session, sp: bigint): StackRow[] {
  const task = session.engine.task!;
  const scope = session.scope(task);
  const bytes = readMemory(task, sp, STACK_WORDS * 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => {
    const value = view.getBigUint64(i * 8, true);
    return { address: sp + BigInt(i * 8), value, note: noteOf(session, value) || describeSymbol(value, scope) };
  });
}

/** The text that a pointer leads to, if it is one. */
function noteOf(session: Session, value: bigint): string {
  if (value < 4096n) return '';
  const bytes = readMemory(session.engine.task!, value, 24);
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  if (text.length < 3 || text.some((byte) => byte < 32 || byte > 126)) return '';
  return `"${new TextDecoder().decode(text)}"${end < 0 ? '...' : ''}`;
}
