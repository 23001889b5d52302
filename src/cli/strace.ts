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
  readonly #write: (line: string) => void;
  readonly #alive = new Set<number>();
  /** The call that has begun and whose line is not out yet. */
  #open: { readonly pid: number; readonly text: string } | undefined;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  onExec({ pid, text, isFirst }: ExecEvent): void {
    if (!isFirst) return;
    this.#alive.add(pid);
    this.#line(pid, text());
  }

  onSyscallEnter(event: SyscallEvent): void {
    this.#interrupt();
    this.#open = { pid: event.pid, text: event.entryText() };
  }

  onSyscallExit(event: SyscallExitEvent): void {
    const { pid, name } = event;
    if (this.#open?.pid !== pid) this.#interrupt();
    const begun = this.#open?.text ?? `<... ${name} resumed>`;
    this.#open = undefined;
    this.#write(`${joinResult(this.#prefix(pid) + begun + event.exitText(), event.resultText())}\n`);
  }

  onFork({ child }: ForkEvent): void {
    // The call that made the child has its line complete before the child's pid appears in front of others.
    this.#born.push(child.tid);
  }
  readonly #born: number[] = [];

  onSignal(event: SignalEvent): void {
    this.#interrupt();
    this.#line(event.pid, event.text());
  }

  onStop(event: StopEvent): void {
    this.#interrupt();
    this.#line(event.pid, event.text());
  }

  onExit(event: ExitEvent): void {
    this.#interrupt();
    this.#line(event.pid, event.text());
    this.#alive.delete(event.pid);
  }

  #line(pid: number, text: string): void {
    this.#write(`${this.#prefix(pid)}${text}\n`);
  }

  #interrupt(): void {
    if (this.#open === undefined) return;
    this.#write(`${this.#prefix(this.#open.pid)}${this.#open.text} <unfinished ...>\n`);
    this.#open = undefined;
  }

  #prefix(pid: number): string {
    const text = this.#alive.size > 1 ? `[pid ${String(pid).padStart(5)}] ` : '';
    for (const child of this.#born.splice(0)) this.#alive.add(child);
    return text;
  }
}
