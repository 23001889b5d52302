/** Requests that let the program move, both ways. */
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import type { Direction } from '../../debug/engine.ts';
import { lineAt } from '../../debug/inspect/modules.ts';
import { stateOf } from '../../debug/inspect/registers.ts';
import { stepLine } from '../../debug/line-steps.ts';
import type { Adapter } from '../adapter.ts';
import type { Arguments } from '../arguments.ts';
import { findLine } from '../breakpoints.ts';
import type { After } from '../connection.ts';
import { anytime, standing } from './define.ts';

/** The thread that the request names is the one whose steps count. */
function select(adapter: Adapter, given: Arguments): void {
  const { engine } = adapter.open.session;
  const threadId = given.findNumber('threadId');
  if (threadId === undefined) return;
  const task = engine.machine.kernel.findTask(threadId);
  // At the end of the run there is none, and one can still go back.
  if (task === undefined && !engine.isOver) throw new UsageError(`there is no thread ${threadId} at this moment`);
  engine.task = task;
}

function step(adapter: Adapter, given: Arguments, after: After, direction: Direction, over: boolean): undefined {
  const { engine } = adapter.open.session;
  select(adapter, given);
  const rip = engine.task && stateOf(engine.task)?.rip;
  // Without lines a step by line would leave the whole function.
  const hasLine = engine.task !== undefined && rip !== undefined && lineAt(engine.task, rip) !== undefined;
  const byInstruction = given.findText('granularity') === 'instruction' || !hasLine;
  after(() =>
    adapter.start(() => {
      if (!byInstruction) return stepLine(engine, { over, direction });
      return over ? engine.stepOver({ direction }) : engine.stepInstruction({ direction });
    }),
  );
  return undefined;
}

export const RUN_REQUESTS = [
  standing('continue', (adapter, given, after) => {
    select(adapter, given);
    const { engine } = adapter.open.session;
    after(() => (engine.isOver ? adapter.finish() : adapter.start(() => engine.continue(), { goesOn: true })));
    return { allThreadsContinued: true };
  }),
  standing('reverseContinue', (adapter, given, after) => {
    select(adapter, given);
    const { engine } = adapter.open.session;
    after(() => adapter.start(() => engine.continue({ direction: 'backward' })));
    return undefined;
  }),
  standing('next', (adapter, given, after) => step(adapter, given, after, 'forward', true)),
  standing('stepIn', (adapter, given, after) => step(adapter, given, after, 'forward', false)),
  standing('stepBack', (adapter, given, after) => step(adapter, given, after, 'backward', true)),
  standing('stepOut', (adapter, given, after) => {
    select(adapter, given);
    const { engine } = adapter.open.session;
    after(() => adapter.start(() => engine.stepOut()));
    return undefined;
  }),
  anytime('pause', (adapter, _given, after) => {
    after(() => void adapter.interrupt());
    return undefined;
  }),

  // What has happened cannot be left out: to go to a line is to run there.
  standing('gotoTargets', (adapter, given) => {
    const { session, sources } = adapter.open;
    const { task } = session.engine;
    const source = given.getObject('source');
    const line = adapter.ownLine(given.getNumber('line'));
    const reference = source.findNumber('sourceReference') ?? 0;
    const listed = reference > 0 ? sources.addressOf(reference, line) : undefined;
    const found = reference > 0 || task === undefined ? undefined : findLine(task, source.getText('path'), line);
    const addresses = listed === undefined ? (found?.addresses ?? []) : [listed];
    return {
      targets: addresses.map((address) => ({
        id: adapter.gotoTargets.add(address),
        label: `Run to ${hex(address)}`,
        line: adapter.line(found?.line ?? line),
        instructionPointerReference: hex(address),
      })),
    };
  }),
  standing('goto', (adapter, given, after) => {
    const address = adapter.gotoTargets.find(given.getNumber('targetId'));
    if (address === undefined) throw new UsageError('there is no such target');
    select(adapter, given);
    const { engine } = adapter.open.session;
    after(() => adapter.start(() => engine.until({ address, task: engine.task })));
    return undefined;
  }),
];
