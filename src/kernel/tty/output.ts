/**
 * What a terminal makes of output, and of the echo of input: OPOST of termios(3). drivers/tty/n_tty.c, do_output_char and
 * __process_echoes. It counts columns, for tabs. Echo waits while output is stopped (^S), and so do writers.
 */
import {
  ECHOCTL, IUTF8, OCRNL, OLCUC, ONLCR, ONLRET, ONOCR, OPOST, type Termios, XTABS,
} from '../../abi/termios.ts'; // biome-ignore format: a list

const TAB_STOP = 8;
const [BACKSPACE, TAB, NEWLINE, RETURN, SPACE] = [0x08, 0x09, 0x0a, 0x0d, 0x20];
const DELETE = 0x7f;
/** The echo of a terminal that is stopped is kept up to here: N_TTY_BUF_SIZE. */
const ECHO_LIMIT = 4096;

/** One step of the echo: a byte to be processed as output; a byte shown as it is or as `^X`; or what moves the cursor. */
type Echo =
  | { readonly kind: 'raw'; readonly byte: number }
  | { readonly kind: 'shown'; readonly byte: number }
  | { readonly kind: 'eraseTab'; readonly columns: number; readonly isAfterTab: boolean }
  | { readonly kind: 'markStart' | 'moveBack' };

/** ctype.h of the kernel knows ISO 8859-1. */
const isLower = (byte: number): boolean => (byte >= 0x61 && byte <= 0x7a) || (byte >= 0xdf && byte !== 0xf7);
export const isUpper = (byte: number): boolean =>
  (byte >= 0x41 && byte <= 0x5a) || (byte >= 0xc0 && byte <= 0xde && byte !== 0xd7);
export const isControl = (byte: number): boolean => byte < SPACE || byte === DELETE;

export class TtyOutput {
  private _termios: Termios;
  private readonly _send: (bytes: Uint8Array) => void;
  /** Output has been stopped, by STOP or by tcflow(3). */
  isStopped = false;
  private _column = 0;
  /** Where the line that is being typed begins. */
  private _startColumn = 0;
  private _waiting: Echo[] = [];
  private _made: number[] = [];

  constructor(termios: Termios, send: (bytes: Uint8Array) => void) {
    this._termios = termios;
    this._send = send;
  }

  set termios(termios: Termios) {
    this._termios = termios;
  }

  /** What a program writes. Not while output is stopped. */
  write(bytes: Uint8Array): void {
    if ((this._termios.oflag & OPOST) === 0) this._send(bytes);
    else {
      for (const byte of bytes) this._process(byte);
      this.flush();
    }
  }

  /** A character of the input, control characters as `^X` where ECHOCTL says so. */
  echo(byte: number): void {
    const shown = (this._termios.lflag & ECHOCTL) !== 0 && isControl(byte) && byte !== TAB;
    this._add({ kind: shown ? 'shown' : 'raw', byte });
  }
  /** A byte, as it is but for OPOST. */
  echoRaw(...bytes: readonly number[]): void {
    for (const byte of bytes) this._add({ kind: 'raw', byte });
  }
  /** The line begins where the cursor is now. */
  markStart(): void {
    this._add({ kind: 'markStart' });
  }
  moveBack(): void {
    this._add({ kind: 'moveBack' });
  }
  /** Takes a tab back: `columns` were used since the tab before, or since the line's start. */
  eraseTab(columns: number, isAfterTab: boolean): void {
    this._add({ kind: 'eraseTab', columns, isAfterTab });
  }

  /** What is waiting is not shown. */
  discard(): void {
    this._waiting = [];
  }

  /** Shows the echo that was kept back, if output is not stopped. */
  flush(): void {
    if (this.isStopped) return;
    for (const echo of this._waiting.splice(0)) this._show(echo);
    if (this._made.length === 0) return;
    const bytes = Uint8Array.from(this._made);
    this._made = [];
    this._send(bytes);
  }

  private _add(echo: Echo): void {
    if (this._waiting.length === ECHO_LIMIT) this._waiting.shift();
    this._waiting.push(echo);
  }

  private _show(echo: Echo): void {
    switch (echo.kind) {
      case 'raw':
        // The byte that marks steps in the kernel's own buffer is not processed.
        if (echo.byte === 0xff) {
          this._made.push(echo.byte);
          this._column++;
        } else if (this._termios.oflag & OPOST) this._process(echo.byte);
        else this._made.push(echo.byte);
        return;
      case 'shown':
        this._made.push(0x5e, echo.byte ^ 0x40);
        this._column += 2;
        return;
      case 'markStart':
        this._startColumn = this._column;
        return;
      case 'moveBack':
        this._back();
        return;
      case 'eraseTab': {
        const columns = echo.columns + (echo.isAfterTab ? 0 : this._startColumn);
        for (let left = TAB_STOP - (columns % TAB_STOP); left > 0; left--) {
          this._made.push(BACKSPACE);
          this._back();
        }
      }
    }
  }

  private _back(): void {
    if (this._column > 0) this._column--;
  }

  /** do_output_char */
  private _process(given: number): void {
    const { oflag, iflag } = this._termios;
    let byte = given;
    switch (byte) {
      case NEWLINE:
        if (oflag & ONLRET) this._column = 0;
        if (oflag & ONLCR) {
          this._startColumn = this._column = 0;
          this._made.push(RETURN, NEWLINE);
          return;
        }
        this._startColumn = this._column;
        break;
      case RETURN:
        if (oflag & ONOCR && this._column === 0) return;
        if (oflag & OCRNL) {
          byte = NEWLINE;
          if (oflag & ONLRET) this._startColumn = this._column = 0;
          break;
        }
        this._startColumn = this._column = 0;
        break;
      case TAB: {
        const spaces = TAB_STOP - (this._column % TAB_STOP);
        this._column += spaces;
        if ((oflag & XTABS) === XTABS) {
          for (let i = 0; i < spaces; i++) this._made.push(SPACE);
          return;
        }
        break;
      }
      case BACKSPACE:
        this._back();
        break;
      default:
        if (isControl(byte)) break;
        if (oflag & OLCUC && isLower(byte)) byte -= 0x20;
        if (!((iflag & IUTF8) !== 0 && (byte & 0xc0) === 0x80)) this._column++;
    }
    this._made.push(byte);
  }
}
