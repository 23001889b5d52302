/**
 * Bytes that a terminal sends -> keys, mouse events and pasted text. Ink's own input knows neither function keys by name
 * nor the mouse. xterm's control sequences; SGR mouse mode (1006), bracketed paste (2004).
 */
export type KeyName =
  | 'up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'pageup' | 'pagedown' | 'insert' | 'delete'
  | 'enter' | 'tab' | 'backspace' | 'escape'
  | 'f1' | 'f2' | 'f3' | 'f4' | 'f5' | 'f6' | 'f7' | 'f8' | 'f9' | 'f10' | 'f11' | 'f12'; // biome-ignore format: a list

export type TerminalInput =
  /** A printable character, or a control character as the letter that it is typed with. */
  | { readonly kind: 'char'; readonly text: string; readonly ctrl: boolean; readonly alt: boolean }
  | {
      readonly kind: 'key';
      readonly name: KeyName;
      readonly shift: boolean;
      readonly ctrl: boolean;
      readonly alt: boolean;
    }
  /** Column and row from 0. */
  | {
      readonly kind: 'mouse';
      readonly action: 'press' | 'release' | 'wheelup' | 'wheeldown';
      readonly x: number;
      readonly y: number;
    }
  | { readonly kind: 'paste'; readonly text: string };

/** By the last letter of a CSI or SS3 sequence. */
const LETTERS: Readonly<Record<string, KeyName>> = {
  A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', P: 'f1', Q: 'f2', R: 'f3', S: 'f4',
}; // biome-ignore format: a table
/** By the number before `~`. */
const NUMBERS: Readonly<Record<string, KeyName>> = {
  1: 'home', 2: 'insert', 3: 'delete', 4: 'end', 5: 'pageup', 6: 'pagedown', 7: 'home', 8: 'end',
  11: 'f1', 12: 'f2', 13: 'f3', 14: 'f4', 15: 'f5', 17: 'f6', 18: 'f7', 19: 'f8', 20: 'f9', 21: 'f10', 23: 'f11', 24: 'f12',
}; // biome-ignore format: a table

const ESC = '\x1b';
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
const MOUSE = new RegExp(`^${ESC}\\[<(\\d+);(\\d+);(\\d+)([Mm])`);
const CSI = new RegExp(`^${ESC}\\[([\\d;]*)([A-Za-z~])`);
const SS3 = new RegExp(`^${ESC}O([A-Za-z])`);

/** What has come, and what may be the beginning of something that has not come yet. */
export function parseInput(text: string): { readonly inputs: TerminalInput[]; readonly rest: string } {
  const inputs: TerminalInput[] = [];
  let rest = text;
  while (rest !== '') {
    if (rest.startsWith(PASTE_START)) {
      const end = rest.indexOf(PASTE_END);
      if (end < 0) return { inputs, rest };
      inputs.push({ kind: 'paste', text: rest.slice(PASTE_START.length, end) });
      rest = rest.slice(end + PASTE_END.length);
      continue;
    }
    const [input, length] = parseOne(rest);
    if (length === 0) return { inputs, rest };
    if (input !== undefined) inputs.push(input);
    rest = rest.slice(length);
  }
  return { inputs, rest };
}

/** The first of some input, and how long it is; 0 where more has to come. */
function parseOne(text: string): [input: TerminalInput | undefined, length: number] {
  if (!text.startsWith(ESC)) {
    const [char] = text;
    return [parseChar(char, false), char.length];
  }
  const mouse = MOUSE.exec(text);
  if (mouse !== null) return [mouseInput(mouse), mouse[0].length];
  const csi = CSI.exec(text);
  if (csi !== null) return [csiInput(csi), csi[0].length];
  const ss3 = SS3.exec(text);
  if (ss3 !== null) return [key(LETTERS[ss3[1]], 1), ss3[0].length];
  if (text.length === 1) return [plainKey('escape'), 1];
  // `ESC [` and `ESC O` begin something; anything else is Alt and a key.
  if (/^.(?:\[[<\d;]*|O)$/s.test(text)) return [undefined, 0];
  const [char] = text.slice(1);
  if (char === ESC) return [plainKey('escape'), 1];
  return [parseChar(char, true), 1 + char.length];
}

function parseChar(char: string, alt: boolean): TerminalInput {
  const code = char.codePointAt(0)!;
  if (code === 13 || code === 10) return { ...plainKey('enter'), alt };
  if (code === 9) return { ...plainKey('tab'), alt };
  if (code === 127 || code === 8) return { ...plainKey('backspace'), alt };
  if (code < 32) return { kind: 'char', text: String.fromCharCode(code + 96), ctrl: true, alt };
  return { kind: 'char', text: char, ctrl: false, alt };
}

const plainKey = (name: KeyName): Extract<TerminalInput, { kind: 'key' }> => ({
  kind: 'key',
  name,
  shift: false,
  ctrl: false,
  alt: false,
});

/** `modifiers` as xterm counts them: 1 + shift + 2 alt + 4 ctrl. */
function key(name: KeyName | undefined, modifiers: number): TerminalInput | undefined {
  if (name === undefined) return undefined;
  const bits = modifiers - 1;
  return { kind: 'key', name, shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 };
}

function csiInput([, parameters, letter]: RegExpExecArray): TerminalInput | undefined {
  const [first, second] = parameters.split(';');
  const modifiers = Number(second || 1);
  if (letter === '~') return key(NUMBERS[first], modifiers);
  if (letter === 'Z') return { ...plainKey('tab'), shift: true };
  return key(LETTERS[letter], modifiers);
}

const WHEEL = 64;

function mouseInput([, button, x, y, end]: RegExpExecArray): TerminalInput | undefined {
  const code = Number(button);
  const place = { x: Number(x) - 1, y: Number(y) - 1 };
  if (code & WHEEL) return { kind: 'mouse', action: code & 1 ? 'wheeldown' : 'wheelup', ...place };
  // Of a press and its release; moving with a button held is neither.
  if (code & 32) return undefined;
  return { kind: 'mouse', action: end === 'M' ? 'press' : 'release', ...place };
}
