/** What terminals send for keys and the mouse: xterm's sequences. */
import { expect, test } from 'vitest';
import { parseInput } from '../../src/tui/keys.ts';

const key = (name: string, modifiers: { shift?: boolean; ctrl?: boolean; alt?: boolean } = {}) => ({
  kind: 'key',
  name,
  shift: false,
  ctrl: false,
  alt: false,
  ...modifiers,
});
const char = (text: string, modifiers: { ctrl?: boolean; alt?: boolean } = {}) => ({
  kind: 'char',
  text,
  ctrl: false,
  alt: false,
  ...modifiers,
});

test.each([
  ['a', [char('a')]],
  ['é', [char('é')]],
  ['\x03', [char('c', { ctrl: true })]],
  ['\r', [key('enter')]],
  ['\t', [key('tab')]],
  ['\x7f', [key('backspace')]],
  ['\x1b', [key('escape')]],
  ['\x1b[A', [key('up')]],
  ['\x1bOA', [key('up')]],
  ['\x1b[1;5C', [key('right', { ctrl: true })]],
  ['\x1b[Z', [key('tab', { shift: true })]],
  ['\x1bOP', [key('f1')]],
  ['\x1b[15~', [key('f5')]],
  ['\x1b[15;2~', [key('f5', { shift: true })]],
  ['\x1b[24~', [key('f12')]],
  ['\x1b[1;2S', [key('f4', { shift: true })]],
  ['\x1b[5~\x1b[6~', [key('pageup'), key('pagedown')]],
  ['\x1bx', [char('x', { alt: true })]],
  ['\x1b[<0;10;5M', [{ kind: 'mouse', action: 'press', x: 9, y: 4 }]],
  ['\x1b[<0;10;5m', [{ kind: 'mouse', action: 'release', x: 9, y: 4 }]],
  ['\x1b[<64;1;1M', [{ kind: 'mouse', action: 'wheelup', x: 0, y: 0 }]],
  ['\x1b[<65;1;1M', [{ kind: 'mouse', action: 'wheeldown', x: 0, y: 0 }]],
  ['\x1b[<32;2;2M', []],
  ['\x1b[200~a\nb\x1b[201~c', [{ kind: 'paste', text: 'a\nb' }, char('c')]],
  ['\x1b[I', []],
])('%j', (bytes, inputs) => {
  expect(parseInput(bytes)).toEqual({ inputs, rest: '' });
});

test.each(['\x1b[', '\x1b[<0;1', '\x1b[1;', '\x1bO', '\x1b[200~abc'])('%j waits for more', (bytes) => {
  expect(parseInput(bytes)).toEqual({ inputs: [], rest: bytes });
});
