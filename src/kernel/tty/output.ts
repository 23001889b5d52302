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
  #termios: Termios;
  readonly #send: (bytes: Uint8Array) => void;
  /** Output has been stopped, by STOP or by tcflow(3). */
  isStopped = false;
  #column = 0;
  /** Where the line that is being typed begins. */
  #startColumn = 0;
  #waiting: Echo[] = [];
  #made: number[] = [];

  constructor(termios: Termios, send: (bytes: Uint8Array) => void) {
    this.#termios = termios;
    this.#send = send;
  }

  set termios(termios: Termios) {
    this.#termios = termios;
  }

  /** What a program writes. Not while output is stopped. */
  write(bytes: Uint8Array): void {
    if ((this.#termios.oflag & OPOST) === 0) this.#send(bytes);
    else {
      for (const byte of bytes) this.#process(byte);
      this.flush();
    }
  }

  /** A character of the input, control characters as `^X` where ECHOCTL says so. */
  echo(byte: number): void {
    const shown = (this.#termios.lflag & ECHOCTL) !== 0 && isControl(byte) && byte !== TAB;
    this.#add({ kind: shown ? 'shown' : 'raw', byte });
  }
  /** A byte, as it is but for OPOST. */
  echoRaw(...bytes: readonly number[]): void {
    for (const byte of bytes) this.#add({ kind: 'raw', byte });
  }
  /** The line begins where the cursor is now. */
  markStart(): void {
    this.#add({ kind: 'markStart' });
  }
  moveBack(): void {
    this.#add({ kind: 'moveBack' });
  }
  /** Takes a tab back: `columns` were used since the tab before, or since the line's start. */
  eraseTab(columns: number, isAfterTab: boolean): void {
    this.#add({ kind: 'eraseTab', columns, isAfterTab });
  }

  /** What is waiting is not shown. */
  discard(): void {
    this.#waiting = [];
  }

  /** Shows the echo that was kept back, if output is not stopped. */
  flush(): void {
    if (this.isStopped) return;
    for (const echo of this.#waiting.splice(0)) this.#show(echo);
    if (this.#made.length === 0) return;
    const bytes = Uint8Array.from(this.#made);
    this.#made = [];
    this.#send(bytes);
  }

  #add(echo: Echo): void {
    if (this.#waiting.length === ECHO_LIMIT) this.#waiting.shift();
    this.#waiting.push(echo);
  }

  #show(echo: Echo): void {
    switch (echo.kind) {
      case 'raw':
        // The byte that marks steps in the kernel's own buffer is not processed.
        if (echo.byte === 0xff) {
          this.#made.push(echo.byte);
          this.#column++;
        } else if (this.#termios.oflag & OPOST) this.#process(echo.byte);
        else this.#made.push(echo.byte);
        return;
      case 'shown':
        this.#made.push(0x5e, echo.byte ^ 0x40);
        this.#column += 2;
        return;
      case 'markStart':
        this.#startColumn = this.#column;
        return;
      case 'moveBack':
        this.#back();
        return;
      case 'eraseTab': {
        const columns = echo.columns + (echo.isAfterTab ? 0 : this.#startColumn);
        for (let left = TAB_STOP - (columns % TAB_STOP); left > 0; left--) {
          this.#made.push(BACKSPACE);
          this.#back();
        }
      }
    }
  }

  #back(): void {
    if (this.#column > 0) this.#column--;
  }

  /** do_output_char */
  #process(given: number): void {
    const { oflag, iflag } = this.#termios;
    let byte = given;
    switch (byte) {
      case NEWLINE:
        if (oflag & ONLRET) this.#column = 0;
        if (oflag & ONLCR) {
          this.#startColumn = this.#column = 0;
          this.#made.push(RETURN, NEWLINE);
          return;
        }
        this.#startColumn = this.#column;
        break;
      case RETURN:
        if (oflag & ONOCR && this.#column === 0) return;
        if (oflag & OCRNL) {
          byte = NEWLINE;
          if (oflag & ONLRET) this.#startColumn = this.#column = 0;
          break;
        }
        this.#startColumn = this.#column = 0;
        break;
      case TAB: {
        const spaces = TAB_STOP - (this.#column % TAB_STOP);
        this.#column += spaces;
        if ((oflag & XTABS) === XTABS) {
          for (let i = 0; i < spaces; i++) this.#made.push(SPACE);
          return;
        }
        break;
      }
      case BACKSPACE:
        this.#back();
        break;
      default:
        if (isControl(byte)) break;
        if (oflag & OLCUC && isLower(byte)) byte -= 0x20;
        if (!((iflag & IUTF8) !== 0 && (byte & 0xc0) === 0x80)) this.#column++;
    }
    this.#made.push(byte);
  }
}
