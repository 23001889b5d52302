/**
 * Files that whoever holds the machine puts into its tree, by path and without asking for permissions: programs, libraries
 * and inputs that are bytes at hand, as they are in a browser.
 */
import { ENOENT, Errno } from '../../abi/errno.ts';
import { S_IALLUGO, S_IFREG } from '../../abi/stat.ts';
import { UsageError } from '../../base/invariant.ts';
import { GROUP_ID, USER_ID } from '../task/credentials.ts';
import { Dentry } from './dentry.ts';
import { walk } from './first-walk.ts';
import { isDirectory } from './inode.ts';
import { MemoryDirectory } from './memory-directory.ts';

/** Contents, which must not be changed afterwards: bytes are not copied, and text is UTF-8. */
export type GuestFile =
  | string
  | Uint8Array
  | { readonly bytes: string | Uint8Array; readonly mode?: number | undefined };

/** By path in the guest. */
export type GuestFiles = Readonly<Record<string, GuestFile>>;

/** Read and run by all. */
const DEFAULT_MODE = 0o755;
const USER = { uid: USER_ID, gid: GROUP_ID };

/**
 * Makes a file that belongs to the user, with the directories on the way to it, over a file that has the name. Links on
 * the way are followed. UsageError: it cannot be there.
 */
export function putFile(root: Dentry, start: Dentry, path: string, file: GuestFile): void {
  const { bytes, mode = DEFAULT_MODE } = isContents(file) ? { bytes: file } : file;
  const refuse = (why: string): UsageError => new UsageError(`file ${path}: ${why}`);
  if ((mode & ~S_IALLUGO) !== 0) throw refuse(`its mode is ${mode}, which is more than permissions`);
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  const name = names.pop();
  if (name === undefined || name === '..' || path.endsWith('/')) throw refuse('that is no name of a file');
  let at = path.startsWith('/') ? root : start;
  for (const one of names) {
    const found = walk(root, at, one);
    if (found === ENOENT && memoryDirectory(at)?.lookup(one, undefined) === undefined)
      at = makeDirectory(at, one, refuse);
    else if (!(found instanceof Dentry) || !isDirectory(found.inode)) throw refuse(`${one} is not a directory`);
    else at = found;
  }
  const directory = memoryDirectory(at);
  if (directory === undefined) throw refuse(`no file can be put into ${at.path()}`);
  const there = at.child(name, undefined);
  if (there instanceof Dentry && isDirectory(there.inode)) throw refuse('that is a directory');
  if (there instanceof Dentry) at.forget(there);
  const contents = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  at.add(name, directory.placeBytes(name, contents, { mode: S_IFREG | mode, ...USER }));
}

const isContents = (file: GuestFile): file is string | Uint8Array =>
  typeof file === 'string' || file instanceof Uint8Array;

const memoryDirectory = ({ inode }: Dentry): MemoryDirectory | undefined =>
  inode instanceof MemoryDirectory ? inode : undefined;

function makeDirectory(at: Dentry, name: string, refuse: (why: string) => UsageError): Dentry {
  const made = memoryDirectory(at)?.makeDirectory(name, { mode: 0o755, ...USER });
  if (made === undefined || made instanceof Errno) throw refuse(`no directory can be made in ${at.path()}`);
  return at.add(name, made);
}
