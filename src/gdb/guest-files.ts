/**
 * Files of the guest that a client has opened: what was in them when it did. Permissions are nobody's: a debugger sees
 * everything. Looking leaves the machine as it was: /proc is read from a tree of our own, and files as the page cache and
 * what is behind it have them; a look at directories of the host, where names become inodes, is undone.
 */
import { EINVAL, EISDIR, EMFILE, ENOENT, Errno } from '../abi/errno.ts';
import type { Stat } from '../abi/stat.ts';
import { PAGE_SIZE } from '../base/ints.ts';
import { bytesOfName } from '../base/names.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Task } from '../kernel/task/task.ts';
import { Dentry } from '../kernel/vfs/dentry.ts';
import { walk } from '../kernel/vfs/first-walk.ts';
import { ProcFile } from '../kernel/vfs/fs/proc/nodes.ts';
import { ProcFs } from '../kernel/vfs/fs/procfs.ts';
import { isDirectory, isRegular, isSymlink, type RegularFile } from '../kernel/vfs/inode.ts';
import type { Debuggee } from './debuggee.ts';

export interface GuestFile {
  readonly bytes: Uint8Array;
  readonly stat: Stat;
}

const MOST_OPEN = 64;
/** The device that our own /proc says it is on. */
const NO_DEVICE = 0;

export class GuestFiles {
  private readonly _debuggee: Debuggee;
  private readonly _open = new Map<number, GuestFile>();

  constructor(debuggee: Debuggee) {
    this._debuggee = debuggee;
  }

  /** A handle. ENOENT and its kin; EISDIR; EINVAL: nothing that has contents. */
  open(path: string): number | Errno {
    if (this._open.size >= MOST_OPEN) return EMFILE;
    const file = this._look(path, (root, reader, inside) => contents(walk(root, root, inside), reader));
    if (file instanceof Errno) return file;
    let handle = 3;
    while (this._open.has(handle)) handle++;
    this._open.set(handle, file);
    return handle;
  }

  find(handle: number): GuestFile | undefined {
    return this._open.get(handle);
  }

  close(handle: number): boolean {
    return this._open.delete(handle);
  }

  closeAll(): void {
    this._open.clear();
  }

  stat(path: string, follow: boolean): Stat | Errno {
    return this._look(path, (root, _, inside) => {
      const found = follow ? walk(root, root, inside) : lastName(root, inside);
      return found instanceof Errno ? found : found.inode.stat();
    });
  }

  readlink(path: string): string | Errno {
    return this._look(path, (root, reader, inside) => {
      const found = lastName(root, inside);
      if (found instanceof Errno) return found;
      return isSymlink(found.inode) ? found.inode.readlink(reader) : EINVAL;
    });
  }

  /** `inside` is the path as seen from `root`. Of /proc we read as the first process does. */
  private _look<T>(path: string, look: (root: Dentry, reader: Task | undefined, inside: string) => T): T | Errno {
    const { kernel } = this._debuggee;
    if (kernel === undefined) return ENOENT;
    const reader = kernel.processes()[0]?.leader;
    const inProc = /^\/+proc(?:\/(.*))?$/s.exec(path);
    if (inProc !== null) return look(procOf(kernel), reader, `/${inProc[1] ?? ''}`);
    return this._debuggee.undisturbed(() => look(kernel.vfs.root, reader, path));
  }
}

const procOf = (kernel: Kernel): Dentry => Dentry.root(new ProcFs(kernel, NO_DEVICE));

function contents(found: Dentry | Errno, reader: Task | undefined): GuestFile | Errno {
  if (found instanceof Errno) return found;
  const { inode } = found;
  const stat = inode.stat();
  if (isDirectory(inode)) return EISDIR;
  if (isRegular(inode)) return { bytes: readQuietly(inode), stat };
  if (!(inode instanceof ProcFile) || reader === undefined) return EINVAL;
  const content = inode.content(reader);
  if (content instanceof Errno) return content;
  return { bytes: typeof content === 'string' ? bytesOfName(content) : content, stat };
}

/** What is in memory, and the rest from where it comes, without bringing it into memory. */
function readQuietly({ cache, fs }: RegularFile): Uint8Array {
  const { frames } = fs.host;
  const pages = Math.ceil(cache.sizeBytes / PAGE_SIZE);
  const bytes = new Uint8Array(pages * PAGE_SIZE);
  for (let index = 0; index < pages; index++) {
    const page = bytes.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE);
    const pfn = cache.findPage(index);
    if (pfn !== undefined) page.set(frames.bytes(pfn));
    else cache.fill(index, page);
  }
  return bytes.subarray(0, cache.sizeBytes);
}

/** What a path names, without following a link at its end. */
function lastName(root: Dentry, path: string): Dentry | Errno {
  const [, directory, name] = /^(.*?)\/*([^/]*)\/*$/s.exec(path)!;
  const parent = walk(root, root, `${directory}/`);
  if (parent instanceof Errno || name === '') return parent;
  return isDirectory(parent.inode) ? (parent.child(name, undefined) ?? ENOENT) : ENOENT;
}
