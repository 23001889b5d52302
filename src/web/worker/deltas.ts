/** What of the growing lists the page has got already, so that each event and each write is sent once. */
import type { Engine } from '../../debug/engine.ts';
import type { TimelineEvent } from '../../debug/timeline.ts';
import type { WriteModel } from '../protocol.ts';

/** Events that one view brings. */
const MOST_EVENTS = 20_000;

export class Deltas {
  private readonly _events = new Set<number>();
  private _writes = 0;

  /** Another course of events: all of it is new. */
  forget(): void {
    this._events.clear();
    this._writes = 0;
  }

  /** Some that were only counted come to be described later, so these may be earlier than what was sent. */
  takeEvents({ timeline }: Engine): TimelineEvent[] {
    const events = timeline
      .between(timeline.forgotten + 1, timeline.last)
      .filter(({ number }) => !this._events.has(number));
    const taken = events.slice(-MOST_EVENTS);
    for (const { number } of taken) this._events.add(number);
    return taken;
  }

  takeWrites({ output }: Engine): { newWrites: WriteModel[]; firstNewWrite: number } {
    const firstNewWrite = Math.min(this._writes, output.length);
    this._writes = output.length;
    return { newWrites: output.until().slice(firstNewWrite), firstNewWrite };
  }
}
