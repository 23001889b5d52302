/** Which panels there are on this page, which of each group is in front, and what a narrow screen shows. */
import { type Signal, signal } from '@preact/signals';
import { UsageError } from '../../base/invariant.ts';
import { type GroupId, PANELS, type PanelId } from './panels/records.ts';

const ALL = Object.keys(PANELS) as PanelId[];
const BARS = ['status', 'controls', 'timeline'] as const;
export type Bar = (typeof BARS)[number];
/** What a frame shows when nobody says what. */
const EMBEDDED: readonly string[] = ['picture', 'code', ...BARS];

export class Layout {
  /** In the order of PANELS. A page that is embedded may show a few. */
  readonly shown: Signal<readonly PanelId[]> = signal(ALL);
  readonly front: Signal<Readonly<Partial<Record<GroupId, PanelId>>>> = signal({});
  /** On a narrow screen, which shows one at a time. */
  readonly narrow: Signal<PanelId> = signal('picture');

  /** A lesson is open: without one its panel is not there. */
  readonly hasLesson: Signal<boolean> = signal(false);

  /** In a frame of somebody's page: without what opens programs and sets the page up. */
  readonly isEmbedded: Signal<boolean> = signal(false);
  readonly bars: Signal<readonly Bar[]> = signal(BARS);

  /** For a link: what it names of the page is shown. UsageError: there is no such part. */
  embed(isEmbedded: boolean, parts?: readonly string[]): void {
    const wanted = parts ?? (isEmbedded ? EMBEDDED : [...ALL, ...BARS]);
    const unknown = wanted.find((part) => !Object.hasOwn(PANELS, part) && !BARS.some((bar) => bar === part));
    if (unknown !== undefined) throw new UsageError(`the link shows '${unknown}', which is no part of the page`);
    this.isEmbedded.value = isEmbedded;
    this.shown.value = ALL.filter((id) => wanted.includes(id));
    this.bars.value = BARS.filter((bar) => wanted.includes(bar));
  }

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
  /** Those that are shown now. */
  get there(): PanelId[] {
    return this.shown.value.filter((id) => id !== 'lesson' || this.hasLesson.value);
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
