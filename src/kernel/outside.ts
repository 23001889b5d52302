/**
 * What the kernel waits for that comes from outside the machine: input, and what a call has asked of the host. The
 * kernel itself awaits nothing: `Kernel.run` comes back with 'outside', and its caller waits until `arrival` settles.
 */
import { ERESTARTSYS } from '../abi/errno.ts';
import { READABLE } from '../abi/poll.ts';
import type { Console, Host, Terminal } from '../host/host.ts';
import { Blocked } from './syscalls/define.ts';
import { WaitQueue } from './task/wait-queue.ts';

/** The whole machine stands still until a promise is settled; then the same call is run again, before anything else. */
export class Held extends Blocked {
  constructor() {
    super([], undefined, ERESTARTSYS);
  }
}

export class Outside {
  /** Tasks that wait for input of the console. */
  readonly input = new WaitQueue();
  private readonly _console: Console;
  private readonly _terminal: Terminal | undefined;
  private _isHeld = false;
  private _arrival: PromiseWithResolvers<void> | undefined;

  constructor({ console, terminal }: Pick<Host, 'console' | 'terminal'>) {
    this._console = console;
    this._terminal = terminal;
    console.onInput = () => {
      this.input.wakeAll(READABLE);
      this.arrived();
    };
  }

  /** Nothing may run until the promise, which must not be rejected, is settled. */
  hold(promise: Promise<unknown>): Held {
    this._isHeld = true;
    const release = () => {
      this._isHeld = false;
      this.arrived();
    };
    promise.then(release, release);
    return new Held();
  }

  get isHeld(): boolean {
    return this._isHeld;
  }

  /** Whether something may come at any time, so that the host has to get its turns. */
  isPending(): boolean {
    return this._isHeld || this._console.isPending() || this._terminal?.isPending() === true;
  }

  /** Settles when the next thing has come. */
  arrival(): Promise<void> {
    this._arrival ??= Promise.withResolvers();
    return this._arrival.promise;
  }

  /** Something has come: whoever waits for that looks again. */
  arrived(): void {
    this._arrival?.resolve();
    this._arrival = undefined;
  }
}
