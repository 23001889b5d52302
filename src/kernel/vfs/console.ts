/**
 * Descriptors 0, 1 and 2 of the first process: the console that the host gives. To a program each is one end of a pipe:
 * it cannot be a terminal, nor be read and written both. Who reads before something has come sleeps, others go on.
 */
import { EAGAIN, EFAULT, ENXIO, ERESTARTSYS, type Errno, errnoNamed } from '../../abi/errno.ts';
import { O_ACCMODE, O_RDONLY, O_WRONLY } from '../../abi/fcntl.ts';
import { READABLE, WRITABLE } from '../../abi/poll.ts';
import type { Stat } from '../../abi/stat.ts';
import { type Console, HostError } from '../../host/host.ts';
import { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import type { WaitQueue } from '../task/wait-queue.ts';
import type { OpenRequest } from './inode.ts';
import { type IoResult, OpenFile } from './open-file.ts';
import { pipeStat } from './pipe.ts';
import type { UserStream } from './user-stream.ts';

/** Bytes that go from or to the host at once. */
const CHUNK = 65536;

export class ConsoleFile extends OpenFile {
  private readonly _console: Console;
  /** Woken when input has come. */
  private readonly _input: WaitQueue;
  private readonly _fd: 0 | 1 | 2;

  constructor(console: Console, input: WaitQueue, fd: 0 | 1 | 2) {
    super(fd === 0 ? O_RDONLY : O_WRONLY);
    this._console = console;
    this._input = input;
    this._fd = fd;
  }

  /** EAGAIN; what the host says. EFAULT: the bytes that were read are lost with it. */
  read(_task: Task, to: UserStream): IoResult {
    if (to.left === 0) return 0;
    const bytes = this._console.read(Math.min(CHUNK, to.left));
    if (bytes === undefined) return this.isNonBlocking ? EAGAIN : new Blocked(this._input, undefined, ERESTARTSYS);
    if (bytes instanceof HostError) return errnoNamed(bytes.code);
    if (bytes.length === 0) return 0;
    const stored = to.put(bytes);
    return stored > 0 ? stored : EFAULT;
  }

  /** What can be read before a bad page is written. */
  write(_task: Task, from: UserStream): IoResult {
    const fd = this._fd === 2 ? 2 : 1;
    while (from.left > 0) {
      const wanted = Math.min(CHUNK, from.left);
      const bytes = from.take(wanted);
      if (bytes.length > 0) this._console.write(fd, bytes);
      from.done += bytes.length;
      if (bytes.length < wanted) return from.done > 0 ? from.done : EFAULT;
    }
    return from.done;
  }

  override poll(): number {
    if (this._fd !== 0) return WRITABLE;
    return this._console.isReadable() ? READABLE : 0;
  }
  override pollQueues(): readonly WaitQueue[] {
    return this._fd === 0 ? [this._input] : [];
  }

  override place(): string {
    return `pipe:[${this._fd + 1}]`;
  }
  /** In its own direction; the other end is the host's. */
  override reopen({ flags }: OpenRequest): OpenFile | Errno {
    return (flags & O_ACCMODE) === (this.flags & O_ACCMODE)
      ? new ConsoleFile(this._console, this._input, this._fd)
      : ENXIO;
  }

  stat(): Stat {
    return pipeStat(this._fd + 1, { seconds: 0, nanoseconds: 0 });
  }

  protected release(): void {}
}
