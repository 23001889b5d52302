/** The terminal view without a terminal: keys make actions, and what is shown are lines of exactly its width. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/debug/commands/session.ts';
import { draw, settled } from '../../src/tui/draw.ts';
import { parseInput } from '../../src/tui/keys.ts';
import { layout, PANES } from '../../src/tui/layout.ts';
import { EMPTY_INPUT, editLine, type InputLine, submitted } from '../../src/tui/prompt.ts';
import { type Action, firstScreen, press, type Screen } from '../../src/tui/screen.ts';
import { plain, widthOf } from '../../src/tui/text.ts';
import { readView, type View } from '../../src/tui/view.ts';
import { openSession } from '../debug/commands/open.ts';

function type(screen: Screen, bytes: string): { screen: Screen; actions: Action[] } {
  const actions: Action[] = [];
  let now = screen;
  for (const input of parseInput(bytes).inputs) {
    const step = press(now, input);
    now = step.screen;
    if (step.action !== undefined) actions.push(step.action);
  }
  return { screen: now, actions };
}

const F = { f1: '\x1bOP', f5: '\x1b[15~', shiftF7: '\x1b[18;2~', f7: '\x1b[18~', f10: '\x1b[21~', f9: '\x1b[20~' };

describe('keys', () => {
  const first = firstScreen(80, 24);
  test.each<[string, string, readonly Action[]]>([
    ['a line', 'si 5\r', [{ kind: 'run', line: 'si 5' }]],
    ['Enter alone', '\r', [{ kind: 'run', line: '' }]],
    ['F5', F.f5, [{ kind: 'run', line: 'continue' }]],
    ['F7', F.f7, [{ kind: 'run', line: 'stepi' }]],
    ['Shift-F7', F.shiftF7, [{ kind: 'run', line: 'reverse-stepi' }]],
    ['F10', F.f10, [{ kind: 'run', line: 'next' }]],
    ['F9', F.f9, [{ kind: 'toggle breakpoint' }]],
    ['Tab in a line', 'bre\t', [{ kind: 'complete' }]],
    ['Ctrl-D', '\x04', [{ kind: 'quit' }]],
    ['Ctrl-D in a line', 'x\x04', []],
    ['Ctrl-C once', '\x03', []],
    ['Ctrl-C twice', '\x03\x03', [{ kind: 'quit' }]],
    ['Ctrl-C, a line, Ctrl-C', '\x03x\x03', []],
    ['letters in a pane', '\x1bx', []],
  ])('%s', (_, bytes, actions) => {
    expect(type(first, bytes).actions).toEqual(actions);
  });
  test.each<[string, string]>([
    ['s', 'step'],
    ['S', 'reverse-step'],
    ['i', 'stepi'],
    ['I', 'reverse-stepi'],
    ['n', 'next'],
    ['C', 'reverse-continue'],
    ['o', 'nexti'],
    ['O', 'reverse-nexti'],
    ['f', 'finish'],
  ])('in a pane %s is %s', (letter, line) => {
    const { screen } = type(first, '\x1b');
    expect(screen.focus).toBe('code');
    expect(type(screen, letter).actions).toEqual([{ kind: 'run', line }]);
  });
  test('while the program runs, only Ctrl-C does something', () => {
    const running = { ...first, isRunning: true };
    expect(type(running, `si\r${F.f5}`).actions).toEqual([]);
    expect(type(running, '\x03').actions).toEqual([{ kind: 'interrupt' }]);
  });
  test('Tab goes through all panes and comes back', () => {
    let screen = first;
    const seen = PANES.map(() => {
      screen = type(screen, '\t').screen;
      return screen.focus;
    });
    expect([...seen].sort()).toEqual([...PANES].sort());
    expect(screen.focus).toBe('command');
    expect(type(screen, '\x1b[Z').screen.focus).toBe('output');
  });
  test('a click gives a pane the keyboard', () => {
    expect(type(first, '\x1b[<0;60;3M').screen.focus).toBe('registers');
    expect(type(first, '\x1b[<0;3;12M').screen.focus).toBe('walk');
    expect(type(first, '\x1b[<0;3;24M').screen.focus).toBe('command');
  });
});

describe('the line', () => {
  const edited = (bytes: string, from: InputLine = EMPTY_INPUT): InputLine =>
    parseInput(bytes).inputs.reduce((line, input) => editLine(line, input) ?? line, from);
  test.each([
    ['abc\x1b[D\x1b[DX', 'aXbc', 2],
    ['abc\x01X\x05Y', 'XabcY', 5],
    ['one two\x17', 'one ', 4],
    ['one two\x15', '', 0],
    ['one two\x01\x0b', '', 0],
    ['abc\x7f\x7f', 'a', 1],
    ['abc\x01\x1b[3~', 'bc', 0],
    ['\x1b[200~a\nb\x1b[201~', 'a b', 3],
  ])('%j', (bytes, text, cursor) => {
    expect(edited(bytes)).toMatchObject({ text, cursor });
  });
  test('Up and Down recall; what was being typed is kept', () => {
    const used = submitted(edited('two', submitted(edited('one'))));
    expect(edited('dra\x1b[A', used).text).toBe('two');
    expect(edited('dra\x1b[A\x1b[A\x1b[A', used).text).toBe('one');
    expect(edited('dra\x1b[A\x1b[A\x1b[B\x1b[B', used).text).toBe('dra');
  });
});

test('slots fill every screen, without overlaps', () => {
  const sizes = Array.from({ length: 60 }, (_, i) => [40 + ((i * 37) % 200), 12 + i]);
  for (const [columns, rows] of [[80, 24], [160, 50], [72, 13], [40, 12], ...sizes]) {
    const cells = new Set<string>();
    for (const { area } of layout(columns, rows)) {
      expect(area.height).toBeGreaterThan(1);
      expect(area.x + area.width).toBeLessThanOrEqual(columns);
      expect(area.y + area.height).toBeLessThanOrEqual(rows);
      for (let y = area.y; y < area.y + area.height; y++)
        for (let x = area.x; x < area.x + area.width; x++) {
          expect(cells.has(`${x},${y}`)).toBe(false);
          cells.add(`${x},${y}`);
        }
    }
    // All rows below the header, but for the lines between slots.
    expect(cells.size).toBeGreaterThan((rows - 1) * (columns - 3));
  }
}); // biome-ignore format: sizes

describe('the demo, where the parent has just stored', () => {
  let session: Session;
  let before: View;
  let view: View;
  const wishes = { memoryAddress: undefined, walkAddress: undefined };
  beforeAll(async () => {
    session = await openSession('fixtures/shm_demo');
    await session.execute('break 53');
    await session.execute('run');
    before = readView(session, wishes);
    await session.execute('stepi');
    view = readView(session, wishes);
  });
  const text = (screen: Screen): string =>
    draw(view, before, screen)
      .rows.map((row) => `${plain(row).trimEnd()}\n`)
      .join('');

  test.each([[80, 24], [160, 50], [100, 30], [60, 20]])('%i x %i', async (columns, rows) => {
    const screen = firstScreen(columns, rows);
    const { rows: lines, cursor } = draw(view, before, screen);
    expect(lines).toHaveLength(rows);
    for (const row of lines) expect(widthOf(row)).toBe(columns);
    expect(cursor).toEqual({ x: 7, y: rows - 1 });
    await expect(text(screen)).toMatchFileSnapshot(`screens/demo-${columns}x${rows}.txt`);
  }); // biome-ignore format: sizes
  test.each(PANES)('%s in front', async (pane) => {
    await expect(text({ ...firstScreen(80, 24), focus: pane })).toMatchFileSnapshot(`screens/demo-${pane}.txt`);
  });
  test('disassembly in place of the source', async () => {
    const screen = { ...firstScreen(80, 24), codeMode: 'disassembly' as const };
    await expect(text(screen)).toMatchFileSnapshot('screens/demo-disassembly.txt');
  });
  test('the list of keys fits', async () => {
    const shown = text(type(firstScreen(80, 24), F.f1).screen);
    expect(shown).toContain('Any key goes back.');
    await expect(shown).toMatchFileSnapshot('screens/keys.txt');
  });
  test('scrolling ends where the pane does', () => {
    const focused: Screen = { ...firstScreen(80, 24), focus: 'code' };
    const end = settled(type(focused, 'G').screen, view, before);
    expect(settled(type(end, 'j').screen, view, before).scroll).toEqual(end.scroll);
    expect(text(end)).not.toBe(text(focused));
    const home = settled(type(end, 'g').screen, view, before);
    expect(text(home)).toContain('    1 ; shared_memory_demo.asm');
  });
  test('any keys at any size: rows as wide as the terminal, and the cursor among them', () => {
    const bytes = fc.constantFrom(
      ...'sniocfwjkgGdt:?SNIOCF \r\t\x1b\x7f\x01\x05\x0b\x15\x17',
      ...[
        '\x1b[A',
        '\x1b[B',
        '\x1b[5~',
        '\x1b[6~',
        '\x1b[Z',
        '\x1bOQ',
        '\x1bOS',
        F.f1,
        F.f5,
        '\x1b[<0;30;9M',
        '\x1b[<65;5;5M',
      ],
      'a long line that somebody has typed or pasted, which does not fit into a narrow terminal at all',
    );
    const size = fc.tuple(fc.integer({ min: 1, max: 220 }), fc.integer({ min: 1, max: 70 }));
    fc.assert(
      fc.property(size, fc.array(bytes, { maxLength: 30 }), ([columns, rows], keys) => {
        let screen = firstScreen(columns, rows);
        for (const key of keys) {
          screen = settled(type(screen, key).screen, view, before);
          const drawn = draw(view, before, screen);
          expect(drawn.rows.length).toBe(rows);
          for (const row of drawn.rows) expect(widthOf(row)).toBe(columns);
          expect(drawn.cursor.y).toBeLessThan(rows);
          expect(drawn.cursor.x).toBeLessThan(columns);
        }
      }),
      { numRuns: 150 },
    );
  });
  test('nothing is left when every process has ended', async () => {
    await session.execute('continue');
    view = readView(session, wishes);
    await expect(text(firstScreen(80, 24))).toMatchFileSnapshot('screens/ended-80x24.txt');
  });
});
