/**
 * The callers of where a thread stands, as far as gdb shows them: up to main, or to the entry point of the program where
 * there is no main, since what called those is of no interest.
 */
import type { Task } from '../../kernel/task/task.ts';
import { backtrace, type StackFrame } from '../inspect/backtrace.ts';
import { modulesOf } from '../inspect/modules.ts';

export function unwind(task: Task, most?: number): StackFrame[] {
  const entry = entryOf(task);
  const frames = backtrace(task, most);
  const last = frames.findIndex(
    ({ symbol }) => symbol !== undefined && (symbol.address === entry || symbol.symbol.name === 'main'),
  );
  return last < 0 ? frames : frames.slice(0, last + 1);
}

function entryOf(task: Task): bigint | undefined {
  const module = modulesOf(task).find(({ isProgram }) => isProgram);
  if (module === undefined) return undefined;
  const header = module.file.source.read(0, 64);
  if (header.length < 64) return undefined;
  return new DataView(header.buffer, header.byteOffset, 64).getBigUint64(24, true) + module.bias;
}
