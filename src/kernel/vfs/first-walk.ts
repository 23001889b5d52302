/** Paths before there is a process: that of the first program, and of its working directory. Links are followed. */
import { ELOOP, ENOENT, ENOTDIR, Errno } from '../../abi/errno.ts';
import type { Dentry } from './dentry.ts';
import { isDirectory, isSymlink } from './inode.ts';

const MAX_LINKS = 40;

/** What a path leads to, as the machine itself sees it: without asking for permissions. */
export function walk(root: Dentry, start: Dentry, path: string): Dentry | Errno {
  let at = path.startsWith('/') ? root : start;
  let rest = path.split('/');
  for (let links = 0; rest.length > 0; ) {
    const name = rest.shift()!;
    if (name === '' || name === '.') continue;
    if (!isDirectory(at.inode)) return ENOTDIR;
    if (name === '..') {
      if (at !== root) at = at.up();
      continue;
    }
    const found = at.child(name, undefined);
    if (found instanceof Errno) return found;
    if (found === undefined) return ENOENT;
    if (!isSymlink(found.inode)) {
      at = found;
      continue;
    }
    if (++links > MAX_LINKS) return ELOOP;
    const target = found.inode.readlink(undefined);
    if (target instanceof Errno) return target;
    if (target.startsWith('/')) at = root;
    rest = [...target.split('/'), ...rest];
  }
  return at;
}
