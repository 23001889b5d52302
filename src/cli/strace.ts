/**
 * `--strace`: lines as strace(1) prints them with -f. Each call's text comes from its record; this puts it into lines:
 * results in a column, `[pid N]` while there are several processes, a call that others interrupt in two parts.
 */
import type {
  ExecEvent,
  ExitEvent,
  ForkEvent,
  KernelObserver,
  SignalEvent,
  StopEvent,
  SyscallEvent,
  SyscallExitEvent,
} from '../kernel/observer.ts';
import { joinResult } from '../kernel/syscalls/strace.ts';

export class StraceWriter implements KernelObserver {
  private readonly _write: (line: string) => void;
  private readonly _alive = new Set<number>();
  /** The call that has begun and whose line is not out yet. */
  private _open: { readonly pid: number; readonly text: string } | undefined;

  constructor(write: (line: string) => void) {
    this._write = write;
  }

  onExec({ pid, text, isFirst }: ExecEvent): void {
    if (!isFirst) return;
    this._alive.add(pid);
    this._line(pid, text());
  }

  onSyscallEnter(event: SyscallEvent): void {
    this._interrupt();
    this._open = { pid: event.pid, text: event.entryText() };
  }

  onSyscallExit(event: SyscallExitEvent): void {
    const { pid, name } = event;
    if (this._open?.pid !== pid) this._interrupt();
    const begun = this._open?.text ?? `<... ${name} resumed>`;
    this._open = undefined;
    this._write(`${joinResult(this._prefix(pid) + begun + event.exitText(), event.resultText())}\n`);
  }

  onFork({ child }: ForkEvent): void {
    // The call that made the child has its line complete before the child's pid appears in front of others.
    this._born.push(child.tid);
  }
  private readonly _born: number[] = [];

  onSignal(event: SignalEvent): void {
    this._interrupt();
    this._line(event.pid, event.text());
  }

  onStop(event: StopEvent): void {
    this._interrupt();
    this._line(event.pid, event.text());
  }

  onExit(event: ExitEvent): void {
    this._interrupt();
    this._line(event.pid, event.text());
    this._alive.delete(event.pid);
  }

  private _line(pid: number, text: string): void {
    this._write(`${this._prefix(pid)}${text}\n`);
  }

  private _interrupt(): void {
    if (this._open === undefined) return;
    this._write(`${this._prefix(this._open.pid)}${this._open.text} <unfinished ...>\n`);
    this._open = undefined;
  }

  private _prefix(pid: number): string {
    const text = this._alive.size > 1 ? `[pid ${String(pid).padStart(5)}] ` : '';
    for (const child of this._born.splice(0)) this._alive.add(child);
    return text;
  }
}
