/**
 * xterm as the screen: shows pieces, and hands over what is typed line by line. Loaded when there is something to show
 * it in, since it is larger than the rest of the page.
 */
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import { commonStart, type Printed } from './printed.ts';
import '@xterm/xterm/css/xterm.css';

/** Of a long output the last part. */
const MOST_BYTES = 256 * 1024;
const SCROLLBACK = 5000;
const FONT_PIXELS = 12.5;
/** Colour and slant of what goes to standard error, and weight of what was typed; and back. */
const STYLES = {
  out: ['', ''],
  error: ['\x1b[3;31m', '\x1b[23;39m'],
  typed: ['\x1b[1m', '\x1b[22m'],
} as const;

export interface Typing {
  /** A line with its end, or what stood there at Ctrl-D. */
  onLine(text: string): void;
  /** Ctrl-D in an empty line. */
  onEnd(): void;
}

export class TerminalScreen {
  private readonly _terminal: Terminal;
  private readonly _fit = new FitAddon();
  private readonly _typing: Typing;
  private readonly _stop: (() => void)[] = [];
  private _shown: string[] = [];
  private _pending = '';
  private _isTyping = false;

  constructor(element: HTMLElement, typing: Typing) {
    this._typing = typing;
    const { fontFamily } = getComputedStyle(element);
    this._terminal = new Terminal({
      convertEol: true,
      screenReaderMode: true,
      scrollback: SCROLLBACK,
      fontFamily,
      fontSize: FONT_PIXELS,
      lineHeight: 1.2,
      minimumContrastRatio: 4.5,
      theme: themeOf(element),
    });
    this._terminal.loadAddon(this._fit);
    this._terminal.attachCustomKeyEventHandler((event) => this._takesKey(event));
    this._terminal.onData((data) => this._type(data));
    this._terminal.open(element);
    const observer = new ResizeObserver(() => this._fit.fit());
    observer.observe(element);
    const paint = (): void => {
      this._terminal.options.theme = themeOf(element);
    };
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', paint);
    const attributes = new MutationObserver(paint);
    attributes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this._stop.push(
      () => observer.disconnect(),
      () => scheme.removeEventListener('change', paint),
      () => attributes.disconnect(),
      () => this._terminal.dispose(),
    );
  }

  dispose(): void {
    for (const stop of this._stop) stop();
  }

  focus(): void {
    this._terminal.focus();
  }

  /** `isTyping`: somebody waits for what is typed. */
  show(pieces: readonly Printed[], isTyping: boolean): void {
    this._isTyping = isTyping;
    const terminal = this._terminal;
    terminal.options.cursorBlink = isTyping;
    let start = commonStart(this._shown, pieces);
    if (start === undefined || this._pending !== '') {
      terminal.reset();
      this._pending = '';
      start = 0;
    }
    for (const { kind, bytes } of tailOf(pieces.slice(start))) {
      const [before, after] = STYLES[kind];
      if (before !== '') terminal.write(before);
      terminal.write(bytes);
      if (after !== '') terminal.write(after);
    }
    this._shown = pieces.map(({ key }) => key);
  }

  /** False: the browser is to do with it what it does. */
  private _takesKey(event: KeyboardEvent): boolean {
    // The focus can leave, and what is selected can be copied.
    if (event.key === 'Tab') return false;
    return !(event.ctrlKey && event.key === 'c' && this._terminal.hasSelection());
  }

  private _type(data: string): void {
    if (!this._isTyping) return;
    for (const letter of data) {
      if (letter === '\r' || letter === '\n') this._give(`${this._pending}\n`);
      else if (letter === '\x04') {
        if (this._pending === '') this._typing.onEnd();
        else this._give(this._pending);
      } else if (letter === '\x7f') this._rubOut();
      else if (letter >= ' ' && !data.startsWith('\x1b')) {
        this._pending += letter;
        this._terminal.write(`\x1b[1m${letter}\x1b[22m`);
      }
    }
  }

  /** What is echoed now comes again with the run's own record of it. */
  private _give(text: string): void {
    this._terminal.write('\r\n');
    this._typing.onLine(text);
  }

  private _rubOut(): void {
    if (this._pending === '') return;
    this._pending = [...this._pending].slice(0, -1).join('');
    this._terminal.write('\b \b');
  }
}

function tailOf(pieces: readonly Printed[]): readonly Printed[] {
  let bytes = 0;
  for (let i = pieces.length - 1; i >= 0; i--) {
    bytes += pieces[i].bytes.length;
    if (bytes > MOST_BYTES) return pieces.slice(i + 1);
  }
  return pieces;
}

/** The page's colours, as they are now. */
function themeOf(element: HTMLElement): ITheme {
  const probe = document.createElement('span');
  element.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const theme: ITheme = {
    background: colour('panel'),
    foreground: colour('fg'),
    cursor: colour('accent'),
    cursorAccent: colour('panel'),
    selectionBackground: colour('accent-bg'),
    selectionForeground: colour('fg'),
    black: colour('fg'),
    red: colour('error'),
    green: colour('shared'),
    yellow: colour('cow'),
    blue: colour('accent'),
    magenta: colour('file'),
    cyan: colour('p4'),
    white: colour('soft'),
    brightBlack: colour('soft'),
    brightRed: colour('changed'),
    brightGreen: colour('shared'),
    brightYellow: colour('cow'),
    brightBlue: colour('p1'),
    brightMagenta: colour('p3'),
    brightCyan: colour('p4'),
    brightWhite: colour('fg'),
  };
  probe.remove();
  return theme;
}
