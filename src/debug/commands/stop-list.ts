/**
 * The stop points of a session as commands see them: the engine's, by its numbers, with the words they were made with.
 */
import { UsageError } from '../../base/invariant.ts';
import { describeSymbol } from '../expression/format.ts';
import type { CType } from '../expression/types.ts';
import type { AnyStopPoint, CatchWhat, Condition, WatchedPlace } from '../stops.ts';
import { conditionOf } from './breakpoints.ts';
import { resolveLocation } from './locations.ts';
import type { BreakpointRow } from './output.ts';
import type { Session } from './session.ts';
import type { WatchKind } from './watchpoints.ts';

/** What the engine need not know of a watchpoint. */
export interface WatchDetail {
  readonly kind: WatchKind;
  /** As which the bytes are shown; undefined: as bytes. */
  readonly type: CType | undefined;
}

const TYPES: Readonly<Record<WatchKind, string>> = {
  watch: 'hw watchpoint',
  rwatch: 'read watchpoint',
  awatch: 'acc watchpoint',
};
const ACCESS = { watch: 'change', rwatch: 'read', awatch: 'access' } as const;

export class StopList {
  private readonly _watches = new Map<number, WatchDetail>();
  private readonly _lines = new Map<number, readonly string[]>();

  numbers({ engine }: Session): number[] {
    return engine.stopPoints.map(({ id }) => id);
  }

  get({ engine }: Session, number: number): AnyStopPoint {
    const found = engine.stopPoints.find(({ id }) => id === number);
    if (found === undefined) throw new UsageError(`No breakpoint number ${number}.`);
    return found;
  }

  /** What is done when it stops the program. */
  linesOf(number: number): readonly string[] {
    return this._lines.get(number) ?? [];
  }

  setLines(number: number, lines: readonly string[]): void {
    this._lines.set(number, lines);
  }

  watchOf(number: number): WatchDetail | undefined {
    return this._watches.get(number);
  }

  addBreakpoint(
    session: Session,
    wish: {
      address: bigint;
      label: string;
      thread?: number | undefined;
      condition?: string | undefined;
      temporary: boolean;
    },
  ): number {
    const { id } = session.engine.addBreakpoint(wish.address, {
      tid: wish.thread,
      condition: this._condition(session, wish.condition),
      isTemporary: wish.temporary,
      label: wish.label,
    });
    return session.noteStopPoint(id);
  }

  addWatchpoint(
    session: Session,
    wish: WatchDetail & {
      readonly place: WatchedPlace;
      readonly expression: string;
      readonly thread: number | undefined;
      readonly condition: string | undefined;
    },
  ): number {
    const { id } = session.engine.addWatchpoint(wish.place, ACCESS[wish.kind], {
      tid: wish.thread,
      condition: this._condition(session, wish.condition),
      label: wish.expression,
    });
    this._watches.set(id, { kind: wish.kind, type: wish.type });
    return session.noteStopPoint(id);
  }

  addCatchpoint(session: Session, what: CatchWhat, label: string, isTemporary: boolean): number {
    const condition = this._condition(session, undefined);
    return session.noteStopPoint(session.engine.addCatchpoint(what, { label, isTemporary, condition }).id);
  }

  remove(session: Session, number: number): void {
    this.get(session, number);
    session.engine.removeStopPoint(number);
  }

  setEnabled(session: Session, number: number, isEnabled: boolean): void {
    this.get(session, number).isEnabled = isEnabled;
  }

  setIgnoreCount(session: Session, number: number, count: number): void {
    this.get(session, number).ignoreCount = count;
  }

  setCondition(session: Session, number: number, text: string | undefined): void {
    this.get(session, number).condition = this._condition(session, text);
  }

  /** Breakpoints at a location. */
  at(session: Session, location: string): number[] {
    const { address, others } = resolveLocation(session, location, true);
    const wanted = [address, ...others];
    return session.engine.stopPoints.flatMap((point) =>
      point.kind === 'breakpoint' && wanted.includes(point.address) ? [point.id] : [],
    );
  }

  rows(session: Session): BreakpointRow[] {
    return session.engine.stopPoints.map((point) => {
      const { id, isEnabled, hits, ignoreCount, tid, isTemporary, condition, label } = point;
      const watch = this._watches.get(id);
      return {
        number: id,
        type: watch === undefined ? point.kind : TYPES[watch.kind],
        disposition: isTemporary ? 'del' : 'keep',
        enabled: isEnabled,
        address: point.kind === 'breakpoint' ? point.address : undefined,
        what: (point.kind === 'breakpoint' && this._whatIsAt(session, point.address)) || label,
        condition: condition === undefined || condition.text === '' ? undefined : condition.text,
        thread: tid,
        hits,
        ignoreCount,
        lines: this.linesOf(id),
      };
    });
  }

  private _whatIsAt(session: Session, address: bigint): string {
    const { task } = session.engine;
    if (task === undefined) return '';
    const source = session.sources.placeOf(task, address, false);
    if (source !== undefined) return `${source.file}:${source.line}`;
    return describeSymbol(address, session.scope(task));
  }

  /** What the user has said, and that the process is one that is followed. */
  private _condition(session: Session, text: string | undefined): Condition {
    const isTrue = text === undefined ? undefined : conditionOf(session, text);
    return { text: text ?? '', isTrue: (task) => session.isFollowed(task) && isTrue?.(task) !== false };
  }
}
