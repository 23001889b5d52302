/**
 * A terminal: line discipline, window size, the session that it controls and its foreground group. What is behind it is a
 * driver: the master of a pseudo-terminal, or the host's terminal. drivers/tty/tty_io.c, tty_jobctrl.c.
 */
import { TIOCPKT_FLUSHREAD, TIOCPKT_FLUSHWRITE, TIOCPKT_START, TIOCPKT_STOP } from '../../abi/ioctl.ts';
import { READABLE, WRITABLE } from '../../abi/poll.ts';
import { SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGWINCH } from '../../abi/signal.ts';
import { deviceNumber } from '../../abi/stat.ts';
import { CREAD, CS8, CSIZE, INITIAL_TERMIOS, PARENB, type Termios } from '../../abi/termios.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../task/process.ts';
import type { ControllingTerminal, Session } from '../task/session.ts';
import { fromKernel, sendToGroup, sendToProcess } from '../task/signal.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { LineDiscipline } from './line-discipline.ts';

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
  readonly xPixels: number;
  readonly yPixels: number;
}

/** What takes the output of a terminal and gives its input. */
export interface TtyDriver {
  send(bytes: Uint8Array): void;
  /** Whether it takes more. A little more than it has room for does no harm. */
  hasRoom(): boolean;
  /** Output that it has not passed on is forgotten. */
  discard(): void;
  /** Somebody reads, and nothing has been typed. */
  wanted(): void;
  /** Something that was typed has been read. */
  taken(): void;
  /** tcsetattr(3) */
  changed(before: Termios, after: Termios): void;
  /** Nobody has it open any more. */
  unused(): void;
  /** TIOCPKT_ bits: for a master in packet mode. */
  happened(packet: number): void;
}

const SIGNALS = { interrupt: SIGINT, quit: SIGQUIT, suspend: SIGTSTP } as const;

/** Of /dev/pts/N. */
const PTS_MAJOR = 136;

/** A descriptor of it: told when the terminal is gone. */
export interface TtyUser {
  hangUp(): void;
}

export class Tty implements ControllingTerminal {
  readonly kernel: Kernel;
  /** Minor number of its device: N of /dev/pts/N. */
  readonly index: number;
  /** Whose it is: who opened the other end. */
  readonly owner: number;
  readonly driver: TtyDriver;
  readonly line: LineDiscipline;
  size: WindowSize = { rows: 0, columns: 0, xPixels: 0, yPixels: 0 };
  foregroundGroup = 0;
  /** The session that it controls. */
  session: Session | undefined;
  /** How many signals its keys have made. */
  signalCount = 0;
  /** TIOCEXCL */
  isExclusive = false;
  /** The other end has been closed: nothing will come, nothing goes out. */
  isOtherClosed = false;
  readonly users = new Set<TtyUser>();
  readonly readers = new WaitQueue();
  readonly writers = new WaitQueue();

  get device(): number {
    return deviceNumber(PTS_MAJOR, this.index);
  }

  constructor(kernel: Kernel, index: number, owner: number, driver: TtyDriver) {
    this.kernel = kernel;
    this.index = index;
    this.owner = owner;
    this.driver = driver;
    this.line = new LineDiscipline(INITIAL_TERMIOS, {
      signal: (which) => {
        this.signalCount++;
        this.signal(SIGNALS[which]);
      },
      flow: (isStopped) => {
        if (!isStopped) this.writers.wakeAll(WRITABLE);
        driver.happened(isStopped ? TIOCPKT_STOP : TIOCPKT_START);
      },
      flushed: () => {
        driver.discard();
        driver.happened(TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE);
      },
      readable: () => this.readers.wakeAll(READABLE),
      send: (bytes) => driver.send(bytes),
    });
  }

  setTermios(termios: Termios): void {
    const before = this.line.termios;
    const cflag = (termios.cflag & ~(CSIZE | PARENB)) | CS8 | CREAD;
    this.line.setTermios({ ...termios, cflag });
    this.driver.changed(before, this.line.termios);
    this.writers.wakeAll(WRITABLE);
  }

  /** TIOCSWINSZ: those in the foreground learn of a change. */
  resize(size: WindowSize): void {
    const { size: before } = this;
    const isSame =
      before.rows === size.rows && before.columns === size.columns &&
      before.xPixels === size.xPixels && before.yPixels === size.yPixels; // biome-ignore format: pairs
    this.size = size;
    if (!isSame) this.signal(SIGWINCH);
  }

  /** To the foreground group. */
  signal(signal: number): void {
    if (this.foregroundGroup !== 0) sendToGroup(this.kernel.processes(), this.foregroundGroup, fromKernel(signal));
  }

  // ---- sessions -------------------------------------------------------------------------------------------------

  /** The process, a session leader without a terminal, gets this one (`proc_set_tty`). */
  control(process: Process): void {
    this.session = process.session;
    this.foregroundGroup = process.pgid;
    process.session.terminal = this;
  }

  /** The leader gives it up, by TIOCNOTTY or by ending (`disassociate_ctty`). */
  release(isExit: boolean): void {
    this.signal(SIGHUP);
    if (!isExit) this.signal(SIGCONT);
    this._uncontrol();
  }

  /** The leader of its session has ended. */
  leaderEnded(): void {
    this.release(true);
  }

  private _uncontrol(): void {
    if (this.session !== undefined) this.session.terminal = undefined;
    this.session = undefined;
    this.foregroundGroup = 0;
  }

  /** The line is cut: whoever has it open has nothing left of it (`__tty_hangup`). */
  hangUp(): void {
    const { session, kernel } = this;
    const leader = session && kernel.findProcess(session.id);
    if (session !== undefined && leader?.session === session)
      for (const signal of [SIGHUP, SIGCONT]) sendToProcess(leader, fromKernel(signal));
    this._uncontrol();
    this.line.flushAll();
    for (const user of [...this.users]) user.hangUp();
    this.readers.wakeAll();
    this.writers.wakeAll();
  }
}
