/**
 * /proc/PID/mem and pagemap: a process's memory at its own addresses, and where each page is. The frame numbers of pagemap
 * are the machine's own and are told to everybody: Linux shows them to root alone, pml4 is there to show them.
 */
import { EFAULT, EINVAL, EIO, type Errno } from '../../../../abi/errno.ts';
import { SEEK_CUR, SEEK_SET } from '../../../../abi/fcntl.ts';
import { PROT_WRITE } from '../../../../abi/mman.ts';
import { S_IFREG, type Stat } from '../../../../abi/stat.ts';
import { PAGE_SIZE, type Vpn, vpnOf } from '../../../../base/ints.ts';
import type { AddressSpace } from '../../../mm/address-space.ts';
import { USER_END } from '../../../mm/limits.ts';
import { pagemap } from '../../../mm/usage.ts';
import { copyOutSome, peek } from '../../../mm/user-memory.ts';
import { VM_MAYWRITE } from '../../../mm/vm-flags.ts';
import type { Task } from '../../../task/task.ts';
import type { FileSystem } from '../../file-system.ts';
import { Inode, type OpenRequest } from '../../inode.ts';
import { type IoResult, OpenFile } from '../../open-file.ts';
import type { UserStream } from '../../user-stream.ts';
import type { Owner } from './nodes.ts';

type Transfer = (space: AddressSpace, stream: UserStream, position: number) => IoResult;

/** A file whose offset is an address, or a multiple of a page's number. */
export class MemoryFile extends Inode {
  readonly space: () => AddressSpace | undefined;
  readonly readFrom: Transfer;
  readonly writeTo: Transfer | undefined;

  constructor(
    fs: FileSystem,
    owner: Owner,
    permissions: number,
    space: () => AddressSpace | undefined,
    readFrom: Transfer,
    writeTo?: Transfer,
  ) {
    super(fs, { mode: S_IFREG | permissions, ...owner });
    this.space = space;
    this.readFrom = readFrom;
    this.writeTo = writeTo;
  }

  override open(request: OpenRequest): OpenFile {
    return new OpenMemory(request, this);
  }
}

/** The memory stays that of the program which ran when it was opened; once that has ended there is nothing. */
class OpenMemory extends OpenFile {
  private readonly _inode: MemoryFile;
  private readonly _space: AddressSpace | undefined;
  private _position = 0;

  constructor({ flags, dentry }: OpenRequest, inode: MemoryFile) {
    super(flags, dentry);
    this._inode = inode;
    this._space = inode.space();
  }

  override get hasPositions(): boolean {
    return true;
  }
  override get offset(): number {
    return this._position;
  }

  read(task: Task, to: UserStream): IoResult {
    return this._moved(this.readAt(task, to, this._position));
  }
  write(task: Task, from: UserStream): IoResult {
    return this._moved(this.writeAt(task, from, this._position));
  }
  override readAt(_task: Task, to: UserStream, position: number): IoResult {
    const space = this._space;
    return space === undefined || space.users === 0 || to.left === 0 ? 0 : this._inode.readFrom(space, to, position);
  }
  override writeAt(_task: Task, from: UserStream, position: number): IoResult {
    const { writeTo } = this._inode;
    if (writeTo === undefined) return EINVAL;
    const space = this._space;
    return space === undefined || space.users === 0 || from.left === 0 ? 0 : writeTo(space, from, position);
  }

  private _moved(result: IoResult): IoResult {
    if (typeof result === 'number') this._position += result;
    return result;
  }

  override seek(_task: Task, offset: bigint, whence: number): number | Errno {
    const to = whence === SEEK_SET ? offset : whence === SEEK_CUR ? BigInt(this._position) + offset : -1n;
    if (to < 0n || to > BigInt(Number.MAX_SAFE_INTEGER)) return EINVAL;
    this._position = Number(to);
    return this._position;
  }
  stat(): Stat {
    return this._inode.stat();
  }
  protected release(): void {}
}

const upToPage = (position: number, left: number): number => Math.min(left, PAGE_SIZE - (position % PAGE_SIZE));

/** Whatever the area's rights are (FOLL_FORCE). EIO: nothing is there. */
export const readMemory: Transfer = (space, to, position) => {
  let done = 0;
  while (to.left > 0) {
    const at = position + done;
    const bytes = peek(space, BigInt(at), upToPage(at, to.left));
    if (bytes === undefined) return done > 0 ? done : EIO;
    const stored = to.put(bytes);
    done += stored;
    if (stored < bytes.length) return done > 0 ? done : EFAULT;
  }
  return done;
};

/** What is private may be changed even where the program itself may not, as debuggers do it. */
export const writeMemory: Transfer = (space, from, position) => {
  let done = 0;
  while (from.left > 0) {
    const at = position + done;
    const wanted = upToPage(at, from.left);
    const bytes = from.take(wanted);
    const stored = forceOut(space, BigInt(at), bytes);
    done += stored;
    if (bytes.length < wanted) return done > 0 ? done : EFAULT;
    if (stored < wanted) return done > 0 ? done : EIO;
  }
  return done;
};

/** The same for a debugger that has the bytes: how many were stored. */
export function writeForced(space: AddressSpace, address: bigint, bytes: Uint8Array): number {
  let done = 0;
  while (done < bytes.length) {
    const at = address + BigInt(done);
    const wanted = upToPage(Number(at & 0xfffn), bytes.length - done);
    const stored = forceOut(space, at, bytes.subarray(done, done + wanted));
    done += stored;
    if (stored < wanted) break;
  }
  return done;
}

/** Bytes of one page. */
function forceOut(space: AddressSpace, address: bigint, bytes: Uint8Array): number {
  const start = vpnOf(address);
  const vma = address < BigInt(USER_END) * BigInt(PAGE_SIZE) ? space.vmas.find(start) : undefined;
  if (vma === undefined) return 0;
  if (vma.prot & PROT_WRITE) return copyOutSome(space, address, bytes);
  if (vma.shared || !(vma.flags & VM_MAYWRITE)) return 0;
  const range = { start, end: (start + 1) as Vpn };
  const { prot } = vma;
  if (space.protect(range, prot | PROT_WRITE) !== undefined) return 0;
  const done = copyOutSome(space, address, bytes);
  space.protect(range, prot);
  return done;
}

const ENTRY_BYTES = 8;
/** Entries that are made at once. */
const MOST_ENTRIES = 512;

/** EINVAL: not whole entries. The file ends with user space. */
export const readPagemap: Transfer = (space, to, position) => {
  if (position % ENTRY_BYTES !== 0 || to.left % ENTRY_BYTES !== 0) return EINVAL;
  let done = 0;
  while (to.left > 0) {
    const start = (position + done) / ENTRY_BYTES;
    const end = Math.min(USER_END, start + Math.min(MOST_ENTRIES, to.left / ENTRY_BYTES));
    if (start >= end) break;
    const bytes = new Uint8Array(pagemap(space, { start: start as Vpn, end: end as Vpn }).buffer);
    const stored = to.put(bytes);
    done += stored;
    if (stored < bytes.length) return done > 0 ? done : EFAULT;
  }
  return done;
};
