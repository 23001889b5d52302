/**
 * The callers of where a thread stands, without unwind tables, as gdb finds them then: a function that begins with
 * `push rbp` has its frame at RBP, any other has its return address at RSP. It ends at main, at the entry point and at
 * zero. Code that was compiled without frame pointers is beyond it: .eh_frame is not read.
 */
import type { Task } from '../../kernel/task/task.ts';
import { readMemory, readWord } from '../inspect/memory.ts';
import { modulesOf, symbolAt } from '../inspect/modules.ts';
import { readRegisters } from '../inspect/registers.ts';

export interface StackFrame {
  readonly pc: bigint;
  /** Where the return address stands, and eight more: the stack pointer of the caller. */
  readonly callerSp: bigint;
  /** Where RBP was saved, if it was. */
  readonly savedRbpAt: bigint | undefined;
}

const ENDBR64 = [0xf3, 0x0f, 0x1e, 0xfa];
const MOV_RBP_RSP = [[0x48, 0x89, 0xe5], [0x48, 0x8b, 0xec]]; // biome-ignore format: one line

export function* unwind(task: Task): Generator<StackFrame> {
  const registers = readRegisters(task);
  if (registers === undefined) return;
  const entry = entryOf(task);
  let { rip: pc } = registers;
  let { rsp: sp, rbp } = registers.general;
  for (let level = 0; ; level++) {
    // A return address is behind the call: the function is that of the call.
    const found = symbolAt(task, level === 0 ? pc : pc - 1n);
    const start = found?.address;
    const { base, hasSavedRbp } = frameBase(task, start, pc, sp, rbp);
    const callerSp = base + 16n;
    yield { pc, callerSp, savedRbpAt: hasSavedRbp ? base : undefined };
    if (level > 0 && pc === 0n) return;
    if (start !== undefined && (start === entry || found?.symbol.name === 'main')) return;
    const next = readWord(task, base + 8n);
    if (next === undefined) return;
    if (hasSavedRbp) rbp = readWord(task, base) ?? rbp;
    pc = next;
    sp = callerSp;
  }
}

/** The frame's base: the saved RBP is there, the return address eight bytes above. */
function frameBase(
  task: Task,
  start: bigint | undefined,
  pc: bigint,
  sp: bigint,
  rbp: bigint,
): { base: bigint; hasSavedRbp: boolean } {
  if (start === undefined) return { base: sp - 8n, hasSavedRbp: false };
  const bytes = readMemory(task, start, 16);
  const has = (at: number, pattern: readonly number[]): boolean => pattern.every((byte, i) => bytes[at + i] === byte);
  const push = has(0, ENDBR64) ? ENDBR64.length : 0;
  const at = Number(pc - start);
  if (bytes[push] !== 0x55 || at <= push) return { base: sp - 8n, hasSavedRbp: false };
  const isSetUp = MOV_RBP_RSP.some((pattern) => has(push + 1, pattern)) && at >= push + 4;
  return { base: isSetUp ? rbp : sp, hasSavedRbp: true };
}

function entryOf(task: Task): bigint | undefined {
  const module = modulesOf(task).find(({ isProgram }) => isProgram);
  if (module === undefined) return undefined;
  const header = module.file.source.read(0, 64);
  if (header.length < 64) return undefined;
  return new DataView(header.buffer, header.byteOffset, 64).getBigUint64(24, true) + module.bias;
}
