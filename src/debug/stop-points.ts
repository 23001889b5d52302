/** The user's breakpoints, watchpoints and catchpoints: made, counted and taken away. Numbered together, as in gdb. */
import { PAGE_SIZE } from '../base/ints.ts';
import { UsageError } from '../base/invariant.ts';
import type { Task } from '../kernel/task/task.ts';
import type { AnyStopPoint, Breakpoint, Catchpoint, CatchWhat, Condition, WatchedPlace, Watchpoint } from './stops.ts';

export interface StopPointOptions {
  readonly pid?: number | undefined;
  readonly tid?: number | undefined;
  readonly condition?: Condition | undefined;
  readonly ignoreCount?: number | undefined;
  readonly isTemporary?: boolean | undefined;
  readonly label?: string | undefined;
}

/** Each page of it is looked up whenever guest code runs, and each access to it copies it. */
const MOST_WATCHED_BYTES = 64 * 1024;

export class StopPoints {
  private readonly _points: AnyStopPoint[] = [];
  private _lastId = 0;

  get all(): readonly AnyStopPoint[] {
    return this._points;
  }
  get enabled(): readonly AnyStopPoint[] {
    return this._points.filter((point) => point.isEnabled);
  }

  addBreakpoint(address: bigint, options: StopPointOptions): Breakpoint {
    const { label = `*0x${address.toString(16)}` } = options;
    return this._add({ kind: 'breakpoint', address, ...this._common(options, label) });
  }

  addWatchpoint(place: WatchedPlace, access: Watchpoint['access'], options: StopPointOptions): Watchpoint {
    if (!(place.length > 0)) throw new UsageError('nothing to watch: the length is 0');
    if (place.length > MOST_WATCHED_BYTES) throw new UsageError(`${place.length} bytes are too many to watch`);
    if (place.kind === 'frame' && place.offset + place.length > PAGE_SIZE)
      throw new UsageError(`a frame has ${PAGE_SIZE} bytes`);
    const name = place.kind === 'frame' ? `frame 0x${place.pfn.toString(16)}` : `*0x${place.address.toString(16)}`;
    return this._add({ kind: 'watchpoint', place, access, ...this._common(options, options.label ?? name) });
  }

  addCatchpoint(what: CatchWhat, standsAfter: boolean, options: StopPointOptions): Catchpoint {
    return this._add({ kind: 'catchpoint', what, standsAfter, ...this._common(options, options.label ?? what.kind) });
  }

  /** False: there is none of that number. */
  remove(id: number): boolean {
    const at = this._points.findIndex((point) => point.id === id);
    if (at >= 0) this._points.splice(at, 1);
    return at >= 0;
  }

  private _add<T extends AnyStopPoint>(point: T): T {
    this._points.push(point);
    return point;
  }

  private _common({ pid, tid, condition, ignoreCount = 0, isTemporary = false }: StopPointOptions, label: string) {
    return { id: ++this._lastId, isEnabled: true, hits: 0, pid, tid, condition, ignoreCount, isTemporary, label };
  }
}

/** Whether it is for this task, and its condition holds. */
export function isMetBy({ pid, tid, condition }: AnyStopPoint, task: Task): boolean {
  if ((pid !== undefined && pid !== task.pid) || (tid !== undefined && tid !== task.tid)) return false;
  return condition?.isTrue(task) !== false;
}

/** One that is met is to be told, unless it was to be ignored so many times. */
export function countHit(point: AnyStopPoint): boolean {
  point.hits++;
  if (point.ignoreCount === 0) return true;
  point.ignoreCount--;
  return false;
}
