/**
 * Where everything in the picture stands, computed from a view: address spaces at the sides, frames between them, each once.
 * Rows are pages by address, so a frame that both sides reach at one address is one box across the middle, and two frames are
 * two halves. The selected page's row is opened: it holds both walks, and the frame with its bytes. Nothing overlaps.
 */
import type { FrameModel, MachineView, ProcessModel, WalkStepModel } from '../../protocol.ts';
import { type Changes, type EntryChange, pageKey } from './changes.ts';
import { type Item, layRows, type Row } from './rows.ts';

export const PAD = 10;
export const HEADER = 58;
const AREA = 34;
/** Without pages in use. */
const EMPTY_AREA = 22;
const AREA_GAP = 8;
const PAGE_ROW = 32;
const FOLD = 18;
const FRAME_ROW = 28;
/** Between frames in the opened row: room for the arrow of a copy. */
const FRAME_GAP = 30;
export const ENTRY = 40;
export const ENTRY_GAP = 7;
export const WALK_TOP = 22;
export const WAS = 13;
/** Below the entries: what the last one was, and a remark. */
const WALK = WALK_TOP + 4 * ENTRY + 3 * ENTRY_GAP + WAS + 22;
/** Two columns need so much. */
export const WIDE = 560;

export type Side = 'left' | 'right';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface AreaBox extends Rect {
  readonly key: string;
  readonly item: Item;
}

export interface PageBox extends Rect {
  readonly key: string;
  readonly pid: number;
  readonly side: Side;
  readonly address: bigint;
  readonly item: Item;
  readonly change: EntryChange | undefined;
  readonly isSelected: boolean;
}

export interface WalkBox extends Rect {
  readonly key: string;
  readonly pid: number;
  readonly side: Side;
  readonly steps: readonly (WalkStepModel & { readonly y: number; readonly change: EntryChange | undefined })[];
  /** Where the PT entry's arrow begins. */
  readonly leafY: number;
}

export interface ColumnBox extends Rect {
  readonly side: Side;
  readonly process: ProcessModel;
  /** Another column's process whose page table this one runs on. */
  readonly sharesWith: number | undefined;
  readonly areas: readonly AreaBox[];
  readonly pages: readonly PageBox[];
  readonly folds: readonly AreaBox[];
  readonly walk: WalkBox | undefined;
}

export interface FrameBox extends Rect {
  readonly key: string;
  readonly frame: FrameModel;
  /** It stands in the opened row, with its bytes. */
  readonly isOpen: boolean;
  /** Columns that have an arrow to it. */
  readonly sides: readonly Side[];
  readonly isNew: boolean;
  readonly mappingsBefore: number | undefined;
}

export interface Arrow {
  readonly key: string;
  readonly pid: number;
  readonly address: bigint;
  readonly pfn: number;
  readonly path: string;
  /** Where its head points. */
  readonly tip: { readonly x: number; readonly y: number; readonly toLeft: boolean };
  readonly isLoud: boolean;
  readonly isChanged: boolean;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly ColumnBox[];
  readonly frames: readonly FrameBox[];
  readonly arrows: readonly Arrow[];
  readonly middle: { readonly x: number; readonly width: number };
  /** From the old frame to its copy, while that is being made. */
  readonly copy: { readonly x: number; readonly from: number; readonly to: number } | undefined;
  /** Of the opened row. */
  readonly opened: { readonly y: number; readonly height: number } | undefined;
}

export interface SceneOptions {
  readonly width: number;
  /** One or two: left and right. */
  readonly processes: readonly ProcessModel[];
  readonly changes: Changes;
  /** A frame that no entry leads to yet, and the one that it is copied from. */
  readonly coming?:
    | { readonly pid: number; readonly frame: FrameModel; readonly from: FrameModel | undefined }
    | undefined;
}

interface Source {
  readonly side: Side;
  readonly row: number;
  readonly pid: number;
  readonly address: bigint;
}

export function layScene(view: MachineView, { width, processes, changes, coming }: SceneOptions): Scene {
  const isSingle = processes.length < 2;
  const columnOf = columnsOf(width, isSingle);
  const sharesWith = processes.map((process, i) =>
    i > 0 && process.space !== undefined && process.space.pids.includes(processes[0].pid)
      ? processes[0].pid
      : undefined,
  );
  const drawn = processes.map(({ pid, space }, i) => ({ pid, space: sharesWith[i] === undefined ? space : undefined }));
  const rows = layRows(drawn, view.address, changes);
  const known = new Map(view.frames.map((frame) => [frame.pfn, frame]));
  const sources = findSources(rows, processes, known);
  const homes = placeFrames(
    rows,
    sources,
    known,
    coming,
    processes.map(({ pid }) => pid),
  );
  const spots = laySpots(rows, homes, isSingle);

  const columns = processes.map((process, i): ColumnBox => {
    const place = columnOf(i);
    const boxes = rows.flatMap((row, r) => {
      const item = row.items[i];
      return item === undefined ? [] : [{ row, r, item, y: spots[r].y, height: spots[r].height }];
    });
    const side: Side = i === 0 ? 'left' : 'right';
    const { pid } = process;
    const selected = boxes.find(({ row }) => row.isSelected);
    return {
      side,
      process,
      sharesWith: sharesWith[i],
      ...place,
      y: 0,
      height: HEADER,
      areas: boxes
        .filter(({ row }) => row.kind === 'area')
        .map(({ item, y, r }) => {
          const last = boxes.findLast((box) => box.item.area === item.area)!;
          return { key: `a${pid}:${item.area!.start}`, item, ...place, y, height: Math.max(spots[r].height, last.y + last.height - y) };
        }), // biome-ignore format: one shape
      pages: boxes
        .filter(({ row }) => row.kind === 'page')
        .map(({ row, item, y, height }) => ({
          key: `p${pageKey(pid, row.address)}`,
          pid,
          side,
          address: row.address,
          item,
          change: changes.entries.get(pageKey(pid, row.address)),
          isSelected: row.isSelected,
          ...place,
          y,
          height: row.isSelected ? height : PAGE_ROW,
        })),
      folds: boxes
        .filter(({ row }) => row.kind === 'fold')
        .map(({ item, y, height }) => ({ key: `m${pid}:${item.area!.start}`, item, ...place, y, height })),
      walk: selected && layWalk(process, side, { ...place, y: selected.y + PAGE_ROW, height: WALK }, changes),
    };
  });

  const middle = middleOf(width, isSingle);
  const frames = homes.flatMap((row, r) => layFrames(row, spots[r], middle, isSingle, rows[r], changes));
  const arrows = layArrows(sources, columns, frames, spots, changes, middle);
  const last = spots.at(-1);
  const open = rows.findIndex(({ isSelected }) => isSelected);
  return {
    width,
    height: (last === undefined ? HEADER + 60 : last.y + last.height) + PAD,
    columns,
    frames,
    arrows,
    middle,
    copy: coming === undefined ? undefined : copyArrow(frames, coming, middle),
    opened: open < 0 ? undefined : spots[open],
  };
}

/** Two columns with the frames between them, or one with the frames at its right. */
function columnsOf(width: number, isSingle: boolean): (i: number) => { x: number; width: number } {
  const middle = middleOf(width, isSingle);
  const gutter = gutterOf(width);
  if (isSingle) return () => ({ x: PAD, width: middle.x - gutter - PAD });
  const each = middle.x - gutter - PAD;
  return (i) => ({ x: i === 0 ? PAD : width - PAD - each, width: each });
}
const gutterOf = (width: number): number => Math.round(Math.min(90, Math.max(30, width * 0.055)));
function middleOf(width: number, isSingle: boolean): { x: number; width: number } {
  if (isSingle) {
    const own = Math.round(Math.min(300, Math.max(136, width * 0.4)));
    return { x: width - PAD - own, width: own };
  }
  const own = Math.round(Math.min(300, Math.max(176, width * 0.3)));
  return { x: Math.round((width - own) / 2), width: own };
}

function findSources(
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

interface Home {
  readonly frame: FrameModel;
  readonly sides: readonly Side[];
}

/** A frame stands in the opened row if that leads to it, else in the first row that does. */
function placeFrames(
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

interface Spot {
  readonly y: number;
  readonly height: number;
}

/** Two frames side by side: the one on the left is the left column's, the other one the right column's. */
const areHalves = (homes: readonly Home[]): boolean =>
  homes.length === 2 && homes[0].sides.join() === 'left' && homes[1].sides.join() === 'right';

function laySpots(rows: readonly Row[], homes: readonly (readonly Home[])[], isSingle: boolean): Spot[] {
  let y = HEADER;
  return rows.map((row, r) => {
    const stacked = areHalves(homes[r]) && !isSingle ? 1 : homes[r].length;
    const startsApart = row.kind === 'area' || (row.kind === 'page' && row.items.every((item) => item === undefined || item.area === undefined)); // biome-ignore format: one line
    if (startsApart) y += AREA_GAP;
    const isEmpty =
      row.items.every((item) => item === undefined || item.area?.present === 0) && rows[r + 1]?.kind !== 'page';
    const own =
      row.kind === 'area'
        ? isEmpty
          ? EMPTY_AREA
          : AREA
        : row.kind === 'fold'
          ? FOLD
          : row.isSelected
            ? PAGE_ROW + WALK
            : PAGE_ROW;
    const height = row.isSelected ? own : Math.max(own, stacked * (FRAME_ROW + 4));
    const spot = { y, height };
    y += height;
    return spot;
  });
}

function layWalk(process: ProcessModel, side: Side, rect: Rect, changes: Changes): WalkBox | undefined {
  const walk = process.space?.walk;
  if (walk === undefined) return undefined;
  const page = walk.address & ~0xfffn;
  const steps = walk.steps.map((step, i) => ({
    ...step,
    y: rect.y + WALK_TOP + i * (ENTRY + ENTRY_GAP),
    change: step.level === 'PT' ? changes.entries.get(pageKey(process.pid, page)) : undefined,
  }));
  const leafY = rect.y + WALK_TOP + 3 * (ENTRY + ENTRY_GAP) + ENTRY / 2;
  return { key: `w${process.pid}`, pid: process.pid, side, ...rect, steps, leafY };
}

function layFrames(
  homes: readonly Home[],
  spot: Spot,
  middle: { x: number; width: number },
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

function layArrows(
  sources: ReadonlyMap<number, readonly Source[]>,
  columns: readonly ColumnBox[],
  frames: readonly FrameBox[],
  spots: readonly Spot[],
  changes: Changes,
  middle: { x: number; width: number },
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

const gutterWidth = (column: ColumnBox, middle: { x: number; width: number }): number =>
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

function copyArrow(
  frames: readonly FrameBox[],
  coming: NonNullable<SceneOptions['coming']>,
  middle: { x: number; width: number },
): Scene['copy'] {
  const from = frames.find(({ frame }) => frame.pfn === coming.from?.pfn);
  const to = frames.find(({ frame }) => frame.pfn === coming.frame.pfn);
  if (from === undefined || to === undefined) return undefined;
  const x = middle.x + middle.width / 3;
  return from.y < to.y ? { x, from: from.y + from.height, to: to.y } : { x, from: from.y, to: to.y + to.height };
}
