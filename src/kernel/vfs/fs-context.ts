/** Where a process's paths start, and what permissions its new files do not get: chroot(2), chdir(2), umask(2). */
import type { Dentry } from './dentry.ts';

export class FsContext {
  root: Dentry;
  cwd: Dentry;
  umask: number;

  constructor(root: Dentry, cwd: Dentry = root, umask = 0o022) {
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }

  copy(): FsContext {
    return new FsContext(this.root, this.cwd, this.umask);
  }
}
