/**
 * Which memory accesses of a block share one look into the TLB: those whose addresses differ by constants, as fields of
 * one object and slots of one stack frame do. The first access of a group looks its page up, for the span of all of
 * them; the others only ask whether that went well. A span that crosses a page end, or a page that the TLB does not
 * have, leaves every access to itself.
 *
 * An index that is known to be small belongs to an access's offset: a table that bytes select from is looked up by its
 * start, which does not wait for the index.
 *
 * A translation stays valid while the code runs: page tables change in the kernel alone, and code that goes there does
 * not come back into the middle of a block.
 */
import type { Alignment } from './builder.ts';
import { CONST, type Node, OPERATION, type Scope, type Statement, UNIT } from './nodes.ts';
import { UNIT_COUNT } from './units.ts';
import { I32, OP } from './wasm/code.ts';
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
  readonly index: Index | undefined;
}
/** The parts of an address, `base + bytes + displacement`, of which `bytes` is small. */
export interface Index {
  readonly base: Node;
  readonly bytes: Node;
  readonly displacement: number;
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
/** The same, of tables. */
const MAX_TABLE = 1536;
/** Constants beyond this are not taken for offsets of fields. */
const MAX_OFFSET = 2 ** 47;

/** What the registers hold, between two instructions, in terms of what they held at the start or were given since. */
class Values {
  private readonly _units: (Linear | undefined)[] = [];
  /** The largest number that a unit, or a loaded value, can be. */
  private readonly _bounds: (number | undefined)[] = [];
  private readonly _loaded = new Map<Node, number>();
  private _roots = UNIT_COUNT;

  unit(unit: number): Linear {
    return (this._units[unit] ??= { a: unit * 4, b: -1, offset: 0 });
  }
  set(unit: number, value: Linear | undefined, bound: number): void {
    this._units[unit] = value ?? { a: this._roots++ * 4, b: -1, offset: 0 };
    this._bounds[unit] = bound;
  }
  loads(value: Node, width: number): void {
    if (width <= 16) this._loaded.set(value, 2 ** width - 1);
  }
  /** The largest unsigned number that the value can be, or more. */
  bound(node: Node): number {
    const all = node.type === I32 ? 2 ** 32 - 1 : Number.POSITIVE_INFINITY;
    switch (node.kind) {
      case CONST:
        return Number(node.value);
      case UNIT:
        return this._bounds[node.op] ?? all;
      case OPERATION:
        break;
      default:
        return this._loaded.get(node) ?? all;
    }
    const [x, y] = node.args;
    switch (node.op) {
      case OP.i64extendI32U:
        return this.bound(x);
      case OP.i32wrapI64:
        return Math.min(this.bound(x), all);
      case OP.i32and:
      case OP.i64and:
        return Math.min(this.bound(x), this.bound(y));
      case OP.i32shrU:
      case OP.i64shrU:
        return y.kind === CONST ? Math.floor(Math.min(this.bound(x), 2 ** 64) / 2 ** Number(y.value)) : all;
      case OP.i32shl:
      case OP.i64shl: {
        const product = y.kind === CONST ? this.bound(x) * 2 ** Number(y.value) : all;
        return product > MAX_TABLE ? all : product;
      }
      default:
        return all;
    }
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
  readonly index: Index | undefined;
  /** The largest that the index can be. */
  readonly bound: number;
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
      if (statement.kind === 'load') values.loads(statement.result, statement.width);
      if (!access) continue;
      // An index can take an address off its alignment, which is a matter of the group's lowest address.
      const mayHaveIndex = access.alignment === 1 && (statement.kind === 'load' || statement.kind === 'store');
      const { index, bound, rest } = mayHaveIndex ? indexOf(values, access.address) : NO_INDEX;
      const at = rest ?? values.of(access.address);
      if (!at) continue;
      // Constant addresses share a page, if anything.
      const key = at.a < 0 ? -1 - Math.floor(at.offset / 4096) : at.b < 0 ? at.a : `${at.a},${at.b}`;
      const found = { ...access, statement, index, bound, offset: at.offset };
      const others = byKey.get(key);
      if (others) others.push(found);
      else byKey.set(key, [found]);
    }
    const { registers } = scope.pending;
    const after = [...registers].map(([unit, value]) => [unit, values.of(value), values.bound(value)] as const);
    for (const unit of writtenUnits(scope))
      if (!registers.has(unit)) values.set(unit, undefined, Number.POSITIVE_INFINITY);
    for (const [unit, value, bound] of after) values.set(unit, value, bound);
  }
  const places = new Map<Statement, Place>();
  for (const accesses of byKey.values())
    if (accesses.length > 1 || accesses[0].index !== undefined) place(accesses, places);
  return places;
}

interface SplitAddress {
  readonly index: Index | undefined;
  readonly bound: number;
  readonly rest: Linear | undefined;
}
const NO_INDEX: SplitAddress = { index: undefined, bound: 0, rest: undefined };

/** The small part of an access's address that is not constant, and the rest. */
function indexOf(values: Values, address: Node): SplitAddress {
  if (address.kind !== OPERATION || address.op !== OP.i64add) return NO_INDEX;
  const [x, y] = address.args;
  // (base + index) + constant
  if (y.kind === CONST && x.kind === OPERATION && x.op === OP.i64add) {
    const { index, bound, rest } = indexOf(values, x);
    const all = sum(rest, values.of(y), 1);
    if (index === undefined || all === undefined) return NO_INDEX;
    return {
      index: { ...index, displacement: index.displacement + Number(BigInt.asIntN(64, y.value)) },
      bound,
      rest: all,
    };
  }
  for (const [bytes, base] of [
    [y, x],
    [x, y],
  ]) {
    const bound = values.bound(bytes);
    if (bytes.kind === CONST || bound >= MAX_TABLE) continue;
    const rest = values.of(base);
    if (rest !== undefined) return { index: { base, bytes, displacement: 0 }, bound, rest };
  }
  return NO_INDEX;
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
      const newHigh = Math.max(high, offset + access.bound + access.bytes);
      const most = end === start && access.index !== undefined ? MAX_TABLE : Math.max(MAX_SPAN, high - low);
      if (newHigh - newLow > most || (offset - newLow) % access.alignment !== 0) break;
      [low, high, alignment] = [newLow, newHigh, wanted];
      forStore ||= access.forStore;
    }
    const group = { span: high - low, forStore, alignment };
    if (end - start > 1 || accesses[start].index !== undefined)
      for (const { statement, offset, index } of accesses.slice(start, end))
        places.set(statement, { group, offset: offset - low, index });
    start = Math.max(end, start + 1);
  }
}

function accessOf(s: Statement): { address: Node; bytes: number; forStore: boolean; alignment: Alignment } | undefined {
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
