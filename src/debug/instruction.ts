/** The instruction at an address of a process, as text. */
import type { Task } from '../kernel/task/task.ts';

const MOST_BYTES = 15;

export function describeInstruction(task: Task, rip: bigint): string {
  const bytes = task.kernel.peek(task, rip, MOST_BYTES);
  return bytes === undefined ? '' : [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
