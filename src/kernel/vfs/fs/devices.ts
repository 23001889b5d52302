/** The devices that are always there: null(4), random(4), full(4). drivers/char/mem.c. */
import { EFAULT, ENOSPC, type Errno } from '../../../abi/errno.ts';
import { deviceNumber, type Stat } from '../../../abi/stat.ts';
import { PAGE_SIZE } from '../../../base/ints.ts';
import { type Backing, SharedAnonymous } from '../../mm/backing.ts';
import type { Task } from '../../task/task.ts';
import type { Inode, OpenRequest } from '../inode.ts';
import { type IoResult, OpenFile } from '../open-file.ts';
import type { UserStream } from '../user-stream.ts';
import type { Vfs } from '../vfs.ts';

const MEMORY_MAJOR = 1;

/** What reads and writes of a device do; the rest is the same for all. */
interface MemoryDevice {
  readonly minor: number;
  readonly name: string;
  /** The next bytes; none at the end. */
  produce(task: Task, most: number): Uint8Array;
  /** ENOSPC; otherwise what is written is gone. */
  readonly isFull?: boolean;
  readonly isMappable?: boolean;
}

const ZEROS = new Uint8Array(PAGE_SIZE);
const zeros = (_task: Task, most: number): Uint8Array => ZEROS.subarray(0, most);
const randomness = (task: Task, most: number): Uint8Array => task.kernel.random(Math.min(most, PAGE_SIZE));

export const MEMORY_DEVICES: readonly MemoryDevice[] = [
  { minor: 3, name: 'null', produce: () => new Uint8Array(0) },
  { minor: 5, name: 'zero', produce: zeros, isMappable: true },
  { minor: 7, name: 'full', produce: zeros, isFull: true },
  { minor: 8, name: 'random', produce: randomness },
  { minor: 9, name: 'urandom', produce: randomness },
];

export const memoryDeviceNumber = ({ minor }: MemoryDevice): number => deviceNumber(MEMORY_MAJOR, minor);

export function addMemoryDevices(vfs: Vfs): void {
  for (const device of MEMORY_DEVICES)
    vfs.characterDevices.set(
      memoryDeviceNumber(device),
      (request, node) => new OpenMemoryDevice(request, node, device),
    );
}

class OpenMemoryDevice extends OpenFile {
  private readonly _node: Inode;
  private readonly _device: MemoryDevice;

  constructor({ flags, dentry }: OpenRequest, node: Inode, device: MemoryDevice) {
    super(flags, dentry);
    this._node = node;
    this._device = device;
  }

  read(task: Task, to: UserStream): IoResult {
    let done = 0;
    while (to.left > 0) {
      const bytes = this._device.produce(task, to.left);
      if (bytes.length === 0) break;
      const stored = to.put(bytes);
      done += stored;
      if (stored < bytes.length) return done > 0 ? done : EFAULT;
    }
    return done;
  }

  write(_task: Task, from: UserStream): IoResult {
    return this._device.isFull ? ENOSPC : from.left;
  }

  override get hasPositions(): boolean {
    return true;
  }
  override readAt(task: Task, to: UserStream): IoResult {
    return this.read(task, to);
  }
  override writeAt(task: Task, from: UserStream): IoResult {
    return this.write(task, from);
  }
  /** The offset does not matter. */
  override seek(): number | Errno {
    return 0;
  }

  /** zero(4): a private mapping is anonymous memory, a shared one has pages of its own. */
  override backing(task: Task, shared: boolean, pages: number): Backing | Errno | undefined {
    if (!this._device.isMappable) return super.backing(task, shared, pages);
    return shared ? new SharedAnonymous(task.mm.frames, pages, task.kernel.nextInode()) : undefined;
  }

  stat(): Stat {
    return this._node.stat();
  }

  protected release(): void {}
}
