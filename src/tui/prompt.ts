/** The line that is typed: editing as readline does it by default, and its history. Pure. */
import type { TerminalInput } from './keys.ts';

export interface InputLine {
  readonly text: string;
  readonly cursor: number;
  /** Lines that were run, the oldest first. */
  readonly history: readonly string[];
  /** Which of them is shown; the length of the history: what is being typed. */
  readonly at: number;
  /** What was being typed before somebody went into the history. */
  readonly draft: string;
}

export const EMPTY_INPUT: InputLine = { text: '', cursor: 0, history: [], at: 0, draft: '' };
const MOST_HISTORY = 1000;

export const withText = (input: InputLine, text: string, cursor = text.length): InputLine => ({
  ...input,
  text,
  cursor,
});

/** The line is run: it is the last one of the history, once. */
export function submitted(input: InputLine): InputLine {
  const isNew = input.text.trim() !== '' && input.history.at(-1) !== input.text;
  const history = isNew ? [...input.history, input.text].slice(-MOST_HISTORY) : input.history;
  return { text: '', cursor: 0, history, at: history.length, draft: '' };
}

/** Undefined: it is no key of the line's. */
export function editLine(input: InputLine, key: TerminalInput): InputLine | undefined {
  const { text, cursor } = input;
  const insert = (added: string): InputLine =>
    withText(input, text.slice(0, cursor) + added + text.slice(cursor), cursor + added.length);
  if (key.kind === 'paste') return insert(key.text.replaceAll(/[\r\n]+/g, ' '));
  if (key.kind === 'char') {
    if (key.alt) return editWord(input, key.text);
    return key.ctrl ? editControl(input, key.text) : insert(key.text);
  }
  if (key.kind !== 'key') return undefined;
  switch (key.name) {
    case 'left':
      return { ...input, cursor: key.ctrl ? wordStart(text, cursor) : Math.max(0, cursor - 1) };
    case 'right':
      return { ...input, cursor: key.ctrl ? wordEnd(text, cursor) : Math.min(text.length, cursor + 1) };
    case 'home':
      return { ...input, cursor: 0 };
    case 'end':
      return { ...input, cursor: text.length };
    case 'backspace':
      return cursor === 0 ? input : withText(input, text.slice(0, cursor - 1) + text.slice(cursor), cursor - 1);
    case 'delete':
      return withText(input, text.slice(0, cursor) + text.slice(cursor + 1), cursor);
    case 'up':
      return recall(input, -1);
    case 'down':
      return recall(input, 1);
    default:
      return undefined;
  }
}

function editControl(input: InputLine, letter: string): InputLine | undefined {
  const { text, cursor } = input;
  switch (letter) {
    case 'a':
      return { ...input, cursor: 0 };
    case 'e':
      return { ...input, cursor: text.length };
    case 'b':
      return { ...input, cursor: Math.max(0, cursor - 1) };
    case 'f':
      return { ...input, cursor: Math.min(text.length, cursor + 1) };
    case 'k':
      return withText(input, text.slice(0, cursor));
    case 'u':
      return withText(input, text.slice(cursor), 0);
    case 'w': {
      const start = wordStart(text, cursor);
      return withText(input, text.slice(0, start) + text.slice(cursor), start);
    }
    case 'p':
      return recall(input, -1);
    case 'n':
      return recall(input, 1);
    default:
      return undefined;
  }
}

function editWord(input: InputLine, letter: string): InputLine | undefined {
  const { text, cursor } = input;
  if (letter === 'b') return { ...input, cursor: wordStart(text, cursor) };
  if (letter === 'f') return { ...input, cursor: wordEnd(text, cursor) };
  return undefined;
}

const wordStart = (text: string, cursor: number): number => text.slice(0, cursor).replace(/\S*\s*$/, '').length;
const wordEnd = (text: string, cursor: number): number =>
  text.length - text.slice(cursor).replace(/^\s*\S*/, '').length;

function recall(input: InputLine, by: number): InputLine {
  const { history, at, text } = input;
  const next = Math.min(history.length, Math.max(0, at + by));
  if (next === at) return input;
  const draft = at === history.length ? text : input.draft;
  const shown = next === history.length ? draft : history[next];
  return { ...withText(input, shown), at: next, draft };
}
