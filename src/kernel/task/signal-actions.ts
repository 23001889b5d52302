/** What a process does on each signal: sigaction(2), struct sighand_struct. Threads share one, CLONE_SIGHAND too. */
import { SIG_DFL, SIG_IGN, SIGNAL_MAX } from '../../abi/signal.ts';

export interface SignalAction {
  /** SIG_DFL, SIG_IGN or the address of a function. */
  readonly handler: bigint;
  /** SA_ of sigaction(2). */
  readonly flags: bigint;
  /** Where a handler returns to. */
  readonly restorer: bigint;
  /** What is blocked while the handler runs. */
  readonly mask: bigint;
}

export const DEFAULT_SIGNAL_ACTION: SignalAction = { handler: SIG_DFL, flags: 0n, restorer: 0n, mask: 0n };

export class SignalActions {
  private readonly _actions: SignalAction[];

  constructor(actions?: readonly SignalAction[]) {
    this._actions = actions === undefined ? new Array(SIGNAL_MAX + 1).fill(DEFAULT_SIGNAL_ACTION) : [...actions];
  }

  get(signal: number): SignalAction {
    return this._actions[signal];
  }

  set(signal: number, action: SignalAction): void {
    this._actions[signal] = action;
  }

  copy(): SignalActions {
    return new SignalActions(this._actions);
  }

  /** What a new program begins with: handlers are gone, what was ignored still is. */
  afterExec(): SignalActions {
    return this._filtered((action) => action.handler === SIG_IGN);
  }

  private _filtered(keep: (action: SignalAction) => boolean): SignalActions {
    return new SignalActions(
      this._actions.map((action) =>
        keep(action) ? { ...DEFAULT_SIGNAL_ACTION, handler: action.handler } : DEFAULT_SIGNAL_ACTION,
      ),
    );
  }
}
