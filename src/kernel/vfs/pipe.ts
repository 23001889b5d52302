/**
 * pipe(7): fs/pipe.c. The bytes are in a ring of slots of one page each, as on Linux: a write fills what is left of the
 * last slot if it fits there as a whole, and new slots otherwise, so a pipe can be full with fewer bytes than its size.
 * Writes of up to PIPE_BUF (a page) are therefore never torn.
 */
import { EAGAIN, EBUSY, EFAULT, ENOTTY, ENXIO, EPERM, EPIPE, ERESTARTSYS, type Errno } from '../../abi/errno.ts';
import { O_ACCMODE, O_DIRECT, O_NONBLOCK, O_RDONLY, O_WRONLY } from '../../abi/fcntl.ts';
import { FIONREAD } from '../../abi/ioctl.ts';
import { POLLERR, POLLHUP, READABLE, WRITABLE } from '../../abi/poll.ts';
import { SI_USER, SIGPIPE } from '../../abi/signal.ts';
import { plainStat, S_IFIFO, type Stat } from '../../abi/stat.ts';
import type { Timestamp } from '../../abi/time.ts';
import { PAGE_SIZE } from '../../base/ints.ts';
import { writeU32 } from '../mm/user-memory.ts';
import { Blocked, type SyscallResult } from '../syscalls/define.ts';
import { USER_ID } from '../task/credentials.ts';
import { sendSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import type { Dentry } from './dentry.ts';
import type { OpenRequest } from './inode.ts';
import { type IoResult, OpenFile } from './open-file.ts';
import type { UserStream } from './user-stream.ts';

const DEFAULT_SLOTS = 16;
/** fs.pipe-max-size: what may be asked for without privilege. */
const MAX_BYTES = 1 << 20;
/** st_dev of the file system that pipes are in. */
const PIPE_DEVICE = 15;

interface Slot {
  /** Becomes a whole page when a second write adds to the first. */
  page: Uint8Array;
  /** Bytes are in [start, end) of the page. */
  start: number;
  end: number;
  /** A write of its own: read as a whole or cut, never together with others (O_DIRECT). */
  readonly isPacket: boolean;
}

/** What both ends share: struct pipe_inode_info. */
class Pipe {
  readonly slots: Slot[] = [];
  slotLimit = DEFAULT_SLOTS;
  readers = 0;
  writers = 0;
  /** How often an end has been opened: who opens a FIFO waits until somebody has opened the other. */
  readerOpenings = 0;
  writerOpenings = 0;
  readonly changed = { toReaders: new WaitQueue(), toWriters: new WaitQueue() };
  readonly stat: Stat;

  /** Neither end is open any more. */
  readonly onUnused: (() => void) | undefined;

  constructor(stat: Stat, onUnused?: () => void) {
    this.stat = stat;
    this.onUnused = onUnused;
  }

  released(): void {
    if (this.readers === 0 && this.writers === 0) this.onUnused?.();
  }

  isEmpty(): boolean {
    return this.slots.length === 0;
  }
  isFull(): boolean {
    return this.slots.length >= this.slotLimit;
  }

  /** fcntl(2), F_SETPIPE_SZ: at least so many bytes, as a power of two of pages. EBUSY: more than that is in use. */
  resize(bytes: number): number | Errno {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(1, Math.ceil(bytes / PAGE_SIZE))));
    if (slots * PAGE_SIZE > MAX_BYTES && slots > this.slotLimit) return EPERM;
    if (slots < this.slots.length) return EBUSY;
    const grows = slots > this.slotLimit;
    this.slotLimit = slots;
    if (grows) this.changed.toWriters.wakeAll(WRITABLE);
    return slots * PAGE_SIZE;
  }
}

/** Either end, to fcntl(2) and fstat(2). */
export abstract class PipeEnd extends OpenFile {
  protected readonly pipe: Pipe;
  constructor(pipe: Pipe, flags: number, dentry?: Dentry) {
    super(flags, dentry);
    this.pipe = pipe;
    if (this.isReadable) {
      pipe.readers++;
      pipe.readerOpenings++;
    }
    if (this.isWritable) {
      pipe.writers++;
      pipe.writerOpenings++;
    }
  }
  get sizeBytes(): number {
    return this.pipe.slotLimit * PAGE_SIZE;
  }
  resize(bytes: number): number | Errno {
    return this.pipe.resize(bytes);
  }
  stat(): Stat {
    return this.dentry?.inode.stat() ?? this.pipe.stat;
  }
  override place(): Dentry | string {
    return this.dentry ?? `pipe:[${this.pipe.stat.inode}]`;
  }
  /** As if it were a FIFO. */
  override reopen(request: OpenRequest): OpenFile | Errno | Blocked {
    return new Fifo(this.pipe.stat, this.pipe).open(request);
  }
  /** Puts bytes back that were read last. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.pipe.slots.unshift({ page: bytes, start: 0, end: bytes.length, isPacket: false });
  }
  /** For tee(2): the same bytes again, without taking them. */
  peek(most: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    let left = most;
    for (const { page, start, end } of this.pipe.slots) {
      if (left <= 0) break;
      found.push(page.slice(start, Math.min(end, start + left)));
      left -= end - start;
    }
    return found;
  }
  isOf(other: PipeEnd): boolean {
    return this.pipe === other.pipe;
  }
  /** Whether a write finds no room at all, a read nothing. */
  get isFull(): boolean {
    return this.pipe.isFull();
  }
  get isEmpty(): boolean {
    return this.pipe.isEmpty();
  }
  /** Bytes that whole slots have room for. */
  get roomBytes(): number {
    return Math.max(0, this.pipe.slotLimit - this.pipe.slots.length) * PAGE_SIZE;
  }
  get hasReaders(): boolean {
    return this.pipe.readers > 0;
  }
  get hasWriters(): boolean {
    return this.pipe.writers > 0;
  }
  get changes(): Pipe['changed'] {
    return this.pipe.changed;
  }
  protected release(): void {
    const { pipe } = this;
    if (this.isReadable && --pipe.readers === 0) pipe.changed.toWriters.wakeAll();
    if (this.isWritable && --pipe.writers === 0) pipe.changed.toReaders.wakeAll();
    pipe.released();
  }
  /** FIONREAD, of either end. EFAULT. */
  override ioctl(task: Task, request: number, argument: bigint): SyscallResult {
    if (request !== FIONREAD) return ENOTTY;
    const bytes = this.pipe.slots.reduce((sum, { start, end }) => sum + end - start, 0);
    return writeU32(task.mm, argument, bytes) ?? 0;
  }
}

/** `shift` of an array with one element costs ten times as much as `pop`. */
function dropFirst(slots: Slot[]): void {
  if (slots.length === 1) slots.pop();
  else slots.shift();
}

class PipeReader extends PipeEnd {
  /** Of a FIFO that was opened without waiting: how often its other end had been opened then. */
  writersBefore: number | undefined;

  /** 0 once nobody can write any more. EAGAIN. EFAULT: what was in the page at hand stays in the pipe. */
  read(_task: Task, to: UserStream): IoResult {
    const { slots, writers, changed } = this.pipe;
    if (to.left === 0) return 0;
    const wasFull = this.pipe.isFull();
    let done = 0;
    let failed = false;
    while (to.left > 0 && slots.length > 0) {
      const slot = slots[0];
      const count = Math.min(slot.end - slot.start, to.left);
      const bytes = count === slot.page.length ? slot.page : slot.page.subarray(slot.start, slot.start + count);
      if (to.put(bytes) < count) {
        failed = true;
        break;
      }
      done += count;
      slot.start += count;
      if (slot.start === slot.end || slot.isPacket) dropFirst(slots);
      if (slot.isPacket) break;
    }
    if (wasFull && !this.pipe.isFull()) changed.toWriters.wakeUp(WRITABLE);
    if (slots.length > 0 && changed.toReaders.size > 0) changed.toReaders.wakeUp(READABLE);
    if (done > 0) return done;
    if (failed) return EFAULT;
    if (writers === 0) return 0;
    return this.isNonBlocking ? EAGAIN : new Blocked(changed.toReaders, undefined, ERESTARTSYS, true);
  }

  write(): IoResult {
    return 0;
  }

  override poll(): number {
    const isHungUp = this.pipe.writers === 0 && this.writersBefore !== this.pipe.writerOpenings;
    return (this.pipe.isEmpty() ? 0 : READABLE) | (isHungUp ? POLLHUP : 0);
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this.pipe.changed.toReaders];
  }
}

class PipeWriter extends PipeEnd {
  read(): IoResult {
    return 0;
  }

  /**
   * EPIPE, with SIGPIPE: nobody can read any more. EAGAIN: full. EFAULT: what comes before the bad page is written, but in
   * whole slots only.
   */
  write(task: Task, from: UserStream): IoResult {
    const { pipe } = this;
    const { changed } = pipe;
    if (from.left === 0 && from.done === 0) return 0;
    const before = from.done;
    const result = this._put(task, from);
    // Also where there was something before: an edge-triggered epoll hears of every write (`poll_usage`).
    if (from.done > before) {
      changed.toReaders.wakeUp(READABLE);
      if (!pipe.isFull() && changed.toWriters.size > 0) changed.toWriters.wakeUp(WRITABLE);
    }
    return result;
  }

  private _put(task: Task, from: UserStream): IoResult {
    const { pipe } = this;
    const { slots } = pipe;
    const isPacket = (this.flags & O_DIRECT) !== 0;
    if (pipe.readers === 0) return this._broken(task, from);
    // The odd bytes go with those of an earlier write, where they fit.
    const odd = from.left % PAGE_SIZE;
    const last = slots.at(-1);
    if (odd > 0 && !from.isResumed && last !== undefined && !last.isPacket && last.end + odd <= PAGE_SIZE) {
      const bytes = from.take(odd);
      if (bytes.length < odd) return EFAULT;
      append(last, bytes);
      from.done += odd;
    }
    while (from.left > 0) {
      if (pipe.isFull()) {
        if (!this.isNonBlocking)
          return new Blocked(pipe.changed.toWriters, undefined, from.done > 0 ? from.done : ERESTARTSYS, true);
        return from.done > 0 ? from.done : EAGAIN;
      }
      const wanted = Math.min(PAGE_SIZE, from.left);
      const bytes = from.take(wanted);
      if (bytes.length < wanted) return from.done > 0 ? from.done : EFAULT;
      slots.push({ page: bytes, start: 0, end: wanted, isPacket });
      from.done += wanted;
    }
    return from.done;
  }

  private _broken(task: Task, from: UserStream): IoResult {
    sendSignal(task, { signal: SIGPIPE, code: SI_USER, pid: task.pid, uid: task.credentials.uid });
    return from.done > 0 ? from.done : EPIPE;
  }

  override poll(): number {
    return (this.pipe.isFull() ? 0 : WRITABLE) | (this.pipe.readers === 0 ? POLLERR : 0);
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this.pipe.changed.toWriters];
  }
}

function append(slot: Slot, bytes: Uint8Array): void {
  if (slot.page.length < PAGE_SIZE) {
    const page = new Uint8Array(PAGE_SIZE);
    page.set(slot.page);
    slot.page = page;
  }
  slot.page.set(bytes, slot.end);
  slot.end += bytes.length;
}

/** Both ends of a new pipe, with these status flags. */
export function createPipe(inode: number, time: Timestamp, flags: number): { reader: PipeEnd; writer: PipeEnd } {
  const pipe = new Pipe(pipeStat(inode, time));
  return { reader: new PipeReader(pipe, O_RDONLY | flags), writer: new PipeWriter(pipe, O_WRONLY | flags) };
}

export const pipeStat = (inode: number, time: Timestamp): Stat =>
  plainStat({ device: PIPE_DEVICE, inode, mode: S_IFIFO | 0o600, uid: USER_ID, gid: USER_ID, time });

/** A FIFO that is open for both: reading and writing never find nobody at the other end. */
class PipeBothEnds extends PipeEnd {
  /** They do the work; this one alone is counted. */
  private readonly _reader: PipeReader;
  private readonly _writer: PipeWriter;

  constructor(pipe: Pipe, flags: number, dentry: Dentry) {
    super(pipe, flags, dentry);
    const status = flags & ~O_ACCMODE;
    this._reader = uncounted(new PipeReader(pipe, O_RDONLY | status), pipe);
    this._writer = uncounted(new PipeWriter(pipe, O_WRONLY | status), pipe);
  }

  read(task: Task, to: UserStream): IoResult {
    this._reader.flags = this.flags;
    return this._reader.read(task, to);
  }
  write(task: Task, from: UserStream): IoResult {
    this._writer.flags = this.flags;
    return this._writer.write(task, from);
  }
  override poll(): number {
    return this._reader.poll() | this._writer.poll();
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this.pipe.changed.toReaders, this.pipe.changed.toWriters];
  }
}

function uncounted<End extends PipeEnd>(end: End, pipe: Pipe): End {
  if (end.isReadable) pipe.readers--;
  else pipe.writers--;
  return end;
}

/** Who opens a FIFO and waits for its other end: he counts already, so that the other one need not wait. */
class Opening {
  readonly file: PipeEnd;
  /** How often the other end had been opened. */
  readonly before: number;
  constructor(file: PipeEnd, before: number) {
    this.file = file;
    this.before = before;
  }
}

/** The pipe of a FIFO's inode: fifo(7), fs/pipe.c (`fifo_open`). Its bytes are gone when nobody has it open. */
export class Fifo {
  private readonly _stat: Stat;
  private _pipe: Pipe | undefined;
  /** Of pipe(2), opened by /proc/PID/fd: nobody waits for another end. */
  private readonly _isPipe: boolean;

  constructor(stat: Stat, pipe?: Pipe) {
    this._stat = stat;
    this._pipe = pipe;
    this._isPipe = pipe !== undefined;
  }

  /** Sleeps until the other end is open. ENXIO: nobody reads, and the writer will not wait. */
  open(request: OpenRequest): OpenFile | Errno | Blocked {
    if (request.memo instanceof Opening) return this._wait(request, request.memo);
    const { flags, dentry } = request;
    const isNonBlocking = (flags & O_NONBLOCK) !== 0;
    const access = flags & O_ACCMODE;
    if (access === O_WRONLY && isNonBlocking && !this._isPipe && (this._pipe?.readers ?? 0) === 0) return ENXIO;
    this._pipe ??= new Pipe(this._stat, () => {
      this._pipe = undefined;
    });
    const pipe = this._pipe;
    if (access === O_RDONLY) {
      const file = new PipeReader(pipe, flags, dentry);
      pipe.changed.toWriters.wakeAll();
      if (pipe.writers > 0 || this._isPipe) return file;
      if (isNonBlocking) {
        file.writersBefore = pipe.writerOpenings;
        return file;
      }
      return this._wait(request, new Opening(file, pipe.writerOpenings));
    }
    const file = access === O_WRONLY ? new PipeWriter(pipe, flags, dentry) : new PipeBothEnds(pipe, flags, dentry);
    pipe.changed.toReaders.wakeAll();
    if (access === O_WRONLY && pipe.readers === 0 && !this._isPipe)
      return this._wait(request, new Opening(file, pipe.readerOpenings));
    if (access !== O_WRONLY) pipe.changed.toWriters.wakeAll();
    return file;
  }

  private _wait(request: OpenRequest, opening: Opening): OpenFile | Blocked {
    const pipe = this._pipe!;
    const { file, before } = opening;
    const { toReaders, toWriters } = pipe.changed;
    const now = file.isReadable ? pipe.writerOpenings : pipe.readerOpenings;
    if (now !== before) return file;
    request.memo = opening;
    const giveUp = () => {
      file.close();
      return ERESTARTSYS;
    };
    return new Blocked(file.isReadable ? toReaders : toWriters, undefined, giveUp);
  }
}
