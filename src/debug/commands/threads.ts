/** info threads, info inferiors, thread, inferior: who there is, and who is selected. All stop together. */
import { UsageError } from '../../base/invariant.ts';
import type { Task } from '../../kernel/task/task.ts';
import { allProcesses, livingTasks, viewTask } from '../inspect/tasks.ts';
import { command } from './define.ts';
import { type Output, say } from './output.ts';
import { count, none } from './params.ts';
import { placeOf, placeOutput } from './places.ts';
import type { Session } from './session.ts';

export const infoThreads = command({
  name: 'info threads',
  group: 'machine',
  params: none,
  help: 'List the threads of all processes by their own numbers, what they do, and where they are.',
  run(session) {
    const { engine } = session;
    const threads = livingTasks(engine.machine.kernel).map((task) => ({
      task,
      isCurrent: task.task === engine.task,
      place: task.rip === undefined ? undefined : placeOf(session, task.task, task.rip),
    }));
    return [{ kind: 'threads', threads }];
  },
});

export const infoInferiors = command({
  name: 'info inferiors',
  aliases: ['info processes'],
  group: 'machine',
  params: none,
  help: 'List every process there was until now, and how each has ended.',
  run({ engine }) {
    return [{ kind: 'inferiors', processes: allProcesses(engine.machine.kernel), current: engine.task?.pid }];
  },
});

export const thread = command({
  name: 'thread',
  aliases: ['t'],
  group: 'machine',
  params: count(0),
  usage: '[TID]',
  help: 'Select a thread by its number; without one, tell which is selected.',
  run(session, { count: tid }) {
    if (tid === 0) return [say(`[Current thread is ${describe(session.task)}]`)];
    const task = session.engine.machine.kernel.findTask(tid);
    if (task === undefined) throw new UsageError(`Unknown thread ${tid}.`);
    return select(session, task);
  },
});

export const inferior = command({
  name: 'inferior',
  aliases: ['process'],
  group: 'machine',
  params: count(0),
  usage: '[PID]',
  help: 'Select a process by its number; without one, tell which is selected.',
  run(session, { count: pid }) {
    if (pid === 0) return [say(`[Current inferior is process ${session.task.pid}]`)];
    const found = livingTasks(session.engine.machine.kernel).find((task) => task.pid === pid);
    if (found === undefined) throw new UsageError(`Inferior ID ${pid} not known.`);
    return select(session, found.task);
  },
});

function select(session: Session, task: Task): Output[] {
  if (!task.isAlive()) throw new UsageError(`${describe(task)} has ended.`);
  session.engine.task = task;
  session.listed = undefined;
  session.level = 0;
  return [say(`[Switching to ${describe(task)}]`), placeOutput(session, task, 'both', 0)];
}

function describe(task: Task): string {
  const { tid, pid, comm } = viewTask(task);
  return `${pid === tid ? `process ${pid}` : `process ${pid}, thread ${tid}`} "${comm}"`;
}
