/** The instruction at an address of a process, as text. */
import { decode } from '../cpu/decode.ts';
import { disassemble } from '../cpu/disasm.ts';
import type { Insn } from '../cpu/isa/define.ts';
import type { Task } from '../kernel/task/task.ts';

const MOST_BYTES = 15;

/** `mov [r12], rax`; the bytes where they are no instruction; empty where they cannot be read. */
export function describeInstruction(task: Task, rip: bigint): string {
  const bytes = peekSome(task, rip);
  const insn = decodeAt(task, rip, bytes);
  if (insn !== undefined) return disassemble(insn);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Undefined where there is no instruction, or nothing to read. Nothing changes by looking. */
export function decodeAt(task: Task, rip: bigint, bytes: Uint8Array = peekSome(task, rip)): Insn | undefined {
  const insn = decode(bytes, 0, bytes.length, rip);
  return typeof insn === 'object' && 'def' in insn ? insn : undefined;
}

/** As many of the bytes as there are: an instruction may be the last thing in its page. */
function peekSome(task: Task, rip: bigint): Uint8Array {
  for (let length = MOST_BYTES; length > 0; length--) {
    const bytes = task.kernel.peek(task, rip, length);
    if (bytes !== undefined) return bytes;
  }
  return new Uint8Array(0);
}
