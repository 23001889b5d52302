/**
 * Which memory accesses of a block share one look into the TLB: those whose addresses differ by constants, as fields of
 * one object and slots of one stack frame do. The first access of a group looks its page up, for the span of all of
 * them; the others only ask whether that went well. A span that crosses a page end, or a page that the TLB does not
 * have, leaves every access to itself.
 *
 * A translation stays valid while the code runs: page tables change in the kernel alone, and code that goes there does
 * not come back into the middle of a block.
 */
import type { Alignment } from './builder.ts';
import { CONST, type Node, OPERATION, type Scope, type Statement, UNIT } from './nodes.ts';
import { UNIT_COUNT } from './units.ts';
import { OP } from './wasm/code.ts';
import { writtenUnits } from './wasm-builder.ts';

export interface AccessGroup {
  /** Bytes from the first byte of the lowest access to the last one of the highest. */
  readonly span: number;
  /** One of them stores: the page must be in the TLB for writing. */
  readonly forStore: boolean;
  /** What the group's lowest address must be a multiple of, for all that ask for it to be aligned. */
  readonly alignment: Alignment;
}
/** One access's place in its group. */
export interface Place {
  readonly group: AccessGroup;
  /** Bytes from the group's lowest address. */
  readonly offset: number;
}

/** A sum of up to two values of units, shifted, and a number of bytes. */
interface Linear {
  /** Each root * 4 + shift, in rising order; -1: none. */
  readonly a: number;
  readonly b: number;
  readonly offset: number;
}

/** Groups with a longer span would often cross a page end. */
const MAX_SPAN = 512;
/** Constants beyond this are not taken for offsets of fields. */
const MAX_OFFSET = 2 ** 47;

/** What the registers hold, between two instructions, in terms of what they held at the start or were given since. */
class Values {
  readonly #units: (Linear | undefined)[] = [];
  #roots = UNIT_COUNT;

  unit(unit: number): Linear {
    return (this.#units[unit] ??= { a: unit * 4, b: -1, offset: 0 });
  }
  set(unit: number, value: Linear | undefined): void {
    this.#units[unit] = value ?? { a: this.#roots++ * 4, b: -1, offset: 0 };
  }
  /** Of a 64-bit value. */
  of(node: Node): Linear | undefined {
    if (node.kind === UNIT) return this.unit(node.op);
    if (node.kind === CONST) return constantValue(node.value);
    if (node.kind !== OPERATION) return undefined;
    const [x, y] = node.args;
    switch (node.op) {
      case OP.i64add:
        return sum(this.of(x), this.of(y), 1);
      case OP.i64sub:
        return y.kind === CONST ? sum(this.of(x), this.of(y), -1) : undefined;
      case OP.i64shl:
        return y.kind === CONST ? shifted(this.of(x), Number(y.value)) : undefined;
      default:
        return undefined;
    }
  }
}

function constantValue(value: bigint): Linear | undefined {
  const offset = Number(BigInt.asIntN(64, value));
  return Math.abs(offset) < MAX_OFFSET ? { a: -1, b: -1, offset } : undefined;
}
/** `sign` -1 is for constants alone. */
function sum(x: Linear | undefined, y: Linear | undefined, sign: 1 | -1): Linear | undefined {
  if (x === undefined || y === undefined) return undefined;
  const offset = x.offset + sign * y.offset;
  if (Math.abs(offset) >= MAX_OFFSET) return undefined;
  if (y.a < 0) return { ...x, offset };
  if (x.a < 0) return { ...y, offset };
  if (x.b >= 0 || y.b >= 0) return undefined;
  return { a: Math.min(x.a, y.a), b: Math.max(x.a, y.a), offset };
}
function shifted(x: Linear | undefined, by: number): Linear | undefined {
  if (x === undefined || x.b >= 0 || x.a < 0 || (x.a & 3) + by > 3) return undefined;
  return { a: x.a + by, b: -1, offset: x.offset * 2 ** by };
}

interface Found {
  readonly statement: Statement;
  readonly offset: number;
  readonly bytes: number;
  readonly forStore: boolean;
  readonly alignment: Alignment;
}

/** By statement; accesses that are alone have no entry. `scopes`: the block's instructions. */
export function groupAccesses(scopes: readonly Scope[]): Map<Statement, Place> {
  const values = new Values();
  const byKey = new Map<number | string, Found[]>();
  for (const scope of scopes) {
    for (const statement of scope.statements) {
      // What comes later in the instruction may mean registers from before it, or from after it.
      if (statement.kind === 'if' || statement.kind === 'repeat') break;
      const access = accessOf(statement);
      const at = access && values.of(access.address);
      if (!at) continue;
      // Constant addresses share a page, if anything.
      const key = at.a < 0 ? -1 - Math.floor(at.offset / 4096) : at.b < 0 ? at.a : `${at.a},${at.b}`;
      const found = { ...access, statement, offset: at.offset };
      const others = byKey.get(key);
      if (others) others.push(found);
      else byKey.set(key, [found]);
    }
    const { registers } = scope.pending;
    const after = [...registers].map(([unit, value]) => [unit, values.of(value)] as const);
    for (const unit of writtenUnits(scope)) if (!registers.has(unit)) values.set(unit, undefined);
    for (const [unit, value] of after) values.set(unit, value);
  }
  const places = new Map<Statement, Place>();
  for (const accesses of byKey.values()) if (accesses.length > 1) place(accesses, places);
  return places;
}

/** Splits accesses whose addresses differ by constants into groups of a short span, in order. */
function place(accesses: readonly Found[], places: Map<Statement, Place>): void {
  let start = 0;
  while (start < accesses.length) {
    let { offset: low, offset: high } = accesses[start];
    let end = start;
    let forStore = false;
    let alignment: Alignment = 1;
    for (; end < accesses.length; end++) {
      const access = accesses[end];
      const { offset } = access;
      const wanted = Math.max(alignment, access.alignment) as Alignment;
      // An aligned access lies a multiple of its alignment from the group's lowest address.
      const residue: number = alignment > 1 ? low : access.alignment > 1 ? offset : low;
      const newLow: number = residue - Math.ceil((residue - Math.min(low, offset)) / wanted) * wanted;
      const newHigh = Math.max(high, offset + access.bytes);
      if (newHigh - newLow > MAX_SPAN || (offset - newLow) % access.alignment !== 0) break;
      [low, high, alignment] = [newLow, newHigh, wanted];
      forStore ||= access.forStore;
    }
    const group = { span: high - low, forStore, alignment };
    if (end - start > 1)
      for (const { statement, offset } of accesses.slice(start, end))
        places.set(statement, { group, offset: offset - low });
    start = end;
  }
}

function accessOf(s: Statement): (Omit<Found, 'statement' | 'offset'> & { address: Node }) | undefined {
  if (s.kind === 'load') {
    const { address, width, forStore, alignment } = s;
    return { address, bytes: width / 8, forStore, alignment };
  }
  if (s.kind === 'store') return { address: s.address, bytes: s.width / 8, forStore: true, alignment: 1 };
  if (s.kind === 'storeVec')
    return { address: s.address, bytes: s.high ? 32 : 16, forStore: true, alignment: s.alignment };
  if (s.kind === 'loadWide') return { address: s.address, bytes: 32, forStore: false, alignment: s.alignment };
  return undefined;
}
