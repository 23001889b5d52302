/**
 * N_TTY: what a terminal makes of the bytes that are typed: lines that can be edited, or bytes as they come (ICANON);
 * echo; signals; flow control. termios(3), drivers/tty/n_tty.c. Left out: parity and breaks, which no line here has.
 */
import {
  ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, ECHONL, ECHOPRT, EXTPROC, ICANON, ICRNL, IEXTEN, IGNCR, INLCR, ISIG, ISTRIP, IUCLC, IUTF8, IXANY,
  IXON, NOFLSH, PARMRK, type Termios, VEOF, VEOL, VEOL2, VERASE, VINTR, VKILL, VLNEXT, VMIN, VQUIT, VREPRINT, VSTART, VSTOP,
  VSUSP, VTIME, VWERASE,
} from '../../abi/termios.ts'; // biome-ignore format: a list
import { isControl, isUpper, TtyOutput } from './output.ts';

/** N_TTY_BUF_SIZE */
const CAPACITY = 4096;
const [BACKSPACE, TAB, NEWLINE, RETURN, SPACE] = [0x08, 0x09, 0x0a, 0x0d, 0x20];
/** A control character that is switched off; in the queue, the end of a line that EOF has made. */
const DISABLED = 0;

/** What the discipline tells the terminal that it belongs to. */
export interface LineEvents {
  /** INTR, QUIT or SUSP was typed. */
  signal(which: 'interrupt' | 'quit' | 'suspend'): void;
  /** Output has been stopped, or may go on. */
  flow(isStopped: boolean): void;
  /** What had been typed is forgotten: INTR and the like. */
  flushed(): void;
  /** There is something to read. */
  readable(): void;
  send(bytes: Uint8Array): void;
}

/** A byte that was typed; `ends` a line, or whatever was there when lines began to count. */
interface Typed {
  readonly byte: number;
  ends: boolean;
}

export class LineDiscipline {
  readonly output: TtyOutput;
  private _termios: Termios;
  private readonly _events: LineEvents;
  /** Typed and not yet read. Complete lines are its first `#complete` bytes; the rest can still be edited. */
  private _queue: Typed[] = [];
  private _complete = 0;
  /** Came when the queue was full. */
  private _backlog: number[] = [];
  private _special: ReadonlySet<number>;
  /** LNEXT was typed. */
  private _isLiteral = false;
  /** Output was stopped by tcflow(3). */
  private _isHalted = false;
  /** Between the `\` and the `/` of ECHOPRT. */
  private _isErasing = false;

  constructor(termios: Termios, events: LineEvents) {
    this._termios = termios;
    this._events = events;
    this.output = new TtyOutput(termios, (bytes) => events.send(bytes));
    this._special = specialCharacters(termios);
  }

  get termios(): Termios {
    return this._termios;
  }

  /** tcsetattr(3): n_tty_set_termios. */
  setTermios(termios: Termios): void {
    const before = this._termios;
    this._termios = termios;
    this.output.termios = termios;
    this._special = specialCharacters(termios);
    if ((before.lflag ^ termios.lflag) & (ICANON | EXTPROC)) {
      for (const typed of this._queue) typed.ends = false;
      this._complete = 0;
      // What was typed as bytes can be read as a line that nothing has ended.
      if (termios.lflag & ICANON && this._queue.length > 0) {
        this._queue.at(-1)!.ends = true;
        this._complete = this._queue.length;
      }
      this._isErasing = false;
      this._isLiteral = false;
    }
    if (before.iflag & IXON && !(termios.iflag & IXON)) this.setStopped(false);
    this._takeBacklog();
    this._events.readable();
  }

  // ---- input ----------------------------------------------------------------------------------------------------

  /** Bytes from the keyboard. */
  receive(bytes: Uint8Array): void {
    this._backlog.push(...bytes);
    this._takeBacklog();
  }

  /** n_tty_receive_buf_common: a line that is too long loses its last bytes; otherwise the rest waits. */
  private _takeBacklog(): void {
    let taken = 0;
    for (const byte of this._backlog) {
      if (this._queue.length >= CAPACITY - 1) {
        if (!this._isCanonical() || this._complete > 0) break;
        if (this._queue.length >= CAPACITY) this._queue.pop();
      }
      taken++;
      this._receive(byte);
    }
    this._backlog.splice(0, taken);
    if (this._has(ECHO | ECHONL)) this.output.flush();
    if (this.isReadable(false)) this._events.readable();
  }

  private _has(lflag: number): boolean {
    return (this._termios.lflag & lflag) !== 0;
  }
  private _is(byte: number, index: number): boolean {
    return byte !== DISABLED && this._termios.cc[index] === byte;
  }
  private _isCanonical(): boolean {
    return (this._termios.lflag & (ICANON | EXTPROC)) === ICANON;
  }

  /** n_tty_receive_buf_standard */
  private _receive(given: number): void {
    const { iflag } = this._termios;
    let byte = iflag & ISTRIP ? given & 0x7f : given;
    if (iflag & IUCLC && this._has(IEXTEN) && isUpper(byte)) byte += 0x20;
    if (this._isLiteral) {
      this._isLiteral = false;
      this._plain(byte);
    } else if (this._has(EXTPROC)) this._put(byte);
    else if (this._special.has(byte)) this._receiveSpecial(byte);
    else this._plain(byte);
  }

  /** n_tty_receive_char */
  private _plain(byte: number): void {
    this._restartByAny();
    if (this._has(ECHO)) {
      this._finishErasing();
      if (this._queue.length === this._complete) this.output.markStart();
      this.output.echo(byte);
    }
    this._putMarked(byte);
  }

  /** n_tty_receive_char_special */
  private _receiveSpecial(given: number): void {
    const { iflag } = this._termios;
    let byte = given;
    if (iflag & IXON) {
      if (this._is(byte, VSTART)) return this.setStopped(false);
      if (this._is(byte, VSTOP)) return this.setStopped(true);
    }
    if (this._has(ISIG)) {
      if (this._is(byte, VINTR)) return this._signal('interrupt', byte);
      if (this._is(byte, VQUIT)) return this._signal('quit', byte);
      if (this._is(byte, VSUSP)) return this._signal('suspend', byte);
    }
    this._restartByAny();
    if (byte === RETURN) {
      if (iflag & IGNCR) return;
      if (iflag & ICRNL) byte = NEWLINE;
    } else if (byte === NEWLINE && iflag & INLCR) byte = RETURN;
    if (this._has(ICANON) && this._edit(byte)) return;
    if (this._has(ECHO)) {
      this._finishErasing();
      if (byte === NEWLINE) this.output.echoRaw(NEWLINE);
      else {
        if (this._queue.length === this._complete) this.output.markStart();
        this.output.echo(byte);
      }
    }
    this._putMarked(byte);
  }

  /** n_tty_receive_char_canon: whether the byte has had its effect. */
  private _edit(byte: number): boolean {
    const { output } = this;
    const isExtended = this._has(IEXTEN);
    if (this._is(byte, VERASE) || this._is(byte, VKILL) || (isExtended && this._is(byte, VWERASE))) {
      this._erase(byte);
      return true;
    }
    if (isExtended && this._is(byte, VLNEXT)) {
      this._isLiteral = true;
      if (this._has(ECHO)) {
        this._finishErasing();
        if (this._has(ECHOCTL)) output.echoRaw(0x5e, BACKSPACE);
      }
      return true;
    }
    if (isExtended && this._has(ECHO) && this._is(byte, VREPRINT)) {
      this._finishErasing();
      output.echo(byte);
      output.echoRaw(NEWLINE);
      for (const typed of this._queue.slice(this._complete)) output.echo(typed.byte);
      return true;
    }
    if (byte === NEWLINE) {
      if (this._has(ECHO | ECHONL)) output.echoRaw(NEWLINE);
      this._endLine(byte);
      return true;
    }
    if (this._is(byte, VEOF)) {
      this._endLine(DISABLED);
      return true;
    }
    if (this._is(byte, VEOL) || (isExtended && this._is(byte, VEOL2))) {
      if (this._has(ECHO)) {
        if (this._queue.length === this._complete) output.markStart();
        output.echo(byte);
      }
      if (byte === 0xff && this._termios.iflag & PARMRK) this._put(byte);
      this._endLine(byte);
      return true;
    }
    return false;
  }

  private _put(byte: number): void {
    this._queue.push({ byte, ends: false });
  }

  /** PARMRK doubles the byte that would mark an error. */
  private _putMarked(byte: number): void {
    if (byte === 0xff && this._termios.iflag & PARMRK) this._put(byte);
    this._put(byte);
  }

  private _endLine(byte: number): void {
    this._queue.push({ byte, ends: true });
    this._complete = this._queue.length;
  }

  /** The `eraser` of n_tty.c: ERASE, WERASE or KILL. */
  private _erase(by: number): void {
    const { output } = this;
    const queue = this._queue;
    if (queue.length === this._complete) return;
    const isWord = !this._is(by, VERASE) && this._has(IEXTEN) && this._is(by, VWERASE);
    const isKill = !this._is(by, VERASE) && !isWord;
    if (isKill && !(this._has(ECHO) && this._has(ECHOK) && this._has(ECHOKE) && this._has(ECHOE))) {
      queue.length = this._complete;
      if (!this._has(ECHO)) return;
      this._finishErasing();
      output.echo(this._termios.cc[VKILL]);
      if (this._has(ECHOK)) output.echoRaw(NEWLINE);
      return;
    }
    let hasWord = false;
    while (queue.length > this._complete) {
      let at = queue.length - 1;
      while (this._continues(queue[at].byte) && at > this._complete) at--;
      const { byte } = queue[at];
      if (this._continues(byte)) break;
      if (isWord) {
        if (isWordCharacter(byte)) hasWord = true;
        else if (hasWord) break;
      }
      const erased = queue.splice(at);
      if (this._has(ECHO)) this._echoErased(erased, isKill || isWord);
      if (!isKill && !isWord) break;
    }
    if (queue.length === this._complete && this._has(ECHO)) this._finishErasing();
  }

  /** Takes one character off the screen. */
  private _echoErased(erased: readonly Typed[], isMany: boolean): void {
    const { output } = this;
    const { byte } = erased[0];
    if (this._has(ECHOPRT)) {
      if (!this._isErasing) {
        output.echoRaw(0x5c);
        this._isErasing = true;
      }
      output.echo(byte);
      for (const { byte: more } of erased.slice(1)) {
        output.echoRaw(more);
        output.moveBack();
      }
    } else if (!isMany && !this._has(ECHOE)) output.echo(this._termios.cc[VERASE]);
    else if (byte === TAB) this._eraseTab();
    else {
      if (isControl(byte) && this._has(ECHOCTL)) output.echoRaw(BACKSPACE, SPACE, BACKSPACE);
      if (!isControl(byte) || this._has(ECHOCTL)) output.echoRaw(BACKSPACE, SPACE, BACKSPACE);
    }
  }

  private _eraseTab(): void {
    let columns = 0;
    for (let at = this._queue.length - 1; at >= this._complete; at--) {
      const { byte } = this._queue[at];
      if (byte === TAB) return this.output.eraseTab(columns, true);
      if (isControl(byte)) columns += this._has(ECHOCTL) ? 2 : 0;
      else if (!this._continues(byte)) columns++;
    }
    this.output.eraseTab(columns, false);
  }

  private _finishErasing(): void {
    if (!this._isErasing) return;
    this.output.echoRaw(0x2f);
    this._isErasing = false;
  }

  /** A byte of a UTF-8 character that is not its first. */
  private _continues(byte: number): boolean {
    return (this._termios.iflag & IUTF8) !== 0 && (byte & 0xc0) === 0x80;
  }

  private _signal(which: 'interrupt' | 'quit' | 'suspend', byte: number): void {
    this._events.signal(which);
    if (!this._has(NOFLSH)) {
      this.output.discard();
      this.flush();
      this._events.flushed();
    }
    if (this._termios.iflag & IXON) this.setStopped(false);
    if (this._has(ECHO)) this.output.echo(byte);
    else this.output.flush();
  }

  /** tcflow(3): what it stops no key starts, and it starts nothing else. Echo waits for the next occasion. */
  setFlow(isStopped: boolean): void {
    if (this._isHalted === isStopped) return;
    this._isHalted = isStopped;
    if (this.output.isStopped === isStopped) return;
    this.output.isStopped = isStopped;
    this._events.flow(isStopped);
  }

  /** START and STOP, and what starts output by the way. */
  setStopped(isStopped: boolean): void {
    if ((this._isHalted && !isStopped) || this.output.isStopped === isStopped) return;
    this.output.isStopped = isStopped;
    this.output.flush();
    this._events.flow(isStopped);
  }

  private _restartByAny(): void {
    const { iflag } = this._termios;
    if (iflag & IXON && iflag & IXANY) this.setStopped(false);
  }

  /** Bytes that came when there was no room. */
  get backlog(): number {
    return this._backlog.length;
  }

  /** tcflush(3): what was typed and not read is forgotten. */
  flush(): void {
    this._queue = [];
    this._complete = 0;
    this._isErasing = false;
  }

  /** What came when there was no room is forgotten, too. */
  flushAll(): void {
    this._backlog = [];
    this.flush();
  }

  // ---- reading --------------------------------------------------------------------------------------------------

  /** Whether read(2) has something to give; `forPoll`: whether poll(2) says so, which counts VMIN. */
  isReadable(forPoll: boolean): boolean {
    if (this._isCanonical()) return this._complete > 0;
    const { cc } = this._termios;
    const least = forPoll && cc[VTIME] === 0 && cc[VMIN] > 0 ? cc[VMIN] : 1;
    return this._queue.length >= least;
  }

  /** FIONREAD: bytes that can be read, without the marks of EOF. */
  count(): number {
    if (!this._isCanonical()) return this._queue.length;
    return this._queue.slice(0, this._complete).filter(({ byte, ends }) => !(ends && byte === DISABLED)).length;
  }

  /** At most so many bytes: of one line, or whatever is there. Something must be readable. Nothing: EOF was typed. */
  take(most: number): Uint8Array {
    const bytes = this._isCanonical() ? this._takeLine(most) : this._takeBytes(most);
    this._takeBacklog();
    return bytes;
  }

  private _takeBytes(most: number): Uint8Array {
    const taken = this._queue.splice(0, most);
    this._complete = Math.max(0, this._complete - taken.length);
    return Uint8Array.from(taken, ({ byte }) => byte);
  }

  /** An EOF right behind what fills the buffer goes with it: it ends that line, it is no end of file. */
  private _takeLine(most: number): Uint8Array {
    const end = this._queue.findIndex(({ ends }, at) => ends && at < this._complete);
    const { byte } = this._queue[end];
    let count = Math.min(end + 1, most);
    const hasMark = byte === DISABLED && (count === end + 1 || most === end);
    if (hasMark) count = end;
    const taken = this._queue.splice(0, hasMark ? end + 1 : count);
    this._complete -= taken.length;
    return Uint8Array.from(taken.slice(0, count), (typed) => typed.byte);
  }
}

const isWordCharacter = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f ||
  // isalnum() of the kernel is that of ISO 8859-1.
  (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7); // biome-ignore format: ranges

/** Which bytes are not taken as they are: the char_map of n_tty.c. */
function specialCharacters({ iflag, lflag, cc }: Termios): ReadonlySet<number> {
  const special = new Set<number>();
  if (iflag & (IGNCR | ICRNL)) special.add(RETURN);
  if (iflag & INLCR) special.add(NEWLINE);
  const add = (...indexes: readonly number[]) => {
    for (const index of indexes) special.add(cc[index]);
  };
  if (lflag & ICANON) {
    add(VERASE, VKILL, VEOF, VEOL);
    special.add(NEWLINE);
    if (lflag & IEXTEN) {
      add(VWERASE, VLNEXT, VEOL2);
      if (lflag & ECHO) add(VREPRINT);
    }
  }
  if (iflag & IXON) add(VSTART, VSTOP);
  if (lflag & ISIG) add(VINTR, VQUIT, VSUSP);
  special.delete(DISABLED);
  return special;
}
