/** The page's moves of the machine, made with the engine's: steps, runs to events of a kind, to positions, to both ends. */
import { UsageError } from '../../base/invariant.ts';
import type { Direction, Engine } from '../../debug/engine.ts';
import { walkAddress } from '../../debug/inspect/walk.ts';
import { stepLine } from '../../debug/line-steps.ts';
import { isBefore, type Position } from '../../debug/position.ts';
import type { CatchWhat, Stop } from '../../debug/stops.ts';
import type { TimelineEvent } from '../../debug/timeline.ts';
import { viewStop } from '../model/stop.ts';
import type { EventGoal, Move, StopModel, ViewQuery } from '../protocol.ts';

/** Where a move has ended: at a stop of the engine's, or behind the event that it was to. */
export type Arrival = Stop | { readonly event: TimelineEvent };

export class Moves {
  private readonly _engine: Engine;
  private readonly _start: Position;

  /** The engine stands at the start of its run. */
  constructor(engine: Engine) {
    this._engine = engine;
    this._start = engine.position;
  }

  async make(move: Move, query: ViewQuery): Promise<Arrival> {
    const { _engine: engine } = this;
    switch (move.kind) {
      case 'instruction':
        return await engine.stepInstruction({ direction: move.direction, count: move.count ?? 1 });
      case 'over':
        return await engine.stepOver({ direction: move.direction, count: move.count ?? 1 });
      case 'out':
        return await engine.stepOut({ direction: move.direction });
      case 'line':
      case 'over line':
        return await stepLine(engine, {
          direction: move.direction,
          count: move.count ?? 1,
          over: move.kind === 'over line',
        });
      case 'continue':
        return await engine.continue({ direction: move.direction });
      case 'event':
        if (move.goal === 'any') return await this._toNextEvent(move.direction);
        return await this._runToEvent(move.goal, move.direction, query, move.pfn);
      case 'goto':
        return await engine.goto(move.position);
      case 'start':
        return await engine.goto(this._start, { kind: 'start' });
      case 'end':
        return await this.toEnd();
    }
  }

  toEnd(): Promise<Stop> {
    return this.pastStopPoints(async () => {
      let stop = await this._engine.continue();
      // A signal that is about to be delivered is not what was asked for.
      while (stop.reason.kind === 'signal') stop = await this._engine.continue();
      return stop;
    });
  }

  /** The user's stop points do not count meanwhile. */
  async pastStopPoints<T>(run: () => Promise<T>): Promise<T> {
    const points = this._engine.stopPoints.filter(({ isEnabled }) => isEnabled);
    for (const point of points) point.isEnabled = false;
    try {
      return await run();
    } finally {
      for (const point of points) point.isEnabled = true;
    }
  }

  private async _runToEvent(
    goal: Exclude<EventGoal, 'any'>,
    direction: Direction,
    query: ViewQuery,
    pfn: number | undefined,
  ): Promise<Stop> {
    const { _engine: engine } = this;
    const points =
      goal === 'store'
        ? [engine.addWatchpoint(this._watchedFrame(query, pfn), 'write', { isTemporary: true })]
        : CAUGHT[goal].map((what) => engine.addCatchpoint(what, { isTemporary: true, standsAfter: true }));
    try {
      return await engine.continue({ direction });
    } finally {
      for (const { id } of points) engine.removeStopPoint(id);
    }
  }

  private _watchedFrame({ address }: ViewQuery, known: number | undefined) {
    const { task } = this._engine;
    const selected = task !== undefined && address !== undefined ? walkAddress(task, address)?.pfn : undefined;
    const pfn = known ?? selected;
    if (pfn === undefined) throw new UsageError('the selected address has no frame here; select one that has');
    return { kind: 'frame' as const, pfn, offset: 0, length: 4096 };
  }

  /** Whatever happens next, but for the scheduler's turns. Events that are told together are one step. */
  private async _toNextEvent(direction: Direction): Promise<Arrival> {
    const { _engine: engine } = this;
    const from = engine.position;
    const by = direction === 'forward' ? 1 : -1;
    for (let event = from.event + by; ; event += by) {
      if (event <= this._start.event) return await engine.goto(this._start, { kind: 'start' });
      const stop = await engine.goto({ event });
      const { position } = stop;
      if (direction === 'backward' && !isBefore(position, from)) continue;
      if (stop.reason.kind !== 'goto') return stop;
      const found = engine.timeline.find(position.event);
      if (found === undefined || found.detail.kind === 'switch') continue;
      const task = engine.machine.kernel.findTask(found.tid);
      if (task?.isAlive()) engine.task = task;
      return { event: found };
    }
  }
}

export const viewArrival = (arrival: Arrival): StopModel =>
  'event' in arrival ? { kind: 'event', text: arrival.event.text, event: arrival.event } : viewStop(arrival);

const CAUGHT: Readonly<Record<Exclude<EventGoal, 'any' | 'store'>, readonly CatchWhat[]>> = {
  syscall: [{ kind: 'syscall' }],
  write: [
    {
      kind: 'syscall',
      names: ['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'sendfile', 'copy_file_range'],
    },
  ],
  fork: [{ kind: 'fork' }, { kind: 'vfork' }],
  fault: [{ kind: 'fault' }],
  'copy-on-write': [{ kind: 'fault', cause: 'copy-on-write break' }],
  signal: [{ kind: 'signal' }],
  exit: [{ kind: 'exit' }],
};
