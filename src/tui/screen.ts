/**
 * The state of the screen, and what a key or the mouse makes of it: a pure function that says, too, what is to be done.
 * The keyboard belongs to the command line, or, after Escape or Tab, to a pane, where letters are gdb's single keys.
 */

import type { TerminalInput } from './keys.ts';
import { layout, PANES, type PaneId, slotAt } from './layout.ts';
import type { CodeMode } from './panes/code.ts';
import { EMPTY_INPUT, editLine, type InputLine, submitted } from './prompt.ts';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly focus: PaneId;
  /** Panes that are in front of their slot although the keyboard is elsewhere; the latest first. */
  readonly front: readonly PaneId[];
  /** Rows that somebody has scrolled, from where the pane would be. */
  readonly scroll: Readonly<Partial<Record<PaneId, number>>>;
  readonly codeMode: CodeMode | undefined;
  readonly input: InputLine;
  /** Lines that were typed and answered. */
  readonly transcript: readonly string[];
  readonly candidates: readonly string[];
  /** The list of keys covers everything, until the next key. */
  readonly showsHelp: boolean;
  readonly isRunning: boolean;
  /** What is typed are lines for a breakpoint. */
  readonly isInBlock: boolean;
  /** The last key was Ctrl-C at an empty line: another one ends the session. */
  readonly isLeaving: boolean;
  readonly status: string;
}

export type Action =
  | { readonly kind: 'run'; readonly line: string }
  | { readonly kind: 'complete' }
  | { readonly kind: 'interrupt' }
  /** Ctrl-Z: to the shell. */
  | { readonly kind: 'suspend' }
  | { readonly kind: 'toggle breakpoint' }
  | { readonly kind: 'next thread' }
  | { readonly kind: 'quit' };

export interface Step {
  readonly screen: Screen;
  readonly action: Action | undefined;
}

export const firstScreen = (columns: number, rows: number): Screen => ({
  columns,
  rows,
  focus: 'command',
  front: ['code', 'registers', 'walk'],
  scroll: {},
  codeMode: undefined,
  input: EMPTY_INPUT,
  transcript: [],
  candidates: [],
  showsHelp: false,
  isRunning: false,
  isInBlock: false,
  isLeaving: false,
  status: '',
});

/** Function keys, everywhere; with Shift the direction turns around. */
const FUNCTION_KEYS: Readonly<Record<string, string>> = {
  f5: 'continue', f6: 'reverse-continue', f7: 'stepi', f8: 'nexti', f10: 'next', f11: 'step', f12: 'finish',
}; // biome-ignore format: a table
const BACKWARDS: Readonly<Record<string, string>> = {
  continue: 'reverse-continue', stepi: 'reverse-stepi', nexti: 'reverse-nexti', next: 'reverse-next',
  step: 'reverse-step', finish: 'reverse-finish', 'reverse-continue': 'continue',
}; // biome-ignore format: a table
/** Letters, where the keyboard belongs to a pane: gdb's single keys; in upper case backwards. */
const SINGLE_KEYS: Readonly<Record<string, string>> = {
  s: 'step', n: 'next', i: 'stepi', o: 'nexti', c: 'continue', f: 'finish', w: 'backtrace', r: 'run',
}; // biome-ignore format: a table

export const KEY_HELP = `Keys, everywhere
  F5  continue        F6  reverse-continue      with Shift backwards:
  F7  stepi           F8  nexti                 F10 next   F11 step   F12 finish
  F9  breakpoint here, on or off                F2  source or disassembly
  F3  next thread     F4  next pane of the same place
  Tab, Shift-Tab      next pane; in a line that has text, Tab completes it
  Ctrl-C              stops the program; twice at an empty line ends the session
  Ctrl-Z              to the shell; fg comes back
On the command line
  as in readline; Up and Down recall; Enter alone repeats; Ctrl-D ends the
  session; PageUp and PageDown scroll; Escape: the keyboard goes to the code
In a pane
  s step   n next   i stepi   o nexti   c continue   f finish   w backtrace
  the same in upper case: backwards
  j k Up Down PageUp PageDown g G scroll        d  source or disassembly
  t next thread                                 :  or Enter to the command line
Mouse
  a click gives a pane the keyboard, the wheel scrolls
Signs
  > current   o another thread is here   * changed, or a breakpoint
  ~ cut off   (more) there is more to see
Here, walk ADDRESS and memory ADDRESS are what those panes show from then on.
Any key goes back.`;

export function press(screen: Screen, key: TerminalInput): Step {
  if (screen.showsHelp) return stay({ ...screen, showsHelp: false });
  return pressed({ ...screen, isLeaving: false, candidates: [] }, key, screen.isLeaving);
}

const stay = (screen: Screen, action?: Action): Step => ({ screen, action });
const run = (screen: Screen, line: string): Step =>
  screen.isRunning ? stay(screen) : stay(screen, { kind: 'run', line });

function pressed(screen: Screen, key: TerminalInput, wasLeaving: boolean): Step {
  if (key.kind === 'mouse') return mouse(screen, key);
  if (key.kind === 'char' && key.ctrl && key.text === 'c') return controlC(screen, wasLeaving);
  if (key.kind === 'char' && key.ctrl && key.text === 'z' && !screen.isRunning)
    return stay(screen, { kind: 'suspend' });
  if (key.kind === 'key' && /^f\d/.test(key.name)) return functionKey(screen, key.name, key.shift);
  if (key.kind === 'key' && key.name === 'tab') {
    if (screen.focus === 'command' && screen.input.text.trim() !== '' && !key.shift)
      return stay(screen, { kind: 'complete' });
    return stay(focusOn(screen, neighbour(screen, key.shift ? -1 : 1)));
  }
  if (key.kind === 'key' && (key.name === 'pageup' || key.name === 'pagedown')) {
    const page = Math.max(1, heightOf(screen, screen.focus) - 2);
    return stay(scrolled(screen, screen.focus, key.name === 'pageup' ? -page : page));
  }
  return screen.focus === 'command' ? commandKey(screen, key) : paneKey(screen, key);
}

function controlC(screen: Screen, wasLeaving: boolean): Step {
  if (screen.isRunning) return stay(screen, { kind: 'interrupt' });
  if (screen.input.text !== '') return stay({ ...screen, input: { ...screen.input, text: '', cursor: 0 } });
  if (wasLeaving) return stay(screen, { kind: 'quit' });
  const transcript = [...screen.transcript, 'Ctrl-C again, Ctrl-D or quit end the session.'];
  return stay({ ...screen, isLeaving: true, transcript });
}

function functionKey(screen: Screen, name: string, isShifted: boolean): Step {
  if (name === 'f1') return stay({ ...screen, showsHelp: true });
  if (name === 'f2') return stay(toggleMode(screen));
  if (name === 'f3') return stay(screen, { kind: 'next thread' });
  if (name === 'f4') return stay(foldOver(screen));
  if (name === 'f9') return stay(screen, { kind: 'toggle breakpoint' });
  const line = FUNCTION_KEYS[name];
  if (line === undefined) return stay(screen);
  return run(screen, (isShifted ? BACKWARDS[line] : undefined) ?? line);
}

function commandKey(screen: Screen, key: TerminalInput): Step {
  if (key.kind === 'key' && key.name === 'enter') {
    if (screen.isRunning) return stay(screen);
    const line = screen.input.text;
    return run({ ...screen, input: submitted(screen.input), scroll: { ...screen.scroll, command: 0 } }, line);
  }
  if (key.kind === 'key' && key.name === 'escape') return stay(focusOn(screen, 'code'));
  if (key.kind === 'char' && key.ctrl && key.text === 'd' && screen.input.text === '')
    return stay(screen, { kind: 'quit' });
  const input = editLine(screen.input, key);
  return stay(input === undefined ? screen : { ...screen, input });
}

function paneKey(screen: Screen, key: TerminalInput): Step {
  const { focus } = screen;
  if (key.kind === 'key') {
    if (key.name === 'up') return stay(scrolled(screen, focus, -1));
    if (key.name === 'down') return stay(scrolled(screen, focus, 1));
    if (key.name === 'enter' || key.name === 'escape') return stay(focusOn(screen, 'command'));
    return stay(screen);
  }
  if (key.kind !== 'char' || key.alt) return stay(screen);
  if (key.ctrl) return key.text === 'd' ? stay(screen, { kind: 'quit' }) : stay(screen);
  switch (key.text) {
    case 'j':
      return stay(scrolled(screen, focus, 1));
    case 'k':
      return stay(scrolled(screen, focus, -1));
    case 'g':
      return stay(scrolled(screen, focus, -1_000_000));
    case 'G':
      return stay(scrolled(screen, focus, 1_000_000));
    case 'd':
      return stay(toggleMode(screen));
    case 't':
      return stay(screen, { kind: 'next thread' });
    case '?':
      return stay({ ...screen, showsHelp: true });
    case ':':
      return stay(focusOn(screen, 'command'));
    default: {
      const line = SINGLE_KEYS[key.text];
      if (line !== undefined) return run(screen, line);
      const back = BACKWARDS[SINGLE_KEYS[key.text.toLowerCase()] ?? ''];
      return back === undefined ? stay(screen) : run(screen, back);
    }
  }
}

function mouse(screen: Screen, { action, x, y }: Extract<TerminalInput, { kind: 'mouse' }>): Step {
  const slot = slotAt(layout(screen.columns, screen.rows), x, y);
  if (slot === undefined || action === 'release') return stay(screen);
  const pane = slot.panes.find((one) => one === screen.focus || screen.front.includes(one)) ?? slot.panes[0];
  if (action === 'press') return stay(focusOn(screen, pane));
  return stay(scrolled(screen, pane, action === 'wheelup' ? -3 : 3));
}

export function focusOn(screen: Screen, pane: PaneId): Screen {
  const slot = layout(screen.columns, screen.rows).find(({ panes }) => panes.includes(pane));
  const others = screen.front.filter((one) => !slot?.panes.includes(one));
  return { ...screen, focus: pane, front: [pane, ...others] };
}

/** In the order of the panes. */
function neighbour({ focus }: Screen, by: 1 | -1): PaneId {
  return PANES[(PANES.indexOf(focus) + by + PANES.length) % PANES.length];
}

/** The next pane of the slot that the focus is in; from the command line, that of the page walk. */
function foldOver(screen: Screen): Screen {
  const from = screen.focus === 'command' ? 'walk' : screen.focus;
  const slot = layout(screen.columns, screen.rows).find(({ panes }) => panes.includes(from));
  if (slot === undefined) return screen;
  const front = slot.panes.find((pane) => screen.front.includes(pane)) ?? slot.panes[0];
  const next = slot.panes[(slot.panes.indexOf(front) + 1) % slot.panes.length];
  const changed = focusOn(screen, next);
  return screen.focus === 'command' ? { ...changed, focus: 'command' } : changed;
}

const toggleMode = (screen: Screen): Screen => ({
  ...screen,
  codeMode: screen.codeMode === 'disassembly' ? 'source' : 'disassembly',
  scroll: { ...screen.scroll, code: 0 },
});

/** The transcript counts from its end, the panes from where they would stand; draw.ts keeps both within bounds. */
function scrolled(screen: Screen, pane: PaneId, by: number): Screen {
  const now = screen.scroll[pane] ?? 0;
  const next = pane === 'command' ? Math.max(0, now - by) : now + by;
  return { ...screen, scroll: { ...screen.scroll, [pane]: next } };
}

function heightOf({ columns, rows }: Screen, pane: PaneId): number {
  return layout(columns, rows).find(({ panes }) => panes.includes(pane))?.area.height ?? rows;
}
