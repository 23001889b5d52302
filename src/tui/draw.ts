/**
 * The whole screen as lines: a pure function of what is shown (View), what was shown before, and the state of the screen.
 * Every row is exactly as wide as the terminal.
 */

import { BLOCK_PROMPT, PROMPT } from '../debug/commands/script.ts';
import { LEAST_COLUMNS, LEAST_ROWS, layout, PANE_TITLES, type PaneId, type Slot } from './layout.ts';
import { codeMode, codePane } from './panes/code.ts';
import { mapsPane, memoryPane, stackPane } from './panes/data.ts';
import { headerLine, outputPane, timelinePane, walkPane } from './panes/machine.ts';
import { registersPane } from './panes/registers.ts';
import { KEY_HELP, type Screen } from './screen.ts';
import { exactly, fill, type Line, line, printable, type Span, widthOf } from './text.ts';
import type { View } from './view.ts';

const HINT = ' F1 help  Tab pane  Esc keys ';

/** How far a pane's content goes, for who scrolls. */
export interface Drawn {
  readonly rows: readonly Line[];
  /** Where the terminal's cursor is to be. */
  readonly cursor: { readonly x: number; readonly y: number };
}

export function draw(view: View, before: View | undefined, screen: Screen): Drawn {
  const { columns, rows } = screen;
  let cursor = { x: 0, y: rows - 1 };
  if (screen.showsHelp) {
    const lines = KEY_HELP.split('\n').flatMap((text) => wrapped(text, columns).map((piece) => line(piece)));
    return { rows: fill(lines, columns, rows), cursor };
  }
  if (columns < LEAST_COLUMNS || rows < LEAST_ROWS) return drawSmall(screen);
  const slots = layout(columns, rows);
  const canvas: Line[] = [exactly(headerLine(view, columns, screen.status), columns)];
  for (const slot of joinRows(slots)) {
    const blocks = slot.map((one) => drawSlot(one, view, before, screen));
    const height = slot[0].area.height;
    for (let i = 0; i < height; i++) canvas.push(joined(blocks.map((block) => block[i])));
    const command = slot.find(({ panes }) => panes.includes('command'));
    if (command !== undefined) {
      const x = command.area.x + promptLine(screen, command.area.width).cursor;
      cursor = { x, y: command.area.y + height - 1 };
    }
  }
  return { rows: canvas.slice(0, rows), cursor };
}

/** Where panes have no room: what was answered last, and the line that is typed. */
function drawSmall(screen: Screen): Drawn {
  const { columns, rows } = screen;
  const said = screen.transcript.flatMap((text) => wrapped(printable(text), columns)).map((text) => line(text));
  const room = rows - 1;
  const prompt = promptLine(screen, columns);
  const above = fill(room === 0 ? [] : said.slice(-room), columns, room);
  const x = Math.min(prompt.cursor, columns - 1);
  return { rows: [...above, exactly(prompt.spans, columns)], cursor: { x, y: rows - 1 } };
}

/** Slots that stand side by side. */
function joinRows(slots: readonly Slot[]): Slot[][] {
  const byRow = new Map<number, Slot[]>();
  for (const slot of slots) byRow.set(slot.area.y, [...(byRow.get(slot.area.y) ?? []), slot]);
  return [...byRow.values()];
}

const joined = (parts: readonly Line[]): Line =>
  parts.flatMap((part, i) => (i === 0 ? part : [{ text: '|', dim: true }, ...part]));

/** The pane in front of a slot. */
export const frontOf = (slot: Slot, screen: Screen): PaneId => {
  if (slot.panes.includes(screen.focus)) return screen.focus;
  return slot.panes.find((pane) => screen.front.includes(pane)) ?? slot.panes[0];
};

function drawSlot(slot: Slot, view: View, before: View | undefined, screen: Screen): Line[] {
  const { width, height } = slot.area;
  const pane = frontOf(slot, screen);
  if (pane === 'command') return drawCommand(screen, width, height);
  const body = height - 1;
  const { lines, top } = contentOf(pane, view, before, screen, width, body);
  return [title(slot, pane, screen, width, lines.length > body), ...fill(lines.slice(top), width, body)];
}

/** `-[code]-stack----`: the panes of the slot by name, the one in front in brackets, `*` where the keyboard is. */
function title(slot: Slot, front: PaneId, screen: Screen, width: number, hasMore: boolean): Line {
  const names = slot.panes.map((pane): Span => {
    const name = PANE_TITLES[pane];
    if (pane !== front) return { text: `-${name}-`, dim: true };
    const hasFocus = screen.focus === pane;
    return { text: hasFocus ? `[*${name}]` : `[${name}]`, bold: hasFocus };
  });
  const more: Span = { text: hasMore ? '-(more)' : '', dim: true };
  const used = widthOf(names) + more.text.length;
  return exactly(
    [{ text: '-' }, ...names, { text: '-'.repeat(Math.max(0, width - used - 1)), dim: true }, more],
    width,
  );
}

/** All lines of a pane, and the first one to be shown: the current one is kept in sight until somebody scrolls. */
export function contentOf(
  pane: PaneId,
  view: View,
  before: View | undefined,
  screen: Screen,
  width: number,
  height: number,
): { readonly lines: readonly Line[]; readonly top: number } {
  const { lines, current } = linesOf(pane, view, before, screen, width, height);
  const most = Math.max(0, lines.length - height);
  const home = pane === 'output' ? most : Math.min(most, Math.max(0, current - Math.floor(height / 3)));
  return { lines, top: Math.min(most, Math.max(0, home + (screen.scroll[pane] ?? 0))) };
}

/** The same with how far somebody has scrolled brought within what there is. */
export function settled(screen: Screen, view: View, before: View | undefined): Screen {
  const slot = layout(screen.columns, screen.rows).find(({ panes }) => panes.includes(screen.focus));
  const wish = screen.scroll[screen.focus];
  if (slot === undefined || wish === undefined || wish === 0) return screen;
  const { width, height } = slot.area;
  if (screen.focus === 'command') {
    const most = screen.transcript.flatMap((text) => wrapped(printable(text), width)).length;
    return { ...screen, scroll: { ...screen.scroll, command: Math.min(wish, Math.max(0, most - (height - 2))) } };
  }
  const at = (scroll: number) =>
    contentOf(screen.focus, view, before, { ...screen, scroll: { [screen.focus]: scroll } }, width, height - 1).top;
  return { ...screen, scroll: { ...screen.scroll, [screen.focus]: at(wish) - at(0) } };
}

function linesOf(
  pane: PaneId,
  view: View,
  before: View | undefined,
  screen: Screen,
  width: number,
  height: number,
): { lines: readonly Line[]; current: number } {
  switch (pane) {
    case 'code':
      return codePane(view, codeMode(view, screen.codeMode));
    case 'registers':
      return { lines: registersPane(view.registers, before?.registers, view.pointers, width, height), current: 0 };
    case 'stack':
      return { lines: stackPane(view.stack, before?.stack ?? []), current: 0 };
    case 'walk':
      return { lines: walkPane(view, before, width), current: 0 };
    case 'memory':
      return { lines: memoryPane(view.memory, before?.memory, width), current: 0 };
    case 'maps':
      return { lines: mapsPane(view.areas), current: 0 };
    case 'timeline':
      return timelinePane(view);
    case 'output':
      return { lines: outputPane(view), current: 0 };
    case 'command':
      return { lines: [], current: 0 };
  }
}

/** What was answered, the candidates of completion, and the line that is typed. */
function drawCommand(screen: Screen, width: number, height: number): Line[] {
  const hasFocus = screen.focus === 'command';
  const head = exactly(
    [
      { text: '-' },
      { text: hasFocus ? '[*command]' : '[command]', bold: hasFocus },
      { text: '-'.repeat(Math.max(0, width - 11 - HINT.length)), dim: true },
      { text: HINT, dim: true },
    ],
    width,
  );
  const answered = screen.transcript.flatMap((text) => wrapped(printable(text), width));
  const candidates = screen.candidates.length > 1 ? wrapped(screen.candidates.join('  '), width).slice(0, 3) : [];
  const shown = [...answered, ...candidates];
  const room = height - 2;
  const end = Math.max(room, shown.length - (screen.scroll.command ?? 0));
  const body = shown.slice(Math.max(0, end - room), end).map((text) => line(text));
  return [head, ...fill(body, width, room), exactly(promptLine(screen, width).spans, width)];
}

/** The prompt with the part of the line that the cursor is in. */
function promptLine({ input, isRunning, isInBlock }: Screen, width: number): { spans: Line; cursor: number } {
  const prompt = isRunning ? '(running; Ctrl-C stops) ' : isInBlock ? BLOCK_PROMPT : PROMPT;
  const room = Math.max(1, width - prompt.length - 1);
  const start = Math.max(0, input.cursor - room);
  const text = input.text.slice(start, start + room);
  return { spans: [{ text: prompt, bold: true }, { text }], cursor: prompt.length + input.cursor - start };
}

export function wrapped(text: string, width: number): string[] {
  if (text === '') return [''];
  return Array.from({ length: Math.ceil(text.length / width) }, (_, i) => text.slice(i * width, (i + 1) * width));
}
