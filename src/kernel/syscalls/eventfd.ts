/** eventfd(2): fs/eventfd.c. */
import { EINVAL } from '../../abi/errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../abi/fcntl.ts';
import { descriptorLimit } from '../task/limits.ts';
import type { Task } from '../task/task.ts';
import { EventFile } from '../vfs/event-file.ts';
import { u32 } from './args/kind.ts';
import { size32 } from './args/numbers.ts';
import { flagsText } from './args/text.ts';
import { syscall } from './define.ts';

const EFD_SEMAPHORE = 1;
const eventFlags = u32((flags) =>
  flagsText(flags, { EFD_SEMAPHORE, EFD_CLOEXEC: O_CLOEXEC, EFD_NONBLOCK: O_NONBLOCK }, 'EFD_???'),
);

const create = (task: Task, count: number, flags: number) =>
  task.files.install(
    new EventFile(count, (flags & EFD_SEMAPHORE) !== 0, flags & O_NONBLOCK),
    (flags & O_CLOEXEC) !== 0,
    descriptorLimit(task),
  );

/** eventfd(2) without flags. EMFILE. */
export const eventfd = syscall({
  number: 284,
  name: 'eventfd',
  args: { count: size32 },
  support: 'full',
  run: (task, { count }) => create(task, count, 0),
});

/** eventfd(2). EINVAL: unknown flags. */
export const eventfd2 = syscall({
  number: 290,
  name: 'eventfd2',
  args: { count: size32, flags: eventFlags },
  support: 'full',
  run: (task, { count, flags }) =>
    flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK) ? EINVAL : create(task, count, flags),
});
