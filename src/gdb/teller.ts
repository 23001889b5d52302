/**
 * What a client is told of the engine's stops: of the processes that it is attached to, the events that it knows, and each
 * once. What it is not told of, the program goes on from.
 */
import { SIGINT, SIGTRAP, type SignalInfo } from '../abi/signal.ts';
import { invariant } from '../base/invariant.ts';
import type { Direction } from '../debug/engine.ts';
import { stateOf } from '../debug/inspect/registers.ts';
import type { Stop } from '../debug/stops.ts';
import type { EventDetail, TimelineEvent } from '../debug/timeline.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Task } from '../kernel/task/task.ts';
import type { Resumption } from './debuggee.ts';
import type { Inferior, Inferiors } from './inferiors.ts';
import { endText, NOTHING_RUNS, REASON, stopText } from './stop-reply.ts';

/** Why it stands still. */
export interface Standing {
  /** The stop reply. */
  readonly reply: string;
  readonly task?: Task | undefined;
  /** Is about to be delivered to it. */
  readonly signal?: SignalInfo | undefined;
}

export interface TellerParts {
  readonly kernel: () => Kernel | undefined;
  /** A child is attached to. */
  readonly onBirth: () => void;
  /** A process that was attached to has ended. */
  readonly onEnd: (pid: number) => void;
}

export class Teller {
  /** Events that the client understands. */
  offered: ReadonlySet<string> = new Set();
  /** A signal that the client wants to be delivered: it need not hear of it. */
  sent: { readonly tid: number; readonly signal: number } | undefined;
  private readonly _inferiors: Inferiors;
  private readonly _parts: TellerParts;
  /** Threads that wait for a child to give back their memory. */
  private readonly _vforking = new Set<number>();

  constructor(inferiors: Inferiors, parts: TellerParts) {
    this._inferiors = inferiors;
    this._parts = parts;
  }

  /** Another run begins. */
  forget(): void {
    this._vforking.clear();
    this.sent = undefined;
  }

  /** Threads that have not ended, of what the client is attached to. */
  threads(): Task[] {
    const kernel = this._parts.kernel();
    return kernel === undefined
      ? []
      : this._inferiors.pids().flatMap((pid) => kernel.findProcess(pid)?.liveThreads() ?? []);
  }

  /** Undefined: nothing. */
  told({ reason, task }: Stop, how: Resumption): Standing | undefined {
    switch (reason.kind) {
      case 'breakpoint':
        return this.trap(task, this._hasHardwareBreak(task) ? REASON.hardwareBreakpoint : REASON.breakpoint);
      case 'watchpoint': {
        const { access, place } = reason.watchpoint;
        invariant(place.kind === 'virtual' && access !== 'change', 'a watchpoint that no packet has put there');
        return this.trap(task, REASON.watch(access, place.address));
      }
      case 'catchpoint':
        return this._event(reason.event, how.direction);
      case 'signal':
        return this._signal(reason.event, how.direction);
      case 'end':
        return { reply: NOTHING_RUNS };
      default:
        return how.kind === 'step' && this._isInRange(how) ? undefined : this.trap(task);
    }
  }

  stopped(task: Task | undefined, signal: number, reason?: string): Standing {
    return task === undefined ? { reply: NOTHING_RUNS } : { reply: stopText({ task, signal, reason }), task };
  }

  trap(task: Task | undefined, reason?: string): Standing {
    return this.stopped(task !== undefined && this._isAttached(task) ? task : this.anyThread(), SIGTRAP, reason);
  }

  interrupted(): Standing {
    return this.stopped(this.anyThread(), SIGINT);
  }

  private _isAttached({ pid }: Task): boolean {
    return this._inferiors.find(pid) !== undefined;
  }

  /** The running one, if a client knows it, or the first. */
  anyThread(): Task | undefined {
    const threads = this.threads();
    const current = this._parts.kernel()?.current;
    return threads.find((task) => task === current) ?? threads[0];
  }

  private _isInRange({ task: { tid }, range }: Resumption & { kind: 'step' }): boolean {
    const task = this._parts.kernel()?.findTask(tid);
    const rip = task && stateOf(task)?.rip;
    return range !== undefined && rip !== undefined && rip >= range[0] && rip < range[1];
  }

  private _hasHardwareBreak(task: Task | undefined): boolean {
    const rip = task && stateOf(task)?.rip;
    const points = task && this._inferiors.find(task.pid)?.points;
    return [...(points?.values() ?? [])].some(({ point }) => point.kind === 'hardware break' && point.address === rip);
  }

  // ---- events ---------------------------------------------------------------------------------------------------

  private _event(event: TimelineEvent, direction: Direction): Standing | undefined {
    const inferior = this._inferiors.find(event.pid);
    const { detail } = event;
    if (inferior === undefined) return undefined;
    const task = this._parts.kernel()!.findTask(event.tid);
    if (detail.kind === 'syscall' || detail.kind === 'return') return this._call(inferior, task, detail, direction);
    switch (detail.kind) {
      case 'fork':
        return this._forked(inferior, task, detail.childPid);
      case 'exec': {
        const path = task?.process.exe?.path();
        this._inferiors.clear(inferior.pid);
        return path === undefined || !this.offered.has('exec-events')
          ? undefined
          : this.stopped(task, SIGTRAP, REASON.exec(path));
      }
      case 'exit':
        return this._ended(event.pid);
      default:
        return undefined;
    }
  }

  private _forked(parent: Inferior, task: Task | undefined, childPid: number): Standing | undefined {
    const child = this._parts.kernel()!.findProcess(childPid)?.leader;
    // A child that is known was born before the client went back.
    if (task === undefined || child === undefined || this._isAttached(child)) return undefined;
    const kind = child.hasMemory() && task.hasMemory() && child.mm === task.mm ? 'vfork' : 'fork';
    if (!this.offered.has(`${kind}-events`)) return undefined;
    this._inferiors.attachChild(childPid, parent);
    this._parts.onBirth();
    if (kind === 'vfork') this._vforking.add(task.tid);
    return this.stopped(task, SIGTRAP, REASON.fork(kind, child));
  }

  private _call(
    { calls }: Inferior,
    task: Task | undefined,
    { kind, number }: EventDetail & { kind: 'syscall' | 'return' },
    direction: Direction,
  ): Standing | undefined {
    if (task === undefined) return undefined;
    const isReturn = kind === 'return';
    if (isReturn && direction === 'forward' && this._vforking.delete(task.tid))
      return this.stopped(task, SIGTRAP, REASON.vforkDone);
    if (calls !== 'all' && !calls?.has(number)) return undefined;
    return this.stopped(task, SIGTRAP, isReturn ? REASON.callReturn(number) : REASON.callEntry(number));
  }

  /** Of several threads the last one ends the process. */
  private _ended(pid: number): Standing | undefined {
    const process = this._parts.kernel()!.allProcesses.find((one) => one.pid === pid);
    if (process === undefined || process.isAlive() || process.ending === undefined) return undefined;
    this._parts.onEnd(pid);
    return { reply: endText(pid, process.ending) };
  }

  private _signal({ detail, pid, tid }: TimelineEvent, direction: Direction): Standing | undefined {
    const task = this._parts.kernel()!.findTask(tid);
    if (detail.kind !== 'signal' || task === undefined || this._inferiors.find(pid) === undefined) return undefined;
    if (direction === 'backward') return undefined;
    const { signal, code, address } = detail;
    // What the client has sent it need not hear of.
    const isSent = this.sent?.tid === tid && this.sent.signal === signal;
    this.sent = undefined;
    if (isSent) return undefined;
    return { ...this.stopped(task, signal), signal: { signal, code, ...(address === undefined ? {} : { address }) } };
  }
}
