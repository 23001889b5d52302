/**
 * What happens to files, for those who watch them: fsnotify. Each event goes to who watches the file itself and, with its
 * name, to who watches its directory. Files that nobody watches cost a look at two fields.
 */
import {
  type IN_CREATE,
  type IN_DELETE,
  IN_ISDIR,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
} from '../../abi/inotify.ts';
import type { Dentry } from './dentry.ts';
import type { Inode } from './inode.ts';

/** Somebody who watches an inode. */
export interface FileWatch {
  report(events: number, name: string | undefined, cookie: number): void;
}

/** An open file, its contents or attributes: IN_OPEN, IN_MODIFY, ... */
export function fileEvent(dentry: Dentry, events: number): void {
  const { inode } = dentry;
  const above = dentry.isRoot ? undefined : dentry.parent.inode.watches;
  if (above === undefined && inode.watches === undefined) return;
  const all = inode.isDirectory ? events | IN_ISDIR : events;
  if (above !== undefined) tell(above, all, dentry.name);
  if (inode.watches !== undefined) tell(inode.watches, all, undefined);
}

/** The inode alone, whatever it is called: IN_ATTRIB, IN_DELETE_SELF. */
export function inodeEvent({ watches }: Inode, events: number): void {
  if (watches !== undefined) tell(watches, events, undefined);
}

/** A name in a directory: IN_CREATE, IN_DELETE. */
export function nameEvent(
  directory: Inode,
  name: string,
  inode: Inode,
  events: typeof IN_CREATE | typeof IN_DELETE,
): void {
  if (directory.watches !== undefined) tell(directory.watches, inode.isDirectory ? events | IN_ISDIR : events, name);
}

/** A file has got another name, perhaps in another directory. */
export function moveEvent(from: Inode, before: string, to: Inode, name: string, inode: Inode): void {
  if (from.watches === undefined && to.watches === undefined && inode.watches === undefined) return;
  const kind = inode.isDirectory ? IN_ISDIR : 0;
  const cookie = from.fs.host.nextCookie();
  if (from.watches !== undefined) tell(from.watches, IN_MOVED_FROM | kind, before, cookie);
  if (to.watches !== undefined) tell(to.watches, IN_MOVED_TO | kind, name, cookie);
  if (inode.watches !== undefined) tell(inode.watches, IN_MOVE_SELF | kind, undefined);
}

function tell(watches: ReadonlySet<FileWatch>, events: number, name: string | undefined, cookie = 0): void {
  for (const watch of [...watches]) watch.report(events, name, cookie);
}
