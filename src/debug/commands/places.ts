/** Where a thread is: the symbol and the source line of an address, and the lines of a source file. */
import type { Task } from '../../kernel/task/task.ts';
import { symbolAt } from '../inspect/modules.ts';
import { readRegisters } from '../inspect/registers.ts';
import type { Output, Place } from './output.ts';
import type { Session } from './session.ts';

/** `isReturn`: the address is behind a call, so that the line is that of the call. */
export function placeOf(session: Session, task: Task, address: bigint, isReturn = false): Place {
  const found = symbolAt(task, isReturn ? address - 1n : address);
  const offset = found === undefined ? 0 : found.offset + (isReturn ? 1 : 0);
  const source = session.sources.placeOf(task, address, isReturn);
  return { address, symbol: found?.symbol.name, offset, source };
}

/** Where a thread stands. Throws UsageError for one that has ended. */
export function currentPlace(session: Session, task: Task): Place {
  return placeOf(session, task, ripOf(task));
}

/** Of the selected frame. */
export function selectedPlace(session: Session): Place {
  const { frame, task } = session;
  return frame === undefined ? currentPlace(session, task) : placeOf(session, task, frame.rip, !frame.isInterrupted);
}

export const ripOf = (task: Task): bigint => readRegisters(task)?.rip ?? 0n;

export function placeOutput(
  session: Session,
  task: Task,
  style: Extract<Output, { kind: 'place' }>['style'],
  level?: number,
): Output {
  return { kind: 'place', place: currentPlace(session, task), level, style };
}
