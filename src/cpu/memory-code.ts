/**
 * Writes the WebAssembly of a block's memory accesses. An access looks into the TLB in line, alone or with others of its
 * group (cpu/access-groups.ts); on a miss it calls the runtime, and on a fault it leaves by a fault exit.
 */
import { SCRATCH, TLB_READ_BASE, TLB_WRITE_BASE } from '../mem/layout.ts';
import { type AccessGroup, groupAccesses, type Place } from './access-groups.ts';
import type { Alignment, ExceptionVector, Width } from './builder.ts';
import type { LoadStatement, Node, Scope, Statement } from './nodes.ts';
import type { RegionLocals } from './region-locals.ts';
import type { RuntimeFunc } from './runtime.ts';
import { TLB_INDEX_MASK, TLB_INDEX_SHIFT } from './runtime-memory.ts';
import { type Code, I32, I64, OP, V128, type ValType, VOID } from './wasm/code.ts';

/** The writer of the block that the accesses are in. */
export interface BlockAround {
  readonly code: Code;
  readonly locals: RegionLocals;
  func(name: RuntimeFunc): number;
  emit(n: Node): void;
  /** The local that holds a value, computed into a new one if there is none. */
  inLocal(n: Node): number;
  /** For a value that both ways of an access need. */
  inLocalUnlessCheap(n: Node): void;
  /** A local for a statement's result. */
  result(n: Node): number;
  /** Consumes a condition; the likely arm is the one that it says. */
  arms(type: ValType | typeof VOID, likely: boolean, whenTrue: () => void, whenFalse: () => void): void;
  /** Consumes an i32; -1 goes to the fault exit. */
  faultIfMinusOne(): void;
  /** Consumes a condition. */
  raiseIf(vector: ExceptionVector, errorCode: number): void;
}

export class AccessWriter {
  private readonly _block: BlockAround;
  /** By the result of a load that checked for storing, too: the local with its host address. */
  private readonly _hosts = new Map<Node, number>();
  private _places = new Map<Statement, Place>();
  /** Locals with the host address of a group's lowest byte, or 0 where its accesses are on their own. */
  private readonly _groupHosts = new Map<AccessGroup, number>();

  constructor(block: BlockAround) {
    this._block = block;
  }
  /** `scopes`: the block's instructions. */
  beginBlock(scopes: readonly Scope[]): void {
    this._places = groupAccesses(scopes);
  }
  beginInstruction(): void {
    this._hosts.clear();
  }
  endBlock(): void {
    for (const host of this._groupHosts.values()) this._block.locals.give(I32, host);
    this._groupHosts.clear();
  }

  /** Leaves the value. */
  load(s: LoadStatement): void {
    const c = this._block.code;
    const at = this._block.inLocal(s.address);
    const host = s.forStore ? this._block.locals.temporary(I32) : undefined;
    if (host !== undefined) this._hosts.set(s.result, host);
    const { type } = s.result;
    // Each way loads by itself: V8 extends an address that comes from two ways once more.
    const slow = () => {
      const result = host ?? this._block.locals.temporary(I32);
      this._checkAlignment(at, s.alignment);
      c.localGet(at);
      c.i32Const(s.width / 8);
      c.call(this._block.func(s.forStore ? 'slowReadForStore' : 'slowRead'));
      c.localTee(result);
      this._block.faultIfMinusOne();
      c.localGet(result);
      writeLoad(c, type, s.width, 0);
    };
    const alone = () => {
      const index = this._lookUp(at, s.width / 8, s.forStore, s.alignment);
      this._block.arms(type, false, slow, () => {
        this._host(index, at, s.forStore);
        if (host !== undefined) c.localTee(host);
        writeLoad(c, type, s.width, 0);
      });
    };
    const place = this._places.get(s);
    if (place === undefined) return alone();
    // Half of all tables may lie across a page end.
    this._inGroup(place, at, type, place.index ? alone : slow, (group) => {
      c.localGet(group);
      if (host === undefined) return writeLoad(c, type, s.width, place.offset);
      c.i32Const(place.offset);
      c.op(OP.i32add);
      c.localTee(host);
      writeLoad(c, type, s.width, 0);
    });
  }
  wideLoad(s: Statement & { kind: 'loadWide' }): void {
    const c = this._block.code;
    const at = this._block.inLocal(s.address);
    const halves = [s.low, s.high].map((half) => this._block.result(half));
    const read = (host: number, offset: number) => {
      for (const [i, half] of halves.entries()) {
        c.localGet(host);
        c.v128Load(offset + 16 * i);
        c.localSet(half);
      }
    };
    const own = this._block.locals.temporary(I32);
    const slow = () => {
      this._checkAlignment(at, s.alignment);
      c.localGet(at);
      c.i32Const(32);
      c.call(this._block.func('slowRead'));
      c.localTee(own);
      this._block.faultIfMinusOne();
      read(own, 0);
    };
    const place = this._places.get(s);
    if (place !== undefined) return this._inGroup(place, at, VOID, slow, (host) => read(host, place.offset));
    const index = this._lookUp(at, 32, false, s.alignment);
    this._block.arms(VOID, false, slow, () => {
      this._host(index, at, false);
      c.localSet(own);
      read(own, 0);
    });
  }

  /**
   * Leaves whether the address is not aligned, or the TLB lacks its page, or a page end is inside of the `bytes` bytes
   * from it on. Returns the local with the entry's offset.
   */
  private _lookUp(at: number, bytes: number, forStore: boolean, alignment: Alignment): number {
    const c = this._block.code;
    const index = this._block.locals.temporary(I32);
    c.localGet(at);
    c.op(OP.i32wrapI64);
    c.i32Const(TLB_INDEX_SHIFT);
    c.op(OP.i32shrU);
    c.i32Const(TLB_INDEX_MASK);
    c.op(OP.i32and);
    c.localTee(index);
    // In the entry's page, and not across its end, what differs from the tag is an offset that leaves room.
    c.i64Load(forStore ? TLB_WRITE_BASE : TLB_READ_BASE);
    c.localGet(at);
    c.op(OP.i64xor);
    // The low bits of an address that is not aligned make it a large number when they are rotated to the top.
    if (alignment > 1) {
      c.i64Const(BigInt(Math.log2(alignment)));
      c.op(OP.i64rotr);
    }
    c.i64Const(BigInt(Math.floor((4096 - bytes) / alignment)));
    c.op(OP.i64gtU);
    return index;
  }
  /** Leaves the host address of what `#lookUp` found. */
  private _host(index: number, at: number, forStore: boolean): void {
    const c = this._block.code;
    c.localGet(index);
    c.i32Load((forStore ? TLB_WRITE_BASE : TLB_READ_BASE) + 8);
    c.localGet(at);
    c.op(OP.i32wrapI64);
    c.op(OP.i32add);
  }
  /** An access of a group: `fast` with the local of the host address that the place's offset is from, or `slow`. */
  private _inGroup(
    { group, offset, index }: Place,
    at: number,
    type: ValType | typeof VOID,
    slow: () => void,
    fast: (host: number) => void,
  ): void {
    const c = this._block.code;
    const by = index && this._block.inLocal(index.bytes);
    const indexed = (host: number) => {
      if (by === undefined) return fast(host);
      const moved = this._block.locals.temporary(I32);
      c.localGet(host);
      c.localGet(by);
      c.op(OP.i32wrapI64);
      c.op(OP.i32add);
      c.localSet(moved);
      fast(moved);
    };
    const known = this._groupHosts.get(group);
    if (known !== undefined) {
      c.localGet(known);
      return this._block.arms(type, true, () => indexed(known), slow);
    }
    const host = this._block.locals.take(I32);
    this._groupHosts.set(group, host);
    let low = index ? this._block.inLocal(index.base) : at;
    const back = offset - (index?.displacement ?? 0);
    if (back !== 0) {
      const above = low;
      low = this._block.locals.temporary(I64);
      c.localGet(above);
      c.i64Const(BigInt(back));
      c.op(OP.i64sub);
      c.localSet(low);
    }
    const entry = this._lookUp(low, group.span, group.forStore, group.alignment);
    const missed = () => {
      c.i32Const(0);
      c.localSet(host);
      slow();
    };
    this._block.arms(type, false, missed, () => {
      this._host(entry, low, group.forStore);
      c.localSet(host);
      indexed(host);
    });
  }

  /** #GP(0) unless the address is a multiple of `alignment`. */
  private _checkAlignment(at: number, alignment: Alignment): void {
    if (alignment === 1) return;
    const c = this._block.code;
    c.localGet(at);
    c.op(OP.i32wrapI64);
    c.i32Const(alignment - 1);
    c.op(OP.i32and);
    this._block.raiseIf('GP', 0);
  }

  store(s: Statement & { kind: 'store' }): void {
    const c = this._block.code;
    const bytes = s.width / 8;
    const slow = (at: number) => {
      c.localGet(at);
      this._block.emit(s.value);
      if (s.value.type === I32) c.op(OP.i64extendI32U);
      c.i32Const(bytes);
      c.call(this._block.func('slowStore'));
    };
    const store = (host: number, offset: number) => {
      c.localGet(host);
      this._block.emit(s.value);
      if (s.width === 64) c.i64Store(offset);
      else if (s.width === 32) c.i32Store(offset);
      else if (s.width === 16) c.i32Store16(offset);
      else c.i32Store8(offset);
    };
    const host = s.loaded === undefined ? undefined : this._hosts.get(s.loaded);
    this._block.inLocalUnlessCheap(s.value);
    const at = this._block.inLocal(s.address);
    if (host !== undefined) {
      // Checked by the load: only an access across a page end, put together in SCRATCH, has to be taken apart.
      if (bytes === 1) return store(host, 0);
      c.localGet(host);
      c.i32Const(SCRATCH);
      c.op(OP.i32eq);
      const apart = () => {
        slow(at);
        c.op(OP.drop);
      };
      return this._block.arms(VOID, false, apart, () => store(host, 0));
    }
    this._storeAt(s, at, bytes, 1, store, () => {
      slow(at);
      this._block.faultIfMinusOne();
    });
  }
  vectorStore(s: Statement & { kind: 'storeVec' }): void {
    const c = this._block.code;
    const { value, high, alignment } = s;
    const at = this._block.inLocal(s.address);
    this._block.inLocalUnlessCheap(value);
    if (high) this._block.inLocalUnlessCheap(high);
    const store = (host: number, offset: number) => {
      c.localGet(host);
      this._block.emit(value);
      c.v128Store(offset);
      if (high === undefined) return;
      c.localGet(host);
      this._block.emit(high);
      c.v128Store(offset + 16);
    };
    this._storeAt(s, at, high ? 32 : 16, alignment, store, () => {
      this._checkAlignment(at, alignment);
      c.localGet(at);
      this._block.emit(value);
      if (high) this._block.emit(high);
      c.call(this._block.func(high ? 'slowStoreWide' : 'slowStoreVec'));
      this._block.faultIfMinusOne();
    });
  }
  /** `store`: at an offset from a host address, which a local holds. */
  private _storeAt(
    s: Statement,
    at: number,
    bytes: number,
    alignment: Alignment,
    store: (host: number, offset: number) => void,
    slow: () => void,
  ): void {
    const alone = () => {
      const index = this._lookUp(at, bytes, true, alignment);
      this._block.arms(VOID, false, slow, () => {
        const host = this._block.locals.temporary(I32);
        this._host(index, at, true);
        this._block.code.localSet(host);
        store(host, 0);
      });
    };
    const place = this._places.get(s);
    if (place === undefined) return alone();
    this._inGroup(place, at, VOID, place.index ? alone : slow, (host) => store(host, place.offset));
  }
}

/** Consumes a host address. Of a vector, the bits above `width` become zero. */
function writeLoad(c: Code, type: ValType, width: Width | 128, offset: number): void {
  if (type === V128) {
    if (width === 128) c.v128Load(offset);
    else if (width === 64) c.v128Load64Zero(offset);
    else c.v128Load32Zero(offset);
  } else if (width === 64) c.i64Load(offset);
  else if (width === 32) c.i32Load(offset);
  else if (width === 16) c.i32Load16U(offset);
  else c.i32Load8U(offset);
}
