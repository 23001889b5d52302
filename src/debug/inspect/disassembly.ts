/**
 * Code as a list: each instruction with its bytes, its text in NASM's syntax and what names there are for its address
 * and its target. Every byte is shown: what is no instruction, or ends in nowhere, is `(bad)`, byte by byte.
 */
import { vaddrOf, vpnOf } from '../../base/ints.ts';
import { decode } from '../../cpu/decode.ts';
import { disassemble } from '../../cpu/disasm.ts';
import type { Insn } from '../../cpu/isa/define.ts';
import type { Task } from '../../kernel/task/task.ts';
import { readMemory } from './memory.ts';
import { type SymbolPlace, symbolAt } from './modules.ts';

const MOST_BYTES = 15;
/** What there is to be read of a list at a time. */
const CHUNK_BYTES = 512;
export const BAD = '(bad)';

/** What the processor here makes of it. `privileged`: #GP. `above the level`: an instruction that this processor does not have. */
export type CodeKind = 'instruction' | 'privileged' | 'above the level' | 'bad';

export interface CodeLine {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** Without names for addresses. */
  readonly text: string;
  readonly kind: CodeKind;
  /** Undefined for `bad`. */
  readonly insn: Insn | undefined;
  readonly symbol: SymbolPlace | undefined;
  /** Where a direct jump or call goes, or the address of an operand relative to RIP. */
  readonly target: { readonly address: bigint; readonly symbol: SymbolPlace | undefined } | undefined;
}

/** At most so many lines from an address on: fewer where the memory ends. */
export function disassembleAt(task: Task, address: bigint, count: number): CodeLine[] {
  const lines: CodeLine[] = [];
  let bytes = new Uint8Array(0);
  let start = address;
  let at = address;
  while (lines.length < count) {
    if (at + BigInt(MOST_BYTES) > start + BigInt(bytes.length)) {
      start = at;
      bytes = readMemory(task, at, CHUNK_BYTES) as Uint8Array<ArrayBuffer>;
    }
    const offset = Number(at - start);
    if (offset >= bytes.length) break;
    const line = lineAt(task, bytes.subarray(offset, offset + MOST_BYTES), at);
    lines.push(line);
    at += BigInt(line.bytes.length);
  }
  return lines;
}

/** The one instruction at an address; undefined where nothing is mapped. */
export const instructionAt = (task: Task, address: bigint): CodeLine | undefined => disassembleAt(task, address, 1)[0];

/** How far before an address a start is looked for, where no symbol says where code begins. */
const LOOK_BACK_BYTES = 256;
/** A function longer than that is not read from its beginning. */
const MOST_FUNCTION_BYTES = 1 << 16;

/**
 * The lines that end at an address, at most so many. Code cannot be read backwards: the reading starts at the symbol
 * that holds the byte before, else somewhere before it, since most starts fall into step after a few instructions. What is
 * in another area is other code, or none.
 */
export function disassembleBefore(task: Task, address: bigint, count: number): CodeLine[] {
  const lines: CodeLine[] = [];
  const area = task.hasMemory() ? task.mm.vmas.find(vpnOf(address)) : undefined;
  const floor = area === undefined ? address : vaddrOf(area.start);
  for (let end = address; lines.length < count && end > floor; ) {
    const symbol = symbolAt(task, end - 1n);
    const isNear = symbol !== undefined && symbol.offset < MOST_FUNCTION_BYTES && symbol.address >= floor;
    const starts =
      (isNear ? stepsFrom(task, symbol.address, end) : undefined) ??
      guessStarts(task, end, count - lines.length, isNear ? symbol.address : floor);
    if (starts.length === 0) break;
    const wanted = starts.slice(-(count - lines.length));
    lines.unshift(...disassembleAt(task, wanted[0], wanted.length));
    end = wanted[0];
  }
  return lines;
}

/** Where each instruction starts, of a range that they fill exactly; undefined if they do not. */
function stepsFrom(task: Task, start: bigint, end: bigint): bigint[] | undefined {
  const bytes = readMemory(task, start, Number(end - start));
  if (bytes.length < Number(end - start)) return undefined;
  return stepsIn(bytes, 0, start)?.starts.map((at) => start + BigInt(at));
}

function stepsIn(bytes: Uint8Array, from: number, base: bigint): { starts: number[]; bad: number } | undefined {
  const starts: number[] = [];
  let bad = 0;
  for (let at = from; at < bytes.length; ) {
    const insn = decode(bytes, at, bytes.length, base + BigInt(at));
    // It would go on beyond the end.
    if (insn === 'truncated') return undefined;
    starts.push(at);
    if (typeof insn === 'string') bad++;
    at += typeof insn === 'string' ? 1 : insn.length;
  }
  return { starts, bad };
}

/** Of all starts in reach the one that brings the fewest bad bytes; of several the farthest. */
function guessStarts(task: Task, end: bigint, count: number, floor: bigint): bigint[] {
  const reach = BigInt(Math.min(LOOK_BACK_BYTES, (count + 2) * MOST_BYTES));
  const start = end - reach > floor ? end - reach : floor;
  const bytes = readMemory(task, start, Number(end - start));
  if (bytes.length < Number(end - start)) return [];
  let best: { starts: number[]; bad: number } | undefined;
  for (let from = 0; from < bytes.length && best?.bad !== 0; from++) {
    const found = stepsIn(bytes, from, start);
    if (found !== undefined && (best === undefined || found.bad < best.bad)) best = found;
  }
  return (best?.starts ?? []).map((at) => start + BigInt(at));
}

function lineAt(task: Task, bytes: Uint8Array, address: bigint): CodeLine {
  const symbol = symbolAt(task, address);
  const level = task.kernel.cpu.level ?? 3;
  const insn = decode(bytes, 0, bytes.length, address);
  if (typeof insn === 'string')
    return { address, bytes: bytes.slice(0, 1), text: BAD, kind: 'bad', insn: undefined, symbol, target: undefined };
  const isHere = level === 3 || typeof decode(bytes, 0, bytes.length, address, level) !== 'string';
  const kind = !isHere ? 'above the level' : insn.def.privileged ? 'privileged' : 'instruction';
  const target = targetOf(insn);
  return {
    address,
    bytes: bytes.slice(0, insn.length),
    text: disassemble(insn),
    kind,
    insn,
    symbol,
    target: target === undefined ? undefined : { address: target, symbol: symbolAt(task, target) },
  };
}

function targetOf({ ops }: Insn): bigint | undefined {
  for (const operand of ops) {
    if (operand.kind === 'rel') return operand.target;
    if (operand.kind === 'mem' && operand.ripRelative) return BigInt.asUintN(64, operand.disp);
  }
  return undefined;
}
