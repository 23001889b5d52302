/**
 * Requests of a client in, responses and events out, in the protocol's order: numbered, a response for each request, and
 * requests one after the other but for those that are to be answered at once. What is no request is told on the console.
 */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UsageError } from '../base/invariant.ts';
import { type Framed, MessageReader, writeMessage } from './framing.ts';

/** Has something done once the request at hand has been answered. */
export type After = (act: () => void) => void;

/** The response's body; throws UsageError for what the client is told. */
type Answer = (command: string, args: unknown, after: After) => Promise<object | undefined>;

export class Connection {
  private readonly _write: (bytes: Uint8Array) => void;
  private readonly _atOnce: readonly string[];
  private readonly _answerOf: Answer;
  private readonly _reader = new MessageReader();
  private _seq = 0;
  private _queue: Promise<void> = Promise.resolve();
  private _pending = 0;
  private _isClosed = false;

  constructor(write: (bytes: Uint8Array) => void, atOnce: readonly string[], answerOf: Answer) {
    this._write = write;
    this._atOnce = atOnce;
    this._answerOf = answerOf;
  }

  /** Requests that wait for their turn or are being answered. */
  get pending(): number {
    return this._pending;
  }

  receive(bytes: Uint8Array): void {
    for (const framed of this._reader.push(bytes)) this._take(framed);
  }

  event(event: string, body?: object): void {
    this._send({ type: 'event', event, ...(body && { body }) });
  }

  log(text: string): void {
    this.event('output', { category: 'console', output: `pml4: ${text}\n` });
  }

  /** Nothing is sent any more. False: it was closed before. */
  close(): boolean {
    const wasOpen = !this._isClosed;
    this._isClosed = true;
    return wasOpen;
  }

  private _take(framed: Framed): void {
    if ('error' in framed) {
      this.log(`a message that could not be read: ${framed.error}`);
      return;
    }
    const request = requestOf(framed.message);
    if (request === undefined) {
      this.log('a message that is no request');
      return;
    }
    if (this._atOnce.includes(request.command)) void this._answer(request);
    else {
      this._pending++;
      this._queue = this._queue.then(() => this._answer(request)).finally(() => this._pending--);
    }
  }

  private async _answer({ seq, command, args }: Request): Promise<void> {
    const later: (() => void)[] = [];
    let outcome: object;
    try {
      const body = await this._answerOf(command, args, (act) => later.push(act));
      outcome = { success: true, body };
    } catch (error) {
      const message = describeFailure(error);
      const shown = { id: 1, format: '{text}', variables: { text: message }, showUser: true };
      outcome = { success: false, message, body: { error: shown } };
    }
    this._send({ type: 'response', request_seq: seq, command, ...outcome });
    for (const act of later) act();
  }

  private _send(message: object): void {
    if (!this._isClosed) this._write(writeMessage({ seq: ++this._seq, ...message }));
  }
}

export const describeFailure = (error: unknown): string =>
  error instanceof UsageError
    ? error.message
    : `internal error: ${String((error as Error | undefined)?.message ?? error)}`;

interface Request {
  readonly seq: number;
  readonly command: string;
  readonly args: unknown;
}

function requestOf(message: unknown): Request | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { seq, type, command, arguments: args } = message as Partial<DebugProtocol.Request>;
  if (type !== 'request' || typeof seq !== 'number' || typeof command !== 'string') return undefined;
  return { seq, command, args };
}
