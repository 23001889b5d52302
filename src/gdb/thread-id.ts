/**
 * Threads as packets name them: `pPID.TID` in hexadecimal, `-1` for all, `0` for any. A number alone is a thread's; that
 * is how a client without multiprocess extensions writes.
 */
import { UsageError } from '../base/invariant.ts';
import { numberOfHex } from './bytes.ts';

export interface ThreadId {
  /** Undefined: not said. */
  readonly pid: number | 'all' | 'any' | undefined;
  readonly tid: number | 'all' | 'any';
}

export function parseThreadId(text: string): ThreadId {
  const match = /^(?:p(-1|[\da-f]+)(?:\.(-1|[\da-f]+))?|(-1|[\da-f]+))$/i.exec(text);
  if (match === null) throw new UsageError('no thread');
  const [, pid, ofProcess, alone] = match;
  const tid = ofProcess ?? alone;
  return { pid: pid === undefined ? undefined : one(pid), tid: tid === undefined ? 'all' : one(tid) };
}

const one = (text: string): number | 'all' | 'any' => {
  if (text === '-1') return 'all';
  const value = numberOfHex(text);
  return value === 0 ? 'any' : value;
};

/** `p64.66`. */
export const threadIdText = (pid: number, tid: number): string => `p${pid.toString(16)}.${tid.toString(16)}`;

/** Whether a thread is among those that are meant. */
export function isMeant({ pid, tid }: ThreadId, thread: { readonly pid: number; readonly tid: number }): boolean {
  return (typeof pid !== 'number' || pid === thread.pid) && (typeof tid !== 'number' || tid === thread.tid);
}
