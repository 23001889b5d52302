/**
 * Pseudo-terminals: pts(4), pty(7), ioctl_tty(2), drivers/tty/pty.c. The master is what a terminal emulator holds: what it
 * writes has been typed, what it reads is to be shown. Left out: limits of devpts, remounting it.
 */
import { EAGAIN, EBUSY, EFAULT, EINVAL, EIO, ENOTTY, ENXIO, ERESTARTSYS, Errno } from '../../abi/errno.ts';
import { O_ACCMODE, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_WRONLY } from '../../abi/fcntl.ts';
import {
  FIONREAD, TIOCEXCL, TIOCGEXCL, TIOCGPGRP, TIOCGPKT, TIOCGPTLCK, TIOCGPTN, TIOCGPTPEER, TIOCGSID, TIOCNOTTY, TIOCNXCL, TIOCPKT, TIOCPKT_DOSTOP,
  TIOCPKT_IOCTL, TIOCPKT_NOSTOP, TIOCPKT_START, TIOCPKT_STOP, TIOCSIG, TIOCSPTLCK,
} from '../../abi/ioctl.ts'; // biome-ignore format: a list
import { POLLHUP, POLLPRI, READABLE, WRITABLE } from '../../abi/poll.ts';
import { SIGNAL_MAX } from '../../abi/signal.ts';
import { deviceNumber, type Stat } from '../../abi/stat.ts';
import { ECHO, ECHONL, EXTPROC, IXON, type Termios, VSTART, VSTOP } from '../../abi/termios.ts';
import { invariant } from '../../base/invariant.ts';
import type { Kernel } from '../kernel.ts';
import { readU32, writeU32 } from '../mm/user-memory.ts';
import { Blocked, type SyscallResult } from '../syscalls/define.ts';
import { descriptorLimit } from '../task/limits.ts';
import { terminalOf } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { Dentry } from '../vfs/dentry.ts';
import { DevPts } from '../vfs/fs/devpts.ts';
import type { OpenRequest } from '../vfs/inode.ts';
import { type IoResult, OpenFile } from '../vfs/open-file.ts';
import type { UserStream } from '../vfs/user-stream.ts';
import type { Vfs } from '../vfs/vfs.ts';
import { modeIoctl } from './ioctl.ts';
import { Tty, type TtyDriver } from './tty.ts';
import { TtyFile } from './tty-file.ts';

const CHUNK = 2048;
/** What may wait to be read at the master, or to be taken by the line discipline, before writers wait. */
const CAPACITY = 16384;
/** What a master's read gives at most: its own line discipline has so much. */
const READ_LIMIT = 4095;
/** Minor numbers of TTYAUX_MAJOR: /dev/tty, /dev/ptmx. */
export const TTY_DEVICE = deviceNumber(5, 0);
export const PTMX_DEVICE = deviceNumber(5, 2);

/** All terminals of a machine, by the N of /dev/pts/N. */
export class Terminals {
  readonly #byIndex: (Tty | undefined)[] = [];
  readonly #masters = new Map<Tty, PtyMaster>();
  #directory: Dentry | undefined;

  /** Mounts /dev/pts, and makes the devices that open terminals. */
  mount(vfs: Vfs, at: Dentry): void {
    this.#directory = vfs.mount(new DevPts(vfs, vfs.nextDevice(), this), at, 'devpts');
    vfs.characterDevices.set(PTMX_DEVICE, (request) => this.openMaster(request));
    vfs.characterDevices.set(TTY_DEVICE, (request) => this.#openCurrent(request));
  }

  /** The name of a terminal in /dev/pts. */
  dentry(tty: Tty): Dentry {
    const found = this.#directory?.child(String(tty.index), undefined);
    invariant(found instanceof Dentry, 'a terminal is in /dev/pts');
    return found;
  }

  find(index: number): Tty | undefined {
    const tty = this.#byIndex[index];
    return tty?.isOtherClosed ? undefined : tty;
  }

  /** Those there are: what is in /dev/pts. */
  indexes(): number[] {
    return [...this.#byIndex.keys()].filter((index) => this.find(index) !== undefined);
  }

  /** A new terminal under the lowest free number. */
  add(make: (index: number) => Tty): Tty {
    const free = this.#byIndex.indexOf(undefined);
    const index = free < 0 ? this.#byIndex.length : free;
    const tty = make(index);
    this.#byIndex[index] = tty;
    return tty;
  }

  remove(tty: Tty): void {
    this.#byIndex[tty.index] = undefined;
    this.#masters.delete(tty);
  }

  /** open(2) of /dev/ptmx: a new pair, of which this is the master. */
  openMaster({ task, flags, dentry }: OpenRequest): PtyMaster {
    const master = new PtyMaster(task, flags, dentry);
    this.#masters.set(master.tty, master);
    return master;
  }

  /** open(2) of /dev/pts/N. EIO: it is locked. EBUSY: somebody has it for himself. A session's leader may get it for its own. */
  openSlave(request: OpenRequest, tty: Tty): TtyFile | Errno {
    const { task, flags, dentry, keepsTerminal } = request;
    if (this.#masters.get(tty)?.isLocked) return EIO;
    if (tty.isExclusive) return EBUSY;
    const file = new TtyFile(tty, flags & (O_ACCMODE | O_NONBLOCK), dentry);
    const { process } = task;
    const isLeader = process.session.id === process.pid;
    if (!keepsTerminal && isLeader && process.session.terminal === undefined && tty.session === undefined)
      if ((flags & O_ACCMODE) !== O_WRONLY) tty.control(process);
    this.#masters.get(tty)?.slaveOpened();
    return file;
  }

  /** open(2) of /dev/tty. ENXIO: the process has no terminal. */
  #openCurrent({ task, flags, dentry }: OpenRequest): TtyFile | Errno {
    const terminal = terminalOf(task.process);
    return terminal instanceof Tty ? new TtyFile(terminal, flags & (O_ACCMODE | O_NONBLOCK), dentry) : ENXIO;
  }
}

export class PtyMaster extends OpenFile implements TtyDriver {
  readonly tty: Tty;
  readonly #kernel: Kernel;
  /** TIOCSPTLCK: the slave cannot be opened yet. */
  isLocked = true;
  /** Shown by the slave and not read yet. */
  #shown: Uint8Array[] = [];
  #shownBytes = 0;
  /** The slave was open and is not any more. */
  #isSlaveClosed = false;
  #isClosed = false;
  /** TIOCEXCL of the master, which nobody can open again anyway. */
  #isExclusive = false;
  /** TIOCPKT */
  #isPacket = false;
  #packet = 0;
  readonly #readers = new WaitQueue();
  readonly #writers = new WaitQueue();

  constructor({ kernel, credentials }: Task, flags: number, dentry: Dentry) {
    super(flags & (O_ACCMODE | O_NONBLOCK), dentry);
    this.#kernel = kernel;
    this.tty = kernel.terminals.add((index) => new Tty(kernel, index, credentials.fsuid, this));
  }

  // ---- what the slave's terminal asks ---------------------------------------------------------------------------

  /** The slave's output. */
  send(bytes: Uint8Array): void {
    this.#shown.push(bytes.slice());
    this.#shownBytes += bytes.length;
    this.#readers.wakeAll(READABLE);
  }
  hasRoom(): boolean {
    return this.#shownBytes < CAPACITY;
  }
  discard(): void {
    this.#shown = [];
    this.#shownBytes = 0;
    this.tty.writers.wakeAll(WRITABLE);
  }
  wanted(): void {}
  taken(): void {
    this.#writers.wakeAll(WRITABLE);
  }
  happened(packet: number): void {
    if (!this.#isPacket) return;
    if (packet === TIOCPKT_START) this.#packet &= ~TIOCPKT_STOP;
    if (packet === TIOCPKT_STOP) this.#packet &= ~TIOCPKT_START;
    this.#packet |= packet;
    this.#readers.wakeAll(READABLE | POLLPRI);
  }
  /** pty_set_termios: whether the emulator is to do flow control itself. */
  changed(before: Termios, after: Termios): void {
    const [old, now] = [hasUsualFlow(before), hasUsualFlow(after)];
    const isExternal = ((before.lflag | after.lflag) & EXTPROC) !== 0;
    if (!this.#isPacket || (old === now && !isExternal)) return;
    if (old !== now) this.#packet &= ~(TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
    this.happened((old === now ? 0 : now ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP) | (isExternal ? TIOCPKT_IOCTL : 0));
  }
  slaveOpened(): void {
    this.#isSlaveClosed = false;
  }
  unused(): void {
    if (this.#isClosed) this.#kernel.terminals.remove(this.tty);
    this.#isSlaveClosed = true;
    this.#readers.wakeAll(POLLHUP);
    this.#writers.wakeAll(POLLHUP);
  }

  // ---- the master's descriptor ----------------------------------------------------------------------------------

  /** EAGAIN. EIO: the slave is closed, and all it has shown was read. */
  read(_task: Task, to: UserStream): IoResult {
    if (to.left === 0) return 0;
    if (this.#isPacket && this.#packet !== 0) {
      const packet = this.#packet;
      this.#packet = 0;
      return to.put(Uint8Array.of(packet)) === 1 ? 1 : EFAULT;
    }
    if (this.#shownBytes === 0) {
      if (this.#isSlaveClosed) return EIO;
      return this.isNonBlocking ? EAGAIN : new Blocked(this.#readers, undefined, ERESTARTSYS);
    }
    let done = 0;
    if (this.#isPacket) {
      if (to.put(Uint8Array.of(0)) === 0) return EFAULT;
      done = 1;
    }
    while (to.left > 0 && this.#shown.length > 0 && done < READ_LIMIT) {
      const [first] = this.#shown;
      const bytes = first.subarray(0, Math.min(to.left, READ_LIMIT - done));
      const stored = to.put(bytes);
      done += stored;
      this.#shownBytes -= bytes.length;
      if (bytes.length === first.length) this.#shown.shift();
      else this.#shown[0] = first.subarray(bytes.length);
      if (stored < bytes.length) break;
    }
    this.tty.writers.wakeAll(WRITABLE);
    this.#writers.wakeAll(WRITABLE);
    return done > 0 ? done : EFAULT;
  }

  /** EAGAIN: more was typed than anybody has read. */
  write(_task: Task, from: UserStream): IoResult {
    while (from.left > 0) {
      if (!this.#canType()) {
        if (this.isNonBlocking) return from.done > 0 ? from.done : EAGAIN;
        return new Blocked(this.#writers, undefined, from.done > 0 ? from.done : ERESTARTSYS);
      }
      const wanted = Math.min(CHUNK, from.left);
      const bytes = from.take(wanted);
      if (bytes.length > 0) this.tty.line.receive(bytes);
      from.done += bytes.length;
      if (bytes.length < wanted) return from.done > 0 ? from.done : EFAULT;
    }
    return from.done;
  }

  override ioctl(task: Task, request: number, argument: bigint): SyscallResult {
    const { tty } = this;
    const give = (value: number): SyscallResult => writeU32(task.mm, argument, value) ?? 0;
    switch (request) {
      case TIOCGPTN:
        return give(tty.index);
      case TIOCGPTLCK:
        return give(this.isLocked ? 1 : 0);
      case TIOCGPKT:
        return give(this.#isPacket ? 1 : 0);
      case TIOCSPTLCK:
      case TIOCPKT: {
        const value = readU32(task.mm, argument);
        if (value instanceof Errno) return value;
        if (request === TIOCSPTLCK) this.isLocked = value !== 0;
        else {
          if (value !== 0 && !this.#isPacket) this.#packet = 0;
          this.#isPacket = value !== 0;
        }
        return 0;
      }
      case TIOCGEXCL:
        return give(this.#isExclusive ? 1 : 0);
      case TIOCEXCL:
      case TIOCNXCL:
        this.#isExclusive = request === TIOCEXCL;
        return 0;
      case TIOCSIG: {
        const signal = Number(BigInt.asIntN(32, argument));
        if (signal < 1 || signal > SIGNAL_MAX) return EINVAL;
        tty.signal(signal);
        return 0;
      }
      case TIOCGPTPEER: {
        const flags = Number(BigInt.asUintN(32, argument));
        const { terminals } = this.#kernel;
        const keepsTerminal = (flags & O_NOCTTY) !== 0;
        const file = terminals.openSlave(
          { task, flags, dentry: terminals.dentry(tty), keepsTerminal, memo: undefined },
          tty,
        );
        if (file instanceof Errno) return file;
        return task.files.install(file, (flags & O_CLOEXEC) !== 0, descriptorLimit(task));
      }
      case TIOCGPGRP:
        return give(tty.foregroundGroup);
      case TIOCGSID:
        return tty.session === undefined ? ENOTTY : give(tty.session.id);
      case TIOCNOTTY:
        return ENOTTY;
      case FIONREAD:
        return give(Math.min(READ_LIMIT, this.#shownBytes));
      default:
        return modeIoctl(task, tty, request, argument);
    }
  }

  /** Not while too much waits to be read: of what was typed, or of its echo. */
  #canType(): boolean {
    const { line } = this.tty;
    const echoes = (line.termios.lflag & (ECHO | ECHONL)) !== 0;
    return line.backlog < CAPACITY && (!echoes || this.hasRoom());
  }

  override poll(): number {
    const hasPacket = this.#isPacket && this.#packet !== 0;
    return (
      (this.#shownBytes > 0 ? READABLE : 0) |
      (hasPacket ? READABLE | POLLPRI : 0) |
      (this.#isSlaveClosed ? POLLHUP : 0) |
      (this.tty.line.backlog < CAPACITY ? WRITABLE : 0)
    );
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this.#readers, this.#writers];
  }

  stat(): Stat {
    return this.dentry!.inode.stat();
  }

  protected release(): void {
    this.#isClosed = true;
    this.tty.isOtherClosed = true;
    this.tty.hangUp();
    if (this.tty.users.size === 0) this.#kernel.terminals.remove(this.tty);
  }
}

const hasUsualFlow = ({ iflag, cc }: Termios): boolean =>
  (iflag & IXON) !== 0 && cc[VSTOP] === 0o23 && cc[VSTART] === 0o21;
