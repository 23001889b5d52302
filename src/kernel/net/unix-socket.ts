/**
 * AF_UNIX sockets: unix(7), net/unix/af_unix.c. What is common to their types: names, pairs, the queue of what has come,
 * what is sent and not yet read (it counts against the sender), closing. Types are in `unix-stream.ts` (also accepting
 * connections) and `unix-datagram.ts`.
 */
import {
  EACCES, EADDRINUSE, ECONNREFUSED, ECONNRESET, EINVAL, ENOTCONN, Errno,
} from '../../abi/errno.ts'; // biome-ignore format: a list
import { FIONREAD, SIOCOUTQ } from '../../abi/ioctl.ts';
import { POLLERR, POLLHUP, POLLRDHUP, POLLWRBAND, READABLE, WRITABLE } from '../../abi/poll.ts';
import { AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SUN_PATH } from '../../abi/socket.ts';
import { S_IFMT, S_IFSOCK } from '../../abi/stat.ts';
import type { Kernel } from '../kernel.ts';
import { writeU32 } from '../mm/user-memory.ts';
import { mayChangeNames, newInode } from '../syscalls/path-args.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import type { Inode } from '../vfs/inode.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { findFile, findPlace } from '../vfs/path.ts';
import { identityOf, MAY_WRITE, mayAccess } from '../vfs/permissions.ts';
import type { Incoming, Sender } from './operation.ts';
import { BOTH_SHUT, RECEIVE_SHUT, SEND_SHUT, Socket, shutBits } from './socket.ts';
import { familyOf, NO_NAME, parseUnixAddress, UnixAddress } from './unix-address.ts';

/** net.unix.max_dgram_qlen: messages that may wait in a socket that has not listened. */
const DATAGRAM_BACKLOG = 10;

/** A message, or a piece of a stream, on its way: struct sk_buff. */
export interface Piece {
  readonly from: UnixSocket;
  /** What it takes of the sender's buffer. */
  readonly trueSize: number;
  readonly bytes: Uint8Array;
  /** Of a stream: what has been read. */
  start: number;
  /** Until they have been handed over. */
  readonly rights: OpenFile[];
  readonly sender: Sender;
}

export abstract class UnixSocket extends Socket {
  protected state: 'closed' | 'listening' | 'connected' = 'closed';
  isDead = false;
  /** Of a new end of a connection: somebody has it. */
  isAccepted = true;
  address: UnixAddress | undefined;
  private _inode: Inode | undefined;
  /** Where what is sent goes. */
  peer: UnixSocket | undefined;
  readonly queue: Piece[] = [];
  /** Pieces that may wait to be read. */
  backlog: number = DATAGRAM_BACKLOG;
  /** Those who would send to it, or connect to it, and cannot. */
  readonly room: WaitQueue = new WaitQueue();
  /** What it has sent that has not been read. */
  private _sentBytes = 0;
  /** SO_PEERCRED. */
  peerCredentials: Sender | undefined;

  constructor(kernel: Kernel, type: number, flags: number) {
    super(kernel, AF_UNIX, type, 0, flags);
  }

  override get isListening(): boolean {
    return this.state === 'listening';
  }
  get isConnected(): boolean {
    return this.state === 'connected';
  }

  // ---- names ----------------------------------------------------------------------------------------------------

  /** EINVAL: it has a name, or that is none. EADDRINUSE: somebody else has it; a path exists. */
  bind(task: Task, given: Uint8Array): Errno | undefined {
    if (given.length === SUN_PATH && familyOf(given) === AF_UNIX) return this.bindAutomatically();
    const address = parseUnixAddress(given);
    if (address instanceof Errno) return address;
    if (!address.isAbstract) return this._bindPath(task, address);
    if (this.address !== undefined) return EINVAL;
    const { abstractNames } = this.kernel.network;
    if (abstractNames.has(this._keyOf(address))) return EADDRINUSE;
    abstractNames.set(this._keyOf(address), this);
    this.address = address;
    return undefined;
  }

  /** A name of the kernel's choice, where it has none. */
  bindAutomatically(): undefined {
    if (this.address !== undefined) return;
    const { network } = this.kernel;
    let address: UnixAddress;
    do address = new UnixAddress(new TextEncoder().encode(`\0${network.nextAutomaticName()}`));
    while (network.abstractNames.has(this._keyOf(address)));
    network.abstractNames.set(this._keyOf(address), this);
    this.address = address;
  }

  /** Sockets of different types may have the same abstract name. */
  private _keyOf({ key }: UnixAddress): string {
    return `${this.type} ${key}`;
  }

  private _bindPath(task: Task, address: UnixAddress): Errno | undefined {
    const place = findPlace(task, address.path, { follow: false });
    if (place instanceof Errno) return place;
    if (place.found !== undefined) return EADDRINUSE;
    const { parent, name } = place;
    const failed = mayChangeNames(task, parent);
    if (failed !== undefined) return failed;
    if (this.address !== undefined) return EINVAL;
    const inode = parent.directory.create(name, newInode(task, parent, S_IFSOCK | (0o777 & ~task.fs.umask)));
    if (inode instanceof Errno) return inode;
    parent.addNew(name, inode);
    this._inode = inode;
    this.kernel.network.socketsOfInodes.set(inode, this);
    this.address = address;
    return undefined;
  }

  /** The socket that has a name. ECONNREFUSED: none (any more); EACCES: its permissions say no. */
  protected find(task: Task, given: Uint8Array): UnixSocket | Errno {
    const address = parseUnixAddress(given);
    if (address instanceof Errno) return address;
    const { network } = this.kernel;
    if (address.isAbstract) return network.abstractNames.get(this._keyOf(address)) ?? ECONNREFUSED;
    const file = findFile(task, address.path, { follow: true });
    if (file instanceof Errno) return file;
    const { inode } = file;
    if (mayAccess(identityOf(task), inode, MAY_WRITE) !== undefined) return EACCES;
    if ((inode.mode & S_IFMT) !== S_IFSOCK) return ECONNREFUSED;
    return network.socketsOfInodes.get(inode) ?? ECONNREFUSED;
  }

  name(): Uint8Array {
    return this.address?.bytes ?? NO_NAME;
  }
  peerName(): Uint8Array | Errno {
    return this.peer === undefined ? ENOTCONN : this.peer.name();
  }
  override peerSender(): Sender {
    return this.peerCredentials ?? super.peerSender();
  }

  // ---- buffers --------------------------------------------------------------------------------------------------

  /** Whether another piece may be sent: it may exceed the buffer, the next may not. */
  get mayAllocate(): boolean {
    return this._sentBytes < this.options.sendBuffer;
  }
  /** Enough room that somebody is told. */
  get hasRoom(): boolean {
    return this.state !== 'listening' && this._sentBytes * 4 <= this.options.sendBuffer;
  }
  get isFull(): boolean {
    return this.queue.length > this.backlog;
  }

  /** A piece has come. */
  put(piece: Piece): void {
    piece.from._sentBytes += piece.trueSize;
    for (const file of piece.rights) if (file instanceof UnixSocket) this.kernel.network.collector.sent(file, this);
    this.queue.push(piece);
    this.changed.wakeUp(READABLE);
  }

  /** The first piece has been read. */
  protected taken(): void {
    const piece = this.queue.shift()!;
    this.free(piece);
    if (!this.isFull) this.room.wakeAll(WRITABLE);
  }

  protected free(piece: Piece): void {
    const { from } = piece;
    from._sentBytes -= piece.trueSize;
    if (from.hasRoom) from.changed.wakeAll(WRITABLE | POLLWRBAND);
  }

  /** What came with a piece goes to its reader, who has references of his own. */
  protected hand(piece: Piece, to: Incoming, isPeek: boolean): void {
    to.sender = piece.sender;
    if (!isPeek) this._leave(piece);
    to.rights.push(...(isPeek ? piece.rights.map((file) => file.retain()) : piece.rights.splice(0)));
  }

  protected override control(task: Task, request: number, argument: bigint): number | Errno | undefined {
    if (request === SIOCOUTQ) return writeU32(task.mm, argument, this._sentBytes) ?? 0;
    if (request !== FIONREAD) return undefined;
    if (this.isListening) return EINVAL;
    const pieces = this.type === SOCK_DGRAM ? this.queue.slice(0, 1) : this.queue;
    return (
      writeU32(
        task.mm,
        argument,
        pieces.reduce((sum, { bytes, start }) => sum + bytes.length - start, 0),
      ) ?? 0
    );
  }

  // ---- readiness, ends ------------------------------------------------------------------------------------------

  override poll(): number {
    let ready = this.error === undefined ? 0 : POLLERR;
    if (this.shut === BOTH_SHUT) ready |= POLLHUP;
    if (this.shut & RECEIVE_SHUT) ready |= POLLRDHUP | READABLE;
    if (this.queue.length > 0) ready |= READABLE;
    if (this.type !== SOCK_DGRAM && this.state === 'closed') ready |= POLLHUP;
    return this.hasRoom && !this.waitsForPeer ? ready | WRITABLE | POLLWRBAND : ready;
  }
  /** The receiver has too much to read already. */
  protected get waitsForPeer(): boolean {
    const { peer } = this;
    return this.type !== SOCK_DGRAM && this.type !== SOCK_SEQPACKET ? false : peer !== undefined && peer.peer !== this && peer.isFull; // biome-ignore format: one line
  }
  override pollQueues(): readonly WaitQueue[] {
    return this.type === SOCK_DGRAM && this.peer !== undefined ? [this.changed, this.peer.room] : [this.changed];
  }

  /** shutdown(2). EINVAL. What one end shuts the other finds shut, too. */
  shutdown(how: number): Errno | undefined {
    const bits = shutBits(how);
    if (bits instanceof Errno) return bits;
    this.shut |= bits;
    this.changed.wakeAll();
    const { peer } = this;
    if (peer === undefined || this.type === SOCK_DGRAM) return undefined;
    peer.shut |= (bits & RECEIVE_SHUT ? SEND_SHUT : 0) | (bits & SEND_SHUT ? RECEIVE_SHUT : 0);
    peer.changed.wakeAll();
    return undefined;
  }

  protected release(): void {
    this.isDead = true;
    this.state = 'closed';
    this.shut = BOTH_SHUT;
    // Ends of its connections have its address, too.
    if (this.address?.isAbstract && this.kernel.network.abstractNames.get(this._keyOf(this.address)) === this)
      this.kernel.network.abstractNames.delete(this._keyOf(this.address));
    if (this._inode !== undefined) this.kernel.network.socketsOfInodes.delete(this._inode);
    const { peer } = this;
    this.peer = undefined;
    if (peer !== undefined && this.type !== SOCK_DGRAM) {
      peer.shut = BOTH_SHUT;
      if (this.queue.length > 0 || !this.isAccepted) peer.error = ECONNRESET;
      peer.changed.wakeAll();
    }
    this.dropQueue();
    this.room.wakeAll();
  }

  // ---- what the collector of sockets that nobody can get at has to know ----------------------------------------

  private _leave({ rights }: Piece): void {
    for (const file of rights) if (file instanceof UnixSocket) this.kernel.network.collector.taken(file, this);
  }
  *carried(): Iterable<OpenFile> {
    for (const { rights } of this.queue) for (const file of rights) if (file instanceof UnixSocket) yield file;
  }
  dropCarried(): void {
    this.dropQueue();
  }
  override close(): void {
    super.close();
    this.kernel.network.collector.collect();
  }

  protected dropQueue(): void {
    for (const piece of this.queue.splice(0)) {
      this.free(piece);
      this._leave(piece);
      for (const file of piece.rights) file.close();
    }
  }
}
