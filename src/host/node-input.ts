/**
 * Standard input in Node.js: no more is taken than the guest asks for, so that what it leaves is there for the next
 * program, as on Linux. A file is read at once. A pipe or socket is read without waiting; where it is empty, one byte is
 * awaited by the event loop. A terminal's lines come whole. Windows has no reading without waiting: pipes come in chunks.
 */
import { fstatSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { HostError, type Input } from './host.ts';

const STDIN = 0;

/** The process's own standard input. `read` gives what is there, or a promise of it. */
export class StandardInput {
  /** Of a pipe or a terminal, once it has been read. */
  private _stream: Socket | undefined;
  private _isFile: boolean | undefined;
  /** Cannot be read without waiting, so it comes in pieces of the host's choice. */
  private _inChunks = false;
  private _rest: Uint8Array = new Uint8Array(0);
  private _deliver: ((piece: Uint8Array | undefined) => void) | undefined;
  private readonly _one = new Uint8Array(1);

  read(most: number): Input | Promise<Input> {
    this._isFile ??= isFile();
    if (this._isFile) return readNow(most) ?? new HostError('EAGAIN');
    if (this._rest.length > 0) {
      const piece = this._rest.subarray(0, most);
      this._rest = this._rest.subarray(piece.length);
      return piece;
    }
    const stream = (this._stream ??= this._open());
    const now = this._inChunks ? undefined : readNow(most);
    return now ?? this._next(stream, most);
  }

  /** Nothing more is read. */
  close(): void {
    this._stream?.destroy();
  }

  /** Opening a pipe makes its reads return at once. */
  private _open(): Socket {
    const onPiece = (piece: Uint8Array | undefined) => {
      const deliver = this._deliver;
      this._deliver = undefined;
      deliver?.(piece);
    };
    let stream: Socket;
    this._inChunks = isTerminal() || process.platform === 'win32';
    if (this._inChunks) {
      stream = process.stdin as unknown as Socket;
      stream.on('data', (piece: Uint8Array) => {
        stream.pause();
        onPiece(piece);
      });
    } else {
      const net = process.getBuiltinModule('node:net');
      const onread = {
        buffer: this._one,
        callback: (count: number) => {
          onPiece(this._one.slice(0, count));
          return false;
        },
      };
      stream = new net.Socket({ fd: STDIN, readable: true, writable: false, manualStart: true, onread } as never);
    }
    for (const event of ['end', 'error', 'close']) stream.on(event, () => onPiece(undefined));
    return stream;
  }

  private async _next(stream: Socket, most: number): Promise<Input> {
    if (stream.destroyed || stream.readableEnded)
      return this._inChunks ? new Uint8Array(0) : (readNow(most) ?? new Uint8Array(0));
    const piece = await new Promise<Uint8Array | undefined>((resolve) => {
      this._deliver = resolve;
      stream.resume();
    });
    if (this._inChunks) {
      const whole = piece ?? new Uint8Array(0);
      this._rest = whole.subarray(most);
      return whole.subarray(0, most);
    }
    if (piece === undefined) return readNow(most) ?? new Uint8Array(0);
    const more = most > 1 ? readNow(most - 1) : undefined;
    if (more === undefined || more instanceof HostError || more.length === 0) return piece;
    const both = new Uint8Array(1 + more.length);
    both.set(piece);
    both.set(more, 1);
    return both;
  }
}

/** Loads the module for terminals, which costs time, only when it is asked. */
const isTerminal = (): boolean => process.getBuiltinModule('node:tty').isatty(STDIN);

/** A first look at standard input and output, without the module for terminals. */
export function mayBeTerminal(): boolean {
  try {
    return fstatSync(0).isCharacterDevice() && fstatSync(1).isCharacterDevice() && fstatSync(0).rdev !== NULL_DEVICE;
  } catch {
    return false;
  }
}
/** /dev/null of Linux. */
const NULL_DEVICE = 0x103;

/** A file or device, of which reading does not wait; neither do directories, which cannot be read. */
function isFile(): boolean {
  const stat = fstatSync(STDIN);
  return !(stat.isFIFO() || stat.isSocket() || isTerminal());
}

/** Undefined: there is nothing now. */
function readNow(most: number): Input | undefined {
  const bytes = new Uint8Array(most);
  try {
    return bytes.subarray(0, readSync(STDIN, bytes, 0, most, null));
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EOF') return new Uint8Array(0);
    return code === 'EAGAIN' ? undefined : new HostError(code ?? 'EIO');
  }
}
