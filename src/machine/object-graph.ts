/**
 * What a graph of objects holds at one moment, and how to put that back: in place, so that every object is the same one
 * afterwards and whoever refers to it still does. Made for the kernel, whose objects are plain fields, arrays, maps, sets and
 * bytes; what a closure has captured is not seen, so mutable state there is a fault of its owner (test/machine/snapshot.test.ts).
 *
 * What has not changed since the record before is shared with it.
 */
import { invariant } from '../base/invariant.ts';

/** What one object held. */
export type Held =
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly values: readonly unknown[] }
  | { readonly kind: 'array' | 'set'; readonly values: readonly unknown[] }
  | { readonly kind: 'map'; readonly keys: readonly unknown[]; readonly values: readonly unknown[] }
  | { readonly kind: 'bytes'; readonly pieces: readonly Uint8Array[] };

export type GraphRecord = ReadonlyMap<object, Held>;

export interface GraphOptions {
  /** Objects at which the graph ends: they, and what only they lead to, are somebody else's. */
  readonly isBoundary: (value: object) => boolean;
  /** Memory that somebody else records: views of it are neither recorded nor put back. */
  readonly foreignBuffer: () => ArrayBufferLike;
}

/** In place of a field that is left as it is. */
const LEFT_ALONE = Symbol('left alone');
/** Large buffers are compared and shared in pieces of this size. */
const PIECE_BYTES = 4096;

export class ObjectGraph {
  private readonly _roots: readonly object[];
  private readonly _options: GraphOptions;

  constructor(roots: readonly object[], options: GraphOptions) {
    this._roots = roots;
    this._options = options;
  }

  /** Everything that can be reached from the roots. `before` is a record that it may share with. */
  record(before?: GraphRecord): GraphRecord {
    const record = new Map<object, Held>();
    const waiting: object[] = [];
    const foreign = this._options.foreignBuffer();
    const visit = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null || record.has(value)) return value;
      if (ArrayBuffer.isView(value)) {
        if (value.buffer === foreign) return LEFT_ALONE;
      } else if (value === foreign) return LEFT_ALONE;
      if (isOpaque(value) || this._options.isBoundary(value)) return value;
      record.set(value, NOTHING_YET);
      waiting.push(value);
      return value;
    };
    for (const root of this._roots) visit(root);
    for (let object = waiting.pop(); object !== undefined; object = waiting.pop())
      record.set(object, hold(object, visit, before?.get(object)));
    return record;
  }

  /** Puts back what the record says. */
  restore(record: GraphRecord): void {
    for (const [object, held] of record) putBack(object, held);
  }
}

const NOTHING_YET: Held = { kind: 'array', values: [] };

/** Has no state that a snapshot could put back, or none of ours. */
function isOpaque(value: object): boolean {
  return value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof RegExp;
}

function hold(object: object, visit: (value: unknown) => unknown, before: Held | undefined): Held {
  if (ArrayBuffer.isView(object)) return { kind: 'bytes', pieces: piecesOf(object, before) };
  return shared(holdItems(object, visit), before);
}

function holdItems(object: object, visit: (value: unknown) => unknown): Held {
  if (Array.isArray(object)) return { kind: 'array', values: object.map(visit) };
  if (object instanceof Map)
    return { kind: 'map', keys: [...object.keys()].map(visit), values: [...object.values()].map(visit) };
  if (object instanceof Set) return { kind: 'set', values: [...object].map(visit) };
  invariant(!(object instanceof ArrayBuffer), 'a buffer that is held without a view');
  const keys = Object.keys(object);
  const values: unknown[] = [];
  for (const key of keys)
    values.push(hasAccessor(object, key) ? LEFT_ALONE : visit((object as Record<string, unknown>)[key]));
  return { kind: 'object', keys, values };
}

/** Classes have their accessors in the prototype; an object literal has them itself. */
function hasAccessor(object: object, key: string): boolean {
  return (
    Object.getPrototypeOf(object) === Object.prototype &&
    Object.getOwnPropertyDescriptor(object, key)?.get !== undefined
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function piecesOf(view: ArrayBufferView, before: Held | undefined): readonly Uint8Array[] {
  const bytes = bytesOf(view);
  const old = before?.kind === 'bytes' ? before.pieces : [];
  const pieces: Uint8Array[] = [];
  for (let i = 0; i * PIECE_BYTES < bytes.length; i++) {
    const piece = bytes.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES);
    pieces.push(old[i] !== undefined && sameBytes(piece, old[i]) ? old[i] : piece.slice());
  }
  return pieces;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The earlier record of the same object, as far as it says the same. */
function shared(held: Held, before: Held | undefined): Held {
  if (before === undefined || before.kind !== held.kind) return held;
  switch (held.kind) {
    case 'object':
    case 'map': {
      const { keys, values } = before as typeof held;
      return sameItems(held.keys, keys) && sameItems(held.values, values) ? before : held;
    }
    case 'array':
    case 'set':
      return sameItems(held.values, (before as typeof held).values) ? before : held;
    case 'bytes':
      return held;
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

function putBack(object: object, held: Held): void {
  switch (held.kind) {
    case 'object': {
      const fields = object as Record<string, unknown>;
      const { keys, values } = held;
      for (let i = 0; i < keys.length; i++)
        if (values[i] !== LEFT_ALONE && fields[keys[i]] !== values[i]) fields[keys[i]] = values[i];
      const now = Object.keys(object);
      if (now.length > keys.length) for (const key of now) if (!keys.includes(key)) delete fields[key];
      return;
    }
    case 'array': {
      const array = object as unknown[];
      if (sameItems(array, held.values)) return;
      array.length = 0;
      for (const value of held.values) array.push(value);
      return;
    }
    case 'map': {
      const map = object as Map<unknown, unknown>;
      map.clear();
      for (let i = 0; i < held.keys.length; i++) map.set(held.keys[i], held.values[i]);
      return;
    }
    case 'set': {
      const set = object as Set<unknown>;
      set.clear();
      for (const value of held.values) set.add(value);
      return;
    }
    case 'bytes': {
      const bytes = bytesOf(object as ArrayBufferView);
      for (let i = 0; i < held.pieces.length; i++) bytes.set(held.pieces[i], i * PIECE_BYTES);
      return;
    }
  }
}
