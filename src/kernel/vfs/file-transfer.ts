/**
 * Bytes from one open file to another: fs/splice.c, sendfile(2), splice(2). What has been read and cannot all be written
 * goes back to where it came from: a file's offset does not move over it, a pipe has it again.
 */
import { EAGAIN, ERESTARTSYS, Errno } from '../../abi/errno.ts';
import { Blocked } from '../syscalls/define.ts';
import type { Task } from '../task/task.ts';
import { BufferStream } from './buffer-stream.ts';
import type { OpenFile } from './open-file.ts';
import { PipeEnd } from './pipe.ts';

const CHUNK = 65_536;

export class FileTransfer {
  private readonly _from: OpenFile;
  private readonly _to: OpenFile;
  /** Positions, for files that have them; undefined for pipes and sockets. */
  private readonly _fromAt: number | undefined;
  private readonly _toAt: number | undefined;
  private readonly _isNonBlocking: boolean;
  private _left: number;
  private _done = 0;
  /** What has been read and is being written. */
  private _writing: { readonly bytes: Uint8Array; readonly stream: BufferStream } | undefined;

  constructor(
    from: OpenFile,
    to: OpenFile,
    count: number,
    at: { readonly from: number | undefined; readonly to: number | undefined },
    isNonBlocking: boolean,
  ) {
    this._from = from;
    this._to = to;
    this._left = count;
    this._fromAt = at.from;
    this._toAt = at.to;
    this._isNonBlocking = isNonBlocking;
  }

  /** Bytes that have gone over so far. */
  get done(): number {
    return this._done;
  }

  /** Goes on. `all`: until everything is over or the source ends; else it returns with the first bytes. */
  run(task: Task, all: boolean): number | Errno | Blocked {
    while (this._left > 0) {
      const read = this._writing === undefined ? this._read(task) : undefined;
      if (read === 'end') break;
      if (read instanceof Blocked) return this._later(read);
      if (read instanceof Errno) return this._done || read;
      const written = this._write(task);
      if (written instanceof Blocked) return this._later(written);
      if (written instanceof Errno) return this._done || written;
      if (written === 'short' || !all) break;
    }
    return this._done;
  }

  private _later(blocked: Blocked): number | Errno | Blocked {
    if (this._isNonBlocking) {
      this._takeBack();
      return this._done || EAGAIN;
    }
    const giveUp = (): number | Errno => {
      this._takeBack();
      return this._done || ERESTARTSYS;
    };
    return this._done > 0 && this._writing === undefined
      ? this._done
      : new Blocked(blocked.queues, blocked.until, giveUp, blocked.isExclusive);
  }

  private _read(task: Task): 'end' | Errno | Blocked | undefined {
    let most = Math.min(this._left, CHUNK);
    // Into a pipe goes no more than there is room for, so that nothing is left over.
    if (this._to instanceof PipeEnd) {
      if (this._to.roomBytes === 0 && this._to.hasReaders)
        return new Blocked(this._to.changes.toWriters, undefined, ERESTARTSYS, true);
      most = Math.min(most, this._to.roomBytes || most);
    }
    const room = BufferStream.room(task.mm, most);
    const at = this._fromAt === undefined ? undefined : this._fromAt + this._done;
    const result = at === undefined ? this._from.read(task, room) : this._from.readAt(task, room, at);
    if (typeof result !== 'number') return result;
    if (result === 0) return 'end';
    const bytes = room.filled;
    this._writing = { bytes, stream: BufferStream.of(task.mm, bytes) };
    return undefined;
  }

  private _write(task: Task): 'all' | 'short' | Errno | Blocked {
    const { bytes, stream } = this._writing!;
    const at = this._toAt === undefined ? undefined : this._toAt + this._done;
    const result = at === undefined ? this._to.write(task, stream) : this._to.writeAt(task, stream, at);
    if (result instanceof Blocked) {
      stream.isResumed = true;
      return result;
    }
    const written = result instanceof Errno ? 0 : result;
    this._done += written;
    this._left -= written;
    this._writing = undefined;
    if (written < bytes.length && this._from instanceof PipeEnd) this._from.putBack(bytes.slice(written));
    if (result instanceof Errno) return result;
    return written < bytes.length ? 'short' : 'all';
  }

  /** What was written of the piece at hand counts; the rest goes back. */
  private _takeBack(): void {
    if (this._writing === undefined) return;
    const { bytes, stream } = this._writing;
    const written = stream.done;
    this._writing = undefined;
    this._done += written;
    this._left -= written;
    if (this._from instanceof PipeEnd) this._from.putBack(bytes.slice(written));
  }
}
