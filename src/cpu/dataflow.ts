/**
 * Which units (registers and lazy flags) a region loads from the state, and which it stores, where. Memory holds a
 * unit's value until the region writes it ("dirty"); a local holds it where something ahead may want it there ("live").
 *
 * Where a path on which a unit is dirty meets one on which it is not (after a call, which stores everything), the unit
 * would have to be loaded again on the second path, if only for the sake of faults ahead. If it is going to be stored
 * anyway, it is stored where the paths meet instead ("flushed"), before a loop rather than in it.
 */
import type { BlockCode } from './block-code.ts';
import type { Block } from './region.ts';
import { FLAG_UNITS, UNIT_FC, UNIT_FOP, UnitSet } from './units.ts';
import type { Terminator } from './wasm-builder.ts';

export interface BlockFlow {
  readonly block: Block;
  readonly code: BlockCode;
  readonly successors: readonly Block[];
  /** The budget is checked when the block begins; the longest path to the next check, in instructions. */
  isCheckpoint: boolean;
  longest: number;
  /** Units that may be dirty at the start, and at the end. */
  dirtyIn: UnitSet;
  dirtyOut: UnitSet;
  liveIn: UnitSet;
  /** Units that are stored on the edges that lead forward into the block, if they are dirty there. */
  flushIn: UnitSet;
  /** Fault exit that each of the code's sites takes, and the one the budget check takes. */
  exits: number[];
  checkExit: number;
  /** CF is computed when control comes from another region, or past a call: memory holds it in another form then. */
  readonly carryOnArrival: boolean;
  /** CF is computed on an edge to a block that expects it. */
  readonly carryOnEdge: boolean;
}

/** Exits of one region that store the same units. */
export interface FaultExits {
  /** Units stored, by exit. */
  readonly units: readonly UnitSet[];
}

/** The longest run without a budget check. */
export const MAX_PATH = 256;
/** What computing CF writes. */
const CARRY_UNITS = UnitSet.of(UNIT_FC, UNIT_FOP);
/** Different fault exits of one region. */
const MAX_FAULT_EXITS = 16;

/** Blocks to which the block's code falls or jumps in the same locals; past a call they are loaded anew. */
export function flowSuccessors({ taken, next, indirect }: Block, { terminator }: BlockCode): readonly Block[] {
  if (!endsInside(terminator)) return [];
  const found: Block[] = [];
  for (const edge of [taken, next, ...indirect]) if (edge?.block !== undefined) found.push(edge.block);
  return found;
}

function endsInside(terminator: Terminator | undefined): boolean {
  switch (terminator?.kind) {
    case undefined:
    case 'jump':
    case 'branch':
    case 'jumpIndirect':
    case 'dispatch':
      return true;
    default:
      return false;
  }
}

/** Whether control may leave the region after the block, with its locals to be stored. */
export function leavesRegion(flow: BlockFlow): boolean {
  if (!endsInside(flow.code.terminator) || flow.block.kind === 'dispatch') return true;
  const { taken, next } = flow.block;
  return (taken !== undefined && taken.block === undefined) || (next !== undefined && next.block === undefined);
}

/** `flows` in reverse postorder. */
export function placeCheckpoints(flows: readonly BlockFlow[]): void {
  if (flows[0].block.kind === 'code') flows[0].isCheckpoint = true;
  for (const flow of flows) {
    // A dispatch block has no RIP of its own to stop at; its targets have.
    for (const { block } of flow.block.indirect) if (block?.kind === 'code') flows[block.order].isCheckpoint = true;
    if (flow.block.isLoopHeader && flow.block.kind === 'code') flow.isCheckpoint = true;
    if (flow.block.isCall && flow.block.next?.block) flows[flow.block.next.block.order].isCheckpoint = true;
  }
  for (let i = flows.length - 1; i >= 0; i--) {
    const flow = flows[i];
    const length = flow.block.insns.length;
    let rest = 0;
    for (const block of flow.successors) {
      const succ = flows[block.order];
      if (succ.isCheckpoint || block.order <= i || block.kind !== 'code') continue;
      if (succ.longest + length > MAX_PATH) succ.isCheckpoint = true;
      else rest = Math.max(rest, succ.longest);
    }
    flow.longest = length + rest;
  }
}

export function solve(flows: readonly BlockFlow[]): FaultExits {
  spreadDirty(flows);
  if (flows.some(({ block }) => block.isCall)) {
    findFlushes(flows);
    spreadDirty(flows);
  }
  const exits = assignExits(flows);
  spreadLive(flows, exits);
  return exits;
}

function spreadDirty(flows: readonly BlockFlow[]): void {
  for (const flow of flows) flow.dirtyIn = flow.carryOnArrival ? CARRY_UNITS : UnitSet.NONE;
  for (let changed = true; changed; ) {
    changed = false;
    for (const flow of flows) {
      const dirtyOut = flow.dirtyIn.or(flow.code.mayWrite);
      flow.dirtyOut = flow.carryOnEdge ? dirtyOut.or(CARRY_UNITS) : dirtyOut;
      for (const block of flow.successors) {
        const succ = flows[block.order];
        const dirty = succ.dirtyIn.or(flow.dirtyOut.minus(succ.flushIn));
        if (!dirty.equals(succ.dirtyIn)) {
          succ.dirtyIn = dirty;
          changed = true;
        }
      }
    }
  }
}

/** What the edge from a block to another stores. */
export const flushOnEdge = (flow: BlockFlow, target: BlockFlow): UnitSet =>
  target.block.order > flow.block.order ? flow.dirtyOut.and(target.flushIn) : UnitSet.NONE;

function findFlushes(flows: readonly BlockFlow[]): void {
  const stores = findStores(flows);
  /** By order: what is dirty on each edge into the block. */
  const into: { order: number; dirty: UnitSet }[][] = flows.map(() => []);
  into[0].push({ order: -1, dirty: UnitSet.NONE });
  for (const flow of flows) {
    const { order, next, isCall } = flow.block;
    for (const succ of flow.successors) into[succ.order].push({ order, dirty: flow.dirtyOut });
    if (isCall && next?.block) into[next.block.order].push({ order, dirty: UnitSet.NONE });
  }
  for (const [order, edges] of into.entries()) {
    if (edges.length < 2) continue;
    const forward = edges.filter((edge) => edge.order < order);
    const back = edges.filter((edge) => edge.order >= order);
    const dirty = union(forward);
    // Of a loop, only what it leaves clean at each turn.
    const clean = back.length > 0 ? dirty.minus(union(back)) : dirty.minus(intersection(forward));
    const flush = clean.and(stores[order]);
    // The flags go together.
    const flags = dirty.and(FLAG_UNITS);
    const canFlushFlags = flags.minus(flush).isEmpty && !flows[order].carryOnArrival;
    flows[order].flushIn = canFlushFlags ? flush : flush.minus(FLAG_UNITS);
  }
}
const union = (edges: readonly { dirty: UnitSet }[]): UnitSet =>
  edges.reduce((all, { dirty }) => all.or(dirty), UnitSet.NONE);
const intersection = (edges: readonly { dirty: UnitSet }[]): UnitSet =>
  edges.reduce((all, { dirty }) => all.and(dirty), UnitSet.ALL);

/** By order: the units that are stored after the block's start, if they are dirty there, before they are written again. */
function findStores(flows: readonly BlockFlow[]): UnitSet[] {
  const stores = flows.map(() => UnitSet.ALL);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = flows.length - 1; i >= 0; i--) {
      const { code, carryOnEdge } = flows[i];
      let after = UnitSet.ALL;
      for (const block of flows[i].successors) after = after.and(stores[block.order]);
      const before = after.minus(carryOnEdge ? code.mayWrite.or(CARRY_UNITS) : code.mayWrite);
      if (before.equals(stores[i])) continue;
      stores[i] = before;
      changed = true;
    }
  }
  return stores;
}

/** Each site has the exit that stores what may be dirty there, as far as MAX_FAULT_EXITS reach. */
function assignExits(flows: readonly BlockFlow[]): FaultExits {
  const units: UnitSet[] = [];
  const exitOf = (wanted: UnitSet) => {
    const found = units.findIndex((set) => set.equals(wanted));
    return found >= 0 ? found : units.push(wanted) - 1;
  };
  for (const flow of flows) {
    flow.exits = flow.code.faults.map((site) => exitOf(flow.dirtyIn.or(site.mayWrite)));
    flow.checkExit = flow.isCheckpoint ? exitOf(flow.dirtyIn) : -1;
  }
  const merged = mergeAlike(units, MAX_FAULT_EXITS);
  for (const flow of flows) {
    flow.exits = flow.exits.map((exit) => merged.place[exit]);
    if (flow.checkExit >= 0) flow.checkExit = merged.place[flow.checkExit];
  }
  return { units: merged.sets };
}

/** At most `most` sets, each the union of some that differ little; `place[i]` is where the i-th set went. */
function mergeAlike(sets: readonly UnitSet[], most: number): { sets: UnitSet[]; place: number[] } {
  const result: UnitSet[] = [];
  const place: number[] = [];
  for (const set of sets) {
    if (result.length < most) {
      place.push(result.push(set) - 1);
      continue;
    }
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [i, other] of result.entries()) {
      const difference = set.minus(other).size + other.minus(set).size;
      if (difference < least) [nearest, least] = [i, difference];
    }
    result[nearest] = result[nearest].or(set);
    place.push(nearest);
  }
  return { sets: result, place };
}

function spreadLive(flows: readonly BlockFlow[], { units }: FaultExits): void {
  const wanted = flows.map((flow) => {
    const { code } = flow;
    let wanted = code.reads;
    for (const [i, site] of code.faults.entries()) wanted = wanted.or(units[flow.exits[i]].minus(site.mustWrite));
    if (flow.isCheckpoint) wanted = wanted.or(units[flow.checkExit]);
    if (leavesRegion(flow)) wanted = wanted.or(flow.dirtyOut.minus(code.mustWrite));
    for (const block of flow.successors)
      wanted = wanted.or(flushOnEdge(flow, flows[block.order]).minus(code.mustWrite));
    return flow.carryOnEdge ? wanted.or(FLAG_UNITS.minus(code.mustWrite)) : wanted;
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = flows.length - 1; i >= 0; i--) {
      const flow = flows[i];
      let out = UnitSet.NONE;
      for (const block of flow.successors) out = out.or(flows[block.order].liveIn);
      const live = wanted[i].or(out.minus(flow.code.mustWrite));
      if (!live.equals(flow.liveIn)) {
        flow.liveIn = live;
        changed = true;
      }
    }
  }
}
