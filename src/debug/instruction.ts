/** The instruction at an address of a process, as text. */
import { decode } from '../cpu/decode.ts';
import { disassemble } from '../cpu/disasm.ts';
import type { Insn } from '../cpu/isa/define.ts';
import type { Task } from '../kernel/task/task.ts';
import { readMemory } from './inspect/memory.ts';

/** An instruction may be the last thing in its page: there may be fewer. */
const codeAt = (task: Task, rip: bigint): Uint8Array => readMemory(task, rip, 15);

/** `mov [r12], rax`; the bytes where they are no instruction; empty where they cannot be read. */
export function describeInstruction(task: Task, rip: bigint): string {
  const bytes = codeAt(task, rip);
  const insn = decodeAt(task, rip, bytes);
  if (insn !== undefined) return disassemble(insn);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Undefined where there is no instruction, or nothing to read. Nothing changes by looking. */
export function decodeAt(task: Task, rip: bigint, bytes: Uint8Array = codeAt(task, rip)): Insn | undefined {
  const insn = decode(bytes, 0, bytes.length, rip);
  return typeof insn === 'object' && 'def' in insn ? insn : undefined;
}
