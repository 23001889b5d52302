/**
 * Steps by source line, both ways, as gdb takes them: to the beginning of another line, into functions that have lines,
 * through those that have none. Code without lines is left as a function: where its symbol ends.
 */
import type { Task } from '../kernel/task/task.ts';
import type { Direction, Engine } from './engine.ts';
import { readWord } from './inspect/memory.ts';
import { breakAtSymbol, functionAt, lineAt, type SymbolPlace, stepRangeAt, symbolAt } from './inspect/modules.ts';
import { stateOf } from './inspect/registers.ts';
import type { Stop } from './stops.ts';

export interface LineStep {
  /** What is called is run through. */
  readonly over: boolean;
  readonly direction?: Direction | undefined;
  readonly count?: number | undefined;
  /** Not backwards within the function: out of loops. */
  readonly isUntil?: boolean | undefined;
  /** Hears of code that has no lines. */
  readonly note?: ((text: string) => void) | undefined;
  /** Hears that the step has ended in a function that it has entered. */
  readonly onEntered?: (() => void) | undefined;
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

const RSP = 4;
const ripOf = (task: Task): bigint => stateOf(task)?.rip ?? 0n;
const isIn = (address: bigint, { start, end }: Range): boolean => start <= address && address < end;

/** As many lines as are asked for, or fewer when something else stops the run. */
export async function stepLine(engine: Engine, step: LineStep): Promise<Stop> {
  const { direction = 'forward', count = 1 } = step;
  for (let i = 1; ; i++) {
    const { task } = engine;
    if (task === undefined) return await engine.stepInstruction({ direction });
    const stop = direction === 'forward' ? await lineForward(engine, task, step) : await lineBack(engine, task, step);
    if (i >= count || stop.reason.kind !== 'step') return stop;
  }
}

const stay = (engine: Engine): Promise<Stop> => engine.goto(engine.position, { kind: 'step' });

async function lineForward(engine: Engine, task: Task, step: LineStep): Promise<Stop> {
  const { over, isUntil } = step;
  const from = ripOf(task);
  const here = lineAt(task, from);
  if (here === undefined) return await leaveFunction(engine, task, step);
  const home = symbolAt(task, from)?.address;
  let range: Range = stepRangeAt(task, from) ?? { start: from, end: from + 1n };
  if (isUntil && home !== undefined && home < range.start) range = { start: home, end: range.end };
  for (;;) {
    const stop = await engine.stepRange({ ...range, over });
    if (stop.reason.kind !== 'step' || engine.task !== task) return stop;
    const pc = ripOf(task);
    const place = symbolAt(task, pc);
    const line = lineAt(task, pc);
    if (place?.offset === 0 && isCalledFrom(task, range)) {
      if (line !== undefined) {
        step.onEntered?.();
        return await toBody(engine, task, place, stop);
      }
      const out = await engine.stepOut();
      if (out.reason.kind !== 'step' || engine.task !== task) return out;
      const back = ripOf(task);
      if (!isIn(back, range)) range = stepRangeAt(task, back) ?? range;
      continue;
    }
    if (line === undefined) return stop;
    const isOther = line.line !== here.line || line.file.path !== here.file.path || place?.address !== home;
    if (line.start === pc && line.isStatement && isOther) return stop;
    // In the middle of a line: on to where one begins.
    range = stepRangeAt(task, pc) ?? { start: pc, end: pc + 1n };
  }
}

/** A function has been entered: to where its own code begins. */
async function toBody(engine: Engine, task: Task, place: SymbolPlace, stop: Stop): Promise<Stop> {
  const body = breakAtSymbol(place);
  return body === place.address ? stop : await engine.until({ address: body, task });
}

/** The return address on top of the stack is in the range that was left. */
function isCalledFrom(task: Task, { start, end }: Range): boolean {
  const back = readWord(task, stateOf(task)?.reg(RSP) ?? 0n);
  return back !== undefined && back > start && back <= end;
}

async function leaveFunction(engine: Engine, task: Task, { isUntil, note }: LineStep): Promise<Stop> {
  const from = ripOf(task);
  const found = functionAt(task, from);
  if (found === undefined) {
    note?.('Cannot find bounds of current function');
    return note === undefined ? await engine.stepInstruction() : await stay(engine);
  }
  if (isUntil) return await engine.stepRange({ start: found.start, end: from + 1n, over: true });
  note?.(`Single stepping until exit from function ${found.name},\nwhich has no line number information.`);
  return await engine.stepRange({ start: found.start, end: found.end, over: true });
}

/** To the beginning of the line, or, from there, to the beginning of the one before. */
async function lineBack(engine: Engine, task: Task, { over }: LineStep): Promise<Stop> {
  const from = ripOf(task);
  const range = stepRangeAt(task, from);
  if (range === undefined || from === range.start) {
    const stop = await stepBack(engine, task, over);
    if (stop.reason.kind !== 'step' || engine.task !== task) return stop;
  }
  return await toLineStart(engine, task);
}

/** One instruction back; out of a function without lines, as `over` does of every function. */
async function stepBack(engine: Engine, task: Task, over: boolean): Promise<Stop> {
  const direction = 'backward';
  if (over) return await engine.stepOver({ direction });
  const before = engine.position;
  const hadLine = lineAt(task, ripOf(task)) !== undefined;
  const stop = await engine.stepInstruction({ direction });
  if (stop.reason.kind !== 'step' || !hadLine || lineAt(task, ripOf(task)) !== undefined) return stop;
  await engine.goto(before, { kind: 'step' });
  engine.task = task;
  return await engine.stepOver({ direction });
}

async function toLineStart(engine: Engine, task: Task): Promise<Stop> {
  const range = stepRangeAt(task, ripOf(task));
  let last = await stay(engine);
  if (range === undefined) return last;
  while (ripOf(task) !== range.start) {
    const before = engine.position;
    const stop = await engine.stepOver({ direction: 'backward' });
    if (stop.reason.kind !== 'step' || engine.task !== task) return stop;
    // What ran before belongs to another line: this one began in its middle.
    if (!isIn(ripOf(task), range)) return await engine.goto(before, { kind: 'step' });
    last = stop;
  }
  return last;
}
