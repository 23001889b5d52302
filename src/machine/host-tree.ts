/** What a machine is given of the host's directories, by their paths: `root` and `mounts` of its options. */
import { UsageError } from '../base/invariant.ts';
import type { HostDirectory } from '../host/files.ts';
import { HostError } from '../host/host.ts';
import { hostUser, openHostDirectory } from '../host/node-files.ts';
import type { HostTree } from '../kernel/vfs/first-tree.ts';
import type { GuestFiles } from '../kernel/vfs/given-files.ts';

export interface MountOption {
  /** A directory of the host. */
  readonly host: string;
  /** Where the guest sees it. */
  readonly guest: string;
  /** What the guest writes reaches the host. Default: false, it cannot write there. */
  readonly writable?: boolean | undefined;
}

export interface TreeOptions {
  /** A directory of the host that is `/`; what the guest changes there stays in memory. Default: a small tree in memory. */
  readonly root?: string | undefined;
  /** Directories of the host that the guest sees. */
  readonly mounts?: readonly MountOption[] | undefined;
  /**
   * Files that the guest finds, by absolute path: text, bytes, or `{ bytes, mode }`; mode 0o755 if nothing is said. They
   * belong to the guest's user, over what has their name, and change in memory alone. The bytes are not copied.
   */
  readonly files?: GuestFiles | undefined;
  /** Where the program starts, as the guest sees it. Default: `/`. */
  readonly cwd?: string | undefined;
}

export function openTree({ root, mounts = [] }: TreeOptions): HostTree | undefined {
  if (root === undefined && mounts.length === 0) return undefined;
  return {
    user: hostUser(),
    root: root === undefined ? undefined : openOrRefuse('root', root),
    mounts: mounts.map(({ host, guest, writable = false }) => {
      if (!guest.startsWith('/') || /^\/*$/.test(guest))
        throw new UsageError(`mount: '${guest}' is not an absolute path below /`);
      return { directory: openOrRefuse('mount', host), at: guest, isWritable: writable };
    }),
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  ENOSYS: 'there are no files of the host here',
};

function openOrRefuse(option: string, path: string): HostDirectory {
  const opened = openHostDirectory(path);
  if (opened instanceof HostError) throw new UsageError(`${option}: ${path}: ${REASONS[opened.code] ?? opened.code}`);
  return opened;
}
