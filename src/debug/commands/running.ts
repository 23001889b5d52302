/** The commands that let the program run: by instructions, lines and functions, to stops and places, both ways. */
import { UsageError } from '../../base/invariant.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Direction } from '../engine.ts';
import { findSymbol } from '../inspect/modules.ts';
import { type LineStep, stepLine } from '../line-steps.ts';
import type { Stop } from '../stops.ts';
import { type Command, command } from './define.ts';
import { resolveLocation } from './locations.ts';
import { type Output, say } from './output.ts';
import { count, none, text } from './params.ts';
import { placeOutput, selectedPlace } from './places.ts';
import type { Session } from './session.ts';
import { noteBefore, stopOutputs } from './stops.ts';
import { unwind } from './unwind.ts';

/** Runs, and shows where that has led to. */
async function show(session: Session, run: () => Promise<Stop>, first: readonly Output[] = []): Promise<Output[]> {
  const before = noteBefore(session);
  const stop = await run();
  return [...first, ...stopOutputs(session, stop, before)];
}

type Hooks = Required<Pick<LineStep, 'note' | 'onEntered'>>;

/** The two directions of a command; a negative count turns it around. */
function bothWays(
  forward: Pick<Command, 'name' | 'aliases' | 'help'>,
  backward: Pick<Command, 'name' | 'aliases' | 'help'>,
  run: (session: Session, count: number, direction: Direction, hooks: Hooks) => Promise<Stop>,
): Command[] {
  const one = (words: Pick<Command, 'name' | 'aliases' | 'help'>, direction: Direction) =>
    command({
      ...words,
      group: 'running',
      params: count(1),
      usage: '[N]',
      repeats: 'same',
      async run(session, { count: times }) {
        if (times === 0) return [placeOutput(session, session.task, 'source')];
        const other = direction === 'forward' ? 'backward' : 'forward';
        // Where the program has ended there is still a way back.
        if (direction === 'forward') void session.task;
        const notes: Output[] = [];
        let before = noteBefore(session);
        const hooks: Hooks = {
          note: (words) => void notes.push(say(words)),
          onEntered: () => {
            before = { ...before, symbol: undefined };
          },
        };
        const way = times < 0 ? other : direction;
        // What is shown is the last of the steps: whether it has left the function that the one before it ended in.
        const first = Math.abs(times) - 1;
        if (first > 0) {
          const almost = await run(session, first, way, hooks);
          if (almost.reason.kind !== 'step') return [...notes, ...stopOutputs(session, almost, before)];
          before = noteBefore(session);
        }
        const stop = await run(session, 1, way, hooks);
        return [...notes, ...stopOutputs(session, stop, before)];
      },
    });
  return [one(forward, 'forward'), one(backward, 'backward')];
}

export const [stepi, reverseStepi] = bothWays(
  { name: 'stepi', aliases: ['si'], help: 'Execute N machine instructions of the selected thread.' },
  { name: 'reverse-stepi', aliases: ['rsi'], help: 'Undo N machine instructions of the selected thread.' },
  ({ engine }, times, direction) => engine.stepInstruction({ count: times, direction }),
);

export const [nexti, reverseNexti] = bothWays(
  {
    name: 'nexti',
    aliases: ['ni'],
    help: 'Execute N machine instructions; a CALL counts as one with all that it leads to.',
  },
  { name: 'reverse-nexti', aliases: ['rni'], help: 'Undo N machine instructions, calls as a whole.' },
  ({ engine }, times, direction) => engine.stepOver({ count: times, direction }),
);

export const [step, reverseStep] = bothWays(
  {
    name: 'step',
    aliases: ['s'],
    help: 'Run to the beginning of another source line, into functions that have lines.',
  },
  {
    name: 'reverse-step',
    aliases: ['rs'],
    help: 'Go back to the beginning of the line that ran before, into functions.',
  },
  ({ engine }, times, direction, hooks) => stepLine(engine, { over: false, direction, count: times, ...hooks }),
);

export const [next, reverseNext] = bothWays(
  { name: 'next', aliases: ['n'], help: 'Run to the beginning of another source line; what is called is run through.' },
  {
    name: 'reverse-next',
    aliases: ['rn'],
    help: 'Go back to the beginning of the line that ran before; calls are undone as a whole.',
  },
  ({ engine }, times, direction, hooks) => stepLine(engine, { over: true, direction, count: times, ...hooks }),
);

const going = (name: string, aliases: readonly string[], direction: Direction, help: string) =>
  command({
    name,
    aliases,
    group: 'running',
    params: count(1),
    usage: '[N]',
    help,
    repeats: 'same',
    async run(session, { count: times }) {
      if (direction === 'forward') void session.task;
      const notes = [
        ...ignoreHere(session, times - 1),
        say(direction === 'forward' ? 'Continuing.' : 'Continuing backwards.'),
      ];
      return await show(session, () => session.engine.continue({ direction }), notes);
    },
  });

/** `continue N` passes the breakpoint it stands at N-1 times. */
function ignoreHere({ engine }: Session, times: number): Output[] {
  const reason = engine.lastStop?.reason;
  if (times <= 0 || reason?.kind !== 'breakpoint') return [];
  const [{ id }] = reason.breakpoints;
  for (const point of engine.stopPoints) if (point.id === id) point.ignoreCount = times;
  return [say(`Will ignore next ${times === 1 ? 'crossing' : `${times} crossings`} of breakpoint ${id}.`)];
}

export const goOn = going('continue', ['c', 'fg'], 'forward', 'Run until something stops the program.');
export const reverseContinue = going(
  'reverse-continue',
  ['rc'],
  'backward',
  'Run backwards until something stops the program, or to its beginning.',
);

export const finish = command({
  name: 'finish',
  aliases: ['fin'],
  group: 'running',
  params: none,
  help: 'Run until the function at hand has returned.',
  repeats: 'same',
  run: (session) => outOf(session, 'forward', 'Run till exit from'),
});

export const reverseFinish = command({
  name: 'reverse-finish',
  group: 'running',
  params: none,
  help: 'Run backwards to the call of the function at hand.',
  repeats: 'same',
  run: (session) => outOf(session, 'backward', 'Run back to call of'),
});

async function outOf(session: Session, direction: Direction, title: string): Promise<Output[]> {
  const { task } = session;
  const { level } = session;
  const back = direction === 'forward' ? callerOf(task, level) : undefined;
  if (direction === 'forward' && back === undefined)
    throw new UsageError('"finish" not meaningful in the outermost frame.');
  const place = selectedPlace(session);
  const head: Output[] = [{ kind: 'leaving', title, level, place }];
  const run = (): Promise<Stop> =>
    level > 0 && back !== undefined
      ? session.engine.until({ task, caller: back })
      : session.engine.stepOut({ direction });
  return await show(session, run, head);
}

export const until = command({
  name: 'until',
  aliases: ['u'],
  group: 'running',
  params: text(undefined, 'location'),
  usage: '[LOCATION]',
  help: 'As next, but never backwards in the function: out of loops. With a location: run to it.',
  repeats: 'same',
  async run(session, { text: location }) {
    if (location !== '') return await runTo(session, location, 'forward');
    void session.task;
    const notes: Output[] = [];
    const outputs = await show(session, () =>
      stepLine(session.engine, { over: true, isUntil: true, note: (words) => void notes.push(say(words)) }),
    );
    return [...notes, ...outputs];
  },
});

export const advance = command({
  name: 'advance',
  group: 'running',
  params: text('location', 'location'),
  usage: 'LOCATION',
  help: 'Run to a location.',
  run: (session, { text: location }) => runTo(session, location, 'forward'),
});

export const reverseAdvance = command({
  name: 'reverse-advance',
  aliases: ['reverse-until'],
  group: 'running',
  params: text('location', 'location'),
  usage: 'LOCATION',
  help: 'Run backwards to a location.',
  run: (session, { text: location }) => runTo(session, location, 'backward'),
});

function runTo(session: Session, location: string, direction: Direction): Promise<Output[]> {
  const { task } = session;
  const { address } = resolveLocation(session, location, true);
  // It ends with the function at hand, too, as gdb's does.
  const caller = direction === 'forward' ? callerOf(task) : undefined;
  return show(session, () => session.engine.until({ address, task, caller, direction }));
}

function callerOf(task: Task, level = 0): { rip: bigint; rsp: bigint } | undefined {
  const [frame, caller] = unwind(task, level + 2).slice(level);
  return caller === undefined || frame.cfa === undefined ? undefined : { rip: caller.rip, rsp: frame.cfa };
}

export const run = command({
  name: 'run',
  aliases: ['r'],
  group: 'running',
  params: none,
  help: 'Run the program from its beginning. The same run each time.',
  async run(session) {
    await session.engine.goto({ instruction: 0 });
    return await show(session, () => session.engine.continue());
  },
});

export const starti = command({
  name: 'starti',
  group: 'running',
  params: none,
  help: "Go to the program's first instruction.",
  run: (session) => show(session, () => session.engine.goto({ instruction: 0 })),
});

export const start = command({
  name: 'start',
  group: 'running',
  params: none,
  help: 'Run the program from its beginning to main, or, where there is none, to its first instruction.',
  async run(session) {
    await session.engine.goto({ instruction: 0 });
    const { task } = session;
    const main = findSymbol(task, 'main');
    if (main === undefined)
      return await show(session, () => session.engine.goto(session.engine.position, { kind: 'step' }));
    const { address } = resolveLocation(session, 'main', true);
    return await show(session, () => session.engine.until({ address, task }));
  },
});

export const kill = command({
  name: 'kill',
  aliases: ['k'],
  group: 'running',
  params: none,
  help: 'There is nothing to kill: a run is a recording. run and starti begin it again, quit ends the session.',
  run() {
    throw new UsageError('A run is a recording: starti goes to its beginning, quit ends the session.');
  },
});
