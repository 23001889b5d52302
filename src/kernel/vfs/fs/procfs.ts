/**
 * /proc: proc(5). Every name is looked up when it is used: processes come and go. The files themselves are in `proc/`.
 */
import { ENOENT } from '../../../abi/errno.ts';
import { PROC_SUPER_MAGIC } from '../../../abi/statfs.ts';
import type { Kernel } from '../../kernel.ts';
import type { Process } from '../../task/process.ts';
import type { Task } from '../../task/task.ts';
import { FileSystem } from '../file-system.ts';
import type { Directory, DirectoryEntry, Inode } from '../inode.ts';
import { type Content, Link, ProcDirectory, ProcFile } from './proc/nodes.ts';
import { processDirectory } from './proc/process.ts';
import { sysctlDirectory } from './proc/sysctl.ts';
import {
  describeCpu, describeDevices, describeFileSystems, describeInterfaces, describeLoad, describeLocks, describeMemory, describePages,
  describeStatistics, describeUptime, describeVersion,
} from './proc/system.ts'; // biome-ignore format: a list

/** Processes come after all other names of /proc. */
const FIRST_PROCESS_POSITION = 1024;

export class ProcFs extends FileSystem {
  readonly type = 'proc';
  readonly magic = PROC_SUPER_MAGIC;
  override readonly isVolatile = true;
  readonly kernel: Kernel;
  readonly root: Directory;

  constructor(kernel: Kernel, device: number) {
    super(kernel.vfs, device);
    this.kernel = kernel;
    this.root = new ProcRoot(this);
  }

  shutDown(): void {}
}

class ProcRoot extends ProcDirectory {
  private readonly _kernel: Kernel;
  private readonly _known = new Map<number, { readonly process: Process; readonly directory: ProcDirectory }>();

  constructor(fs: ProcFs) {
    super(fs, () => machineFiles(fs));
    this._kernel = fs.kernel;
  }

  override lookup(name: string, task: Task | undefined) {
    if (!/^[1-9]\d{0,9}$/.test(name)) return super.lookup(name, task);
    // A thread's number leads to its process, although it is not listed.
    const process = this._kernel.findTask(Number(name))?.process ?? this._kernel.findProcess(Number(name));
    return process === undefined ? ENOENT : this._directoryOf(process);
  }

  override *entries(after: number, task: Task): Iterable<DirectoryEntry> {
    yield* super.entries(after, task);
    for (const process of this._kernel.processes().sort((x, y) => x.pid - y.pid)) {
      const position = FIRST_PROCESS_POSITION + process.pid;
      if (position <= after) continue;
      const { number, kind } = this._directoryOf(process);
      yield { name: String(process.pid), inode: number, kind, position };
    }
  }

  private _directoryOf(process: Process): ProcDirectory {
    const known = this._known.get(process.pid);
    if (known?.process === process) return known.directory;
    for (const [pid, { process }] of this._known) if (process.state === 'gone') this._known.delete(pid);
    const directory = processDirectory(this.fs, process);
    this._known.set(process.pid, { process, directory });
    return directory;
  }
}

function machineFiles(fs: ProcFs): Readonly<Record<string, Inode>> {
  const { kernel } = fs;
  const text = (content: Content): ProcFile => new ProcFile(fs, 0o444, content);
  return {
    net: new ProcDirectory(fs, () => ({ dev: text(describeInterfaces) })),
    sys: sysctlDirectory(fs, kernel),
    stat: text(() => describeStatistics(kernel)),
    locks: text(() => describeLocks(kernel)),
    swaps: text(() => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'),
    mounts: new Link(fs, () => 'self/mounts'),
    uptime: text(() => describeUptime(kernel)),
    vmstat: text(() => describePages(kernel)),
    cmdline: text(() => '\n'),
    cpuinfo: text(() => describeCpu(kernel)),
    devices: text(describeDevices),
    loadavg: text(() => describeLoad(kernel)),
    meminfo: text(() => describeMemory(kernel)),
    version: text(describeVersion),
    filesystems: text(describeFileSystems),
    self: new Link(fs, (task) => String(task.pid)),
    'thread-self': new Link(fs, (task) => `${task.pid}/task/${task.tid}`),
  };
}
