/**
 * Which units (registers and lazy flags) a region loads from the state, and which it stores, where. Memory holds a
 * unit's value until the region writes it ("dirty"); a local holds it where something ahead may want it there ("live").
 */
import type { BlockCode, FaultSite } from './block-code.ts';
import type { Block } from './region.ts';
import { FLAG_UNITS, UNIT_FC, UNIT_FOP, UnitSet } from './units.ts';

export interface BlockFlow {
  readonly block: Block;
  readonly code: BlockCode;
  /** The budget is checked when the block begins; the longest path to the next check, in instructions. */
  isCheckpoint: boolean;
  longest: number;
  /** Units that may be dirty at the start, and at the end. */
  dirtyIn: UnitSet;
  dirtyOut: UnitSet;
  liveIn: UnitSet;
  /** Fault exit that each of the code's sites takes, and the one the budget check takes. */
  exits: number[];
  checkExit: number;
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
const FLAGS_AND_CARRY = FLAG_UNITS.or(CARRY_UNITS);
/** Different fault exits of one region; beyond it they are made alike. */
const MAX_FAULT_EXITS = 6;

/** Blocks whose code falls or jumps to another in the same locals; past a call they are loaded anew. */
export function flowSuccessors(flow: BlockFlow): Block[] {
  const { taken, next, indirect } = flow.block;
  const edges = indirect.map((edge) => edge.block);
  if (!endsInside(flow)) return [];
  return [taken?.block, next?.block, ...edges].filter((block) => block !== undefined);
}

function endsInside({ code: { terminator } }: BlockFlow): boolean {
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
  if (!endsInside(flow) || flow.block.kind === 'dispatch') return true;
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
    for (const block of flowSuccessors(flow)) {
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
  const exits = assignExits(flows);
  spreadLive(flows, exits);
  return exits;
}

function spreadDirty(flows: readonly BlockFlow[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const flow of flows) {
      const dirtyOut = flow.dirtyIn.or(flow.code.mayWrite);
      flow.dirtyOut = flow.carryOnEdge ? dirtyOut.or(CARRY_UNITS) : dirtyOut;
      for (const block of flowSuccessors(flow)) {
        const succ = flows[block.order];
        const dirty = succ.dirtyIn.or(flow.dirtyOut);
        if (!dirty.equals(succ.dirtyIn)) {
          succ.dirtyIn = dirty;
          changed = true;
        }
      }
    }
  }
}

function assignExits(flows: readonly BlockFlow[]): FaultExits {
  const all = flows.reduce((units, flow) => units.or(flow.dirtyOut), UnitSet.NONE);
  const rules: ((flow: BlockFlow, site: FaultSite | undefined) => UnitSet)[] = [
    (flow, site) => (site ? flow.dirtyIn.or(site.mayWrite) : flow.dirtyIn),
    (flow) => flow.dirtyOut,
    () => all,
  ];
  for (const rule of rules) {
    const units: UnitSet[] = [];
    const exitOf = (wanted: UnitSet) => {
      const found = units.findIndex((set) => set.equals(wanted));
      return found >= 0 ? found : units.push(wanted) - 1;
    };
    for (const flow of flows) {
      flow.exits = flow.code.faults.map((site) => exitOf(rule(flow, site)));
      flow.checkExit = flow.isCheckpoint ? exitOf(rule(flow, undefined)) : -1;
    }
    if (units.length <= MAX_FAULT_EXITS) return { units };
  }
  return { units: [all] };
}

function spreadLive(flows: readonly BlockFlow[], { units }: FaultExits): void {
  const wanted = flows.map((flow) => {
    const { code } = flow;
    let wanted = code.reads;
    for (const [i, site] of code.faults.entries()) wanted = wanted.or(units[flow.exits[i]].minus(site.mustWrite));
    if (flow.isCheckpoint) wanted = wanted.or(units[flow.checkExit]);
    if (leavesRegion(flow)) wanted = wanted.or(flow.dirtyOut.minus(code.mustWrite));
    // CF is computed on the way out.
    const computesCarry = flow.carryOnEdge || (leavesRegion(flow) && !code.flagsOut.carryKnown);
    return computesCarry ? wanted.or(FLAGS_AND_CARRY.minus(code.mustWrite)) : wanted;
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = flows.length - 1; i >= 0; i--) {
      const flow = flows[i];
      let out = UnitSet.NONE;
      for (const block of flowSuccessors(flow)) out = out.or(flows[block.order].liveIn);
      const live = wanted[i].or(out.minus(flow.code.mustWrite));
      if (!live.equals(flow.liveIn)) {
        flow.liveIn = live;
        changed = true;
      }
    }
  }
}
