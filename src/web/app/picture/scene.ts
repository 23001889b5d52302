/**
 * Where everything in the picture stands, computed from a view: address spaces at the sides, frames between them, each once.
 * Rows are pages by address, so a frame that both sides reach at one address is one box across the middle, and two frames are
 * two halves. The selected page's row is opened: it holds both walks, and the frame with its bytes. Nothing overlaps.
 */
import type { MachineView, ProcessModel } from '../../protocol.ts';
import { copyArrow, layArrows } from './arrows.ts';
import { type Changes, pageKey } from './changes.ts';
import { areHalves, findSources, type Home, layFrames, placeFrames } from './frame-places.ts';
import { layRows, type Row } from './rows.ts';
import { AREA, AREA_GAP, type ColumnBox, EMPTY_AREA, ENTRY, ENTRY_GAP, FOLD, FRAME_ROW, HEADER, type Middle, PAD, PAGE_ROW, type Rect, type Scene, type SceneOptions, type Side, type Spot, WALK, WALK_TOP, type WalkBox } from './scene-model.ts'; // biome-ignore format: one line

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
function middleOf(width: number, isSingle: boolean): Middle {
  if (isSingle) {
    const own = Math.round(Math.min(300, Math.max(136, width * 0.4)));
    return { x: width - PAD - own, width: own };
  }
  const own = Math.round(Math.min(300, Math.max(176, width * 0.3)));
  return { x: Math.round((width - own) / 2), width: own };
}

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
