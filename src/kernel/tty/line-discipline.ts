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
  #termios: Termios;
  readonly #events: LineEvents;
  /** Typed and not yet read. Complete lines are its first `#complete` bytes; the rest can still be edited. */
  #queue: Typed[] = [];
  #complete = 0;
  /** Came when the queue was full. */
  #backlog: number[] = [];
  #special: ReadonlySet<number>;
  /** LNEXT was typed. */
  #isLiteral = false;
  /** Output was stopped by tcflow(3). */
  #isHalted = false;
  /** Between the `\` and the `/` of ECHOPRT. */
  #isErasing = false;

  constructor(termios: Termios, events: LineEvents) {
    this.#termios = termios;
    this.#events = events;
    this.output = new TtyOutput(termios, (bytes) => events.send(bytes));
    this.#special = specialCharacters(termios);
  }

  get termios(): Termios {
    return this.#termios;
  }

  /** tcsetattr(3): n_tty_set_termios. */
  setTermios(termios: Termios): void {
    const before = this.#termios;
    this.#termios = termios;
    this.output.termios = termios;
    this.#special = specialCharacters(termios);
    if ((before.lflag ^ termios.lflag) & (ICANON | EXTPROC)) {
      for (const typed of this.#queue) typed.ends = false;
      this.#complete = 0;
      // What was typed as bytes can be read as a line that nothing has ended.
      if (termios.lflag & ICANON && this.#queue.length > 0) {
        this.#queue.at(-1)!.ends = true;
        this.#complete = this.#queue.length;
      }
      this.#isErasing = false;
      this.#isLiteral = false;
    }
    if (before.iflag & IXON && !(termios.iflag & IXON)) this.setStopped(false);
    this.#takeBacklog();
    this.#events.readable();
  }

  // ---- input ----------------------------------------------------------------------------------------------------

  /** Bytes from the keyboard. */
  receive(bytes: Uint8Array): void {
    this.#backlog.push(...bytes);
    this.#takeBacklog();
  }

  /** n_tty_receive_buf_common: a line that is too long loses its last bytes; otherwise the rest waits. */
  #takeBacklog(): void {
    let taken = 0;
    for (const byte of this.#backlog) {
      if (this.#queue.length >= CAPACITY - 1) {
        if (!this.#isCanonical() || this.#complete > 0) break;
        if (this.#queue.length >= CAPACITY) this.#queue.pop();
      }
      taken++;
      this.#receive(byte);
    }
    this.#backlog.splice(0, taken);
    if (this.#has(ECHO | ECHONL)) this.output.flush();
    if (this.isReadable(false)) this.#events.readable();
  }

  #has(lflag: number): boolean {
    return (this.#termios.lflag & lflag) !== 0;
  }
  #is(byte: number, index: number): boolean {
    return byte !== DISABLED && this.#termios.cc[index] === byte;
  }
  #isCanonical(): boolean {
    return (this.#termios.lflag & (ICANON | EXTPROC)) === ICANON;
  }

  /** n_tty_receive_buf_standard */
  #receive(given: number): void {
    const { iflag } = this.#termios;
    let byte = iflag & ISTRIP ? given & 0x7f : given;
    if (iflag & IUCLC && this.#has(IEXTEN) && isUpper(byte)) byte += 0x20;
    if (this.#isLiteral) {
      this.#isLiteral = false;
      this.#plain(byte);
    } else if (this.#has(EXTPROC)) this.#put(byte);
    else if (this.#special.has(byte)) this.#receiveSpecial(byte);
    else this.#plain(byte);
  }

  /** n_tty_receive_char */
  #plain(byte: number): void {
    this.#restartByAny();
    if (this.#has(ECHO)) {
      this.#finishErasing();
      if (this.#queue.length === this.#complete) this.output.markStart();
      this.output.echo(byte);
    }
    this.#putMarked(byte);
  }

  /** n_tty_receive_char_special */
  #receiveSpecial(given: number): void {
    const { iflag } = this.#termios;
    let byte = given;
    if (iflag & IXON) {
      if (this.#is(byte, VSTART)) return this.setStopped(false);
      if (this.#is(byte, VSTOP)) return this.setStopped(true);
    }
    if (this.#has(ISIG)) {
      if (this.#is(byte, VINTR)) return this.#signal('interrupt', byte);
      if (this.#is(byte, VQUIT)) return this.#signal('quit', byte);
      if (this.#is(byte, VSUSP)) return this.#signal('suspend', byte);
    }
    this.#restartByAny();
    if (byte === RETURN) {
      if (iflag & IGNCR) return;
      if (iflag & ICRNL) byte = NEWLINE;
    } else if (byte === NEWLINE && iflag & INLCR) byte = RETURN;
    if (this.#has(ICANON) && this.#edit(byte)) return;
    if (this.#has(ECHO)) {
      this.#finishErasing();
      if (byte === NEWLINE) this.output.echoRaw(NEWLINE);
      else {
        if (this.#queue.length === this.#complete) this.output.markStart();
        this.output.echo(byte);
      }
    }
    this.#putMarked(byte);
  }

  /** n_tty_receive_char_canon: whether the byte has had its effect. */
  #edit(byte: number): boolean {
    const { output } = this;
    const isExtended = this.#has(IEXTEN);
    if (this.#is(byte, VERASE) || this.#is(byte, VKILL) || (isExtended && this.#is(byte, VWERASE))) {
      this.#erase(byte);
      return true;
    }
    if (isExtended && this.#is(byte, VLNEXT)) {
      this.#isLiteral = true;
      if (this.#has(ECHO)) {
        this.#finishErasing();
        if (this.#has(ECHOCTL)) output.echoRaw(0x5e, BACKSPACE);
      }
      return true;
    }
    if (isExtended && this.#has(ECHO) && this.#is(byte, VREPRINT)) {
      this.#finishErasing();
      output.echo(byte);
      output.echoRaw(NEWLINE);
      for (const typed of this.#queue.slice(this.#complete)) output.echo(typed.byte);
      return true;
    }
    if (byte === NEWLINE) {
      if (this.#has(ECHO | ECHONL)) output.echoRaw(NEWLINE);
      this.#endLine(byte);
      return true;
    }
    if (this.#is(byte, VEOF)) {
      this.#endLine(DISABLED);
      return true;
    }
    if (this.#is(byte, VEOL) || (isExtended && this.#is(byte, VEOL2))) {
      if (this.#has(ECHO)) {
        if (this.#queue.length === this.#complete) output.markStart();
        output.echo(byte);
      }
      if (byte === 0xff && this.#termios.iflag & PARMRK) this.#put(byte);
      this.#endLine(byte);
      return true;
    }
    return false;
  }

  #put(byte: number): void {
    this.#queue.push({ byte, ends: false });
  }

  /** PARMRK doubles the byte that would mark an error. */
  #putMarked(byte: number): void {
    if (byte === 0xff && this.#termios.iflag & PARMRK) this.#put(byte);
    this.#put(byte);
  }

  #endLine(byte: number): void {
    this.#queue.push({ byte, ends: true });
    this.#complete = this.#queue.length;
  }

  /** The `eraser` of n_tty.c: ERASE, WERASE or KILL. */
  #erase(by: number): void {
    const { output } = this;
    const queue = this.#queue;
    if (queue.length === this.#complete) return;
    const isWord = !this.#is(by, VERASE) && this.#has(IEXTEN) && this.#is(by, VWERASE);
    const isKill = !this.#is(by, VERASE) && !isWord;
    if (isKill && !(this.#has(ECHO) && this.#has(ECHOK) && this.#has(ECHOKE) && this.#has(ECHOE))) {
      queue.length = this.#complete;
      if (!this.#has(ECHO)) return;
      this.#finishErasing();
      output.echo(this.#termios.cc[VKILL]);
      if (this.#has(ECHOK)) output.echoRaw(NEWLINE);
      return;
    }
    let hasWord = false;
    while (queue.length > this.#complete) {
      let at = queue.length - 1;
      while (this.#continues(queue[at].byte) && at > this.#complete) at--;
      const { byte } = queue[at];
      if (this.#continues(byte)) break;
      if (isWord) {
        if (isWordCharacter(byte)) hasWord = true;
        else if (hasWord) break;
      }
      const erased = queue.splice(at);
      if (this.#has(ECHO)) this.#echoErased(erased, isKill || isWord);
      if (!isKill && !isWord) break;
    }
    if (queue.length === this.#complete && this.#has(ECHO)) this.#finishErasing();
  }

  /** Takes one character off the screen. */
  #echoErased(erased: readonly Typed[], isMany: boolean): void {
    const { output } = this;
    const { byte } = erased[0];
    if (this.#has(ECHOPRT)) {
      if (!this.#isErasing) {
        output.echoRaw(0x5c);
        this.#isErasing = true;
      }
      output.echo(byte);
      for (const { byte: more } of erased.slice(1)) {
        output.echoRaw(more);
        output.moveBack();
      }
    } else if (!isMany && !this.#has(ECHOE)) output.echo(this.#termios.cc[VERASE]);
    else if (byte === TAB) this.#eraseTab();
    else {
      if (isControl(byte) && this.#has(ECHOCTL)) output.echoRaw(BACKSPACE, SPACE, BACKSPACE);
      if (!isControl(byte) || this.#has(ECHOCTL)) output.echoRaw(BACKSPACE, SPACE, BACKSPACE);
    }
  }

  #eraseTab(): void {
    let columns = 0;
    for (let at = this.#queue.length - 1; at >= this.#complete; at--) {
      const { byte } = this.#queue[at];
      if (byte === TAB) return this.output.eraseTab(columns, true);
      if (isControl(byte)) columns += this.#has(ECHOCTL) ? 2 : 0;
      else if (!this.#continues(byte)) columns++;
    }
    this.output.eraseTab(columns, false);
  }

  #finishErasing(): void {
    if (!this.#isErasing) return;
    this.output.echoRaw(0x2f);
    this.#isErasing = false;
  }

  /** A byte of a UTF-8 character that is not its first. */
  #continues(byte: number): boolean {
    return (this.#termios.iflag & IUTF8) !== 0 && (byte & 0xc0) === 0x80;
  }

  #signal(which: 'interrupt' | 'quit' | 'suspend', byte: number): void {
    this.#events.signal(which);
    if (!this.#has(NOFLSH)) {
      this.output.discard();
      this.flush();
      this.#events.flushed();
    }
    if (this.#termios.iflag & IXON) this.setStopped(false);
    if (this.#has(ECHO)) this.output.echo(byte);
    else this.output.flush();
  }

  /** tcflow(3): what it stops no key starts, and it starts nothing else. Echo waits for the next occasion. */
  setFlow(isStopped: boolean): void {
    if (this.#isHalted === isStopped) return;
    this.#isHalted = isStopped;
    if (this.output.isStopped === isStopped) return;
    this.output.isStopped = isStopped;
    this.#events.flow(isStopped);
  }

  /** START and STOP, and what starts output by the way. */
  setStopped(isStopped: boolean): void {
    if ((this.#isHalted && !isStopped) || this.output.isStopped === isStopped) return;
    this.output.isStopped = isStopped;
    this.output.flush();
    this.#events.flow(isStopped);
  }

  #restartByAny(): void {
    const { iflag } = this.#termios;
    if (iflag & IXON && iflag & IXANY) this.setStopped(false);
  }

  /** Bytes that came when there was no room. */
  get backlog(): number {
    return this.#backlog.length;
  }

  /** tcflush(3): what was typed and not read is forgotten. */
  flush(): void {
    this.#queue = [];
    this.#complete = 0;
    this.#isErasing = false;
  }

  /** What came when there was no room is forgotten, too. */
  flushAll(): void {
    this.#backlog = [];
    this.flush();
  }

  // ---- reading --------------------------------------------------------------------------------------------------

  /** Whether read(2) has something to give; `forPoll`: whether poll(2) says so, which counts VMIN. */
  isReadable(forPoll: boolean): boolean {
    if (this.#isCanonical()) return this.#complete > 0;
    const { cc } = this.#termios;
    const least = forPoll && cc[VTIME] === 0 && cc[VMIN] > 0 ? cc[VMIN] : 1;
    return this.#queue.length >= least;
  }

  /** FIONREAD: bytes that can be read, without the marks of EOF. */
  count(): number {
    if (!this.#isCanonical()) return this.#queue.length;
    return this.#queue.slice(0, this.#complete).filter(({ byte, ends }) => !(ends && byte === DISABLED)).length;
  }

  /** At most so many bytes: of one line, or whatever is there. Something must be readable. Nothing: EOF was typed. */
  take(most: number): Uint8Array {
    const bytes = this.#isCanonical() ? this.#takeLine(most) : this.#takeBytes(most);
    this.#takeBacklog();
    return bytes;
  }

  #takeBytes(most: number): Uint8Array {
    const taken = this.#queue.splice(0, most);
    this.#complete = Math.max(0, this.#complete - taken.length);
    return Uint8Array.from(taken, ({ byte }) => byte);
  }

  /** An EOF right behind what fills the buffer goes with it: it ends that line, it is no end of file. */
  #takeLine(most: number): Uint8Array {
    const end = this.#queue.findIndex(({ ends }, at) => ends && at < this.#complete);
    const { byte } = this.#queue[end];
    let count = Math.min(end + 1, most);
    const hasMark = byte === DISABLED && (count === end + 1 || most === end);
    if (hasMark) count = end;
    const taken = this.#queue.splice(0, hasMark ? end + 1 : count);
    this.#complete -= taken.length;
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
