/**
 * A region: the basic blocks reachable from an entry by direct jumps and past calls, up to a limit. It is the unit of
 * translation. Blocks are in reverse postorder, with dominators, so that cpu/translate.ts can write structured loops
 * (after N. Ramsey, "Beyond Relooper", ICFP 2022).
 */
import type { DecodeFailure, Insn } from './isa/define.ts';

/** Instructions in a region, and in one block. */
export interface RegionLimits {
  readonly insns: number;
  readonly blockInsns: number;
}
export const WHOLE_REGION: RegionLimits = { insns: 1000, blockInsns: 64 };
export const ONE_INSTRUCTION: RegionLimits = { insns: 1, blockInsns: 1 };

/** An edge inside the region, or out of it. */
export interface Edge {
  readonly rip: bigint;
  /** Undefined: leaves the region. */
  block: Block | undefined;
}

/**
 * `dispatch`: where all indirect jumps of a region meet, to go on at one of the targets seen so far, or to leave. It is
 * the region's first block then: control enters by it, at the region's own address or any of those targets.
 */
export type BlockKind = 'code' | 'dispatch';

export interface Block {
  readonly kind: BlockKind;
  readonly rip: bigint;
  readonly insns: readonly Insn[];
  /** Target of a jump or taken branch. */
  taken: Edge | undefined;
  /** Next instruction, where control may go there: fall-through, or past a call. */
  next: Edge | undefined;
  /** Where an indirect jump has been seen to go, for a dispatch block. */
  indirect: readonly Edge[];
  /** `next` is reached through a call's return. */
  readonly isCall: boolean;
  /** Reverse postorder number. */
  order: number;
  dominator: Block;
  readonly predecessors: Block[];
  /** Predecessors whose edge goes forward in the order. */
  forwardPredecessors: number;
  isLoopHeader: boolean;
}

export interface Region {
  readonly rip: bigint;
  /** In reverse postorder; the first is the dispatch block, or the block at `rip` where there is none. */
  readonly blocks: readonly Block[];
  /** Addresses at which it can be entered; the first is `rip`. */
  readonly entries: readonly bigint[];
  readonly lowestRip: bigint;
  readonly insnCount: number;
}

/** Decodes the instruction at an address; a failure also when the page is not there. */
export type DecodeAt = (rip: bigint) => Insn | DecodeFailure | 'unmapped';

/** Farther than this from the entry, code belongs to another region: RIPs are kept as 23-bit distances. */
const MAX_DISTANCE = 1n << 22n;
/** Targets of a region's indirect jumps that stay inside of it. */
const MAX_TARGETS = 256;

/** Where the indirect jump at an address has been seen to go. */
export type TargetsOf = (rip: bigint) => Iterable<bigint>;

/** Whether code at an address has been run, or translated. */
export type HasRun = (rip: bigint) => boolean;

/** Undefined when the first instruction cannot be decoded. */
export function findRegion(
  rip: bigint,
  decodeAt: DecodeAt,
  limits: RegionLimits,
  targetsOf: TargetsOf,
  hasRun: HasRun,
): Region | undefined {
  const { insns, leaders, targets } = discover(rip, decodeAt, limits, targetsOf, hasRun);
  if (!insns.has(rip)) return undefined;
  const blocks = formBlocks(insns, leaders, limits);
  for (const block of blocks.values()) {
    for (const edge of [block.taken, block.next]) if (edge) edge.block = blocks.get(edge.rip);
  }
  const jumps = [...blocks.values()].filter((block) => flowOf(block) === 'jumpIndirect');
  const entries = jumps.length > 0 ? [...new Set([rip, ...targets])].filter((target) => blocks.has(target)) : [rip];
  const edges = entries.map((target) => ({ rip: target, block: blocks.get(target) }));
  const first = jumps.length > 0 ? addDispatch(jumps, edges) : (edges[0].block as Block);
  const ordered = orderBlocks(first);
  findDominators(ordered);
  cutIrreducible(ordered);
  let lowestRip = rip;
  for (const block of ordered) if (block.kind === 'code' && block.rip < lowestRip) lowestRip = block.rip;
  return {
    rip,
    blocks: ordered,
    entries,
    lowestRip,
    insnCount: ordered.reduce((n, b) => n + b.insns.length, 0),
  };
}

export const flowOf = (block: Block): string | undefined => block.insns[block.insns.length - 1]?.def.flow;

function addDispatch(jumps: readonly Block[], edges: readonly Edge[]): Block {
  const dispatch = newBlock('dispatch', -1n, [], undefined, undefined, false);
  dispatch.indirect = edges;
  for (const jump of jumps) jump.taken = { rip: dispatch.rip, block: dispatch };
  return dispatch;
}

export function directTarget(insn: Insn): bigint | undefined {
  for (const op of insn.ops) if (op.kind === 'rel') return op.target;
  return undefined;
}

function discover(rip: bigint, decodeAt: DecodeAt, limits: RegionLimits, targetsOf: TargetsOf, hasRun: HasRun) {
  const targets = new Set<bigint>();
  const insns = new Map<bigint, Insn>();
  const leaders = new Set<bigint>([rip]);
  const work = [rip];
  const near = (at: bigint) => at - rip < MAX_DISTANCE && rip - at < MAX_DISTANCE;
  for (let at = work.shift(); at !== undefined; at = work.shift()) {
    let leader = at;
    for (let here = at; !insns.has(here) && insns.size < limits.insns; ) {
      const insn = decodeAt(here);
      if (typeof insn === 'string') break;
      insns.set(here, insn);
      const flow = insn.def.flow ?? 'next';
      const next = here + BigInt(insn.length);
      if (flow === 'jump' || flow === 'branch') {
        const target = directTarget(insn) as bigint;
        leaders.add(target);
        if (near(target)) work.push(target);
      }
      if (flow === 'jumpIndirect') {
        for (const target of targetsOf(here)) {
          if (!near(target) || targets.size >= MAX_TARGETS) continue;
          targets.add(target);
          leaders.add(target);
          work.push(target);
        }
      }
      if (flow === 'branch' || flow === 'call' || flow === 'callIndirect') leaders.add(next);
      // Many a call that has not been made yet does not return, and what lies behind it is another function.
      if ((flow === 'call' || flow === 'callIndirect') && !hasRun(leader) && !hasRun(next)) break;
      if (flow === 'branch') leader = next;
      if (flow === 'jump' || flow === 'jumpIndirect' || flow === 'ret' || flow === 'syscall' || flow === 'raise') break;
      here = next;
    }
  }
  return { insns, leaders, targets };
}

function formBlocks(
  insns: ReadonlyMap<bigint, Insn>,
  leaders: ReadonlySet<bigint>,
  limits: RegionLimits,
): Map<bigint, Block> {
  const blocks = new Map<bigint, Block>();
  const work = [...leaders];
  for (let rip = work.pop(); rip !== undefined; rip = work.pop()) {
    if (!insns.has(rip) || blocks.has(rip)) continue;
    const list: Insn[] = [];
    let taken: Edge | undefined;
    let next: Edge | undefined;
    let isCall = false;
    for (let here = rip; ; ) {
      const insn = insns.get(here) as Insn;
      list.push(insn);
      here += BigInt(insn.length);
      const flow = insn.def.flow ?? 'next';
      if (flow === 'jump' || flow === 'branch') taken = { rip: directTarget(insn) as bigint, block: undefined };
      isCall = flow === 'call' || flow === 'callIndirect';
      if (isCall || flow === 'branch') next = { rip: here, block: undefined };
      if (flow !== 'next') break;
      if (leaders.has(here) || !insns.has(here) || list.length >= limits.blockInsns) {
        next = { rip: here, block: undefined };
        work.push(here);
        break;
      }
    }
    blocks.set(rip, newBlock('code', rip, list, taken, next, isCall));
  }
  return blocks;
}

function newBlock(
  kind: BlockKind,
  rip: bigint,
  insns: readonly Insn[],
  taken: Edge | undefined,
  next: Edge | undefined,
  isCall: boolean,
): Block {
  const block: Omit<Block, 'dominator'> = {
    kind,
    rip,
    insns,
    taken,
    next,
    indirect: [],
    isCall,
    order: -1,
    predecessors: [],
    forwardPredecessors: 0,
    isLoopHeader: false,
  };
  return Object.assign(block, { dominator: block as Block });
}

const edgesOf = (block: Block): Edge[] =>
  [block.next, block.taken, ...block.indirect].filter((edge) => edge !== undefined);

/** Each once. */
export const successors = (block: Block): Block[] => [...new Set(edgesOf(block).flatMap((edge) => edge.block ?? []))];

/** Reverse postorder from the entry; what is not reachable is left out. */
function orderBlocks(entry: Block): Block[] {
  const post: Block[] = [];
  const seen = new Set<Block>([entry]);
  const stack: { block: Block; rest: Block[] }[] = [{ block: entry, rest: successors(entry) }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const succ = top.rest.pop();
    if (succ === undefined) {
      post.push(top.block);
      stack.pop();
    } else if (!seen.has(succ)) {
      seen.add(succ);
      stack.push({ block: succ, rest: successors(succ) });
    }
  }
  post.reverse();
  for (const [i, block] of post.entries()) block.order = i;
  for (const block of post) for (const succ of successors(block)) succ.predecessors.push(block);
  return post;
}

/** Immediate dominators, by K. Cooper, T. Harvey and K. Kennedy, "A Simple, Fast Dominance Algorithm" (2001). */
function findDominators(blocks: readonly Block[]): void {
  const known: (Block | undefined)[] = new Array(blocks.length).fill(undefined);
  known[0] = blocks[0];
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < blocks.length; i++) {
      let dominator: Block | undefined;
      for (const p of blocks[i].predecessors) {
        if (known[p.order] === undefined) continue;
        dominator = dominator === undefined ? p : intersect(known, dominator, p);
      }
      if (known[i] !== dominator) {
        known[i] = dominator;
        changed = true;
      }
    }
  }
  for (const [i, block] of blocks.entries()) block.dominator = known[i] as Block;
}
function intersect(known: readonly (Block | undefined)[], x: Block, y: Block): Block {
  let a = x;
  let b = y;
  while (a !== b) {
    while (a.order > b.order) a = known[a.order] as Block;
    while (b.order > a.order) b = known[b.order] as Block;
  }
  return a;
}

function dominates(a: Block, b: Block): boolean {
  let at = b;
  while (at.order > a.order) at = at.dominator;
  return at === a;
}

/** A backward edge to a block that does not dominate its source enters a loop in the middle: it leaves the region instead. */
function cutIrreducible(blocks: readonly Block[]): void {
  for (const block of blocks) {
    for (const edge of edgesOf(block)) {
      const target = edge.block;
      if (target === undefined) continue;
      if (target.order > block.order) {
        target.forwardPredecessors++;
      } else if (dominates(target, block)) {
        target.isLoopHeader = true;
      } else {
        edge.block = undefined;
        target.predecessors.splice(target.predecessors.indexOf(block), 1);
      }
    }
  }
}
