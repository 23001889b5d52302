/**
 * The processes that a client is attached to, and what it has asked for in each: breakpoints, watchpoints, system calls. A
 * fork's child begins with its parent's points, since natively they are in the memory that it gets a copy of; execve(2) takes
 * them away with that memory. Who puts them into the engine is told by `insert` and `remove`.
 */
import type { Point } from './debuggee.ts';

/** Takes a point back. */
export type Removal = () => void;

export interface Inferior {
  readonly pid: number;
  /** The client found it running, and did not start it. */
  readonly wasAttached: boolean;
  /** System calls that stop it; undefined: none. */
  calls: ReadonlySet<number> | 'all' | undefined;
  readonly points: Map<string, { readonly point: Point; readonly remove: Removal }>;
}

const keyOf = ({ kind, address, length }: Point): string =>
  kind.endsWith('break') ? `${kind} ${address}` : `${kind} ${address} ${length}`;

export class Inferiors {
  private readonly _insert: (point: Point) => Removal;
  private readonly _byPid = new Map<number, Inferior>();

  constructor(insert: (point: Point) => Removal) {
    this._insert = insert;
  }

  attach(pid: number, wasAttached: boolean): Inferior {
    const known = this._byPid.get(pid);
    if (known !== undefined) return known;
    const made: Inferior = { pid, wasAttached, calls: undefined, points: new Map() };
    this._byPid.set(pid, made);
    return made;
  }

  /** A child with what its parent has. */
  attachChild(pid: number, parent: Inferior): void {
    const child = this.attach(pid, parent.wasAttached);
    child.calls = parent.calls;
    for (const { point } of parent.points.values()) this.insert({ ...point, pid });
  }

  /** False: it was not attached. */
  detach(pid: number): boolean {
    this.clear(pid);
    return this._byPid.delete(pid);
  }

  detachAll(): void {
    for (const pid of this.pids()) this.detach(pid);
  }

  find(pid: number): Inferior | undefined {
    return this._byPid.get(pid);
  }

  pids(): number[] {
    return [...this._byPid.keys()];
  }

  all(): Inferior[] {
    return [...this._byPid.values()];
  }

  /** The same point twice is one. False: the process is not attached. */
  insert(point: Point): boolean {
    const inferior = this._byPid.get(point.pid);
    if (inferior === undefined) return false;
    const key = keyOf(point);
    if (!inferior.points.has(key)) inferior.points.set(key, { point, remove: this._insert(point) });
    return true;
  }

  /** Nothing happens when it is not there. */
  remove(point: Point): void {
    const points = this._byPid.get(point.pid)?.points;
    points?.get(keyOf(point))?.remove();
    points?.delete(keyOf(point));
  }

  /** All points of a process. */
  clear(pid: number): void {
    const points = this._byPid.get(pid)?.points;
    for (const { remove } of points?.values() ?? []) remove();
    points?.clear();
  }
}
