/**
 * One debugging session: the engine, and what commands keep between them: convenience variables and value history,
 * displays, where `x` and `list` go on, bookmarks. It holds no text and no terminal; front ends make one and give it lines.
 */
import { UsageError } from '../../base/invariant.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Engine } from '../engine.ts';
import { evaluateAddress, type Scope } from '../expression/evaluate.ts';
import { FIRST_SPEC, type FormatSpec } from '../expression/examine.ts';
import { type SessionValues, taskScope } from '../expression/task-scope.ts';
import { INT } from '../expression/types.ts';
import { integerValue, type Value } from '../expression/values.ts';
import type { StackFrame } from '../inspect/backtrace.ts';
import { modulesOf } from '../inspect/modules.ts';
import { readRegisters } from '../inspect/registers.ts';
import type { Position } from '../position.ts';
import { findCommand } from './index.ts';
import type { Found } from './lookup.ts';
import { type DisplayRow, type Output, say } from './output.ts';
import type { FollowMode } from './settings.ts';
import { SourceFiles } from './source-files.ts';
import { StopList } from './stop-list.ts';
import { unwind } from './unwind.ts';

export interface SessionOptions {
  /** The text of a source file of the host's, by one of the names it may have; undefined: not at hand. */
  readonly readSource?: (path: string) => string | undefined;
}

/** Lines for a breakpoint that are being typed. */
interface Block {
  readonly number: number;
  readonly lines: string[];
}

/** Stops that one line may lead to, by the lines of breakpoints. */
const MOST_STOPS = 1000;

export class Session {
  readonly engine: Engine;
  readonly sources: SourceFiles;
  readonly stops: StopList = new StopList();
  readonly variables = new Map<string, Value>();
  readonly history: Value[] = [];
  readonly displays: DisplayRow[] = [];
  displaysMade = 0;
  /** The frame that is selected, counted from where the thread stands. */
  level = 0;
  readonly bookmarks = new Map<number, Position>();
  /** What a bare `x` goes on with. */
  examined: { spec: FormatSpec; next: bigint } = { spec: FIRST_SPEC, next: 0n };
  /** Where a bare `list` goes on; undefined: around the current line. */
  listed: { file: string; first: number; last: number } | undefined;
  private _warnings: string[] = [];
  private _last: Found | undefined;
  private _block: Block | undefined;
  private _depth = 0;
  private _outputShown = 0;
  private _follow: { readonly mode: FollowMode; readonly pid: number } = { mode: 'both', pid: 0 };

  constructor(engine: Engine, options: SessionOptions = {}) {
    this.engine = engine;
    this.sources = new SourceFiles(options.readSource ?? (() => undefined));
  }

  /** The selected thread. Throws UsageError where there is none. */
  get task(): Task {
    const { task } = this.engine;
    if (task === undefined) throw new UsageError('The program is not being run.');
    return task;
  }

  /** The frame that is selected: 0 is where the thread stands. Each stop selects that. */
  get frame(): StackFrame | undefined {
    const { task } = this.engine;
    return this.level === 0 || task === undefined ? undefined : unwind(task, this.level + 1)[this.level];
  }

  /** What expressions are evaluated on: the selected thread and frame, or another thread. */
  scope(task: Task | undefined = this.engine.task): Scope {
    const values: SessionValues = {
      variables: this.variables,
      history: this.history,
      warn: (text) => this._warnings.push(text),
    };
    return taskScope(task, values, task === this.engine.task ? this.frame : undefined);
  }

  /** The same for who may assign: what is changed of the selected thread becomes part of the run. */
  changingScope(): Scope {
    const { task } = this.engine;
    return taskScope(
      task,
      {
        variables: this.variables,
        history: this.history,
        warn: (text) => this._warnings.push(text),
        change: (apply) => this.engine.changeTask(task!, apply),
      },
      this.frame,
    );
  }

  /** The general registers, RIP and flags of a thread that is alive, by name. */
  registersOf(task: Task): Record<string, bigint> {
    const { general, rip, rflags, fsBase, gsBase } = readRegisters(task)!;
    return { ...general, rip, eflags: BigInt(rflags), fs_base: fsBase, gs_base: gsBase };
  }

  /** Puts a value into the history; its number. */
  remember(value: Value): number {
    return this.history.push(value);
  }

  /** `$bpnum` is the last stop point's number. */
  noteStopPoint(number: number): number {
    this.variables.set('bpnum', integerValue(INT, BigInt(number)));
    return number;
  }

  /** Said before what the command at hand returns. */
  warn(text: string): void {
    this._warnings.push(text);
  }

  takeWarnings(): string[] {
    const warnings = this._warnings;
    this._warnings = [];
    return warnings;
  }

  /** The file of the first program, as the guest has it. */
  programFile(): Uint8Array | undefined {
    const { task } = this.engine;
    return (
      task &&
      modulesOf(task)
        .find(({ isProgram }) => isProgram)
        ?.file.bytes()
    );
  }

  /** Gives the program a text to read, or, without one, the end of its input. */
  giveInput(text: string | undefined): void {
    if (text === undefined) this.engine.endInput();
    else this.engine.input(new TextEncoder().encode(text));
  }

  // ---- forks

  get followMode(): FollowMode {
    return this._follow.mode;
  }

  /** From the process on that is selected now. */
  setFollowMode(mode: FollowMode): void {
    this._follow = { mode, pid: (this.engine.task?.process ?? this.engine.machine.kernel.allProcesses[0]).pid };
  }

  /** Whether stops of a thread count: with 'child', those of the process at the end of the line of first children. */
  isFollowed({ pid, kernel }: Task): boolean {
    const { mode, pid: from } = this._follow;
    if (mode === 'both') return true;
    let followed = from;
    if (mode === 'child')
      for (let child = followed; child !== 0; ) {
        followed = child;
        child = kernel.allProcesses.find(({ creatorPid }) => creatorPid === followed)?.pid ?? 0;
      }
    return pid === followed;
  }

  // ---- for views

  /** Addresses and lines (`PATH:LINE`) at which breakpoints are. */
  breakpointMarks(): { readonly addresses: ReadonlySet<bigint>; readonly lines: ReadonlySet<string> } {
    const { stopPoints, task } = this.engine;
    const addresses = stopPoints.flatMap((point) =>
      point.kind === 'breakpoint' && point.isEnabled ? [point.address] : [],
    );
    const sources = task === undefined ? [] : addresses.map((address) => this.sources.placeOf(task, address, false));
    const lines = sources.flatMap((source) => (source === undefined ? [] : [`${source.path}:${source.line}`]));
    return { addresses: new Set(addresses), lines: new Set(lines) };
  }

  /** Throws UsageError for what is no address. */
  addressOf(expression: string): bigint {
    return evaluateAddress(expression, this.scope());
  }

  // ---- what the program prints

  /** What has been printed since the last time that somebody asked; what is printed again after going back is not. */
  newOutput(): Output[] {
    const all = this.engine.output.until();
    const bytes = concatenated(all.slice(this._outputShown).map((written) => written.bytes));
    this._outputShown = all.length;
    return bytes.length === 0 ? [] : [{ kind: 'program', bytes }];
  }

  /** Everything that had been printed by where the machine stands. */
  printedBytes(): Uint8Array {
    return concatenated(this.engine.output.until(this.engine.printed).map(({ bytes }) => bytes));
  }

  /**
   * Does what a line says. An empty one repeats the last command, if that is one to repeat. Throws UsageError for what
   * is wrong with the line, in gdb's words.
   */
  async execute(line: string): Promise<Output[]> {
    const text = line.trim();
    if (this._block !== undefined) return this._takeLine(this._block, text);
    if (text.startsWith('#')) return [];
    const found = text === '' ? this._last : findCommand(text);
    if (found === undefined) return [];
    const { command, argument } = found;
    const { repeats } = command;
    this._last = repeats && { command, argument: repeats === 'same' ? argument : '' };
    this._warnings = [];
    this._noteTask();
    const params = command.params.parse(argument, this);
    const outputs = await command.run(this, params);
    return await this._withStopLines([...this.takeWarnings().map(say), ...outputs]);
  }

  // ---- lines of breakpoints

  /** Lines are taken until `end`. */
  get isInBlock(): boolean {
    return this._block !== undefined;
  }

  beginBlock(number: number): void {
    this._block = { number, lines: [] };
  }

  private _takeLine({ number, lines }: Block, text: string): Output[] {
    if (text !== 'end') lines.push(text);
    else {
      this.stops.setLines(number, lines);
      this._block = undefined;
    }
    return [];
  }

  /** A stop's own lines follow it; what they run into may have lines again. */
  private async _withStopLines(outputs: Output[]): Promise<Output[]> {
    const stop = outputs.findLast((output) => output.kind === 'stop');
    const head = stop?.heads.find((one) => 'number' in one);
    const lines = head === undefined ? [] : this.stops.linesOf(head.number);
    if (lines.length === 0) return outputs;
    if (this._depth >= MOST_STOPS)
      throw new UsageError('The lines of breakpoints lead from stop to stop without an end.');
    const isSilent = lines[0] === 'silent';
    const all = isSilent ? outputs.slice(0, outputs.indexOf(stop!)) : outputs;
    const last = this._last;
    this._depth++;
    try {
      for (const line of isSilent ? lines.slice(1) : lines) all.push(...(await this.execute(line)));
    } finally {
      this._depth--;
      this._last = last;
    }
    return all;
  }

  private _noteTask(): void {
    const { task } = this.engine;
    this.variables.set('_thread', integerValue(INT, BigInt(task?.tid ?? 0)));
    this.variables.set('_inferior', integerValue(INT, BigInt(task?.pid ?? 0)));
    const ending = this.engine.machine.kernel.allProcesses[0]?.ending;
    if (ending?.kind === 'exited') this.variables.set('_exitcode', integerValue(INT, BigInt(ending.status)));
    else this.variables.delete('_exitcode');
  }
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
