/**
 * Requests to a terminal: tty_ioctl(4), drivers/tty/tty_io.c, tty_jobctrl.c, tty_ioctl.c. Requests about a line's
 * hardware (modems, breaks) succeed where they do for a pseudo-terminal, and do nothing.
 */
import { EINVAL, EIO, ENOTTY, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import {
  FIONREAD, TCFLSH, TCGETA, TCGETS, TCGETS2, TCSBRK, TCSBRKP, TCSETA, TCSETAF, TCSETAW, TCSETS, TCSETS2, TCSETSF, TCSETSF2, TCSETSW,
  TCSETSW2, TCXONC, TIOCCBRK, TIOCCONS, TIOCEXCL, TIOCGDEV, TIOCGETD, TIOCGEXCL, TIOCGPGRP, TIOCGSID, TIOCGSOFTCAR, TIOCGWINSZ,
  TIOCNOTTY, TIOCNXCL, TIOCOUTQ, TIOCPKT_FLUSHREAD, TIOCPKT_FLUSHWRITE, TIOCSBRK, TIOCSCTTY, TIOCSETD, TIOCSPGRP, TIOCSSOFTCAR, TIOCSTI, TIOCSWINSZ, TIOCVHANGUP,
} from '../../abi/ioctl.ts'; // biome-ignore format: a list
import { SIGTTOU } from '../../abi/signal.ts';
import {
  CLOCAL, readTermio, readTermios, TERMIO_BYTES, TERMIOS_BYTES, TERMIOS2_BYTES, termioBytes, termiosBytes, VSTART, VSTOP,
} from '../../abi/termios.ts'; // biome-ignore format: a list
import { copyIn, copyOut, readU32, writeU32 } from '../mm/user-memory.ts';
import type { SyscallResult } from '../syscalls/define.ts';
import { terminalOf } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import { checkBackground } from './job-control.ts';
import type { Tty, WindowSize } from './tty.ts';
import type { TtyFile } from './tty-file.ts';

/** struct winsize: four u16. */
const WINSIZE_BYTES = 8;
/** Arguments of TCXONC. */
const [TCOOFF, TCOON, TCIOFF, TCION] = [0, 1, 2, 3];
/** Arguments of TCFLSH. */
const [TCIFLUSH, TCOFLUSH, TCIOFLUSH] = [0, 1, 2];
/** The only line discipline. */
const N_TTY = 0;
/** A device number as user space has it: new_encode_dev. */
const PTS_DEVICE = 136 << 8;

/** Of a slave's descriptor, or of the host's terminal. */
export function ttyIoctl(task: Task, file: TtyFile, request: number, argument: bigint): SyscallResult {
  if (file.isHungUp) return request === TIOCSPGRP ? ENOTTY : EIO;
  return jobIoctl(task, file, request, argument) ?? modeIoctl(task, file.tty, request, argument);
}

const zeroOr = (error: Errno | undefined): SyscallResult => error ?? 0;

/** What only a process in the session of the terminal may ask. */
function jobIoctl(task: Task, file: TtyFile, request: number, argument: bigint): SyscallResult | undefined {
  const { process } = task;
  const { tty } = file;
  const isOurs = terminalOf(process) === tty;
  const isLeader = process.session.id === process.pid;
  switch (request) {
    case TIOCNOTTY:
      if (!isOurs) return ENOTTY;
      if (isLeader) tty.release(false);
      else process.leftTerminal = tty;
      return 0;
    case TIOCSCTTY:
      if (isLeader && tty.session === process.session) return 0;
      if (!isLeader || terminalOf(process) !== undefined || tty.session !== undefined) return EPERM;
      if (!file.isReadable) return EPERM;
      tty.control(process);
      return 0;
    case TIOCGPGRP:
      if (!isOurs) return ENOTTY;
      return zeroOr(writeU32(task.mm, argument, tty.foregroundGroup));
    case TIOCGSID:
      if (!isOurs || tty.session === undefined) return ENOTTY;
      return zeroOr(writeU32(task.mm, argument, tty.session.id));
    case TIOCSPGRP:
      return setForeground(task, tty, argument);
    default:
      return undefined;
  }
}

/** TIOCSPGRP. EPERM: a group of another session. ESRCH: no such group. */
function setForeground(task: Task, tty: Tty, argument: bigint): SyscallResult {
  const { process, kernel } = task;
  const refused = checkBackground(task, tty, SIGTTOU);
  if (refused !== undefined) return refused === EIO ? ENOTTY : refused;
  const pgid = readU32(task.mm, argument);
  if (pgid instanceof Errno) return pgid;
  if ((pgid | 0) < 0) return EINVAL;
  if (terminalOf(process) !== tty) return ENOTTY;
  const member = kernel.processes().find((other) => other.pgid === pgid);
  if (member === undefined) return ESRCH;
  if (member.session !== process.session) return EPERM;
  tty.foregroundGroup = pgid;
  return 0;
}

/** What any descriptor of the terminal may ask, a master's too. */
export function modeIoctl(task: Task, tty: Tty, request: number, argument: bigint): SyscallResult {
  const { line } = tty;
  const { mm } = task;
  switch (request) {
    case TCGETS:
      return zeroOr(copyOut(mm, argument, termiosBytes(line.termios, TERMIOS_BYTES)));
    case TCGETS2:
      return zeroOr(copyOut(mm, argument, termiosBytes(line.termios, TERMIOS2_BYTES)));
    case TCGETA:
      return zeroOr(copyOut(mm, argument, termioBytes(line.termios)));
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
      return setTermios(task, tty, argument, TERMIOS_BYTES, request === TCSETSF);
    case TCSETS2:
    case TCSETSW2:
    case TCSETSF2:
      return setTermios(task, tty, argument, TERMIOS2_BYTES, request === TCSETSF2);
    case TCSETA:
    case TCSETAW:
    case TCSETAF:
      return setTermios(task, tty, argument, TERMIO_BYTES, request === TCSETAF);
    case TIOCGWINSZ:
      return zeroOr(copyOut(mm, argument, sizeBytes(tty.size)));
    case TIOCSWINSZ: {
      const bytes = copyIn(mm, argument, WINSIZE_BYTES);
      if (bytes instanceof Errno) return bytes;
      tty.resize(readSize(bytes));
      return 0;
    }
    case FIONREAD:
      return zeroOr(writeU32(mm, argument, line.count()));
    case TIOCOUTQ:
      return zeroOr(writeU32(mm, argument, 0));
    case TIOCGETD:
      return zeroOr(writeU32(mm, argument, N_TTY));
    case TIOCSETD: {
      const number = readU32(mm, argument);
      if (number instanceof Errno) return number;
      return number === N_TTY ? 0 : EINVAL;
    }
    case TIOCGDEV:
      return zeroOr(writeU32(mm, argument, PTS_DEVICE | tty.index));
    case TIOCGEXCL:
      return zeroOr(writeU32(mm, argument, tty.isExclusive ? 1 : 0));
    case TIOCEXCL:
    case TIOCNXCL:
      tty.isExclusive = request === TIOCEXCL;
      return 0;
    case TIOCGSOFTCAR:
      return zeroOr(writeU32(mm, argument, line.termios.cflag & CLOCAL ? 1 : 0));
    case TIOCSSOFTCAR: {
      const value = readU32(mm, argument);
      if (value instanceof Errno) return value;
      const { cflag } = line.termios;
      tty.setTermios({ ...line.termios, cflag: value === 0 ? cflag & ~CLOCAL : cflag | CLOCAL });
      return 0;
    }
    case TCFLSH:
      return checkBackground(task, tty, SIGTTOU) ?? flush(tty, argument);
    case TCXONC:
      return checkBackground(task, tty, SIGTTOU) ?? flow(tty, argument);
    case TCSBRK:
    case TCSBRKP:
    case TIOCSBRK:
      // Output has gone out by the time a call returns, and there is no line to break.
      return checkBackground(task, tty, SIGTTOU) ?? 0;
    case TIOCCBRK:
      return 0;
    case TIOCSTI:
      // CONFIG_LEGACY_TIOCSTI is off.
      return EIO;
    case TIOCVHANGUP:
    case TIOCCONS:
      return EPERM;
    default:
      return ENOTTY;
  }
}

function setTermios(task: Task, tty: Tty, argument: bigint, length: number, isFlushed: boolean): SyscallResult {
  const refused = checkBackground(task, tty, SIGTTOU);
  if (refused !== undefined) return refused;
  const bytes = copyIn(task.mm, argument, length);
  if (bytes instanceof Errno) return bytes;
  const { termios } = tty.line;
  if (isFlushed) {
    tty.line.flushAll();
    tty.driver.happened(TIOCPKT_FLUSHREAD);
  }
  tty.setTermios(length === TERMIO_BYTES ? readTermio(bytes, termios) : readTermios(bytes, termios));
  return 0;
}

/** TCFLSH: __tty_perform_flush. */
function flush({ line, driver }: Tty, argument: bigint): SyscallResult {
  const which = Number(BigInt.asUintN(32, argument));
  if (which !== TCIFLUSH && which !== TCOFLUSH && which !== TCIOFLUSH) return EINVAL;
  if (which !== TCOFLUSH) {
    line.flushAll();
    driver.happened(TIOCPKT_FLUSHREAD);
  }
  if (which !== TCIFLUSH) {
    driver.discard();
    driver.happened(TIOCPKT_FLUSHWRITE);
  }
  return 0;
}

/** TCXONC: n_tty_ioctl_helper. */
function flow({ line }: Tty, argument: bigint): SyscallResult {
  const { cc } = line.termios;
  switch (Number(BigInt.asUintN(32, argument))) {
    case TCOOFF:
    case TCOON:
      line.setFlow(argument === BigInt(TCOOFF));
      return 0;
    // The other end is told as a key would tell it.
    case TCIOFF:
      if (cc[VSTOP] !== 0) line.output.write(Uint8Array.of(cc[VSTOP]));
      return 0;
    case TCION:
      if (cc[VSTART] !== 0) line.output.write(Uint8Array.of(cc[VSTART]));
      return 0;
    default:
      return EINVAL;
  }
}

function sizeBytes({ rows, columns, xPixels, yPixels }: WindowSize): Uint8Array {
  return new Uint8Array(Uint16Array.of(rows, columns, xPixels, yPixels).buffer);
}

function readSize(bytes: Uint8Array): WindowSize {
  const view = new DataView(bytes.buffer, bytes.byteOffset, WINSIZE_BYTES);
  const u16 = (at: number) => view.getUint16(at, true);
  return { rows: u16(0), columns: u16(2), xPixels: u16(4), yPixels: u16(6) };
}
