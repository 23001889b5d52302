/** Arrows from entries to frames: straight where both stand side by side, else in a bend through the gutter. */
import { type Changes, pageKey } from './changes.ts';
import type { Source } from './frame-places.ts';
import {
  type Arrow,
  type ColumnBox,
  type FrameBox,
  type Middle,
  PAGE_ROW,
  type Scene,
  type SceneOptions,
  type Spot,
} from './scene-model.ts';

export function layArrows(
  sources: ReadonlyMap<number, readonly Source[]>,
  columns: readonly ColumnBox[],
  frames: readonly FrameBox[],
  spots: readonly Spot[],
  changes: Changes,
  middle: Middle,
): Arrow[] {
  const arrows: Arrow[] = [];
  for (const box of frames) {
    const { pfn } = box.frame;
    const list = sources.get(pfn) ?? [];
    for (const { side, row, pid, address } of list) {
      const column = columns.find((one) => one.process.pid === pid)!;
      const page = column.pages.find((one) => one.address === address)!;
      const { walk } = column;
      const leads = page.isSelected && walk !== undefined && walk.steps.length === 4;
      const startX = side === 'left' ? column.x + column.width : column.x;
      const startY = leads ? walk.leafY : spots[row].y + PAGE_ROW / 2;
      const endX = side === 'left' ? box.x : box.x + box.width;
      // Straight where the box is beside the entry; else to its own part of the box's side.
      const isBeside = startY > box.y + 6 && startY < box.y + box.height - 6;
      const endY = isBeside ? startY : startY < box.y ? box.y + Math.min(12, box.height / 2) : box.y + box.height - Math.min(12, box.height / 2); // biome-ignore format: one line
      const isChanged = changes.entries.has(pageKey(pid, address));
      arrows.push({
        key: `r${pageKey(pid, address)}`,
        pid,
        address,
        pfn,
        path: curve(startX, startY, endX, endY, gutterWidth(column, middle)),
        tip: { x: endX, y: endY, toLeft: side === 'right' },
        isLoud: page.isSelected,
        isChanged,
      });
    }
  }
  // The loud ones are drawn last, above the others.
  return arrows.sort((a, b) => Number(a.isLoud) - Number(b.isLoud));
}

const gutterWidth = (column: ColumnBox, middle: Middle): number =>
  column.side === 'left' ? middle.x - column.x - column.width : column.x - middle.x - middle.width;

/** The head takes the last pixels. */
const HEAD = 7;
function curve(x1: number, y1: number, x2: number, y2: number, gutter: number): string {
  const to = x1 < x2 ? 1 : -1;
  const end = x2 - to * HEAD;
  if (y1 === y2) return `M${x1} ${y1}H${end}`;
  // Far away ones run down the gutter; near ones bend gently.
  const bend = to * Math.min(Math.abs(end - x1), gutter);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${end - bend} ${y2} ${end} ${y2}`;
}

export function copyArrow(
  frames: readonly FrameBox[],
  coming: NonNullable<SceneOptions['coming']>,
  middle: Middle,
): Scene['copy'] {
  const from = frames.find(({ frame }) => frame.pfn === coming.from?.pfn);
  const to = frames.find(({ frame }) => frame.pfn === coming.frame.pfn);
  if (from === undefined || to === undefined) return undefined;
  const x = middle.x + middle.width / 3;
  return from.y < to.y ? { x, from: from.y + from.height, to: to.y } : { x, from: from.y, to: to.y + to.height };
}
