/**
 * One client from its connection to its end: takes bytes, answers packet by packet in order, and lets Ctrl-C through while
 * the program runs. What goes wrong with one packet is its answer, never the end of the server.
 */
import { UsageError } from '../base/invariant.ts';
import type { Task } from '../kernel/task/task.ts';
import { hexOfString } from './bytes.ts';
import type { Debuggee, Resumption } from './debuggee.ts';
import { encodePacket, PacketReader, type Received } from './framing.ts';
import { GuestFiles } from './guest-files.ts';
import { type Answer, FAILED } from './packets/define.ts';
import { PACKET_TABLE } from './packets/index.ts';
import { isMeant, type ThreadId, threadIdText } from './thread-id.ts';

/** Text in one `O` packet, before it is made hexadecimal. */
const MOST_OUTPUT = 4096;

export interface SessionOptions {
  readonly debuggee: Debuggee;
  /** Bytes for the client. */
  readonly write: (bytes: Uint8Array) => void;
  /** One line for whoever runs the server. */
  readonly report: (message: string) => void;
}

export class Session {
  readonly debuggee: Debuggee;
  readonly files: GuestFiles;
  isExtended = false;
  /** For the next `run`: variables, and those to be taken away. */
  readonly environment: Map<string, string | undefined> = new Map();
  workingDirectory: string | undefined;

  private readonly _options: SessionOptions;
  private readonly _reader = new PacketReader();
  private _acknowledges = true;
  private _endsAcknowledgements = false;
  private _lastSent: Uint8Array | undefined;
  private _selected: { readonly pid: number; readonly tid: number } | undefined;
  private _toResume: ThreadId = { pid: undefined, tid: 'any' };
  private readonly _waiting: Received[] = [];
  /** While packets are being answered. */
  private _answering: Promise<void> | undefined;
  private _isRunning = false;
  private _isClosed = false;

  constructor(options: SessionOptions) {
    this._options = options;
    this.debuggee = options.debuggee;
    this.files = new GuestFiles(options.debuggee);
  }

  // ---- bytes in and out -----------------------------------------------------------------------------------------

  /** Bytes have come. Settled when everything that is there has been answered. */
  async receive(bytes: Uint8Array): Promise<void> {
    for (const one of this._reader.push(bytes)) {
      if (one.kind !== 'interrupt') this._waiting.push(one);
      else if (this._isRunning) this.debuggee.interrupt();
    }
    if (this._waiting.length > 0) this._answering ??= this._answerAll();
    return this._answering;
  }

  private async _answerAll(): Promise<void> {
    // Whoever called has noted by then that this is under way.
    await Promise.resolve();
    for (let one = this._waiting.shift(); one !== undefined; one = this._waiting.shift()) await this._take(one);
    this._answering = undefined;
  }

  /** Settled when nothing is being answered: nothing runs for this client any more. */
  async settled(): Promise<void> {
    await this._answering;
  }

  /** The client is gone: what runs for it stops. */
  close(): void {
    this._isClosed = true;
    if (this._isRunning) this.debuggee.interrupt();
  }

  /** While it runs, and in answer to `monitor`: text for the client's screen. */
  print(text: string): void {
    for (let at = 0; at < text.length; at += MOST_OUTPUT)
      this._send(`O${hexOfString(text.slice(at, at + MOST_OUTPUT))}`);
  }

  get isRunning(): boolean {
    return this._isRunning;
  }

  private _send(body: string): void {
    if (this._isClosed) return;
    this._lastSent = encodePacket(body);
    this._options.write(this._lastSent);
  }

  private async _take(one: Received): Promise<void> {
    // Nobody waits for the answer, and nobody could interrupt what it starts.
    if (this._isClosed) return;
    switch (one.kind) {
      case 'packet': {
        if (this._acknowledges) this._options.write(ACKNOWLEDGED);
        const answer = await this.answer(one.body);
        if (answer !== undefined) this._send(answer);
        if (this._endsAcknowledgements) this._acknowledges = this._reader.checksSums = false;
        break;
      }
      case 'damaged':
        if (this._acknowledges) this._options.write(REFUSED);
        else this._send(FAILED);
        break;
      case 'nak':
        if (this._acknowledges && this._lastSent !== undefined) this._options.write(this._lastSent);
        break;
      case 'ack':
      case 'interrupt':
        break;
    }
  }

  /** The answer to a packet's body. A client's mistake is E01, and a bug of ours is said on both sides. */
  async answer(body: string): Promise<Answer> {
    const found = PACKET_TABLE.find(body);
    if (found === undefined) return '';
    try {
      return await found.packet.run(this, found.args);
    } catch (error) {
      if (error instanceof UsageError) return FAILED;
      const message = error instanceof Error ? error.message : String(error);
      this._options.report(`internal error in packet ${found.packet.name}: ${message}`);
      return `E.internal error: ${message}`;
    }
  }

  /** The next packet is the first without. */
  endAcknowledgements(): void {
    this._endsAcknowledgements = true;
  }

  /** Says on both sides why something is not done. */
  refuse(reason: string): string {
    this._options.report(reason);
    return `E.${reason}`;
  }

  // ---- threads --------------------------------------------------------------------------------------------------

  /** The thread that the packets to come are about. */
  select(id: ThreadId): void {
    const task = this._find(id);
    if (task === undefined) throw new UsageError('no such thread');
    this._selected = task;
  }

  selectToResume(id: ThreadId): void {
    if (typeof id.tid === 'number' && this._find(id) === undefined) throw new UsageError('no such thread');
    this._toResume = id;
  }

  /** Any: the one at hand, or the first. */
  private _find(id: ThreadId): Task | undefined {
    const current = this.findTask();
    if (current !== undefined && id.tid === 'any' && isMeant(id, current)) return current;
    return this.debuggee.threads().find((task) => isMeant(id, task));
  }

  /** The selected thread, if it is still there; before anything was selected, that of the last stop. */
  findTask(): Task | undefined {
    const threads = this.debuggee.threads();
    const { _selected: selected } = this;
    if (selected === undefined) return this.debuggee.stoppedThread() ?? threads[0];
    return threads.find(({ pid, tid }) => pid === selected.pid && tid === selected.tid);
  }

  task(): Task {
    const task = this.findTask();
    if (task === undefined) throw new UsageError('the thread is gone');
    return task;
  }

  /** Of the selected process, also when it has ended. */
  pid(): number {
    return this.findTask()?.pid ?? this._selected?.pid ?? this.task().pid;
  }

  taskToResume(): Task {
    return typeof this._toResume.tid === 'number' ? (this._find(this._toResume) ?? this.task()) : this.task();
  }

  threadText({ pid, tid }: Task): string {
    return threadIdText(pid, tid);
  }

  // ---- running --------------------------------------------------------------------------------------------------

  async resume(how: Resumption): Promise<string> {
    return this._run(() => this.debuggee.resume(how));
  }

  /** What follows is about the process that has been attached to. */
  async attach(pid: number): Promise<string> {
    return this._run(() => this.debuggee.attach(pid));
  }

  /** Starts the program anew. */
  async start(file: string | undefined, args: readonly string[] | undefined): Promise<string> {
    const { environment, workingDirectory } = this;
    this.files.closeAll();
    return this._run(() => this.debuggee.start({ file, args, environment, workingDirectory }));
  }

  private async _run(go: () => Promise<string>): Promise<string> {
    this._isRunning = true;
    try {
      const reply = await go();
      this._selected = this.debuggee.stoppedThread() ?? this._selected;
      return reply;
    } finally {
      this._isRunning = false;
    }
  }
}

const ACKNOWLEDGED = Uint8Array.of(0x2b);
const REFUSED = Uint8Array.of(0x2d);
