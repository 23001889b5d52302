/**
 * epoll(7): fs/eventpoll.c. An item is a descriptor's file with the events that are asked for; it hears of the wake-ups of
 * the file's queues and puts itself on the list of those that may be ready. What is on the list is asked again when it is
 * read, so an item is never reported wrongly; level-triggered ones go back to its end.
 */

import { EPOLL_EVENT_BYTES, EPOLL_FLAGS, EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT } from '../../abi/epoll.ts';
import { EEXIST, EFAULT, EINVAL, ELOOP, ENOENT, type Errno } from '../../abi/errno.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, READABLE } from '../../abi/poll.ts';
import { ANY_EVENT, WaitQueue, type Watcher } from '../task/wait-queue.ts';
import { AnonFile } from './anon-file.ts';
import type { OpenFile } from './open-file.ts';

/** Epolls in epolls in epolls: EP_MAX_NESTS. */
const MAX_NESTING = 4;

class Item implements Watcher {
  readonly epoll: EpollFile;
  readonly file: OpenFile;
  readonly fd: number;
  readonly queues: readonly WaitQueue[];
  /** As given, with errors and hang-ups. */
  events: number;
  data: bigint;
  readonly forget = (): void => this.epoll.drop(this);

  constructor(epoll: EpollFile, file: OpenFile, fd: number, events: number, data: bigint) {
    this.epoll = epoll;
    this.file = file;
    this.fd = fd;
    this.queues = file.pollQueues() ?? [];
    this.events = (events | POLLERR | POLLHUP) >>> 0;
    this.data = data;
  }

  get isExclusive(): boolean {
    return (this.events & EPOLLEXCLUSIVE) !== 0;
  }
  /** After the one event that it was for. */
  get isSpent(): boolean {
    return (this.events & ~EPOLL_FLAGS) === 0;
  }
  ready(): number {
    return this.file.poll() & this.events & ANY_EVENT & ~EPOLL_FLAGS;
  }

  /** ep_poll_callback. */
  notify(happened: number): boolean {
    if (this.isSpent || (happened & this.events) === 0) return !this.isExclusive;
    const isWaitedFor = this.epoll.arrived(this);
    if (!this.isExclusive) return true;
    const direction = happened === ANY_EVENT ? 0 : happened & (POLLIN | POLLOUT);
    const isWanted = direction === 0 || (direction !== (POLLIN | POLLOUT) && (this.events & direction) !== 0);
    return isWaitedFor && isWanted;
  }
}

export class EpollFile extends AnonFile {
  readonly label = '[eventpoll]';
  /** By file, then by descriptor. */
  private readonly _items = new Map<OpenFile, Map<number, Item>>();
  /** Items that may be ready, in the order of their becoming so. */
  private readonly _ready = new Set<Item>();
  /** epoll_wait(2). */
  readonly waiters: WaitQueue = new WaitQueue();
  /** poll(2), and epolls that this one is in. */
  private readonly _watchers = new WaitQueue();

  constructor() {
    super(O_RDWR);
  }

  /** EPOLL_CTL_ADD. EEXIST. ELOOP: an epoll that would hold itself, or hold too many in each other. EINVAL: so, exclusively. */
  add(file: OpenFile, fd: number, events: number, data: bigint): Errno | undefined {
    if (file instanceof EpollFile) {
      if (file === this || (events & EPOLLEXCLUSIVE) !== 0) return EINVAL;
      if (file._holds(this) || this._height('up') + 1 + file._height('down') > MAX_NESTING) return ELOOP;
    }
    let ofFile = this._items.get(file);
    if (ofFile?.has(fd)) return EEXIST;
    if (ofFile === undefined) this._items.set(file, (ofFile = new Map()));
    const item = new Item(this, file, fd, events, data);
    ofFile.set(fd, item);
    file.closing.add(item.forget);
    if (file instanceof EpollFile) file._parents.add(this);
    for (const queue of item.queues) queue.watch(item, item.isExclusive);
    if (item.ready() !== 0) this.arrived(item);
    return undefined;
  }

  /** EPOLL_CTL_MOD. ENOENT. EINVAL: an exclusive item. */
  modify(file: OpenFile, fd: number, events: number, data: bigint): Errno | undefined {
    const item = this._items.get(file)?.get(fd);
    if (item === undefined) return ENOENT;
    if (item.isExclusive) return EINVAL;
    item.events = (events | POLLERR | POLLHUP) >>> 0;
    item.data = data;
    if (item.ready() !== 0) this.arrived(item);
    return undefined;
  }

  /** EPOLL_CTL_DEL. ENOENT. */
  delete(file: OpenFile, fd: number): Errno | undefined {
    const item = this._items.get(file)?.get(fd);
    if (item === undefined) return ENOENT;
    this.drop(item);
    return undefined;
  }

  drop(item: Item): void {
    const { file, fd } = item;
    const ofFile = this._items.get(file)!;
    ofFile.delete(fd);
    if (ofFile.size === 0) {
      this._items.delete(file);
      if (file instanceof EpollFile) file._parents.delete(this);
    }
    this._ready.delete(item);
    file.closing.delete(item.forget);
    for (const queue of item.queues) queue.unwatch(item);
  }

  /** An item may be ready. Whether somebody sleeps in epoll_wait(2) for it. */
  arrived(item: Item): boolean {
    const isWaitedFor = this.waiters.size > 0;
    if (!this._ready.has(item)) this._ready.add(item);
    if (isWaitedFor) this.waiters.wakeUp(READABLE);
    this._watchers.wakeAll(READABLE);
    return isWaitedFor;
  }

  /**
   * Hands out at most so many events (ep_send_events); `put` is told each, and says whether it could be stored. The
   * number, 0 when nothing is ready. EFAULT: the first could not.
   */
  take(most: number, put: (index: number, bytes: Uint8Array) => boolean): number | Errno {
    let count = 0;
    let failed = false;
    const again: Item[] = [];
    for (const item of this._ready) {
      if (count >= most) break;
      const ready = item.ready();
      if (ready === 0) {
        this._ready.delete(item);
        continue;
      }
      if (!put(count, eventBytes(ready, item.data))) {
        failed = true;
        break;
      }
      count++;
      this._ready.delete(item);
      if (item.events & EPOLLONESHOT) item.events = (item.events & EPOLL_FLAGS) >>> 0;
      else if ((item.events & EPOLLET) === 0) again.push(item);
    }
    for (const item of again) this._ready.add(item);
    if (this._ready.size > 0) this.waiters.wakeUp(READABLE);
    return count === 0 && failed ? EFAULT : count;
  }

  /** Readable while an item is ready; those on the list that are not leave it. */
  override poll(): number {
    for (const item of this._ready) {
      if (item.ready() !== 0) return READABLE;
      this._ready.delete(item);
    }
    return 0;
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this._watchers];
  }

  protected override release(): void {
    for (const items of [...this._items.values()]) for (const item of [...items.values()]) this.drop(item);
  }

  /** Epolls that this one is in. */
  private readonly _parents = new Set<EpollFile>();

  private _neighbours(direction: 'up' | 'down'): EpollFile[] {
    if (direction === 'up') return [...this._parents];
    return [...this._items.keys()].filter((file) => file instanceof EpollFile);
  }

  /** The longest chain of epolls in this one, or of those that it is in; it is never longer than may be. */
  private _height(direction: 'up' | 'down', known = new Map<EpollFile, number>()): number {
    let most = known.get(this);
    if (most !== undefined) return most;
    most = 0;
    for (const other of this._neighbours(direction)) most = Math.max(most, 1 + other._height(direction, known));
    known.set(this, most);
    return most;
  }

  private _holds(other: EpollFile, seen = new Set<EpollFile>()): boolean {
    if (seen.has(this)) return false;
    seen.add(this);
    return this._neighbours('down').some((inner) => inner === other || inner._holds(other, seen));
  }
}

function eventBytes(events: number, data: bigint): Uint8Array {
  const bytes = new Uint8Array(EPOLL_EVENT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, events, true);
  view.setBigUint64(4, data, true);
  return bytes;
}
