/**
 * `pml4 debug` in a terminal: brings together the session, the screen's state, and Ink, which draws it. Keys become
 * actions (screen.ts), actions become commands of the session; after each the view is read again.
 */
import { render } from 'ink';
import { createElement } from 'react';
import { UsageError } from '../base/invariant.ts';
import { commonPrefix, complete } from '../debug/commands/completion.ts';
import { answer, BLOCK_PROMPT, PROMPT } from '../debug/commands/script.ts';
import type { Session } from '../debug/commands/session.ts';
import { ScreenView } from './app.ts';
import { draw, settled } from './draw.ts';
import type { TerminalInput } from './keys.ts';
import { withText } from './prompt.ts';
import { type Action, firstScreen, press, type Screen } from './screen.ts';
import { HostScreen } from './terminal.ts';
import { readView, type View, type Wishes } from './view.ts';

const MOST_TRANSCRIPT = 2000;
const STATUS_SIGNAL = 128;
/** Commands that show a place: what the panes show of it is all there is to see. */
const QUIET_WELCOME = 'F1 or help keys: the keys. help: the commands. The run goes both ways: stepi and reverse-stepi.';

/** The exit status: 0, or 128 and the number of a signal. */
export async function runTerminalView(session: Session): Promise<number> {
  return await new TerminalView(session).run();
}

class TerminalView {
  private readonly _session: Session;
  private readonly _host: HostScreen;
  private _screen: Screen;
  private _view: View;
  private _before: View | undefined;
  private _wishes: Wishes = { memoryAddress: undefined, walkAddress: undefined };
  private _ink: ReturnType<typeof render> | undefined;
  private _leave: (status: number) => void = () => {};
  private _fail: (error: unknown) => void = () => {};
  /** What is typed while a command runs waits, but for Ctrl-C. */
  private _isBusy = false;
  private readonly _typed: TerminalInput[] = [];

  constructor(session: Session) {
    this._session = session;
    this._host = new HostScreen({
      onInput: (input) => this._guard(() => this._take(input)),
      onResize: (columns, rows) => this._guard(() => this._show({ ...this._screen, columns, rows })),
      onSignal: (signal) => this._leave(STATUS_SIGNAL + signal),
    });
    this._screen = { ...firstScreen(this._host.columns, this._host.rows), transcript: [QUIET_WELCOME] };
    this._view = readView(session, this._wishes);
    // What a long run prints is seen while it goes on.
    session.engine.output.onWritten = () => {
      const output = new TextDecoder().decode(session.printedBytes());
      this._view = { ...this._view, output };
      this._guard(() => this._show(this._screen));
    };
  }

  async run(): Promise<number> {
    const ended = new Promise<number>((resolve, reject) => {
      this._leave = resolve;
      this._fail = reject;
    });
    process.once('uncaughtException', this._fail);
    this._open();
    try {
      return await ended;
    } finally {
      this._session.engine.interrupt();
      this._close();
      process.off('uncaughtException', this._fail);
    }
  }

  private _open(): void {
    this._host.open();
    this._ink = render(this._element(), {
      // A terminal is one also where the environment says CI.
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 60,
    });
  }

  private _close(): void {
    this._ink?.unmount();
    this._ink = undefined;
    this._host.close();
  }

  /** Back to the shell, until it lets us go on. */
  private _suspend(): void {
    this._close();
    // Signals alone do not keep Node from ending.
    const waiting = setInterval(() => {}, 1 << 30);
    process.once('SIGCONT', () =>
      this._guard(() => {
        clearInterval(waiting);
        this._open();
        this._show({ ...this._screen, columns: this._host.columns, rows: this._host.rows });
      }),
    );
    process.kill(process.pid, 'SIGTSTP');
  }

  private _element() {
    const drawn = draw(this._view, this._before, this._screen);
    const { columns, rows } = this._screen;
    return createElement(ScreenView, { drawn, columns, rows, hasColors: !process.env.NO_COLOR });
  }

  private _show(screen: Screen): void {
    this._screen = settled(screen, this._view, this._before);
    this._ink?.rerender(this._element());
  }

  /** A bug of ours ends the view, with the terminal as it was. */
  private _guard(run: () => void | Promise<void>): void {
    try {
      const result = run();
      if (result instanceof Promise) result.catch(this._fail);
    } catch (error) {
      this._fail(error);
    }
  }

  private async _take(input: TerminalInput): Promise<void> {
    const isControlC = input.kind === 'char' && input.ctrl && input.text === 'c';
    if (this._isBusy && !isControlC) {
      this._typed.push(input);
      return;
    }
    const { screen, action } = press(this._screen, input);
    this._show(screen);
    if (action === undefined) return;
    if (action.kind === 'interrupt') return this._session.engine.interrupt();
    if (action.kind === 'suspend') return this._suspend();
    this._isBusy = true;
    try {
      await this._do(action);
    } finally {
      this._isBusy = false;
    }
    const next = this._typed.shift();
    if (next !== undefined) await this._take(next);
  }

  private async _do(action: Exclude<Action, { kind: 'interrupt' | 'suspend' }>): Promise<void> {
    switch (action.kind) {
      case 'quit':
        return this._leave(0);
      case 'complete':
        return this._complete();
      case 'next thread':
        return await this._run(this._nextThread());
      case 'toggle breakpoint':
        return await this._run(this._toggleBreakpoint());
      case 'run':
        return await this._run(action.line);
    }
  }

  private async _run(line: string): Promise<void> {
    if (/^\s*help\s+keys\s*$/.test(line)) return this._show({ ...this._screen, showsHelp: true });
    if (this._wish(line)) return;
    const prompt = this._session.isInBlock ? BLOCK_PROMPT : PROMPT;
    this._show({ ...this._screen, isRunning: true });
    const { text, isQuit } = await answer(this._session, line);
    if (isQuit) return this._leave(0);
    this._before = this._view;
    this._refresh([`${prompt}${line}`, ...(text === '' ? [] : text.replace(/\n$/, '').split('\n'))]);
  }

  private _refresh(said: readonly string[]): void {
    const isElsewhere = this._view.currentTid !== this._session.engine.task?.tid;
    this._view = readView(this._session, this._wishes);
    // Nothing has changed in a thread that was not there to be compared with.
    if (isElsewhere) this._before = undefined;
    const { code: _, timeline: __, stack: ___, ...scroll } = this._screen.scroll;
    this._say(said, { ...this._screen, isRunning: false, isInBlock: this._session.isInBlock, scroll });
  }

  private _say(lines: readonly string[], screen: Screen): void {
    const transcript = [...screen.transcript, ...lines].slice(-MOST_TRANSCRIPT);
    this._show({ ...screen, transcript, scroll: { ...screen.scroll, command: 0 } });
  }

  /** `walk ADDRESS` and `memory ADDRESS` are what the panes show from then on; without one, what they begin with. */
  private _wish(line: string): boolean {
    const found = /^\s*(walk|memory)(?:\s+(.+))?$/.exec(line);
    if (found === null) return false;
    try {
      const address = found[2] === undefined ? undefined : this._session.addressOf(found[2]);
      this._wishes = { ...this._wishes, [`${found[1]}Address`]: address };
      this._screen = { ...this._screen, front: [found[1] as 'walk' | 'memory', ...this._screen.front] };
      this._refresh([`${PROMPT}${line}`]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this._say([`${PROMPT}${line}`, error.message], this._screen);
    }
    return true;
  }

  private _complete(): void {
    const { input } = this._screen;
    const head = input.text.slice(0, input.cursor);
    const { start, candidates } = complete(head, this._session);
    const added = candidates.length === 1 ? `${candidates[0]} ` : commonPrefix(candidates);
    const text = added.length > head.length - start ? head.slice(0, start) + added : head;
    const next = withText(input, text + input.text.slice(input.cursor), text.length);
    this._show({ ...this._screen, input: next, candidates });
  }

  private _nextThread(): string {
    const { tasks, currentTid } = this._view;
    const alive = tasks.filter(({ task }) => task.isAlive());
    const at = alive.findIndex(({ tid }) => tid === currentTid);
    return alive.length === 0 ? 'info threads' : `thread ${alive[(at + 1) % alive.length].tid}`;
  }

  private _toggleBreakpoint(): string {
    const address = this._view.place?.address;
    if (address === undefined) return 'info breakpoints';
    const place = `*0x${address.toString(16)}`;
    return this._view.breakAddresses.has(address) ? `clear ${place}` : `break ${place}`;
  }
}
