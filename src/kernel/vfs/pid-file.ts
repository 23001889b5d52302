/** A process as a file: pidfd_open(2), fs/pidfs.c. It can be read once the process has ended, and stays the same process's. */
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLHUP, READABLE } from '../../abi/poll.ts';
import type { Stat } from '../../abi/stat.ts';
import type { Process } from '../task/process.ts';
import type { WaitQueue } from '../task/wait-queue.ts';
import { AnonFile } from './anon-file.ts';

export class PidFile extends AnonFile {
  readonly label = '[pidfd]';
  readonly process: Process;

  constructor(process: Process, flags: number) {
    super(O_RDWR | flags);
    this.process = process;
  }

  override poll(): number {
    const { state } = this.process;
    return state === 'alive' ? 0 : state === 'zombie' ? READABLE : READABLE | POLLHUP;
  }
  override pollQueues(): readonly WaitQueue[] {
    return [this.process.ended];
  }
  override stat(): Stat {
    return { ...super.stat(), mode: 0o700 };
  }
}
