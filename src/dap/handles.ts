/** Numbers for things that a client refers to later. Those of a stop are forgotten when the run goes on. */
export class Handles<T> {
  private readonly _things = new Map<number, T>();
  private _next: number;

  /** Numbers from `first` on; 0 means nothing in the protocol. */
  constructor(first = 1) {
    this._next = first;
  }

  add(thing: T): number {
    const handle = this._next++;
    this._things.set(handle, thing);
    return handle;
  }

  find(handle: number): T | undefined {
    return this._things.get(handle);
  }

  /** Numbers are not used again, so that an old one leads nowhere. */
  clear(): void {
    this._things.clear();
  }
}
