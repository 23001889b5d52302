/**
 * Translates regions into one WebAssembly module, a function each: structured loops from the dominator tree, registers
 * and lazy flags in locals, guest calls as WebAssembly calls whose returned RIP is checked.
 *
 * A region's function takes (depth of calls still allowed, its RIP) and returns the next RIP, or EXITED when it has
 * filled the state's exit fields. Between functions everything is in the state.
 */
import { invariant } from '../base/invariant.ts';
import { JUMP_CACHE_BASE, LINK_CELLS_BASE } from '../mem/layout.ts';
import { BlockWriter, dispatchCode, type KnownFlags, writeCarry } from './block-code.ts';
import { jumpCacheEntry, jumpCacheOffset, REGION_PARAMS, REGION_RESULTS } from './chaining.ts';
import type { CodePage } from './code-cache.ts';
import { type BlockFlow, flowSuccessors, flushOnEdge, placeCheckpoints, solve } from './dataflow.ts';
import { EXIT_BUDGET, EXIT_INDIRECT, EXIT_INTERPRET, EXIT_SYSCALL, EXITED } from './exit-codes.ts';
import { type Block, type Edge, type Region, successors } from './region.ts';
import { RegionLocals } from './region-locals.ts';
import { type RuntimeFunc, signatureOf } from './runtime.ts';
import { STATE } from './state.ts';
import { FLAG_UNITS, UnitSet, unitOffset, unitType } from './units.ts';
import { Code, I32, I64, OP, patchCall, V128 } from './wasm/code.ts';
import { type BranchHint, MAX_WASM_PAGES, ModuleWriter } from './wasm/module.ts';

export interface RegionToTranslate {
  readonly region: Region;
  /** Where its function goes in the table. */
  readonly tableIndex: number;
  /** Report each new target of its indirect jumps (EXIT_INDIRECT), so that the next translation has it inside. */
  readonly isLearning: boolean;
  /** Pages its code lies in. */
  readonly pages: readonly CodePage[];
}

/** `cellOf`: number of the link cell for a direct target, if there is one. */
export function translate(
  regions: readonly RegionToTranslate[],
  cellOf: (rip: bigint) => number | undefined,
): Uint8Array<ArrayBuffer> {
  const m = new ModuleWriter();
  m.importMemory('m', 'memory', MAX_WASM_PAGES);
  m.importTable('m', 'table');
  const funcs = new Map<RuntimeFunc, number>();
  const type = m.type(REGION_PARAMS, REGION_RESULTS);
  // Imports are what the regions turn out to call.
  const func = (name: RuntimeFunc) => {
    let index = funcs.get(name);
    if (index === undefined) {
      const [params, results] = signatureOf(name);
      index = m.importFunc('r', name, m.type(params, results));
      funcs.set(name, index);
    }
    return index;
  };
  const written = regions.map((wanted) => {
    /**
     * A region of this module is called without its link cell when its code lies in the caller's own pages: whatever
     * drops or unmaps it then drops the caller, too.
     */
    const directCall = (target: bigint) => {
      const at = regions.findIndex(
        ({ region, pages }) => region.rip === target && pages.every((page) => hasPage(wanted.pages, page)),
      );
      return at < 0 ? undefined : at;
    };
    const writer = new RegionWriter(wanted, func, type, cellOf, directCall);
    return { ...writer.write(), locals: writer.locals.types };
  });
  for (const [i, { code, hints, locals, calls }] of written.entries()) {
    for (const { at, region } of calls) patchCall(code, at, funcs.size + region);
    m.element(regions[i].tableIndex, m.func(type, locals, code, hints));
  }
  return m.finish();
}

const hasPage = (pages: readonly CodePage[], { vpn, pfn }: CodePage): boolean =>
  pages.some((page) => page.vpn === vpn && page.pfn === pfn);

type Label = { readonly kind: 'loop' | 'block'; readonly block: Block } | { readonly kind: 'exit' | 'plain' };

class RegionWriter {
  readonly locals = new RegionLocals();
  private readonly _region: Region;
  private readonly _wanted: RegionToTranslate;
  private readonly _type: number;
  private readonly _func: (name: RuntimeFunc) => number;
  private readonly _cellOf: (rip: bigint) => number | undefined;
  private readonly _directCall: (target: bigint) => number | undefined;
  private readonly _code = new Code(4096);
  private readonly _hints: BranchHint[] = [];
  /** Calls of the module's own regions: where the function's index is to be written, and which region it is. */
  private readonly _calls: { at: number; region: number }[] = [];
  private readonly _labels: Label[] = [];
  private readonly _flows: BlockFlow[] = [];
  private readonly _flagsIn: KnownFlags[] = [];
  private readonly _children: Block[][];
  private readonly _blockWriter: BlockWriter;
  /** By order: whether the block reads or keeps the CF it begins with. */
  private readonly _needsCarry: readonly boolean[];

  constructor(
    wanted: RegionToTranslate,
    func: (name: RuntimeFunc) => number,
    type: number,
    cellOf: (rip: bigint) => number | undefined,
    directCall: (target: bigint) => number | undefined,
  ) {
    this._directCall = directCall;
    const { region } = wanted;
    this._region = region;
    this._wanted = wanted;
    this._type = type;
    this._func = func;
    this._needsCarry = findCarryNeeds(region.blocks);
    this._cellOf = cellOf;
    this._blockWriter = new BlockWriter(this.locals, func, region.lowestRip);
    // Blocks that a block immediately dominates and that are reached from more than one place, first in order first.
    this._children = region.blocks.map(() => []);
    for (const block of region.blocks) {
      if (block.order > 0 && block.forwardPredecessors > 1) this._children[block.dominator.order].push(block);
    }
  }

  write(): {
    code: Uint8Array;
    hints: readonly BranchHint[];
    calls: readonly { at: number; region: number }[];
  } {
    const c = this._code;
    this._writeBlocks();
    placeCheckpoints(this._flows);
    const exits = solve(this._flows);
    this._loadUnits(this._region.blocks[0]);
    this._loadBudget();
    for (const _ of exits.units) this._open('exit');
    this._writeTree(this._region.blocks[0]);
    // Exit i is the i-th block from inside.
    for (const units of exits.units) {
      this._labels.pop();
      c.end();
      this._writeFaultExit(units);
    }
    c.op(OP.unreachable);
    c.end();
    invariant(this._labels.length === 0, 'labels left open');
    return { code: c.bytes(), hints: this._hints, calls: this._calls };
  }

  // ---- the blocks' own code, in reverse postorder, so that what is known of the flags flows forward
  private _writeBlocks(): void {
    for (const block of this._region.blocks) {
      const flagsIn = this._knownBefore(block);
      this._flagsIn.push(flagsIn);
      const code = block.kind === 'code' ? this._blockWriter.write(block.insns, flagsIn) : dispatchCode(flagsIn);
      this._flows.push({
        block,
        code,
        successors: flowSuccessors(block, code),
        isCheckpoint: false,
        longest: 0,
        dirtyIn: UnitSet.NONE,
        dirtyOut: UnitSet.NONE,
        liveIn: UnitSet.NONE,
        flushIn: UnitSet.NONE,
        exits: [],
        checkExit: -1,
        carryOnArrival:
          (block.order === 0 || block.predecessors.some((p) => p.isCall)) &&
          this._edgeNeedsCarry({ rip: block.rip, block }),
        carryOnEdge:
          !block.isCall &&
          !code.flagsOut.carryKnown &&
          [block.taken, block.next, ...block.indirect].some((edge) => edge && this._edgeNeedsCarry(edge)),
      });
    }
  }
  private _knownBefore(block: Block): KnownFlags {
    const { predecessors } = block;
    const merged = { fop: undefined, carryKnown: this._needsCarry[block.order] };
    // Control also comes from another region, past a call, or from behind.
    if (block.order === 0 || predecessors.some((p) => p.isCall || p.order >= block.order)) return merged;
    const [first, ...others] = predecessors.map((p) => this._flows[p.order].code.flagsOut);
    return others.every((f) => f.fop === first.fop && f.carryKnown === first.carryKnown) ? first : merged;
  }
  /** Whether the edge's target expects CF in its local: a block to which control comes in several ways or past a call, and that reads or keeps CF. */
  private _edgeNeedsCarry({ block }: Edge): boolean {
    if (block === undefined || !this._needsCarry[block.order]) return false;
    const { order, isLoopHeader, predecessors } = block;
    return order === 0 || isLoopHeader || predecessors.length > 1 || predecessors[0].isCall;
  }

  // ---- structure
  private _open(kind: 'exit' | 'plain'): void {
    this._code.block();
    this._labels.push({ kind });
  }
  /** The block, and behind it the blocks it dominates that several places jump to. */
  private _writeTree(block: Block): void {
    const c = this._code;
    const merges = this._children[block.order];
    if (block.isLoopHeader) {
      c.loop();
      this._labels.push({ kind: 'loop', block });
    }
    for (let i = merges.length - 1; i >= 0; i--) {
      c.block();
      this._labels.push({ kind: 'block', block: merges[i] });
    }
    this._writeBlock(block);
    for (const merge of merges) {
      this._labels.pop();
      c.end();
      this._writeTree(merge);
    }
    if (block.isLoopHeader) {
      this._labels.pop();
      c.end();
      // Every path has gone elsewhere; the validator does not know.
      c.op(OP.unreachable);
    }
  }

  private _label(find: (label: Label) => boolean): number {
    for (let i = this._labels.length - 1; i >= 0; i--) if (find(this._labels[i])) return this._labels.length - 1 - i;
    invariant(false, 'no such label');
  }
  /** Exit blocks are the outermost labels, the first exit the innermost of them. */
  private _exitLabel(exit: number): number {
    const count = this._labels.findIndex((label) => label.kind !== 'exit');
    const exits = count < 0 ? this._labels.length : count;
    return this._labels.length - 1 - (exits - 1 - exit);
  }

  private _writeBlock(block: Block): void {
    const c = this._code;
    const flow = this._flows[block.order];
    const length = block.insns.length;
    if (flow.isCheckpoint) this._writeCheck(flow);
    if (length > 0) {
      c.localGet(this.locals.budget);
      c.i32Const(length);
      c.op(OP.i32sub);
      c.localSet(this.locals.budget);
    }
    const start = c.length;
    c.append(flow.code.code);
    for (const hint of flow.code.hints) this._hints.push({ offset: start + hint.offset, likely: hint.likely });
    for (const [i, site] of flow.code.faults.entries()) {
      c.patchPadded(start + site.at, site.depth + this._exitLabel(flow.exits[i]));
    }
    this._writeTerminator(flow);
  }

  private _writeCheck(flow: BlockFlow): void {
    const c = this._code;
    c.localGet(this.locals.budget);
    c.i32Const(flow.longest);
    c.op(OP.i32ltS);
    this._unlikelyIf(() => {
      this._setExitKind(EXIT_BUDGET);
      c.i32Const(this._blockWriter.xinfo(flow.block.rip, 0));
      c.localSet(this.locals.xinfo);
      c.br(this._exitLabel(flow.checkExit));
    });
  }
  private _unlikelyIf(body: () => void): void {
    this._hints.push({ offset: this._code.length, likely: false });
    this._plainIf(body);
  }
  private _plainIf(body: () => void): void {
    this._code.if();
    this._labels.push({ kind: 'plain' });
    body();
    this._labels.pop();
    this._code.end();
  }

  // ---- terminators
  private _writeTerminator(flow: BlockFlow): void {
    const c = this._code;
    const { block, code } = flow;
    const { terminator } = code;
    switch (terminator?.kind) {
      case undefined:
        return this._writeEdge(flow, block.next as Edge);
      case 'jump':
        return this._writeEdge(flow, block.taken as Edge);
      case 'branch':
        return this._writeBranch(flow, block.taken as Edge, block.next as Edge);
      case 'call':
        this._storeAll(flow);
        return this._writeCall(flow, terminator.target);
      case 'callIndirect':
        return this._writeCallIndirect(flow);
      case 'jumpIndirect':
        c.localSet(RegionLocals.RIP);
        return this._writeEdge(flow, block.taken as Edge);
      case 'dispatch':
        return this._writeDispatch(flow);
      case 'ret':
        this._storeAll(flow);
        c.op(OP.return);
        return;
      case 'syscall':
        this._storeAll(flow);
        this._setExitKind(EXIT_SYSCALL);
        c.i32Const(0);
        c.i64Const(endOf(block));
        c.i64Store(STATE.rip);
        c.i64Const(EXITED);
        c.op(OP.return);
        return;
      case 'interpret': {
        this._storeAll(flow);
        const at = block.insns.findIndex((insn) => insn.rip === code.stoppedAt);
        this._setExitKind(EXIT_INTERPRET);
        c.i32Const(0);
        c.i64Const(block.insns[at].rip);
        c.i64Store(STATE.rip);
        c.i32Const(0);
        c.localGet(this.locals.budget);
        c.i32Const(block.insns.length - at);
        c.op(OP.i32add);
        c.i32Store(STATE.budget);
        c.i64Const(EXITED);
        c.op(OP.return);
        return;
      }
      case 'raise':
        c.op(OP.unreachable);
        return;
    }
  }

  /** Consumes the condition. Every edge's code ends by going elsewhere, so the second needs no `else`. */
  private _writeBranch(flow: BlockFlow, taken: Edge, next: Edge): void {
    const c = this._code;
    const label = this._edgeLabel(flow, taken);
    if (label !== undefined) {
      c.brIf(label);
      return this._writeEdge(flow, next);
    }
    const nextLabel = this._edgeLabel(flow, next);
    if (nextLabel !== undefined) {
      c.op(OP.i32eqz);
      c.brIf(nextLabel);
      return this._writeEdge(flow, taken);
    }
    this._plainIf(() => this._writeEdge(flow, taken));
    this._writeEdge(flow, next);
  }
  /** The label that an edge is a plain branch to, if it is. */
  private _edgeLabel(flow: BlockFlow, edge: Edge): number | undefined {
    const target = edge.block;
    if (target === undefined || (flow.carryOnEdge && this._edgeNeedsCarry(edge))) return undefined;
    if (!flushOnEdge(flow, this._flows[target.order]).isEmpty) return undefined;
    return this._targetLabel(flow, target);
  }
  private _targetLabel(flow: BlockFlow, target: Block): number | undefined {
    if (target.order <= flow.block.order) return this._label((l) => l.kind === 'loop' && l.block === target);
    return target.forwardPredecessors > 1 ? this._label((l) => l.kind === 'block' && l.block === target) : undefined;
  }
  private _writeEdge(flow: BlockFlow, edge: Edge): void {
    if (edge.block === undefined) return this._writeLeave(flow, edge.rip);
    const flush = flow.block.isCall ? UnitSet.NONE : flushOnEdge(flow, this._flows[edge.block.order]);
    if (flow.carryOnEdge && this._edgeNeedsCarry(edge))
      writeCarry(this._code, this.locals, this._func, flow.code.flagsOut.fop);
    this._store(flush);
    const label = this._targetLabel(flow, edge.block);
    if (label !== undefined) this._code.br(label);
    else this._writeTree(edge.block);
  }

  /** Jumps to another region through its link cell. */
  private _writeLeave(flow: BlockFlow, rip: bigint): void {
    const c = this._code;
    this._storeAll(flow);
    c.localGet(RegionLocals.DEPTH);
    c.i64Const(rip);
    this._linkCell(rip);
    c.returnCallIndirect(this._type);
  }
  /** Leaves the table index of the target's function: from its link cell, or from the jump cache when cells have run out. */
  private _linkCell(rip: bigint): void {
    const c = this._code;
    const cell = this._cellOf(rip);
    c.i32Const(0);
    if (cell !== undefined) return c.i32Load(LINK_CELLS_BASE + cell * 4);
    const entry = JUMP_CACHE_BASE + jumpCacheOffset(rip);
    c.i32Load(entry + 8);
    c.i32Const(0);
    c.i32Const(0);
    c.i64Load(entry);
    c.i64Const(rip);
    c.op(OP.i64eq);
    c.op(OP.select);
  }

  /** State stored. Calls the target; what it returns is the return address, or is handed on. */
  private _writeCall(flow: BlockFlow, target: bigint): void {
    const c = this._code;
    c.localGet(RegionLocals.DEPTH);
    c.op(OP.i32eqz);
    this._unlikelyIf(() => {
      c.i64Const(target);
      c.op(OP.return);
    });
    this._pushDepth();
    c.i64Const(target);
    const direct = this._directCall(target);
    if (direct !== undefined) {
      this._calls.push({ at: c.callPadded(), region: direct });
    } else {
      this._linkCell(target);
      c.callIndirect(this._type);
    }
    this._afterCall(flow);
  }
  private _pushDepth(): void {
    this._code.localGet(RegionLocals.DEPTH);
    this._code.i32Const(1);
    this._code.op(OP.i32sub);
  }
  private _afterCall(flow: BlockFlow): void {
    const c = this._code;
    const next = flow.block.next as Edge;
    c.localTee(RegionLocals.RIP);
    c.i64Const(next.rip);
    c.op(OP.i64ne);
    this._unlikelyIf(() => {
      c.localGet(RegionLocals.RIP);
      c.op(OP.return);
    });
    if (next.block === undefined) {
      c.localGet(RegionLocals.DEPTH);
      c.i64Const(next.rip);
      this._linkCell(next.rip);
      c.returnCallIndirect(this._type);
      return;
    }
    this._loadBudget();
    this._loadUnits(next.block);
    this._writeEdge(flow, next);
  }

  /** Consumes the target. Leaves the function's table index in `index` if the jump cache knows it, else returns the target. */
  private _lookUp(): number {
    const c = this._code;
    const entry = this.locals.temporary(I32);
    c.localSet(RegionLocals.RIP);
    jumpCacheEntry(c, RegionLocals.RIP);
    c.localTee(entry);
    c.i64Load(JUMP_CACHE_BASE);
    c.localGet(RegionLocals.RIP);
    c.op(OP.i64ne);
    this._unlikelyIf(() => {
      c.localGet(RegionLocals.RIP);
      c.op(OP.return);
    });
    return entry;
  }
  /** RIP holds the target: to its block by a table over a hash of it, or out of the region. */
  private _writeDispatch(flow: BlockFlow): void {
    const c = this._code;
    const edges = flow.block.indirect.filter((edge) => edge.block !== undefined);
    const hash = findHash(edges.map((edge) => edge.rip));
    if (edges.length > 0) {
      this._open('plain');
      for (const _ of edges) this._open('plain');
      c.localGet(RegionLocals.RIP);
      c.op(OP.i32wrapI64);
      c.i32Const(hash.multiplier);
      c.op(OP.i32mul);
      c.i32Const(hash.shift);
      c.op(OP.i32shrU);
      c.brTable(
        hash.table.map((edge) => (edge < 0 ? edges.length : edge)),
        edges.length,
      );
      for (const [i, edge] of edges.entries()) {
        this._labels.pop();
        c.end();
        c.localGet(RegionLocals.RIP);
        c.i64Const(edge.rip);
        c.op(OP.i64ne);
        this._hints.push({ offset: c.length, likely: false });
        c.brIf(edges.length - 1 - i);
        this._writeEdge(flow, edge);
      }
      this._labels.pop();
      c.end();
    }
    this._storeAll(flow);
    if (this._wanted.isLearning) {
      c.i32Const(0);
      c.localGet(RegionLocals.RIP);
      c.i64Store(STATE.rip);
      c.i32Const(0);
      c.i32Const(this._wanted.tableIndex);
      c.i32Store(STATE.exitVector);
      this._setExitKind(EXIT_INDIRECT);
      c.i64Const(EXITED);
      c.op(OP.return);
      return;
    }
    c.localGet(RegionLocals.RIP);
    const entry = this._lookUp();
    c.localGet(RegionLocals.DEPTH);
    c.localGet(RegionLocals.RIP);
    c.localGet(entry);
    c.i32Load(JUMP_CACHE_BASE + 8);
    c.returnCallIndirect(this._type);
    this.locals.releaseTemporaries();
  }
  private _writeCallIndirect(flow: BlockFlow): void {
    const c = this._code;
    const target = this._saveTarget(flow);
    c.localGet(RegionLocals.DEPTH);
    c.op(OP.i32eqz);
    this._unlikelyIf(() => {
      c.localGet(target);
      c.op(OP.return);
    });
    c.localGet(target);
    const entry = this._lookUp();
    this._pushDepth();
    c.localGet(RegionLocals.RIP);
    c.localGet(entry);
    c.i32Load(JUMP_CACHE_BASE + 8);
    c.callIndirect(this._type);
    this._afterCall(flow);
    this.locals.releaseTemporaries();
  }
  private _saveTarget(flow: BlockFlow): number {
    const target = this.locals.temporary(I64);
    this._code.localSet(target);
    this._storeAll(flow);
    return target;
  }

  // ---- between locals and the state
  private _storeAll(flow: BlockFlow): void {
    this._store(flow.dirtyOut);
    this._storeBudget();
  }
  private _storeBudget(): void {
    const c = this._code;
    c.i32Const(0);
    c.localGet(this.locals.budget);
    c.i32Store(STATE.budget);
  }
  private _store(units: UnitSet): void {
    const c = this._code;
    for (const unit of units) {
      c.i32Const(0);
      c.localGet(this.locals.unit(unit));
      const type = unitType(unit);
      if (type === V128) c.v128Store(unitOffset(unit));
      else if (type === I64) c.i64Store(unitOffset(unit));
      else c.i32Store(unitOffset(unit));
    }
  }
  /** What the block expects in locals, when control comes from elsewhere. */
  private _loadUnits(block: Block): void {
    const { liveIn } = this._flows[block.order];
    const needsCarry = this._edgeNeedsCarry({ rip: block.rip, block });
    this._load(needsCarry ? liveIn.or(FLAG_UNITS) : liveIn);
    if (needsCarry) writeCarry(this._code, this.locals, this._func, undefined);
  }
  private _load(units: UnitSet): void {
    const c = this._code;
    for (const unit of units) {
      c.i32Const(0);
      const type = unitType(unit);
      if (type === V128) c.v128Load(unitOffset(unit));
      else if (type === I64) c.i64Load(unitOffset(unit));
      else c.i32Load(unitOffset(unit));
      c.localSet(this.locals.unit(unit));
    }
  }
  private _loadBudget(): void {
    this._code.i32Const(0);
    this._code.i32Load(STATE.budget);
    this._code.localSet(this.locals.budget);
  }
  private _setExitKind(kind: number): void {
    this._code.i32Const(0);
    this._code.i32Const(kind);
    this._code.i32Store(STATE.exitKind);
  }
  /** Stores what may be dirty, RIP and the budget from `xinfo`, and returns EXITED. The kind has been set. */
  private _writeFaultExit(units: UnitSet): void {
    const c = this._code;
    this._store(units);
    c.i32Const(0);
    c.localGet(this.locals.xinfo);
    c.i32Const(8);
    c.op(OP.i32shrU);
    c.op(OP.i64extendI32U);
    c.i64Const(this._region.lowestRip);
    c.op(OP.i64add);
    c.i64Store(STATE.rip);
    c.i32Const(0);
    c.localGet(this.locals.budget);
    c.localGet(this.locals.xinfo);
    c.i32Const(0xff);
    c.op(OP.i32and);
    c.op(OP.i32add);
    c.i32Store(STATE.budget);
    c.i64Const(EXITED);
    c.op(OP.return);
  }
}

const endOf = (block: Block): bigint => {
  const last = block.insns[block.insns.length - 1];
  return last.rip + BigInt(last.length);
};

/** (RIP * multiplier) >>> shift, over 32 bits, is different for each target; `table` gives the target's place, or -1. */
interface TargetHash {
  readonly multiplier: number;
  readonly shift: number;
  readonly table: readonly number[];
}

function findHash(rips: readonly bigint[]): TargetHash {
  const low = rips.map((rip) => Number(BigInt.asUintN(32, rip)) | 0);
  // Odd multipliers spread differently; with a table of some times the targets one of a few fits.
  for (let bits = Math.max(1, Math.ceil(Math.log2(rips.length + 1))); bits <= 14; bits++) {
    for (let k = 0, multiplier = 0x9e37_79b1; k < 64; k++, multiplier = Math.imul(multiplier, 0x2c1b_3c6d) | 1) {
      const table: number[] = new Array(1 << bits).fill(-1);
      const fits = low.every((rip, i) => {
        const at = Math.imul(rip, multiplier) >>> (32 - bits);
        if (table[at] >= 0) return false;
        table[at] = i;
        return true;
      });
      if (fits) return { multiplier, shift: 32 - bits, table };
    }
  }
  invariant(false, 'no hash tells the targets apart');
}

/** By order: whether a block, or one it leads to, reads CF or changes other flags before it sets CF. */
function findCarryNeeds(blocks: readonly Block[]): boolean[] {
  const own = blocks.map((block) => {
    for (const { def } of block.insns) {
      const { reads = '', writes = '' } = def.flags ?? {};
      if (reads !== 'cc' && reads.includes('c')) return true;
      if (writes.includes('c')) return false;
      if (writes !== '') return true;
    }
    // Past a call, CF is what the callee left.
    return block.isCall ? false : undefined;
  });
  const needs = own.map((need) => need === true);
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of blocks) {
      const { order } = block;
      if (own[order] !== undefined || needs[order] || !successors(block).some((s) => needs[s.order])) continue;
      needs[order] = changed = true;
    }
  }
  return needs;
}
