/**
 * Who wrote a byte last: the run before here is gone through again with the frame watched, the latest stretch first. The
 * frame counts, not the address, so a store by another process through another mapping is found.
 */
import { PAGE_SIZE } from '../base/ints.ts';
import type { Task } from '../kernel/task/task.ts';
import { comparePositions, type Position } from './position.ts';
import type { Runner } from './runner.ts';
import type { WatchAccess, Watchpoint } from './stops.ts';
import type { Timeline, TimelineEvent } from './timeline.ts';

/** A byte: at an address of a process, or in a frame. */
export type BytePlace =
  | { readonly pid: number; readonly address: bigint }
  | { readonly pfn: number; readonly offset: number };

/** Who wrote a byte last, seen from a position. */
export interface Writer {
  readonly pid: number;
  readonly tid: number;
  /** The instruction that stored, or asked the kernel to. */
  readonly rip: bigint;
  readonly by: 'program' | 'kernel';
  /** Before the instruction. */
  readonly position: Position;
  /** The last event before it. */
  readonly event: TimelineEvent | undefined;
  readonly before: number;
  readonly after: number;
}

/** Seen from where the machine stands; it stands somewhere before afterwards. Undefined: nobody has. */
export async function findLastWrite(runner: Runner, timeline: Timeline, place: BytePlace): Promise<Writer | undefined> {
  const frame = 'pfn' in place ? place : frameOf(runner, place);
  if (frame === undefined) return undefined;
  const { history } = runner;
  const here = runner.position;
  const point: Watchpoint = {
    kind: 'watchpoint',
    id: 0,
    place: { kind: 'frame', ...frame, length: 1 },
    access: 'write',
    isEnabled: true,
    hits: 0,
    ignoreCount: 0,
    pid: undefined,
    tid: undefined,
    isTemporary: false,
    condition: undefined,
    label: 'who wrote',
  };
  let end = here;
  for (const start of history.checkpointsBefore(here)) {
    history.rewind(start);
    let writer: Writer | undefined;
    for (let isFirst = true; ; isFirst = false) {
      const found = await runner.advance({ limit: end, usersPoints: false }, { watch: [point], standsPast: !isFirst });
      if (found.reason?.kind !== 'watchpoint' || comparePositions(found.at, here) > 0) break;
      writer = writerOf(found.reason.access, found.task, runner.position, timeline);
      if (comparePositions(found.at, end) >= 0) break;
    }
    if (writer !== undefined) return writer;
    end = start;
  }
  return undefined;
}

function writerOf(
  { by, rip, before, after }: WatchAccess,
  task: Task | undefined,
  { instruction, event }: Position,
  timeline: Timeline,
): Writer {
  const isProgram = by === 'program';
  return {
    pid: task?.pid ?? 0,
    tid: task?.tid ?? 0,
    rip,
    by,
    position: { instruction: isProgram ? instruction - 1 : instruction, event: isProgram ? 0 : event },
    event: timeline.find(event),
    before: before[0],
    after: after[0],
  };
}

function frameOf(
  { watcher }: Runner,
  { pid, address }: { readonly pid: number; readonly address: bigint },
): { pfn: number; offset: number } | undefined {
  const at = watcher.physical(pid, address);
  return at === undefined ? undefined : { pfn: Math.floor(at / PAGE_SIZE), offset: at % PAGE_SIZE };
}
