/** The page's machine, as a lesson moves it. */
import { batch } from '@preact/signals';
import { UsageError } from '../../../base/invariant.ts';
import type { Selected, TourMachine } from '../../lessons/tour.ts';
import type { Ahead, MachineView, Move, TimelineEvent } from '../../protocol.ts';
import type { MachineStore } from '../machine-store.ts';

export class PageMachine implements TourMachine {
  private readonly _store: MachineStore;

  constructor(store: MachineStore) {
    this._store = store;
  }

  get view(): MachineView {
    const view = this._store.view.peek();
    if (view === undefined) throw new UsageError('no program is open');
    return view;
  }
  get events(): readonly TimelineEvent[] {
    return this._store.events.peek();
  }
  async move(move: Move): Promise<void> {
    if (!(await this._store.move(move))) throw new UsageError(this._store.message.peek() ?? 'the machine is busy');
  }
  async select({ tid, address }: Selected): Promise<void> {
    batch(() => {
      this._store.address.value = address;
      if (tid !== undefined) this._store.tid.value = tid;
    });
    await this._store.refresh();
  }
  lookAhead(moves: readonly Move[], selected: Selected): Promise<Ahead> {
    return this._store.ask((session) => session.lookAhead(moves, selected));
  }
}
