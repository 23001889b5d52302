/** A descriptor that only says where a file is: O_PATH of open(2). It can be neither read nor written. */
import { EBADF } from '../../abi/errno.ts';
import { O_PATH } from '../../abi/fcntl.ts';
import type { Stat } from '../../abi/stat.ts';
import type { Dentry } from './dentry.ts';
import { type IoResult, OpenFile } from './open-file.ts';

export class OpenPath extends OpenFile {
  private readonly _dentry: Dentry;

  constructor(dentry: Dentry) {
    super(O_PATH, dentry);
    this._dentry = dentry;
  }

  override get isReadable(): boolean {
    return false;
  }
  override get isWritable(): boolean {
    return false;
  }
  read(): IoResult {
    return EBADF;
  }
  write(): IoResult {
    return EBADF;
  }
  stat(): Stat {
    return this._dentry.inode.stat();
  }
  protected release(): void {}
}
