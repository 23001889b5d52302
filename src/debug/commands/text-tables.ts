/** Threads, processes, areas, descriptors in columns, as gdb has them. */
import { signalName } from '../../abi/signal.ts';
import type { Ending } from '../../abi/wait.ts';
import { hex } from '../../base/ints.ts';
import type { AreaView } from '../inspect/areas.ts';
import type { DescriptorView } from '../inspect/files.ts';
import type { ProcessView, TaskStatus } from '../inspect/tasks.ts';
import type { TimelineEvent } from '../timeline.ts';
import type { ThreadRow } from './output.ts';
import { describeWhere } from './text-places.ts';

/** Columns as wide as their longest cell, two spaces apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}

/** Threads have their own numbers here: those that the program knows them by. */
export function describeThreads(threads: readonly ThreadRow[]): string {
  const rows = threads.map(({ task, isCurrent, place }) => [
    `${isCurrent ? '*' : ' '} ${task.tid}`,
    `${task.pid === task.tid ? `process ${task.pid}` : `process ${task.pid}, thread ${task.tid}`} "${task.comm}"`,
    describeStatus(task.status),
    place === undefined ? '' : describeWhere(place),
  ]);
  return rows.length === 0 ? 'No threads.\n' : table(['  Id', 'Target Id', 'State', 'Frame'], rows);
}

export function describeStatus(status: TaskStatus): string {
  switch (status.kind) {
    case 'waiting':
      return `waits in ${status.call.name}`;
    case 'stopped':
      return `stopped by ${signalName(status.signal)}`;
    case 'zombie':
    case 'gone':
      return describeEnding(status.ending);
    default:
      return status.kind;
  }
}

export function describeEnding(ending: Ending | undefined): string {
  if (ending === undefined) return 'ended';
  return ending.kind === 'exited' ? `exited with ${ending.status}` : `killed by ${signalName(ending.signal)}`;
}

export function describeInferiors(processes: readonly ProcessView[], current: number | undefined): string {
  const rows = processes.map(({ pid, parentPid, state, ending, exe, args }) => [
    `${pid === current ? '*' : ' '} ${pid}`,
    `process ${pid}`,
    String(parentPid),
    state === 'alive' ? 'alive' : describeEnding(ending),
    args.length > 0 ? args.join(' ') : (exe ?? ''),
  ]);
  return table(['  Num', 'Description', 'Parent', 'State', 'Executable'], rows);
}

export function describeMaps(pid: number, areas: readonly AreaView[]): string {
  const rows = areas.map(({ start, end, sizeBytes, offset, rights, name }) =>
    `${hex(start).padStart(20)} ${hex(end).padStart(18)} ${hex(sizeBytes).padStart(10)} ${hex(offset).padStart(10)}  ${rights}   ${name}`.trimEnd(),
  );
  const head = '          Start Addr           End Addr       Size     Offset  Perms  objfile';
  return `process ${pid}\nMapped address spaces:\n\n${[head, ...rows].join('\n')}\n`;
}

export function describeFiles(pid: number, files: readonly DescriptorView[]): string {
  const rows = files.map(({ fd, kind, path, offset, flags, closeOnExec, references }) => [
    String(fd),
    kind,
    path,
    String(offset),
    [...flags, ...(closeOnExec ? ['FD_CLOEXEC'] : [])].join('|'),
    String(references),
  ]);
  return `process ${pid}\n${table(['Fd', 'Kind', 'File', 'Offset', 'Flags', 'Refs'], rows)}`;
}

/** `>` is where the run stands: that event has been told, the next one not. */
export function describeTimeline(events: readonly TimelineEvent[], now: number): string {
  const rows = events.map(({ number, instruction, tid, text }) => [
    `${number === now ? '>' : ' '} ${number}`,
    String(instruction),
    String(tid),
    text,
  ]);
  return table(['  Event', 'Instruction', 'Tid', 'What'], rows);
}
