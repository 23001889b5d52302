/**
 * The server without its socket: one client at a time, and the program stays where it is when a client goes, for the next
 * one. Who listens hands connections in, and bytes.
 */
import type { Debuggee } from './debuggee.ts';
import { Session } from './session.ts';

/** What the server needs of a connection. */
export interface Line {
  write(bytes: Uint8Array): void;
  /** Says goodbye. */
  end(): void;
}

/** What a connection tells the server. */
export interface Client {
  receive(bytes: Uint8Array): void;
  /** It is gone. */
  closed(): void;
}

export class GdbServer {
  private readonly _debuggee: Debuggee;
  private readonly _report: (message: string) => void;
  private _session: Session | undefined;
  /** The client before has left, and what ran for it has stopped. */
  private _ready: Promise<void> = Promise.resolve();

  constructor(debuggee: Debuggee, report: (message: string) => void) {
    this._debuggee = debuggee;
    this._report = report;
  }

  /** Undefined: somebody else is connected. */
  connect(line: Line): Client | undefined {
    if (this._session !== undefined) {
      this._report('a second client was refused: one is connected');
      line.end();
      return undefined;
    }
    const session = new Session({
      debuggee: this._debuggee,
      write: (bytes) => line.write(bytes),
      report: this._report,
    });
    const ready = this._ready.then(() => this._debuggee.prepare());
    this._session = session;
    return {
      receive: (bytes) => {
        ready
          .then(() => session.receive(bytes))
          .catch((error: unknown) => this._report(`internal error: ${String(error)}`));
      },
      closed: () => {
        session.close();
        this._ready = ready.catch(() => {}).then(() => session.settled());
        this._session = undefined;
      },
    };
  }

  /** What the program prints, for a client that wants it on its own screen; false when none can take it now. */
  print(text: string): boolean {
    if (this._session?.isRunning !== true) return false;
    this._session.print(text);
    return true;
  }
}
