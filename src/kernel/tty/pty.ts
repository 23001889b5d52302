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
  private readonly _byIndex: (Tty | undefined)[] = [];
  private readonly _masters = new Map<Tty, PtyMaster>();
  private _directory: Dentry | undefined;

  /** Mounts /dev/pts, and makes the devices that open terminals. */
  mount(vfs: Vfs, at: Dentry): void {
    this._directory = vfs.mount(new DevPts(vfs, vfs.nextDevice(), this), at, 'devpts');
    vfs.characterDevices.set(PTMX_DEVICE, (request) => this.openMaster(request));
    vfs.characterDevices.set(TTY_DEVICE, (request) => this._openCurrent(request));
  }

  /** The name of a terminal in /dev/pts. */
  dentry(tty: Tty): Dentry {
    const found = this._directory?.child(String(tty.index), undefined);
    invariant(found instanceof Dentry, 'a terminal is in /dev/pts');
    return found;
  }

  find(index: number): Tty | undefined {
    const tty = this._byIndex[index];
    return tty?.isOtherClosed ? undefined : tty;
  }

  /** Those there are: what is in /dev/pts. */
  indexes(): number[] {
    return [...this._byIndex.keys()].filter((index) => this.find(index) !== undefined);
  }

  /** A new terminal under the lowest free number. */
  add(make: (index: number) => Tty): Tty {
    const free = this._byIndex.indexOf(undefined);
    const index = free < 0 ? this._byIndex.length : free;
    const tty = make(index);
    this._byIndex[index] = tty;
    return tty;
  }

  remove(tty: Tty): void {
    this._byIndex[tty.index] = undefined;
    this._masters.delete(tty);
  }

  /** open(2) of /dev/ptmx: a new pair, of which this is the master. */
  openMaster({ task, flags, dentry }: OpenRequest): PtyMaster {
    const master = new PtyMaster(task, flags, dentry);
    this._masters.set(master.tty, master);
    return master;
  }

  /** open(2) of /dev/pts/N. EIO: it is locked. EBUSY: somebody has it for himself. A session's leader may get it for its own. */
  openSlave(request: OpenRequest, tty: Tty): TtyFile | Errno {
    const { task, flags, dentry, keepsTerminal } = request;
    if (this._masters.get(tty)?.isLocked) return EIO;
    if (tty.isExclusive) return EBUSY;
    const file = new TtyFile(tty, flags & (O_ACCMODE | O_NONBLOCK), dentry);
    const { process } = task;
    const isLeader = process.session.id === process.pid;
    if (!keepsTerminal && isLeader && process.session.terminal === undefined && tty.session === undefined)
      if ((flags & O_ACCMODE) !== O_WRONLY) tty.control(process);
    this._masters.get(tty)?.slaveOpened();
    return file;
  }

  /** open(2) of /dev/tty. ENXIO: the process has no terminal. */
  private _openCurrent({ task, flags, dentry }: OpenRequest): TtyFile | Errno {
    const terminal = terminalOf(task.process);
    return terminal instanceof Tty ? new TtyFile(terminal, flags & (O_ACCMODE | O_NONBLOCK), dentry) : ENXIO;
  }
}

export class PtyMaster extends OpenFile implements TtyDriver {
  readonly tty: Tty;
  private readonly _kernel: Kernel;
  /** TIOCSPTLCK: the slave cannot be opened yet. */
  isLocked = true;
  /** Shown by the slave and not read yet. */
  private _shown: Uint8Array[] = [];
  private _shownBytes = 0;
  /** The slave was open and is not any more. */
  private _isSlaveClosed = false;
  private _isClosed = false;
  /** TIOCEXCL of the master, which nobody can open again anyway. */
  private _isExclusive = false;
  /** TIOCPKT */
  private _isPacket = false;
  private _packet = 0;
  private readonly _readers = new WaitQueue();
  private readonly _writers = new WaitQueue();

  constructor({ kernel, credentials }: Task, flags: number, dentry: Dentry) {
    super(flags & (O_ACCMODE | O_NONBLOCK), dentry);
    this._kernel = kernel;
    this.tty = kernel.terminals.add((index) => new Tty(kernel, index, credentials.fsuid, this));
  }

  // ---- what the slave's terminal asks ---------------------------------------------------------------------------

  /** The slave's output. */
  send(bytes: Uint8Array): void {
    this._shown.push(bytes.slice());
    this._shownBytes += bytes.length;
    this._readers.wakeAll(READABLE);
  }
  hasRoom(): boolean {
    return this._shownBytes < CAPACITY;
  }
  discard(): void {
    this._shown = [];
    this._shownBytes = 0;
    this.tty.writers.wakeAll(WRITABLE);
  }
  wanted(): void {}
  taken(): void {
    this._writers.wakeAll(WRITABLE);
  }
  happened(packet: number): void {
    if (!this._isPacket) return;
    if (packet === TIOCPKT_START) this._packet &= ~TIOCPKT_STOP;
    if (packet === TIOCPKT_STOP) this._packet &= ~TIOCPKT_START;
    this._packet |= packet;
    this._readers.wakeAll(READABLE | POLLPRI);
  }
  /** pty_set_termios: whether the emulator is to do flow control itself. */
  changed(before: Termios, after: Termios): void {
    const [old, now] = [hasUsualFlow(before), hasUsualFlow(after)];
    const isExternal = ((before.lflag | after.lflag) & EXTPROC) !== 0;
    if (!this._isPacket || (old === now && !isExternal)) return;
    if (old !== now) this._packet &= ~(TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
    this.happened((old === now ? 0 : now ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP) | (isExternal ? TIOCPKT_IOCTL : 0));
  }
  slaveOpened(): void {
    this._isSlaveClosed = false;
  }
  unused(): void {
    if (this._isClosed) this._kernel.terminals.remove(this.tty);
    this._isSlaveClosed = true;
    this._readers.wakeAll(POLLHUP);
    this._writers.wakeAll(POLLHUP);
  }

  // ---- the master's descriptor ----------------------------------------------------------------------------------

  /** EAGAIN. EIO: the slave is closed, and all it has shown was read. */
  read(_task: Task, to: UserStream): IoResult {
    if (to.left === 0) return 0;
    if (this._isPacket && this._packet !== 0) {
      const packet = this._packet;
      this._packet = 0;
      return to.put(Uint8Array.of(packet)) === 1 ? 1 : EFAULT;
    }
    if (this._shownBytes === 0) {
      if (this._isSlaveClosed) return EIO;
      return this.isNonBlocking ? EAGAIN : new Blocked(this._readers, undefined, ERESTARTSYS);
    }
    let done = 0;
    if (this._isPacket) {
      if (to.put(Uint8Array.of(0)) === 0) return EFAULT;
      done = 1;
    }
    while (to.left > 0 && this._shown.length > 0 && done < READ_LIMIT) {
      const [first] = this._shown;
      const bytes = first.subarray(0, Math.min(to.left, READ_LIMIT - done));
      const stored = to.put(bytes);
      done += stored;
      this._shownBytes -= bytes.length;
      if (bytes.length === first.length) this._shown.shift();
      else this._shown[0] = first.subarray(bytes.length);
      if (stored < bytes.length) break;
    }
    this.tty.writers.wakeAll(WRITABLE);
    this._writers.wakeAll(WRITABLE);
    return done > 0 ? done : EFAULT;
  }

  /** EAGAIN: more was typed than anybody has read. */
  write(_task: Task, from: UserStream): IoResult {
    while (from.left > 0) {
      if (!this._canType()) {
        if (this.isNonBlocking) return from.done > 0 ? from.done : EAGAIN;
        return new Blocked(this._writers, undefined, from.done > 0 ? from.done : ERESTARTSYS);
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
        return give(this._isPacket ? 1 : 0);
      case TIOCSPTLCK:
      case TIOCPKT: {
        const value = readU32(task.mm, argument);
        if (value instanceof Errno) return value;
        if (request === TIOCSPTLCK) this.isLocked = value !== 0;
        else {
          if (value !== 0 && !this._isPacket) this._packet = 0;
          this._isPacket = value !== 0;
        }
        return 0;
      }
      case TIOCGEXCL:
        return give(this._isExclusive ? 1 : 0);
      case TIOCEXCL:
      case TIOCNXCL:
        this._isExclusive = request === TIOCEXCL;
        return 0;
      case TIOCSIG: {
        const signal = Number(BigInt.asIntN(32, argument));
        if (signal < 1 || signal > SIGNAL_MAX) return EINVAL;
        tty.signal(signal);
        return 0;
      }
      case TIOCGPTPEER: {
        const flags = Number(BigInt.asUintN(32, argument));
        const { terminals } = this._kernel;
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
        return give(Math.min(READ_LIMIT, this._shownBytes));
      default:
        return modeIoctl(task, tty, request, argument);
    }
  }

  /** Not while too much waits to be read: of what was typed, or of its echo. */
  private _canType(): boolean {
    const { line } = this.tty;
    const echoes = (line.termios.lflag & (ECHO | ECHONL)) !== 0;
    return line.backlog < CAPACITY && (!echoes || this.hasRoom());
  }

  override poll(): number {
    const hasPacket = this._isPacket && this._packet !== 0;
    return (
      (this._shownBytes > 0 ? READABLE : 0) |
      (hasPacket ? READABLE | POLLPRI : 0) |
      (this._isSlaveClosed ? POLLHUP : 0) |
      (this.tty.line.backlog < CAPACITY ? WRITABLE : 0)
    );
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this._readers, this._writers];
  }

  stat(): Stat {
    return this.dentry!.inode.stat();
  }

  protected release(): void {
    this._isClosed = true;
    this.tty.isOtherClosed = true;
    this.tty.hangUp();
    if (this.tty.users.size === 0) this._kernel.terminals.remove(this.tty);
  }
}

const hasUsualFlow = ({ iflag, cc }: Termios): boolean =>
  (iflag & IXON) !== 0 && cc[VSTOP] === 0o23 && cc[VSTART] === 0o21;
