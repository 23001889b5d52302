/**
 * A transfer under way: what sendmsg(2) and recvmsg(2) ask for, kept over all runs of a call that sleeps. net/socket.c.
 */
import { EAGAIN, EINTR, ERESTARTSYS, type Errno } from '../../abi/errno.ts';
import { MSG_DONTWAIT } from '../../abi/socket.ts';
import { Blocked } from '../syscalls/define.ts';
import type { Credentials } from '../task/credentials.ts';
import type { Task } from '../task/task.ts';
import type { WaitQueue } from '../task/wait-queue.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { UserStream } from '../vfs/user-stream.ts';

/** struct ucred. */
export interface Sender {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export const senderOf = ({ pid, credentials }: { pid: number; credentials: Credentials }): Sender => ({
  pid,
  uid: credentials.euid,
  gid: credentials.egid,
});

/** Something that may have to wait: it does not if it may not, and no longer than its socket's timeout. */
export class Operation {
  readonly task: Task;
  readonly isNonBlocking: boolean;
  /** In virtual nanoseconds; 0 for no limit. */
  private readonly _timeoutNs: number;
  private _deadline: number | undefined;

  constructor(task: Task, isNonBlocking: boolean, timeoutNs: number) {
    this.task = task;
    this.isNonBlocking = isNonBlocking;
    this._timeoutNs = timeoutNs;
  }

  /** Sleeps, or says why not: `late` when there is no time (left); what has been done so far comes first. */
  wait(
    queue: WaitQueue | readonly WaitQueue[],
    done = 0,
    late: Errno = EAGAIN,
    isExclusive = false,
  ): Blocked | Errno | number {
    const { kernel } = this.task;
    if (this.isNonBlocking) return done || late;
    if (this._timeoutNs > 0) this._deadline ??= kernel.now() + this._timeoutNs;
    if (this._deadline !== undefined && kernel.now() >= this._deadline) return done || late;
    const interrupted = this._deadline === undefined ? ERESTARTSYS : EINTR;
    return new Blocked(queue, this._deadline, done || interrupted, isExclusive);
  }
}

export class Outgoing extends Operation {
  readonly stream: UserStream;
  /** MSG_ flags. */
  readonly flags: number;
  /** sockaddr of the receiver, where one is given. */
  readonly to: Uint8Array | undefined;
  /** SCM_RIGHTS; they are the message's own references. */
  readonly rights: OpenFile[];
  /** Whom the message says that it is from. */
  readonly sender: Sender;

  constructor(
    task: Task,
    isNonBlocking: boolean,
    timeoutNs: number,
    stream: UserStream,
    flags: number,
    { to, rights = [], sender = senderOf(task) }: { to?: Uint8Array; rights?: OpenFile[]; sender?: Sender } = {},
  ) {
    super(task, isNonBlocking || (flags & MSG_DONTWAIT) !== 0, timeoutNs);
    this.stream = stream;
    this.flags = flags;
    this.to = to;
    this.rights = rights;
    this.sender = sender;
  }

  /** Nothing has taken the files over. */
  discard(): void {
    for (const file of this.rights.splice(0)) file.close();
  }
}

export class Incoming extends Operation {
  readonly stream: UserStream;
  readonly flags: number;
  /** sockaddr of the sender; empty for one without a name. */
  from: Uint8Array = new Uint8Array(0);
  /** Files that came with it: references of its own. */
  readonly rights: OpenFile[] = [];
  sender: Sender | undefined;
  /** MSG_TRUNC and the like. */
  messageFlags = 0;

  constructor(task: Task, isNonBlocking: boolean, timeoutNs: number, stream: UserStream, flags: number) {
    super(task, isNonBlocking || (flags & MSG_DONTWAIT) !== 0, timeoutNs);
    this.stream = stream;
    this.flags = flags;
  }

  discard(): void {
    for (const file of this.rights.splice(0)) file.close();
  }
}
