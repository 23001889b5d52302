/** Where frames stand: each once, in the row that leads to it first, or in the opened row if that does. */
import type { FrameModel, ProcessModel } from '../../protocol.ts';
import type { Changes } from './changes.ts';
import type { Row } from './rows.ts';
import {
  FRAME_GAP,
  FRAME_ROW,
  type FrameBox,
  type Middle,
  type Rect,
  type SceneOptions,
  type Side,
  type Spot,
} from './scene-model.ts';

/** A page's entry that leads to a frame. */
export interface Source {
  readonly side: Side;
  readonly row: number;
  readonly pid: number;
  readonly address: bigint;
}

export function findSources(
  rows: readonly Row[],
  processes: readonly ProcessModel[],
  known: ReadonlyMap<number, FrameModel>,
): ReadonlyMap<number, Source[]> {
  const found = new Map<number, Source[]>();
  for (const [r, row] of rows.entries())
    for (const [i, item] of row.items.entries()) {
      const pfn = item?.page?.pfn;
      if (pfn === undefined || !known.has(pfn)) continue;
      const source: Source = { side: i === 0 ? 'left' : 'right', row: r, pid: processes[i].pid, address: row.address };
      const list = found.get(pfn);
      if (list === undefined) found.set(pfn, [source]);
      else list.push(source);
    }
  return found;
}

export interface Home {
  readonly frame: FrameModel;
  readonly sides: readonly Side[];
}

/** A frame stands in the opened row if that leads to it, else in the first row that does. */
export function placeFrames(
  rows: readonly Row[],
  sources: ReadonlyMap<number, readonly Source[]>,
  known: ReadonlyMap<number, FrameModel>,
  coming: SceneOptions['coming'],
  [leftPid, rightPid]: readonly number[],
): Home[][] {
  const hasRight = rightPid !== undefined;
  const homes: Home[][] = rows.map(() => []);
  const open = rows.findIndex(({ isSelected }) => isSelected);
  for (const [pfn, list] of sources) {
    const row = list.some((source) => source.row === open) ? open : list[0].row;
    const sides = (['left', 'right'] as const).filter((side) => list.some((source) => source.side === side));
    homes[row].push({ frame: known.get(pfn)!, sides });
  }
  if (coming !== undefined && open >= 0) {
    const add = (frame: FrameModel | undefined, isFirst: boolean): void => {
      if (frame === undefined || homes.some((row) => row.some((home) => home.frame.pfn === frame.pfn))) return;
      if (isFirst) homes[open].unshift({ frame, sides: [] });
      else homes[open].push({ frame, sides: [] });
    };
    add(coming.from, false);
    // Where it will be when its entry leads there: the left column's frame is above the right one's.
    add(coming.frame, leftPid === coming.pid && hasRight);
  }
  return homes;
}

/** Two frames side by side: the one on the left is the left column's, the other one the right column's. */
export const areHalves = (homes: readonly Home[]): boolean =>
  homes.length === 2 && homes[0].sides.join() === 'left' && homes[1].sides.join() === 'right';

export function layFrames(
  homes: readonly Home[],
  spot: Spot,
  middle: Middle,
  isSingle: boolean,
  row: Row,
  changes: Changes,
): FrameBox[] {
  const box = ({ frame, sides }: Home, rect: Rect): FrameBox => ({
    key: `f${frame.pfn}`,
    frame,
    sides,
    isOpen: row.isSelected,
    isNew: changes.newFrames.has(frame.pfn),
    mappingsBefore: changes.mappings.get(frame.pfn),
    ...rect,
  });
  if (row.isSelected) {
    const gap = FRAME_GAP;
    const top = spot.y + 4;
    const whole = spot.height - 14;
    const each = homes.length === 1 ? whole : (whole - gap * (homes.length - 1)) / homes.length;
    return homes.map((home, i) => box(home, { ...middle, y: top + i * (each + gap), height: each }));
  }
  const half = (middle.width - 8) / 2;
  const place = ({ sides }: Home): { x: number; width: number } =>
    isSingle || sides.length > 1
      ? middle
      : { x: sides[0] === 'right' ? middle.x + middle.width - half : middle.x, width: half };
  const step = areHalves(homes) && !isSingle ? 0 : FRAME_ROW + 4;
  return homes.map((home, i) => box(home, { ...place(home), y: spot.y + 2 + i * step, height: FRAME_ROW }));
}
