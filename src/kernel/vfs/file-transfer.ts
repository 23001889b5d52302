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
  readonly #from: OpenFile;
  readonly #to: OpenFile;
  /** Positions, for files that have them; undefined for pipes and sockets. */
  readonly #fromAt: number | undefined;
  readonly #toAt: number | undefined;
  readonly #isNonBlocking: boolean;
  #left: number;
  #done = 0;
  /** What has been read and is being written. */
  #writing: { readonly bytes: Uint8Array; readonly stream: BufferStream } | undefined;

  constructor(
    from: OpenFile,
    to: OpenFile,
    count: number,
    at: { readonly from: number | undefined; readonly to: number | undefined },
    isNonBlocking: boolean,
  ) {
    this.#from = from;
    this.#to = to;
    this.#left = count;
    this.#fromAt = at.from;
    this.#toAt = at.to;
    this.#isNonBlocking = isNonBlocking;
  }

  /** Bytes that have gone over so far. */
  get done(): number {
    return this.#done;
  }

  /** Goes on. `all`: until everything is over or the source ends; else it returns with the first bytes. */
  run(task: Task, all: boolean): number | Errno | Blocked {
    while (this.#left > 0) {
      const read = this.#writing === undefined ? this.#read(task) : undefined;
      if (read === 'end') break;
      if (read instanceof Blocked) return this.#later(read);
      if (read instanceof Errno) return this.#done || read;
      const written = this.#write(task);
      if (written instanceof Blocked) return this.#later(written);
      if (written instanceof Errno) return this.#done || written;
      if (written === 'short' || !all) break;
    }
    return this.#done;
  }

  #later(blocked: Blocked): number | Errno | Blocked {
    if (this.#isNonBlocking) {
      this.#takeBack();
      return this.#done || EAGAIN;
    }
    const giveUp = (): number | Errno => {
      this.#takeBack();
      return this.#done || ERESTARTSYS;
    };
    return this.#done > 0 && this.#writing === undefined
      ? this.#done
      : new Blocked(blocked.queues, blocked.until, giveUp, blocked.isExclusive);
  }

  #read(task: Task): 'end' | Errno | Blocked | undefined {
    let most = Math.min(this.#left, CHUNK);
    // Into a pipe goes no more than there is room for, so that nothing is left over.
    if (this.#to instanceof PipeEnd) {
      if (this.#to.roomBytes === 0 && this.#to.hasReaders)
        return new Blocked(this.#to.changes.toWriters, undefined, ERESTARTSYS, true);
      most = Math.min(most, this.#to.roomBytes || most);
    }
    const room = BufferStream.room(task.mm, most);
    const at = this.#fromAt === undefined ? undefined : this.#fromAt + this.#done;
    const result = at === undefined ? this.#from.read(task, room) : this.#from.readAt(task, room, at);
    if (typeof result !== 'number') return result;
    if (result === 0) return 'end';
    const bytes = room.filled;
    this.#writing = { bytes, stream: BufferStream.of(task.mm, bytes) };
    return undefined;
  }

  #write(task: Task): 'all' | 'short' | Errno | Blocked {
    const { bytes, stream } = this.#writing!;
    const at = this.#toAt === undefined ? undefined : this.#toAt + this.#done;
    const result = at === undefined ? this.#to.write(task, stream) : this.#to.writeAt(task, stream, at);
    if (result instanceof Blocked) {
      stream.isResumed = true;
      return result;
    }
    const written = result instanceof Errno ? 0 : result;
    this.#done += written;
    this.#left -= written;
    this.#writing = undefined;
    if (written < bytes.length && this.#from instanceof PipeEnd) this.#from.putBack(bytes.slice(written));
    if (result instanceof Errno) return result;
    return written < bytes.length ? 'short' : 'all';
  }

  /** What was written of the piece at hand counts; the rest goes back. */
  #takeBack(): void {
    if (this.#writing === undefined) return;
    const { bytes, stream } = this.#writing;
    const written = stream.done;
    this.#writing = undefined;
    this.#done += written;
    this.#left -= written;
    if (this.#from instanceof PipeEnd) this.#from.putBack(bytes.slice(written));
  }
}
