/** /dev/pts: a name for each terminal there is, and for as long as it is. fs/devpts/inode.c, pts(4). */
import { ENOENT, type Errno } from '../../../abi/errno.ts';
import { deviceNumber, S_IFCHR, S_IFDIR, type Stat } from '../../../abi/stat.ts';
import type { Terminals } from '../../tty/pty.ts';
import type { Tty } from '../../tty/tty.ts';
import { FileSystem, type VfsHost } from '../file-system.ts';
import { Directory, type DirectoryEntry, Inode, type OpenRequest } from '../inode.ts';
import type { OpenFile } from '../open-file.ts';

const DEVPTS_MAGIC = 0x1cd1;
/** UNIX98_PTY_SLAVE_MAJOR */
const PTS_MAJOR = 136;
/** The root has 1, ptmx 2. */
const FIRST_INODE = 3;
const FIRST_POSITION = 3;
const TTY_GROUP = 5;
const BLOCK_BYTES = 1024;
const ROOT = { uid: 0, gid: 0 };

export class DevPts extends FileSystem {
  readonly type = 'devpts';
  override get options(): string {
    return ',mode=600,ptmxmode=000';
  }
  readonly magic = DEVPTS_MAGIC;
  override readonly isVolatile = true;
  readonly root: DevPtsRoot;

  constructor(host: VfsHost, device: number, terminals: Terminals) {
    super(host, device);
    this.root = new DevPtsRoot(this, terminals);
  }

  shutDown(): void {}
}

class DevPtsRoot extends Directory {
  private readonly _terminals: Terminals;
  private readonly _nodes = new WeakMap<Tty, PtsNode>();

  constructor(fs: FileSystem, terminals: Terminals) {
    super(fs, { mode: S_IFDIR | 0o755, ...ROOT }, 1);
    this.links = 2;
    this._terminals = terminals;
  }

  lookup(name: string): Inode | undefined {
    if (!/^(?:0|[1-9]\d{0,6})$/.test(name)) return undefined;
    const tty = this._terminals.find(Number(name));
    return tty === undefined ? undefined : this.node(tty);
  }

  node(tty: Tty): PtsNode {
    let node = this._nodes.get(tty);
    if (node === undefined) this._nodes.set(tty, (node = new PtsNode(this.fs, tty, this._terminals)));
    return node;
  }

  *entries(after: number): Iterable<DirectoryEntry> {
    for (const index of this._terminals.indexes())
      if (index + FIRST_POSITION > after)
        yield { name: String(index), inode: FIRST_INODE + index, kind: S_IFCHR, position: index + FIRST_POSITION };
  }
}

class PtsNode extends Inode {
  private readonly _tty: Tty;
  private readonly _terminals: Terminals;

  constructor(fs: FileSystem, tty: Tty, terminals: Terminals) {
    const rdev = deviceNumber(PTS_MAJOR, tty.index);
    super(fs, { mode: S_IFCHR | 0o620, uid: tty.owner, gid: TTY_GROUP, rdev }, FIRST_INODE + tty.index);
    this._tty = tty;
    this._terminals = terminals;
  }

  override open(request: OpenRequest): OpenFile | Errno {
    if (this._terminals.find(this._tty.index) !== this._tty) return ENOENT;
    return this._terminals.openSlave(request, this._tty);
  }

  override stat(): Stat {
    return { ...super.stat(), blockSize: BLOCK_BYTES };
  }
}
