/**
 * What a machine without the host's files has: `/` and `/tmp` in memory, `/dev` with its nodes, `/dev/shm`, and a few
 * files of /etc that C libraries look for. hier(7).
 */

import { Errno } from '../../abi/errno.ts';
import { S_IFCHR, S_IFREG } from '../../abi/stat.ts';
import { invariant, UsageError } from '../../base/invariant.ts';
import type { HostDirectory, HostUser } from '../../host/files.ts';
import { HostError } from '../../host/host.ts';
import type { Kernel } from '../kernel.ts';
import { PageCache, pagesOf } from '../mm/page-cache.ts';
import { GROUP_ID, USER_ID } from '../task/credentials.ts';
import { PTMX_DEVICE, type Terminals, TTY_DEVICE } from '../tty/pty.ts';
import { Dentry } from './dentry.ts';
import { walk } from './first-walk.ts';
import { addMemoryDevices, MEMORY_DEVICES, memoryDeviceNumber } from './fs/devices.ts';
import { type Disk, DiskFs } from './fs/diskfs.ts';
import { HostFs, type LossReport } from './fs/hostfs.ts';
import { Overlay } from './fs/overlay.ts';
import { ProcFs } from './fs/procfs.ts';
import { RamDirectory, RamFile, RamFs } from './fs/ramfs.ts';
import { isDirectory, isRegular, type NewInode, type RegularFile } from './inode.ts';
import type { Vfs } from './vfs.ts';

const ROOT = { uid: 0, gid: 0 };
/** As /etc/group has it. */
const TTY_GROUP = 5;
const USER = { uid: USER_ID, gid: GROUP_ID };

const ETC: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/root:/bin/sh\nuser:x:${USER_ID}:${GROUP_ID}:user:/:/bin/sh\n`,
  group: `root:x:0:\ntty:x:5:\nuser:x:${GROUP_ID}:\n`,
  hosts: '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
  hostname: 'pml4\n',
};

/** Directories of the host that the machine is given. */
export interface HostTree {
  readonly user: HostUser;
  /** Is `/`; what changes stays in memory. */
  readonly root?: HostDirectory | undefined;
  readonly mounts: readonly HostMount[];
}

export interface HostMount {
  readonly directory: HostDirectory;
  /** Where the guest sees it: an absolute path. */
  readonly at: string;
  readonly isWritable: boolean;
}

/**
 * Makes the tree; its root belongs to the user, so that a program can make files where it starts. With `disk`, the files of
 * `/` and `/tmp` are on a disk that holds those already.
 */
export function mountFirstTree(
  vfs: Vfs,
  terminals: Terminals,
  host: HostTree | undefined,
  disk: Disk | undefined,
  lost: LossReport,
): void {
  if (host?.root === undefined) mountMemory(vfs, disk);
  else mountHostRoot(vfs, host.root, host.user);
  mountDevices(vfs, directoryAt(vfs.root, 'dev'), terminals);
  for (const mount of host?.mounts ?? []) mountHost(vfs, mount, host!.user, lost);
}

function mountHostRoot(vfs: Vfs, root: HostDirectory, user: HostUser): void {
  const stat = root.stat();
  if (stat instanceof HostError) throw new UsageError(`the root directory cannot be used: ${stat.code}`);
  vfs.mount(new Overlay(vfs, vfs.nextDevice(), root, stat, user), undefined, 'overlay');
}

function mountHost(vfs: Vfs, { directory, at, isWritable }: HostMount, user: HostUser, lost: LossReport): void {
  const stat = directory.stat();
  if (stat instanceof HostError) throw new UsageError(`the directory for ${at} cannot be used: ${stat.code}`);
  let place = vfs.root;
  for (const name of at.split('/').filter((part) => part !== '' && part !== '.')) {
    if (name === '..') throw new UsageError(`${at}: a place to mount at has no ..`);
    place = directoryAt(place, name);
  }
  const fs = new HostFs(vfs, vfs.nextDevice(), directory, stat, user, lost);
  fs.isReadOnly = !isWritable;
  vfs.mount(fs, place, 'host');
}

/** A directory that is there, or is made in memory. No link is followed. */
function directoryAt(parent: Dentry, name: string): Dentry {
  const found = parent.child(name, undefined);
  if (found instanceof Dentry && isDirectory(found.inode)) return found;
  if (found !== undefined || parent.directory.fs instanceof HostFs)
    throw new UsageError(`${parent.path()}: nothing can be mounted at ${name} there`);
  return directory(parent, name, 0o755, ROOT);
}

/** What there is without a directory of the host. */
function mountMemory(vfs: Vfs, disk: Disk | undefined): void {
  const Root = disk === undefined ? RamFs : DiskFs;
  const fs = new Root(vfs, vfs.nextDevice(), { mode: 0o755, ...USER });
  const root = vfs.mount(fs, undefined, 'tmpfs');
  directory(root, 'tmp', 0o1777, ROOT);
  const etc = directory(root, 'etc', 0o755, ROOT);
  for (const [name, text] of Object.entries(ETC)) textFile(etc, name, text);
  if (disk !== undefined && fs instanceof DiskFs) fs.restore(disk);
}

/** /proc, on a directory of the root. */
export function mountProc(kernel: Kernel): void {
  const { vfs } = kernel;
  vfs.mount(new ProcFs(kernel, vfs.nextDevice()), directoryAt(vfs.root, 'proc'), 'proc');
}

export interface PlacedProgram {
  readonly dentry: Dentry;
  readonly inode: RegularFile;
}

/** A program that is in the tree, by its path as seen from a directory; undefined: there is none. */
export function findProgram(root: Dentry, start: Dentry, path: string): PlacedProgram | undefined {
  const found = walk(root, start, path);
  return found instanceof Dentry && isRegular(found.inode) ? { dentry: found, inode: found.inode } : undefined;
}

/** All bytes of a file; undefined: they do not fit into memory. */
export function readWhole({ cache }: RegularFile): Uint8Array | undefined {
  const bytes = new Uint8Array(cache.sizeBytes);
  for (let at = 0; at < bytes.length; ) {
    const piece = cache.read(at, bytes.length - at);
    if (typeof piece === 'string' || piece.length === 0) return undefined;
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** What a program's file was made of: the same program again is the same file. */
const PROGRAM_BYTES = new WeakMap<RamFile, Uint8Array>();

/** The program that was asked for, under its path as seen from a directory; `..` leads nowhere above the root. */
export function placeProgram(root: Dentry, start: Dentry, path: string, bytes: Uint8Array): PlacedProgram {
  const names: string[] = [];
  let at = path.startsWith('/') ? root : start;
  for (const name of path.split('/'))
    if (name !== '..') {
      if (name !== '' && name !== '.') names.push(name);
    } else if (names.pop() === undefined && at !== root) at = at.up();
  const name = names.pop() ?? 'program';
  for (const one of names) at = (at.child(one, undefined) as Dentry | undefined) ?? directory(at, one, 0o755, ROOT);
  const known = at.child(name, undefined);
  if (known instanceof Dentry && known.inode instanceof RamFile && PROGRAM_BYTES.get(known.inode) === bytes)
    return { dentry: known, inode: known.inode };
  const dentry = placeFile(at, name, bytes, { mode: S_IFREG | 0o755, ...USER });
  const inode = dentry.inode as RamFile;
  PROGRAM_BYTES.set(inode, bytes);
  return { dentry, inode };
}

/** /dev, on a directory. */
export function mountDevices(vfs: Vfs, at: Dentry, terminals: Terminals): void {
  addMemoryDevices(vfs);
  const dev = vfs.mount(new RamFs(vfs, vfs.nextDevice(), { mode: 0o755, ...ROOT }, 'devtmpfs'), at, 'udev');
  for (const device of MEMORY_DEVICES)
    made(dev.directory.create(device.name, { mode: S_IFCHR | 0o666, rdev: memoryDeviceNumber(device), ...ROOT }));
  for (const [name, rdev] of Object.entries({ tty: TTY_DEVICE, ptmx: PTMX_DEVICE }))
    made(dev.directory.create(name, { mode: S_IFCHR | 0o666, rdev, uid: 0, gid: TTY_GROUP }));
  terminals.mount(vfs, directory(dev, 'pts', 0o755, ROOT));
  const links = { fd: '/proc/self/fd', stdin: '/proc/self/fd/0', stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2' };
  for (const [name, target] of Object.entries(links)) made(dev.directory.makeSymlink(name, target, { mode: 0, ...ROOT })); // biome-ignore format: one line
  const shm = directory(dev, 'shm', 0o1777, ROOT);
  vfs.mount(new RamFs(vfs, vfs.nextDevice(), { mode: 0o1777, ...ROOT }), shm, 'tmpfs');
}

function directory(parent: Dentry, name: string, mode: number, owner: typeof ROOT): Dentry {
  return parent.add(name, made(parent.directory.makeDirectory(name, { mode, ...owner })));
}

function textFile(parent: Dentry, name: string, text: string): void {
  placeFile(parent, name, new TextEncoder().encode(text), { mode: S_IFREG | 0o644, ...ROOT });
}

/**
 * A file that is there whenever the machine starts, on no disk. Its bytes are at hand; they take frames only as they are
 * read.
 */
export function placeFile(parent: Dentry, name: string, bytes: Uint8Array, init: NewInode): Dentry {
  const { directory } = parent;
  if (!(directory instanceof RamDirectory))
    throw new UsageError(
      `${name} is not in ${parent.path()}, and a directory of the host takes no program from outside`,
      127,
    );
  const { fs } = directory;
  const path = `${parent.path().replace(/\/$/, '')}/${name}`;
  const cache = new PageCache(fs.host.frames, path, pagesOf(bytes), bytes.length);
  return parent.add(name, directory.place(name, new RamFile(fs, init, cache)));
}

function made<T>(result: T | Errno): T {
  invariant(!(result instanceof Errno), 'the first files cannot be made');
  return result;
}
