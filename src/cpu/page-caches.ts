/**
 * Translations kept in locals: for accesses with the same registers in the address, the page that the last one touched.
 * It saves the look-up in the TLB. A page-table entry can change only while the kernel runs, and every function of
 * translated code has returned by then, so what a function has learnt holds until it ends, guest calls included.
 */

import type { RegionLocals } from './block-code.ts';
import type { Insn } from './isa/define.ts';
import { type Node, OPERATION, RESULT, UNIT } from './nodes.ts';
import type { Block } from './region.ts';
import { RBP, RSP } from './state.ts';
import { type Code, I32, I64 } from './wasm/code.ts';

export interface PageCache {
  /** Locals: tag and addend as in the TLB's entry, and one for passing by. */
  readonly tag: number;
  readonly addend: number;
  readonly scratch: number;
  /** The page may be written; reads use it as well. */
  readonly isWritable: boolean;
}

/** No page has this address, whatever its low bits are masked with. */
const NO_PAGE = -1n;
const MAX_CACHES = 0;
/** Accesses outside of loops that make a cache worth its start. */
const MIN_ACCESSES = 3;
const STACK = (1 << RSP) | (1 << RBP);

/** Registers in an address as a bit mask; with bit 16 for writing. */
type Key = number;
const WRITE = 1 << 16;
const keyOf = (registers: number, forStore: boolean): Key =>
  // The stack is written all the time: its reads look for the writable page, too.
  registers | (forStore || isStack(registers) ? WRITE : 0);
const isStack = (registers: number): boolean => registers !== 0 && (registers & ~STACK) === 0;

export class PageCaches {
  readonly #caches = new Map<Key, PageCache>();

  constructor(blocks: readonly Block[], locals: RegionLocals) {
    const scores = new Map<Key, number>();
    for (const block of blocks) {
      const score = block.inLoop ? MIN_ACCESSES : 1;
      for (const insn of block.insns) for (const key of keysOf(insn)) scores.set(key, (scores.get(key) ?? 0) + score);
    }
    const best = [...scores].filter(([, score]) => score >= MIN_ACCESSES).sort(([, a], [, b]) => b - a);
    for (const [key] of best.slice(0, MAX_CACHES)) {
      const cache = {
        tag: locals.add(I64),
        addend: locals.add(I32),
        scratch: locals.add(I64),
        isWritable: (key & WRITE) !== 0,
      };
      this.#caches.set(key, cache);
    }
  }

  /** At the start of the function: no page is known. */
  writeStart(c: Code): void {
    for (const { tag } of this.#caches.values()) {
      c.i64Const(NO_PAGE);
      c.localSet(tag);
    }
  }

  find(address: Node, forStore: boolean): PageCache | undefined {
    const registers = registersIn(address);
    return registers > 0 ? this.#caches.get(keyOf(registers, forStore)) : undefined;
  }
}

/** General registers that an address is made of; -1 when a loaded value is in it. */
function registersIn(n: Node): number {
  if (n.kind === UNIT) return 1 << n.op;
  if (n.kind === RESULT) return -1;
  if (n.kind !== OPERATION) return 0;
  let all = 0;
  for (const arg of n.args) {
    const registers = registersIn(arg);
    if (registers < 0) return -1;
    all |= registers;
  }
  return all;
}

function* keysOf(insn: Insn): Generator<Key> {
  for (const op of insn.ops) {
    if (op.kind !== 'mem' || op.access === 'none' || op.segment === 'fs' || op.segment === 'gs') continue;
    const registers = (op.base === undefined ? 0 : 1 << op.base) | (op.index === undefined ? 0 : 1 << op.index);
    if (registers !== 0) yield keyOf(registers, op.access !== 'r');
  }
  if (
    insn.def.flow === 'call' ||
    insn.def.flow === 'callIndirect' ||
    insn.def.flow === 'ret' ||
    STACK_MNEMONICS.has(insn.def.mnemonic)
  ) {
    yield keyOf(1 << RSP, true);
  }
}
const STACK_MNEMONICS = new Set(['push', 'pop', 'leave', 'enter', 'pushf', 'popf']);
