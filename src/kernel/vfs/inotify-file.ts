/** inotify(7): fs/notify/inotify. Events wait in the order of their happening; one that is the same as the last is dropped. */
import { EAGAIN, EEXIST, EFAULT, EINVAL, ENOTTY, ERESTARTSYS, type Errno } from '../../abi/errno.ts';
import {
  IN_ALL_EVENTS, IN_DELETE_SELF, IN_IGNORED, IN_ISDIR, IN_MASK_ADD, IN_MASK_CREATE, IN_ONESHOT, IN_Q_OVERFLOW, INOTIFY_EVENT_BYTES,
} from '../../abi/inotify.ts'; // biome-ignore format: a list
import { FIONREAD } from '../../abi/ioctl.ts';
import { READABLE } from '../../abi/poll.ts';
import { bytesOfName } from '../../base/names.ts';
import { writeU32 } from '../mm/user-memory.ts';
import { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { AnonFile } from './anon-file.ts';
import type { FileWatch } from './file-events.ts';
import type { Inode } from './inode.ts';
import type { IoResult } from './open-file.ts';
import type { UserStream } from './user-stream.ts';

/** fs.inotify.max_queued_events. */
const MOST_EVENTS = 16_384;

class Watch implements FileWatch {
  private readonly _file: InotifyFile;
  readonly inode: Inode;
  readonly number: number;
  mask: number;

  constructor(file: InotifyFile, inode: Inode, number: number, mask: number) {
    this._file = file;
    this.inode = inode;
    this.number = number;
    this.mask = mask;
  }

  report(events: number, name: string | undefined, cookie: number): void {
    if ((events & this.mask & IN_ALL_EVENTS) !== 0) {
      this._file.put(this.number, events & IN_DELETE_SELF ? events & ~IN_ISDIR : events, name, cookie);
      if (this.mask & IN_ONESHOT) this._file.drop(this);
    }
    if (events & IN_DELETE_SELF) this._file.drop(this);
  }
}

export class InotifyFile extends AnonFile {
  readonly label = 'inotify';
  override place(): string {
    return 'anon_inode:inotify';
  }
  private readonly _watches = new Map<number, Watch>();
  private readonly _byInode = new Map<Inode, Watch>();
  private readonly _events: Uint8Array[] = [];
  private _lastNumber = 0;
  private readonly _changed = new WaitQueue();

  /** A new watch, or the one that there is with another mask. EEXIST: there may be none yet. */
  add(inode: Inode, mask: number): number | Errno {
    const known = this._byInode.get(inode);
    if (known !== undefined) {
      if (mask & IN_MASK_CREATE) return EEXIST;
      known.mask = mask & IN_MASK_ADD ? known.mask | mask : mask;
      return known.number;
    }
    const watch = new Watch(this, inode, ++this._lastNumber, mask);
    this._watches.set(watch.number, watch);
    this._byInode.set(inode, watch);
    inode.watches ??= new Set();
    inode.watches.add(watch);
    return watch.number;
  }

  /** EINVAL: no such watch. */
  remove(number: number): Errno | undefined {
    const watch = this._watches.get(number);
    if (watch === undefined) return EINVAL;
    this.drop(watch);
    return undefined;
  }

  drop(watch: Watch): void {
    if (!this._watches.delete(watch.number)) return;
    this._forget(watch);
    this.put(watch.number, IN_IGNORED, undefined, 0);
  }

  private _forget(watch: Watch): void {
    const { inode } = watch;
    this._byInode.delete(inode);
    inode.watches?.delete(watch);
    if (inode.watches?.size === 0) inode.watches = undefined;
  }

  put(number: number, events: number, name: string | undefined, cookie: number): void {
    if (this._events.length > MOST_EVENTS) return;
    const isFull = this._events.length === MOST_EVENTS;
    const bytes = isFull ? eventBytes(-1, IN_Q_OVERFLOW, undefined, 0) : eventBytes(number, events, name, cookie);
    const last = this._events.at(-1);
    if (last !== undefined && last.length === bytes.length && last.every((byte, i) => byte === bytes[i])) return;
    this._events.push(bytes);
    this._changed.wakeAll(READABLE);
  }

  /** As many events as fit. EINVAL: not even the first does. EAGAIN: there is none. */
  override read(_task: Task, to: UserStream): IoResult {
    let done = 0;
    for (;;) {
      const event = this._events[0];
      if (event === undefined || event.length > to.left) {
        if (done > 0) return done;
        if (event !== undefined) return EINVAL;
        return this.isNonBlocking ? EAGAIN : new Blocked(this._changed, undefined, ERESTARTSYS);
      }
      this._events.shift();
      if (to.put(event) < event.length) return done > 0 ? done : EFAULT;
      done += event.length;
    }
  }

  override poll(): number {
    return this._events.length > 0 ? READABLE : 0;
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this._changed];
  }
  override ioctl(task: Task, request: number, argument: bigint): number | Errno {
    if (request !== FIONREAD) return ENOTTY;
    return (
      writeU32(
        task.mm,
        argument,
        this._events.reduce((sum, { length }) => sum + length, 0),
      ) ?? 0
    );
  }

  protected override release(): void {
    for (const watch of this._watches.values()) this._forget(watch);
    this._watches.clear();
  }
}

function eventBytes(number: number, events: number, name: string | undefined, cookie: number): Uint8Array {
  const text = name === undefined ? undefined : bytesOfName(name);
  const length = text === undefined ? 0 : (text.length + 1 + INOTIFY_EVENT_BYTES - 1) & ~(INOTIFY_EVENT_BYTES - 1);
  const bytes = new Uint8Array(INOTIFY_EVENT_BYTES + length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, number, true);
  view.setUint32(4, events, true);
  view.setUint32(8, cookie, true);
  view.setUint32(12, length, true);
  if (text !== undefined) bytes.set(text, INOTIFY_EVENT_BYTES);
  return bytes;
}
