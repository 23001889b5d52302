/** Which panels there are on this page, which of each group is in front, and what a narrow screen shows. */
import { type Signal, signal } from '@preact/signals';
import { type GroupId, PANELS, type PanelId, type PanelRecord } from './panels/index.ts';

const ALL = Object.keys(PANELS) as PanelId[];

export class Layout {
  /** In the order of PANELS. A page that is embedded may show a few. */
  readonly shown: Signal<readonly PanelId[]> = signal(ALL);
  readonly front: Signal<Readonly<Partial<Record<GroupId, PanelId>>>> = signal({});
  /** On a narrow screen, which shows one at a time. */
  readonly narrow: Signal<PanelId> = signal('picture');

  /** Brings a panel to the front of its group. */
  bring(id: PanelId): void {
    this.front.value = { ...this.front.value, [PANELS[id].group]: id };
    this.narrow.value = id;
  }
  /** The same for a lesson, which itself stays in sight. */
  bringBeside(id: PanelId): void {
    const { group } = PANELS[id];
    if (this.frontOf(group) !== 'lesson') this.front.value = { ...this.front.value, [group]: id };
  }
  /** Those that are shown now: some are there only while there is something in them. */
  get there(): PanelId[] {
    return this.shown.value.filter((id) => (PANELS[id] as PanelRecord).isThere?.value !== false);
  }
  panelsOf(group: GroupId): PanelId[] {
    return this.there.filter((id) => PANELS[id].group === group);
  }
  frontOf(group: GroupId): PanelId | undefined {
    const panels = this.panelsOf(group);
    const chosen = this.front.value[group];
    return chosen !== undefined && panels.includes(chosen) ? chosen : panels[0];
  }
}

export const layout = new Layout();
