/**
 * Steps by source line, forwards and backwards, as gdb takes them: to the beginning of another line, into functions that
 * have lines, over those that have none. Where the code has no lines at all, a step goes on until the function is left.
 */
import type { Task } from '../../kernel/task/task.ts';
import type { Direction, Engine } from '../engine.ts';
import { breakAtSymbol, lineAt, stepRangeAt, symbolAt } from '../inspect/modules.ts';
import { readRegisters } from '../inspect/registers.ts';
import type { Stop } from '../stops.ts';
import { functionAround } from './disassemble.ts';
import { ripOf } from './places.ts';
import type { Session } from './session.ts';

export interface LineStep {
  /** What is called is run through. */
  readonly over: boolean;
  /** Not backwards within the function: out of loops. */
  readonly isUntil?: boolean;
}

/** `note` hears of what gdb says about functions without lines. */
export async function stepLine(session: Session, wish: LineStep, note: (text: string) => void): Promise<Stop> {
  const { engine } = session;
  const { task } = session;
  const start = ripOf(task);
  const here = lineAt(task, start);
  if (here === undefined) return await leaveFunction(session, task, start, note);
  const home = symbolAt(task, start)?.address;
  let range = stepRangeAt(task, start)!;
  if (wish.isUntil && home !== undefined && home < range.start) range = { start: home, end: range.end };
  for (;;) {
    const stop = await engine.stepRange({ ...range, over: wish.over });
    if (stop.reason.kind !== 'step' || engine.task !== task) return stop;
    const pc = ripOf(task);
    const place = symbolAt(task, pc);
    const isEntered = place?.offset === 0 && place.address !== home && isCalled(task, range);
    const line = lineAt(task, pc);
    if (isEntered) {
      if (line === undefined) {
        const out = await engine.stepOut();
        if (out.reason.kind !== 'step') return out;
        const back = ripOf(task);
        if (back >= range.start && back < range.end) continue;
        range = stepRangeAt(task, back) ?? range;
        continue;
      }
      const body = breakAtSymbol(place);
      return body === pc ? stop : await engine.until({ address: body, task });
    }
    if (line === undefined) return stop;
    const isOther = line.line !== here.line || line.file.path !== here.file.path || place?.address !== home;
    if (line.start === pc && line.isStatement && isOther) return stop;
    range = stepRangeAt(task, pc)!;
  }
}

/** Its return address is in the range that was left. */
function isCalled(task: Task, { start, end }: { start: bigint; end: bigint }): boolean {
  const sp = readRegisters(task)?.general.rsp ?? 0n;
  const bytes = task.kernel.peek(task, sp, 8);
  if (bytes === undefined) return false;
  const back = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return back > start && back <= end;
}

async function leaveFunction(session: Session, task: Task, pc: bigint, note: (text: string) => void): Promise<Stop> {
  if (symbolAt(task, pc) === undefined) {
    note('Cannot find bounds of current function');
    return await session.engine.goto(session.engine.position, { kind: 'step' });
  }
  const { start, end, name } = functionAround(session, pc);
  note(`Single stepping until exit from function ${name},\nwhich has no line number information.`);
  return await session.engine.stepRange({ start, end, over: true });
}

/** To the beginning of the line, or of the one that ran before it. */
export async function stepLineBack(session: Session, { over }: LineStep): Promise<Stop> {
  const { engine } = session;
  const { task } = session;
  const start = ripOf(task);
  const range = stepRangeAt(task, start);
  if (range === undefined || start === range.start) {
    const stop = await stepBack(engine, task, over);
    if (stop.reason.kind !== 'step') return stop;
  }
  return await toLineStart(engine, task, over);
}

async function stepBack(engine: Engine, task: Task, over: boolean): Promise<Stop> {
  const direction: Direction = 'backward';
  if (over) return await engine.stepOver({ direction });
  const before = engine.position;
  const stop = await engine.stepInstruction({ direction });
  if (stop.reason.kind !== 'step' || lineAt(task, ripOf(task)) !== undefined) return stop;
  await engine.goto(before, { kind: 'step' });
  engine.task = task;
  return await engine.stepOver({ direction });
}

async function toLineStart(engine: Engine, task: Task, over: boolean): Promise<Stop> {
  for (;;) {
    const pc = ripOf(task);
    const range = stepRangeAt(task, pc);
    if (range === undefined || range.start === pc) return engine.lastStop!;
    const stop = await engine.stepOver({ direction: 'backward' });
    if (stop.reason.kind !== 'step' || engine.task !== task) return stop;
    const now = ripOf(task);
    // It has come to another line: the one before it did not begin at its beginning.
    if (now < range.start || now >= range.end) {
      if (!over && stepRangeAt(task, now) === undefined) return stop;
      await engine.stepInstruction({ direction: 'forward' });
      return engine.lastStop!;
    }
  }
}
