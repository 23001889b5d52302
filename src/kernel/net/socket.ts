/**
 * What all sockets have: socket(7), net/core/sock.c. A socket is an open file; families and types differ in what its
 * methods do. Addresses are the bytes of a sockaddr, as they come from the program and go to it.
 */
import { EINVAL, ENOTTY, EOPNOTSUPP, type Errno } from '../../abi/errno.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { SIGPIPE } from '../../abi/signal.ts';
import { MSG_NOSIGNAL } from '../../abi/socket.ts';
import { plainStat, S_IFSOCK, type Stat } from '../../abi/stat.ts';
import type { Kernel } from '../kernel.ts';
import type { Blocked } from '../syscalls/define.ts';
import { USER_ID } from '../task/credentials.ts';
import { fromTask, sendSignal } from '../task/signal.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../task/wait-queue.ts';
import { type IoResult, OpenFile } from '../vfs/open-file.ts';
import type { UserStream } from '../vfs/user-stream.ts';
import { interfaceControl } from './interface.ts';
import { Incoming, type Operation, Outgoing, type Sender } from './operation.ts';

/** st_dev of the file system that sockets are in. */
const SOCKET_DEVICE = 8;
/** net.core.wmem_default and net.core.rmem_default. */
export const DEFAULT_BUFFER_BYTES = 212_992;

/** Directions of shutdown(2): bits. */
export const RECEIVE_SHUT = 1;
export const SEND_SHUT = 2;
export const BOTH_SHUT = 3;

/** What setsockopt(2) sets and no socket needs to know at once. */
export interface SocketOptions {
  sendBuffer: number;
  receiveBuffer: number;
  reuseAddress: boolean;
  reusePort: boolean;
  broadcast: boolean;
  keepAlive: boolean;
  outOfBandInline: boolean;
  dontRoute: boolean;
  debug: boolean;
  passCredentials: boolean;
  timestamp: boolean;
  priority: number;
  receiveLow: number;
  /** Undefined for off. */
  lingerSeconds: number | undefined;
  /** Virtual nanoseconds; 0 for none. */
  receiveTimeoutNs: number;
  sendTimeoutNs: number;
}

export abstract class Socket extends OpenFile {
  readonly kernel: Kernel;
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  readonly options: SocketOptions = {
    sendBuffer: DEFAULT_BUFFER_BYTES,
    receiveBuffer: DEFAULT_BUFFER_BYTES,
    reuseAddress: false,
    reusePort: false,
    broadcast: false,
    keepAlive: false,
    outOfBandInline: false,
    dontRoute: false,
    debug: false,
    passCredentials: false,
    timestamp: false,
    priority: 0,
    receiveLow: 1,
    lingerSeconds: undefined,
    receiveTimeoutNs: 0,
    sendTimeoutNs: 0,
  };
  /** Whatever happens to it. */
  readonly changed: WaitQueue = new WaitQueue();
  /** What has gone wrong by itself, until somebody is told: SO_ERROR. */
  error: Errno | undefined;
  /** Directions that are shut. */
  shut = 0;
  private readonly _stat: Stat;

  constructor(kernel: Kernel, family: number, type: number, protocol: number, flags: number) {
    super(O_RDWR | flags);
    this.kernel = kernel;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
    const time = kernel.vfs.realTime();
    this._stat = plainStat({
      device: SOCKET_DEVICE,
      inode: kernel.nextInode(),
      mode: S_IFSOCK | 0o777,
      uid: USER_ID,
      gid: USER_ID,
      time,
    });
  }

  abstract bind(task: Task, address: Uint8Array): Errno | undefined;
  /** Connected; or not (yet). An operation that has slept is run again. */
  abstract connect(operation: Operation, address: Uint8Array): number | Errno | Blocked;
  /** sockaddr of this end. */
  abstract name(): Uint8Array | Errno;
  /** sockaddr of the other end. */
  abstract peerName(): Uint8Array | Errno;
  /** Bytes that were taken, which are all of the message where it is one. */
  abstract send(message: Outgoing): IoResult;
  /** Bytes that were filled, or with MSG_TRUNC those of the whole message. */
  abstract receive(message: Incoming): IoResult;
  abstract shutdown(how: number): Errno | undefined;
  abstract get isListening(): boolean;

  listen(_task: Task, _backlog: number): Errno | undefined {
    return EOPNOTSUPP;
  }
  /** A new socket for a connection that waits. */
  accept(_operation: Operation): Socket | Errno | Blocked {
    return EOPNOTSUPP;
  }
  /** SO_PEERCRED. */
  peerSender(): Sender {
    return { pid: 0, uid: 0xffff_ffff, gid: 0xffff_ffff };
  }
  /** Whether there are options of a level at all. */
  hasLevel(_level: number): boolean {
    return false;
  }
  /** An option of a level above SOL_SOCKET; undefined when there is no such option. */
  getOption(_level: number, _option: number): number | undefined {
    return undefined;
  }
  /** As above; true when there is one. */
  setOption(_task: Task, _level: number, _option: number, _value: number): boolean | Errno {
    return false;
  }

  override pollQueues(): readonly WaitQueue[] {
    return [this.changed];
  }

  /** SO_ERROR: what has gone wrong is told once. */
  takeError(): Errno | undefined {
    const { error } = this;
    this.error = undefined;
    return error;
  }

  /** Somebody writes to where nobody reads any more. */
  protected broken(task: Task, flags: number, done: number, error: Errno): number | Errno {
    if (done > 0) return done;
    if ((flags & MSG_NOSIGNAL) === 0) sendSignal(task, fromTask(task, SIGPIPE));
    return error;
  }

  read(task: Task, to: UserStream): IoResult {
    if (to.left === 0 && to.pending === undefined) return 0;
    to.pending ??= this.incoming(task, to, 0);
    const message = to.pending as Incoming;
    const result = this.receive(message);
    message.discard();
    return result;
  }
  write(task: Task, from: UserStream): IoResult {
    from.pending ??= this.outgoing(task, from, 0);
    return this.send(from.pending as Outgoing);
  }
  incoming(task: Task, stream: UserStream, flags: number): Incoming {
    return new Incoming(task, this.isNonBlocking, this.options.receiveTimeoutNs, stream, flags);
  }
  outgoing(task: Task, stream: UserStream, flags: number, more?: ConstructorParameters<typeof Outgoing>[5]): Outgoing {
    return new Outgoing(task, this.isNonBlocking, this.options.sendTimeoutNs, stream, flags, more);
  }

  stat(): Stat {
    return this._stat;
  }
  override place(): string {
    return `socket:[${this._stat.inode}]`;
  }
  override ioctl(task: Task, request: number, argument: bigint): number | Errno {
    return this.control(task, request, argument) ?? interfaceControl(task, this.family, request, argument) ?? ENOTTY;
  }
  /** A request of ioctl(2) that the family or type answers. */
  protected control(_task: Task, _request: number, _argument: bigint): number | Errno | undefined {
    return undefined;
  }
}

/** shutdown(2)'s argument as bits. EINVAL. */
export const shutBits = (how: number): number | Errno => (how < 0 || how > 2 ? EINVAL : how + 1);
