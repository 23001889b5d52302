/**
 * A program without the debugger's engine, forwards only and instruction by instruction: what packets are tested on that
 * look at registers, memory and files of a real machine.
 */
import { SIGTRAP, type SignalInfo } from '../../src/abi/signal.ts';
import { invariant } from '../../src/base/invariant.ts';
import type { Debuggee, Point, Resumption } from '../../src/gdb/debuggee.ts';
import { Inferiors } from '../../src/gdb/inferiors.ts';
import { endText, NO_PROGRAM, REASON, stopText } from '../../src/gdb/stop-reply.ts';
import { loadImage, Machine, type MachineOptions } from '../../src/index.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Task } from '../../src/kernel/task/task.ts';

export class PlainDebuggee implements Debuggee {
  readonly machine: Machine;
  readonly inserted: Point[] = [];
  readonly passed: number[] = [];
  readonly changes: string[] = [];
  private readonly _inferiors = new Inferiors((point) => {
    this.inserted.push(point);
    return () => this.inserted.splice(this.inserted.indexOf(point), 1);
  });
  private _stopped: Task;
  private _reply: string;
  private _isInterrupted = false;

  private constructor(machine: Machine, first: Task) {
    this.machine = machine;
    this._stopped = first;
    this._reply = stopText({ task: first, signal: SIGTRAP });
    this._inferiors.attach(first.pid, false);
  }

  static async open(path: string, args: readonly string[] = [], options: MachineOptions = {}): Promise<PlainDebuggee> {
    const machine = new Machine(options);
    const first = await machine.load(await loadImage(path), path, { args });
    return new PlainDebuggee(machine, first);
  }

  get kernel(): Kernel {
    return this.machine.kernel;
  }
  threads(): Task[] {
    return this._inferiors.pids().flatMap((pid) => this.kernel.findProcess(pid)?.liveThreads() ?? []);
  }
  attachedPids = () => this._inferiors.pids();
  wasAttached = () => false;
  stoppedThread = () => (this._stopped.isAlive() ? this._stopped : undefined);
  siginfo = (): SignalInfo => ({ signal: SIGTRAP, code: 2 });
  changeRegisters = () => 'registers cannot be changed here';
  changeMemory(_task: Task, address: bigint, bytes: Uint8Array): string {
    this.changes.push(`${address.toString(16)}: ${[...bytes]}`);
    return 'memory cannot be changed here';
  }
  insert(point: Point): void {
    this._inferiors.insert(point);
  }
  remove(point: Point): void {
    this._inferiors.remove(point);
  }
  passSignals(signals: readonly number[]): void {
    this.passed.splice(0, this.passed.length, ...signals);
  }
  catchSyscalls(): void {}
  offered: string[] = [];
  offer(features: ReadonlySet<string>): void {
    this.offered = [...features];
  }
  async prepare(): Promise<void> {}
  stopReply = () => this._reply;
  interrupt(): void {
    this._isInterrupted = true;
  }

  async resume(how: Resumption): Promise<string> {
    invariant(how.direction === 'forward', 'forwards only');
    this._isInterrupted = false;
    for (let task = this._stopped; ; ) {
      const stop = this.kernel.run(1);
      task = this.kernel.current ?? task;
      if (stop === 'finished') return (this._reply = endText(task.pid, task.process.ending!));
      const isAt = this.inserted.some(({ address, kind }) => kind === 'break' && address === this.kernel.cpu.state.rip);
      if (how.kind === 'step' || isAt || this._isInterrupted) {
        this._stopped = task;
        return (this._reply = stopText({ task, signal: SIGTRAP, reason: isAt ? REASON.breakpoint : undefined }));
      }
      await Promise.resolve();
    }
  }

  start = async () => NO_PROGRAM;
  attach = async () => this._reply;
  detach = (pid: number) => this._inferiors.detach(pid);
  kill(pid: number): undefined {
    this._inferiors.detach(pid);
  }
  killAll(): void {
    this._inferiors.detachAll();
  }
  undisturbed = <T>(look: () => T): T => look();
  monitor = async (line: string) => `no command ${line}\n`;
}
