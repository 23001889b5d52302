/** Device nodes, FIFOs and sockets: mknod(2). What opens is found by what they stand for. */
import { ENXIO, type Errno } from '../../abi/errno.ts';
import { S_IFCHR, S_IFIFO } from '../../abi/stat.ts';
import type { Blocked } from '../syscalls/define.ts';
import { Inode, type OpenRequest } from './inode.ts';
import type { OpenFile } from './open-file.ts';
import { Fifo } from './pipe.ts';

export class SpecialFile extends Inode {
  private _fifo: Fifo | undefined;

  override open(request: OpenRequest): OpenFile | Errno | Blocked {
    if (this.kind === S_IFIFO) return (this._fifo ??= new Fifo(this.stat())).open(request);
    if (this.kind !== S_IFCHR) return ENXIO;
    const driver = request.task.kernel.vfs.characterDevices.get(this.rdev);
    return driver === undefined ? ENXIO : driver(request, this);
  }
}
