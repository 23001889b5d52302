/** Observers: one that keeps every system call for the result, and one that is several. */
import type { KernelObserver, SyscallExitEvent } from '../kernel/observer.ts';
import { joinResult } from '../kernel/syscalls/strace.ts';
import type { SyscallResultEntry } from './result.ts';

/** Calls kept; more are only counted, so that a long run does not fill the host's memory. */
const MOST_CALLS = 100_000;

export class SyscallRecorder implements KernelObserver {
  readonly calls: SyscallResultEntry[] = [];
  dropped = 0;
  /** What an argument showed before the call: an exit(2) or a write(2) may change it. */
  private readonly _entries = new Map<number, string>();

  onSyscallEnter({
    pid,
    entryText,
  }: SyscallExitEvent | Parameters<NonNullable<KernelObserver['onSyscallEnter']>>[0]): void {
    if (this.calls.length < MOST_CALLS) this._entries.set(pid, entryText());
  }

  onSyscallExit({ pid, name, args, result, error, exitText, resultText }: SyscallExitEvent): void {
    if (this.calls.length >= MOST_CALLS) {
      this.dropped++;
      return;
    }
    const text = joinResult((this._entries.get(pid) ?? '') + exitText(), resultText());
    this.calls.push({ pid, name, args, result, error: error?.name, text });
  }
}

type Callback = (event: never) => void;

/** One observer that tells several, in order; undefined for none. A callback that nobody has stays absent. */
export function combineObservers(observers: readonly (KernelObserver | undefined)[]): KernelObserver | undefined {
  const present = observers.filter((observer) => observer !== undefined);
  if (present.length <= 1) return present[0];
  const combined: Record<string, Callback> = {};
  for (const name of CALLBACKS) {
    const listeners = present.filter((observer) => observer[name] !== undefined);
    if (listeners.length === 0) continue;
    combined[name] = (event) => {
      for (const observer of listeners) (observer[name] as Callback).call(observer, event);
    };
  }
  return combined as KernelObserver;
}

const CALLBACK_NAMES: Record<keyof KernelObserver, true> = {
  onExec: true, onSyscallEnter: true, onSyscallBlocked: true, onSyscallExit: true, onMapping: true, onFork: true,
  onFirstTouch: true, onCopyOnWrite: true, onSignal: true, onStop: true, onExit: true, onSwitch: true,
}; // biome-ignore format: a list that must be complete
const CALLBACKS = Object.keys(CALLBACK_NAMES) as (keyof KernelObserver)[];
