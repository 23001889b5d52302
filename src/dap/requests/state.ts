/** Requests that look at threads, stacks, variables and expressions. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../../base/ints.ts';
import { UsageError } from '../../base/invariant.ts';
import { complete } from '../../debug/commands/completion.ts';
import { describeOutputs } from '../../debug/commands/text.ts';
import { evaluate } from '../../debug/expression/evaluate.ts';
import { formatValue } from '../../debug/expression/format.ts';
import { findRegister } from '../../debug/expression/registers.ts';
import type { Value } from '../../debug/expression/values.ts';
import { backtrace, type StackFrame } from '../../debug/inspect/backtrace.ts';
import { moduleAt } from '../../debug/inspect/modules.ts';
import { livingTasks, type TaskView } from '../../debug/inspect/tasks.ts';
import { comparePositions } from '../../debug/position.ts';
import { describeEnding } from '../../debug/story/endings.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Adapter } from '../adapter.ts';
import type { Arguments } from '../arguments.ts';
import type { After } from '../connection.ts';
import { scopesOf, type Variable } from '../variables.ts';
import { anytime, standing } from './define.ts';

const MOST_VARIABLES = 2000;

function threadName({ comm, pid, tid, status }: TaskView): string {
  const who = pid === tid ? `${comm} ${pid}` : `${comm} ${pid}, thread ${tid}`;
  return status.kind === 'waiting'
    ? `${who}: in ${status.call.name}`
    : status.kind === 'stopped'
      ? `${who}: stopped`
      : who;
}

function threads(adapter: Adapter): DebugProtocol.Thread[] {
  const { kernel } = adapter.open.session.engine.machine;
  const alive = livingTasks(kernel).map((task) => ({ id: task.tid, name: threadName(task) }));
  if (alive.length > 0) return alive;
  // At the end one can still go back, for which clients want a thread.
  const [first] = kernel.allProcesses;
  return first === undefined
    ? []
    : [{ id: first.pid, name: first.ending ? `${first.pid} ${describeEnding(first.ending)}` : `${first.pid}` }];
}

function describeFrame(adapter: Adapter, task: Task, frame: StackFrame): DebugProtocol.StackFrame {
  const { sources } = adapter.open;
  const { rip, symbol, line } = frame;
  const module = moduleAt(task, rip);
  const place =
    symbol === undefined ? hex(rip) : `${symbol.symbol.name}${symbol.offset === 0 ? '' : `+${symbol.offset}`}`;
  const known = {
    id: adapter.frames.add({ tid: task.tid, frame }),
    instructionPointerReference: hex(rip),
    ...(module && { moduleId: module.path }),
    name: module === undefined || module.isProgram ? place : `${place} (${module.path.replace(/^.*\//, '')})`,
  };
  const file =
    line !== undefined && sources.has(line.file.path)
      ? { source: sources.file(line.file.path), line: line.line }
      : sources.listing(task, rip);
  return file === undefined
    ? { ...known, line: 0, column: 0, presentationHint: 'subtle' }
    : { ...known, ...file, line: adapter.line(file.line), column: adapter.firstColumn };
}

function describeVariable(
  adapter: Adapter,
  { name, value, type, address, children }: Variable,
): DebugProtocol.Variable {
  return {
    name,
    value,
    ...(type && { type }),
    ...(address !== undefined && { memoryReference: hex(address) }),
    evaluateName: findRegister(name) === undefined ? undefined : `$${name}`,
    variablesReference: children === undefined ? 0 : adapter.variables.add(children),
    presentationHint: { attributes: ['readOnly'] },
  } as DebugProtocol.Variable;
}

// ---- evaluate
function taskOf(adapter: Adapter, given: Arguments): Task | undefined {
  const { engine } = adapter.open.session;
  const handle = given.findNumber('frameId');
  const tid = handle === undefined ? undefined : adapter.frames.find(handle)?.tid;
  return tid === undefined ? engine.task : engine.machine.kernel.findTask(tid);
}

/** A register may go without its `$` where it cannot be anything else. */
function evaluateExpression(adapter: Adapter, given: Arguments): object {
  const { session } = adapter.open;
  const expression = given.getText('expression').trim();
  const scope = session.scope(taskOf(adapter, given));
  const isRegister = findRegister(expression) !== undefined && scope.findSymbol(expression) === undefined;
  const value = evaluate(isRegister ? `$${expression}` : expression, scope);
  const isHex = given.findObject('format')?.findFlag('hex') === true;
  const memory = addressOf(value);
  return {
    result: formatValue(value, scope, isHex ? 'x' : undefined),
    variablesReference: 0,
    ...(memory !== undefined && { memoryReference: hex(memory) }),
  };
}

function addressOf(value: Value): bigint | undefined {
  if (value.address !== undefined) return value.address;
  if (value.type.kind !== 'pointer' && value.type.kind !== 'int') return undefined;
  return value.bytes.length === 8
    ? new DataView(value.bytes.buffer, value.bytes.byteOffset).getBigUint64(0, true)
    : undefined;
}

/** The debug console takes the debugger's commands; what is none is an expression. */
async function evaluateLine(adapter: Adapter, given: Arguments, after: After): Promise<object> {
  const { session } = adapter.open;
  const { engine } = session;
  const task = taskOf(adapter, given);
  if (task !== undefined) engine.task = task;
  const before = { position: engine.position, stop: engine.lastStop, tid: engine.task?.tid };
  let text: string;
  try {
    const outputs = await adapter.working(session.execute(given.getText('expression')));
    if (outputs.some(({ kind }) => kind === 'quit')) after(() => adapter.event('terminated'));
    text = describeOutputs(outputs.filter(({ kind }) => kind !== 'program'));
  } catch (error) {
    if (!(error instanceof UsageError) || !error.message.startsWith('Undefined command')) throw error;
    return evaluateExpression(adapter, given);
  }
  const stop = engine.lastStop;
  // A command that has looked elsewhere and come back has not moved.
  const isElsewhere = comparePositions(before.position, engine.position) !== 0;
  const hasMoved = isElsewhere || (before.stop !== stop && stop?.reason.kind !== 'goto');
  if (hasMoved && stop !== undefined) after(() => adapter.tellStop(stop));
  else if (engine.task?.tid !== before.tid && adapter.wantsInvalidated)
    after(() => adapter.event('invalidated', { areas: ['threads'] }));
  return { result: text.replace(/\n$/, ''), variablesReference: 0 };
}

export const STATE_REQUESTS = [
  anytime('threads', (adapter) => ({ threads: threads(adapter) })),

  standing('stackTrace', (adapter, given) => {
    const { engine } = adapter.open.session;
    const task = engine.machine.kernel.findTask(given.getNumber('threadId'));
    const start = Math.max(0, given.findNumber('startFrame') ?? 0);
    const levels = given.findNumber('levels') || Number.POSITIVE_INFINITY;
    const frames = task === undefined ? [] : backtrace(task);
    return {
      stackFrames: frames.slice(start, start + levels).map((frame) => describeFrame(adapter, task!, frame)),
      totalFrames: frames.length,
    };
  }),

  standing('scopes', (adapter, given) => {
    const handle = adapter.frames.find(given.getNumber('frameId'));
    const task = handle && adapter.open.session.engine.machine.kernel.findTask(handle.tid);
    if (task === undefined) throw new UsageError('there is no such frame at this moment');
    return {
      scopes: scopesOf(task, handle!.frame, adapter.registersBefore(task.tid)).map((scope) => ({
        name: scope.name,
        variablesReference: adapter.scopeHandle(scope),
        expensive: scope.isExpensive,
        ...(scope.hint && { presentationHint: scope.hint }),
      })),
    };
  }),

  standing('variables', (adapter, given) => {
    const list = adapter.variables.find(given.getNumber('variablesReference'));
    if (list === undefined) throw new UsageError('there are no such variables at this moment');
    const start = given.findNumber('start') ?? 0;
    const count = given.findNumber('count') || MOST_VARIABLES;
    return {
      variables: list()
        .slice(start, start + count)
        .map((variable) => describeVariable(adapter, variable)),
    };
  }),

  standing('evaluate', (adapter, given, after) =>
    given.findText('context') === 'repl' ? evaluateLine(adapter, given, after) : evaluateExpression(adapter, given),
  ),

  standing('completions', (adapter, given) => {
    const column = given.getNumber('column') - adapter.firstColumn;
    const line =
      given.getText('text').split('\n')[(given.findNumber('line') ?? adapter.firstLine) - adapter.firstLine] ?? '';
    const { start, candidates } = complete(line.slice(0, Math.max(0, column)), adapter.open.session);
    return {
      targets: candidates.map((label) => ({ label, start: start + adapter.firstColumn, length: column - start })),
    };
  }),
];
