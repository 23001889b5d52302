/** A lesson's machine without a page: the worker's session, called directly. */
import { readFileSync } from 'node:fs';
import type { Lesson } from '../../../src/web/lessons/lesson.ts';
import type { Selected, TourMachine } from '../../../src/web/lessons/tour.ts';
import type { Ahead, MachineView, Move, TimelineEvent } from '../../../src/web/protocol.ts';
import { Session } from '../../../src/web/worker/session.ts';
import { fixturePath } from '../../helpers/fixtures.ts';

const SURVEY_MS = 5000;

export class SessionMachine implements TourMachine {
  readonly session: Session = new Session();
  view!: MachineView;
  events: TimelineEvent[] = [];
  private _selected: Selected = {};

  static async open({ program, spec }: Pick<Lesson, 'program' | 'spec'>): Promise<SessionMachine> {
    const machine = new SessionMachine();
    const bytes = readFileSync(fixturePath(program));
    machine._take(await machine.session.open({ path: program, program: bytes, ...spec }, {}, SURVEY_MS));
    return machine;
  }

  async move(move: Move): Promise<void> {
    this._take(await this.session.move(move, this._selected));
  }
  async select(selected: Selected): Promise<void> {
    this._selected = selected;
    this._take(this.session.view(selected));
  }
  lookAhead(moves: readonly Move[], selected: Selected): Promise<Ahead> {
    return this.session.lookAhead(moves, selected);
  }

  private _take(view: MachineView): void {
    this.view = view;
    this.events = [...this.events, ...view.newEvents].sort((a, b) => a.number - b.number);
  }
}
