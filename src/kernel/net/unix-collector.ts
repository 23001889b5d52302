/**
 * AF_UNIX sockets that are sent over each other can keep each other open although no process can get at them any more:
 * net/unix/garbage.c. They are found when one is closed, and what waits in them is dropped.
 */
import type { OpenFile } from '../vfs/open-file.ts';

/** A socket as the collector sees it. */
export interface Carrier extends OpenFile {
  /** Files that wait in it to be received. */
  carried(): Iterable<OpenFile>;
  dropCarried(): void;
}

export class UnixCollector {
  /** How often a socket waits to be received. */
  private readonly _inFlight = new Map<OpenFile, number>();
  /** Sockets in which such sockets wait. */
  private readonly _carriers = new Map<Carrier, number>();
  private _isAtWork = false;

  /** A socket has been sent to another. */
  sent(file: OpenFile, to: Carrier): void {
    this._inFlight.set(file, (this._inFlight.get(file) ?? 0) + 1);
    this._carriers.set(to, (this._carriers.get(to) ?? 0) + 1);
  }

  /** It has been received there, or dropped. */
  taken(file: OpenFile, from: Carrier): void {
    decrease(this._inFlight, file);
    decrease(this._carriers, from);
  }

  /** A socket has been closed: drops what nobody can receive any more. */
  collect(): void {
    if (this._inFlight.size === 0 || this._isAtWork) return;
    /** Those that are referred to by messages alone. */
    const suspects = new Set<OpenFile>();
    for (const [file, count] of this._inFlight) if (file.references === count) suspects.add(file);
    const reachable = [...this._carriers.keys()].filter((carrier) => !suspects.has(carrier));
    for (let carrier = reachable.pop(); carrier !== undefined; carrier = reachable.pop())
      for (const file of carrier.carried()) if (suspects.delete(file)) reachable.push(file as Carrier);
    this._isAtWork = true;
    for (const file of suspects) (file as Carrier).dropCarried();
    this._isAtWork = false;
  }
}

function decrease<Key>(counts: Map<Key, number>, key: Key): void {
  const count = counts.get(key)! - 1;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
