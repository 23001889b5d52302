/**
 * A number for everything that decides what a machine does next: frames in use, registers, and what the kernel's objects
 * hold. Two machines, or one machine at two times, with the same number are taken to be the same. For tests and for
 * bookmarks; FNV-1a, so no protection against somebody who wants them equal.
 */
import { settledContext } from '../cpu/context-image.ts';
import type { CpuContext } from '../cpu/state.ts';
import { Task } from '../kernel/task/task.ts';
import type { GraphRecord, Held } from './object-graph.ts';
import type { Snapshot } from './snapshot.ts';

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

class Hash {
  private _low = OFFSET;
  private _high = 0x9dc5811c;

  number(value: number): void {
    this._low = Math.imul(this._low ^ value, PRIME);
    this._high = Math.imul(this._high ^ (value + 0x51ed27), PRIME) ^ (this._low >>> 13);
  }
  words(words: ArrayLike<number>): void {
    for (let i = 0; i < words.length; i++) this.number(words[i]);
  }
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.number(text.charCodeAt(i));
    this.number(-1);
  }
  toString(): string {
    const part = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
    return part(this._high) + part(this._low);
  }
}

/** Sixteen hexadecimal digits. */
export function fingerprint({ cpu, frames, graph }: Snapshot): string {
  const hash = new Hash();
  hash.text(String(cpu.retired));
  hash.number(cpu.cr3);
  hash.words(settledContext(cpu.state));
  frames.forEach((image, i) => {
    if (image === undefined) return;
    hash.number(i);
    hash.words(image);
  });
  addGraph(hash, graph);
  return hash.toString();
}

/** Objects are told apart by the order in which they are met. */
function addGraph(hash: Hash, graph: GraphRecord): void {
  const numbers = new Map<object, number>();
  for (const object of graph.keys()) numbers.set(object, numbers.size);
  const contexts = new Set<object>();
  for (const [object, held] of graph)
    if (object instanceof Task && held.kind === 'object')
      contexts.add(held.values[held.keys.indexOf('context')] as object);
  const add = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) hash.number(numbers.get(value) ?? -2);
    else hash.text(`${typeof value} ${typeof value === 'function' || typeof value === 'symbol' ? '' : value}`);
  };
  // A task that has ended has none.
  for (const [object, held] of graph)
    if (contexts.has(object) && (object as CpuContext).length > 0 && held.kind === 'bytes')
      hash.words(settledContext(joined(held)));
    else addHeld(hash, held, add);
}

function joined({ pieces }: Held & { kind: 'bytes' }): CpuContext {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function addHeld(hash: Hash, held: Held, add: (value: unknown) => void): void {
  hash.text(held.kind);
  if (held.kind === 'bytes') {
    for (const piece of held.pieces) hash.words(piece);
    return;
  }
  if (held.kind === 'object' || held.kind === 'map') for (const key of held.keys) add(key);
  // Holes of an array count as undefined.
  for (const value of held.values) add(value);
}
