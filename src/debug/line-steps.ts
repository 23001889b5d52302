/**
 * Steps by source line, both ways, as gdb takes them: `over` runs through what a line calls, otherwise a step goes into
 * functions that have lines. Where there are no lines, the function's symbol is what a step leaves.
 */
import type { Task } from '../kernel/task/task.ts';
import type { Direction, Engine } from './engine.ts';
import { breakAtSymbol, lineAt, stepRangeAt, symbolAt } from './inspect/modules.ts';
import { stateOf } from './inspect/registers.ts';
import type { Stop } from './stops.ts';

export interface LineStep {
  readonly over: boolean;
  readonly direction?: Direction | undefined;
  readonly count?: number | undefined;
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

const ripOf = (task: Task): bigint => stateOf(task)?.rip ?? 0n;

/** As many lines as are asked for, or fewer when something else stops the run. */
export async function stepLine(engine: Engine, { over, direction = 'forward', count = 1 }: LineStep): Promise<Stop> {
  for (let i = 1; ; i++) {
    const stop = direction === 'forward' ? await lineForward(engine, over) : await lineBack(engine, over);
    if (i >= count || stop.reason.kind !== 'step') return stop;
  }
}

/** What belongs together at an address: a line, or the function where lines are missing, or the one instruction. */
function rangeAt(task: Task, address: bigint): Range {
  const range = stepRangeAt(task, address);
  if (range !== undefined) return range;
  const place = symbolAt(task, address);
  if (place !== undefined && place.symbol.sizeBytes > 0)
    return { start: place.address, end: place.address + BigInt(place.symbol.sizeBytes) };
  return { start: address, end: address + 1n };
}

async function lineForward(engine: Engine, over: boolean): Promise<Stop> {
  const { task } = engine;
  if (task === undefined) return await engine.stepInstruction();
  const here = ripOf(task);
  const function_ = symbolAt(task, here)?.address;
  const hasLines = lineAt(task, here) !== undefined;
  let range = rangeAt(task, here);
  for (;;) {
    const stop = await engine.stepRange({ ...range, over });
    const now = engine.task;
    if (stop.reason.kind !== 'step' || now === undefined) return stop;
    const rip = ripOf(now);
    const line = lineAt(now, rip);
    const place = symbolAt(now, rip);
    if (!over && place !== undefined && place.address === rip && place.address !== function_) {
      // It has come into a function: to where its own code begins, or out again if it has no lines.
      if (line === undefined) {
        const out = await engine.stepOut();
        if (out.reason.kind !== 'step') return out;
        continue;
      }
      const start = breakAtSymbol(place);
      return start === rip ? stop : await engine.until({ address: start, task: now });
    }
    if (!hasLines || line === undefined || place?.address !== function_) return stop;
    // In the middle of another line: on to where one begins.
    if (line.isStatement && line.start === rip) return stop;
    range = rangeAt(now, rip);
  }
}

/** To the beginning of the line, or, from there, to the beginning of the one before. */
async function lineBack(engine: Engine, over: boolean): Promise<Stop> {
  const back = (): Promise<Stop> =>
    over ? engine.stepOver({ direction: 'backward' }) : engine.stepInstruction({ direction: 'backward' });
  let stop = await back();
  if (stop.reason.kind !== 'step' || engine.task === undefined) return stop;
  const range = rangeAt(engine.task, ripOf(engine.task));
  for (let at = ripOf(engine.task); at !== range.start; ) {
    const before = engine.position;
    stop = await back();
    if (stop.reason.kind !== 'step' || engine.task === undefined) return stop;
    at = ripOf(engine.task);
    if (at < range.start || at >= range.end) return await engine.goto(before, { kind: 'step' });
  }
  return stop;
}
