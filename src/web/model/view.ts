/** All that the page shows of a machine at one position, read from it now. */
import { hex, PAGE_SIZE } from '../../base/ints.ts';
import type { Engine } from '../../debug/engine.ts';
import { lineAt } from '../../debug/inspect/modules.ts';
import { stateOf } from '../../debug/inspect/registers.ts';
import type { Position } from '../../debug/position.ts';
import type { AnyStopPoint, Watchpoint } from '../../debug/stops.ts';
import type { MachineView, StopModel, StopPointModel, ViewQuery } from '../protocol.ts';
import { viewNext } from './next.ts';
import { viewSpaces } from './spaces.ts';
import { viewCode, viewMemory, viewRegisters, viewStack } from './task.ts';

const STACK_WORDS = 32;

/** What is the session's: how far the run is known, which course of events it is, and what is new to the page. */
export interface Surroundings {
  readonly stop: StopModel;
  readonly end: Position;
  readonly isWhole: boolean;
  readonly course: number;
  readonly newEvents: MachineView['newEvents'];
  readonly newWrites: MachineView['newWrites'];
  readonly firstNewWrite: number;
  readonly typed: MachineView['typed'];
}

export function viewMachine(engine: Engine, query: ViewQuery, around: Surroundings): MachineView {
  const { machine } = engine;
  const { kernel } = machine;
  const asked = query.tid === undefined ? undefined : kernel.findTask(query.tid);
  if (asked !== undefined) engine.task = asked;
  const { task } = engine;
  const rip = task && stateOf(task)?.rip;
  return {
    position: engine.position,
    ...around,
    isOver: engine.isOver,
    tid: task?.tid ?? 0,
    pid: task?.pid ?? 0,
    address: query.address,
    ...viewSpaces(kernel, query.address, task?.pid ?? 0),
    memoryInUse: { frames: machine.frames.inUse(), limit: machine.frames.limit },
    registers: task && viewRegisters(task),
    code: task === undefined || rip === undefined ? [] : viewCode(task, query.codeAddress ?? rip),
    next: task && viewNext(task),
    stack: task === undefined ? [] : viewStack(task, query.stackWords ?? STACK_WORDS),
    memory: task && query.memory && viewMemory(task, query.memory.address, query.memory.length),
    stopPoints: engine.stopPoints
      .filter(({ isTemporary }) => !isTemporary)
      .map((point) => viewStopPoint(engine, point)),
    printed: engine.printed,
    wantsInput: kernel.outside.input.hasSleepers,
    counters: { ...machine.cpu.counters, ...engine.history.counters, retired: machine.cpu.retired },
  };
}

function viewStopPoint(engine: Engine, point: AnyStopPoint): StopPointModel {
  const { id, kind, label, isEnabled, hits, condition } = point;
  const address = point.kind === 'breakpoint' ? point.address : undefined;
  const { task } = engine;
  const line = task !== undefined && address !== undefined ? lineAt(task, address) : undefined;
  return {
    id,
    kind,
    label,
    isEnabled,
    hits,
    condition: condition?.text,
    watched: point.kind === 'watchpoint' ? watchedText(point) : undefined,
    address,
    file: line?.file.path,
    line: line?.line,
  };
}

const ACCESSES = { read: 'reads', write: 'writes', access: 'reads and writes', change: 'changes' } as const;

function watchedText({ place, access }: Watchpoint): string {
  const what =
    place.kind === 'frame'
      ? `frame ${hex(place.pfn * PAGE_SIZE, 8)} at ${hex(place.offset)}`
      : `${hex(place.address)} in process ${place.pid}`;
  return `${ACCESSES[access]} of ${place.length} ${place.length === 1 ? 'byte' : 'bytes'} of ${what}`;
}
