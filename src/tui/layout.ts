/**
 * Which pane stands where, for a terminal of a size. A slot holds one or several panes, of which one is in front; small
 * terminals fold panes together, large ones show all at once.
 */
export const PANES = ['code', 'registers', 'stack', 'walk', 'memory', 'maps', 'timeline', 'output', 'command'] as const;
export type PaneId = (typeof PANES)[number];

export const PANE_TITLES: Readonly<Record<PaneId, string>> = {
  code: 'code',
  registers: 'registers',
  stack: 'stack',
  walk: 'page walk',
  memory: 'memory',
  maps: 'areas',
  timeline: 'events',
  output: 'output',
  command: 'command',
};

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Slot {
  readonly panes: readonly PaneId[];
  readonly area: Rectangle;
}

/** Less has no room for panes. */
export const LEAST_COLUMNS = 40, LEAST_ROWS = 12; // biome-ignore format: one line
/** The first row tells who runs; the last one is where commands are typed. */
const HEADER_ROWS = 1;

/** For terminals of at least 40x12. The slots fill the screen below the header; each begins with its title row. */
export function layout(columns: number, rows: number): Slot[] {
  const width = columns;
  const height = rows - HEADER_ROWS;
  const slots: Slot[] = [];
  const row = (y: number, rowHeight: number, parts: readonly { share: number; panes: readonly PaneId[] }[]): void => {
    const total = parts.reduce((sum, { share }) => sum + share, 0);
    let x = 0;
    for (const [i, { share, panes }] of parts.entries()) {
      const isLast = i === parts.length - 1;
      // One column between two slots is for the line.
      const partWidth = isLast ? width - x : Math.floor((width * share) / total) - 1;
      slots.push({ panes, area: { x, y: y + HEADER_ROWS, width: partWidth, height: rowHeight } });
      x += partWidth + 1;
    }
  };
  if (width >= 140 && height >= 36) {
    const command = Math.max(8, Math.floor(height * 0.2));
    const top = Math.floor((height - command) * 0.5);
    const middle = height - command - top;
    row(0, top, [
      { share: 55, panes: ['code'] },
      { share: 45, panes: ['registers'] },
      { share: 59, panes: ['stack'] },
    ]);
    row(top, middle, [
      { share: 90, panes: ['walk'] },
      { share: 70, panes: ['memory', 'maps'] },
    ]);
    row(top + middle, command, [
      { share: 60, panes: ['command'] },
      { share: 60, panes: ['timeline'] },
      { share: 40, panes: ['output'] },
    ]);
  } else if (width >= 72 && height >= 17) {
    const command = Math.max(4, Math.floor(height * 0.22));
    const top = Math.max(8, Math.floor((height - command) * 0.5));
    const middle = height - command - top;
    row(0, top, [
      { share: 46, panes: ['code'] },
      { share: 54, panes: ['registers', 'stack'] },
    ]);
    row(top, middle, [{ share: 1, panes: ['walk', 'timeline', 'memory', 'maps', 'output'] }]);
    row(top + middle, command, [{ share: 1, panes: ['command'] }]);
  } else {
    const command = Math.max(3, Math.floor(height * 0.3));
    row(0, height - command, [
      { share: 1, panes: ['code', 'registers', 'stack', 'walk', 'timeline', 'memory', 'maps', 'output'] },
    ]);
    row(height - command, command, [{ share: 1, panes: ['command'] }]);
  }
  return slots;
}

/** The slot that a cell of the screen belongs to. */
export const slotAt = (slots: readonly Slot[], x: number, y: number): Slot | undefined =>
  slots.find(({ area }) => x >= area.x && x <= area.x + area.width && y >= area.y && y < area.y + area.height);
