/** info proc, info proc mappings, maps: the areas of a process. */

import { viewAreas } from '../inspect/areas.ts';
import { viewProcess } from '../inspect/tasks.ts';
import { command } from './define.ts';
import { say } from './output.ts';
import { none } from './params.ts';

export const infoProcMappings = command({
  name: 'info proc mappings',
  aliases: ['maps', 'info maps'],
  group: 'machine',
  params: none,
  help: 'List the areas of the selected process, as /proc/PID/maps has them.',
  run: ({ task }) => [{ kind: 'maps', pid: task.pid, areas: viewAreas(task) }],
});

export const infoProc = command({
  name: 'info proc',
  group: 'machine',
  params: none,
  help: 'Show number, arguments, directory and program of the selected process.',
  run({ task }) {
    const { pid, args, cwd, exe } = viewProcess(task.process);
    const lines = [`process ${pid}`, `cmdline = '${args.join(' ')}'`, `cwd = '${cwd ?? ''}'`, `exe = '${exe ?? ''}'`];
    return lines.map(say);
  },
});
