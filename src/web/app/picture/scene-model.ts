/** What the picture's layout consists of: boxes and arrows in pixels, and the sizes that drawing them needs as well. */
import type { FrameModel, ProcessModel, WalkStepModel } from '../../protocol.ts';
import type { Changes, EntryChange } from './changes.ts';
import type { Item } from './rows.ts';

export const PAD = 10;
export const HEADER = 58;
export const AREA = 34;
/** Without pages in use. */
export const EMPTY_AREA = 22;
export const AREA_GAP = 8;
export const PAGE_ROW = 32;
export const FOLD = 18;
export const FRAME_ROW = 28;
/** Between frames in the opened row: room for the arrow of a copy. */
export const FRAME_GAP = 30;
export const ENTRY = 40;
export const ENTRY_GAP = 7;
export const WALK_TOP = 22;
export const WAS = 13;
/** Below the entries: what the last one was, and a remark. */
export const WALK = WALK_TOP + 4 * ENTRY + 3 * ENTRY_GAP + WAS + 22;
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

/** Of a row. */
export interface Spot {
  readonly y: number;
  readonly height: number;
}

/** The part of the width that frames stand in. */
export interface Middle {
  readonly x: number;
  readonly width: number;
}
