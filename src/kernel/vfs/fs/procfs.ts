/**
 * /proc: proc(5). Every name is looked up when it is used: processes come and go. The files themselves are in `proc/`.
 */
import { ENOENT, Errno } from '../../../abi/errno.ts';
import { S_IFDIR, S_IFLNK } from '../../../abi/stat.ts';
import type { Kernel } from '../../kernel.ts';
import type { Process } from '../../task/process.ts';
import type { Task } from '../../task/task.ts';
import type { Dentry } from '../dentry.ts';
import { FileSystem } from '../file-system.ts';
import { Directory, type DirectoryEntry, type Inode, Symlink } from '../inode.ts';

const PROC_SUPER_MAGIC = 0x9fa0;
const ROOT = { uid: 0, gid: 0 };
/** Above those of `.` and `..`. */
const FIRST_POSITION = 3;
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

/** A directory whose names are those of a table. */
export class ProcDirectory extends Directory {
  readonly #files: ReadonlyMap<string, Inode>;

  constructor(fs: FileSystem, files: ReadonlyMap<string, Inode>, owner: { uid: number; gid: number } = ROOT) {
    super(fs, { mode: S_IFDIR | 0o555, ...owner });
    this.#files = files;
    this.links = 2 + [...files.values()].filter(({ isDirectory }) => isDirectory).length;
  }

  lookup(name: string, _task: Task | undefined): Inode | Errno | undefined {
    return this.#files.get(name);
  }

  *entries(after: number, _task: Task): Iterable<DirectoryEntry> {
    let position = FIRST_POSITION;
    for (const [name, { number, kind }] of this.#files) {
      if (position > after) yield { name, inode: number, kind, position };
      position++;
    }
  }
}

class ProcRoot extends ProcDirectory {
  readonly #kernel: Kernel;
  readonly #processes = new WeakMap<Process, ProcDirectory>();

  constructor(fs: ProcFs) {
    super(fs, new Map<string, Inode>([['self', new Link(fs, (task) => String(task.pid))]]));
    this.#kernel = fs.kernel;
  }

  override lookup(name: string, task: Task | undefined): Inode | Errno | undefined {
    if (!/^[1-9]\d*$/.test(name)) return super.lookup(name, task);
    const process = this.#kernel.findProcess(Number(name));
    return process && this.#directoryOf(process);
  }

  override *entries(after: number, task: Task): Iterable<DirectoryEntry> {
    yield* super.entries(after, task);
    for (const process of this.#kernel.processes()) {
      const position = FIRST_PROCESS_POSITION + process.pid;
      const { number, kind } = this.#directoryOf(process);
      if (position > after) yield { name: String(process.pid), inode: number, kind, position };
    }
  }

  #directoryOf(process: Process): ProcDirectory {
    let found = this.#processes.get(process);
    if (found === undefined) {
      found = new ProcDirectory(this.fs, processFiles(this.fs, process), ownerOf(process));
      this.#processes.set(process, found);
    }
    return found;
  }
}

const ownerOf = ({ leader }: Process) => ({ uid: leader.credentials.euid, gid: leader.credentials.egid });

function processFiles(fs: FileSystem, process: Process): ReadonlyMap<string, Inode> {
  return new Map<string, Inode>([
    ['cwd', new Link(fs, () => process.leader.fs.cwd)],
    ['exe', new Link(fs, () => process.exe ?? ENOENT)],
    ['fd', new FdDirectory(fs, process)],
    ['root', new Link(fs, () => process.leader.fs.root)],
  ]);
}

/** Leads to a path, or to a place whatever its path is. */
export class Link extends Symlink {
  readonly #target: (task: Task) => string | Dentry | Errno;

  constructor(fs: FileSystem, target: (task: Task) => string | Dentry | Errno, permissions = 0o777) {
    super(fs, { mode: S_IFLNK | permissions, ...ROOT });
    this.#target = target;
  }

  override follow(task: Task): string | Dentry | Errno {
    return this.#target(task);
  }

  readlink(task: Task | undefined): string | Errno {
    if (task === undefined) return ENOENT;
    const target = this.follow(task);
    return typeof target === 'string' || target instanceof Errno ? target : target.path(task.fs.root);
  }
}

/** /proc/PID/fd: a link for each descriptor, which opens its file anew. */
class FdDirectory extends Directory {
  readonly #process: Process;
  readonly #links = new Map<number, Inode>();

  constructor(fs: FileSystem, process: Process) {
    super(fs, { mode: S_IFDIR | 0o500, ...ownerOf(process) });
    this.#process = process;
    this.links = 2;
  }

  lookup(name: string): Inode | undefined {
    const fd = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : -1;
    const { files } = this.#process.leader;
    if (files.findRaw(fd) === undefined) return undefined;
    let link = this.#links.get(fd);
    if (link === undefined) {
      const place = () => files.findRaw(fd)?.place() ?? ENOENT;
      this.#links.set(fd, (link = new Link(this.fs, place, files.findRaw(fd)!.isWritable ? 0o700 : 0o500)));
    }
    return link;
  }

  *entries(after: number): Iterable<DirectoryEntry> {
    for (const fd of this.#process.leader.files.numbers()) {
      const position = FIRST_POSITION + fd;
      const inode = this.lookup(String(fd));
      if (position > after && inode) yield { name: String(fd), inode: inode.number, kind: S_IFLNK, position };
    }
  }
}
