/** info fds: the open files of the selected process. */
import { viewDescriptors } from '../inspect/files.ts';
import { command } from './define.ts';
import { none } from './params.ts';

export const infoFds = command({
  name: 'info fds',
  aliases: ['info descriptors'],
  group: 'machine',
  params: none,
  help: 'List the file descriptors of the selected process: what each refers to, its offset and flags.',
  run: ({ task }) => [{ kind: 'files', pid: task.pid, files: viewDescriptors(task) }],
});
