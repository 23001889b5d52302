/**
 * What a machine without the host's files has: `/` and `/tmp` in memory, `/dev` with its nodes, `/dev/shm`, and a few
 * files of /etc that C libraries look for. hier(7).
 */

import { Errno } from '../../abi/errno.ts';
import { S_IFCHR, S_IFREG } from '../../abi/stat.ts';
import { PAGE_SIZE } from '../../base/ints.ts';
import { invariant } from '../../base/invariant.ts';
import type { Kernel } from '../kernel.ts';
import { PageCache } from '../mm/page-cache.ts';
import { GROUP_ID, USER_ID } from '../task/credentials.ts';
import { PTMX_DEVICE, type Terminals, TTY_DEVICE } from '../tty/pty.ts';
import { Dentry } from './dentry.ts';
import { addMemoryDevices, MEMORY_DEVICES, memoryDeviceNumber } from './fs/devices.ts';
import { ProcFs } from './fs/procfs.ts';
import { RamDirectory, RamFile, RamFs } from './fs/ramfs.ts';
import type { NewInode } from './inode.ts';
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

/** Makes the tree; its root belongs to the user, so that a program can make files where it starts. */
export function mountFirstTree(vfs: Vfs, terminals: Terminals): void {
  const root = vfs.mount(new RamFs(vfs, vfs.nextDevice(), { mode: 0o755, ...USER }), undefined, 'tmpfs');
  directory(root, 'tmp', 0o1777, ROOT);
  const etc = directory(root, 'etc', 0o755, ROOT);
  for (const [name, text] of Object.entries(ETC)) textFile(etc, name, text);
  mountDevices(vfs, directory(root, 'dev', 0o755, ROOT), terminals);
}

/** /proc, on a directory of the root. */
export function mountProc(kernel: Kernel): void {
  const { vfs } = kernel;
  const at = vfs.root.child('proc', undefined);
  vfs.mount(
    new ProcFs(kernel, vfs.nextDevice()),
    at instanceof Dentry ? at : directory(vfs.root, 'proc', 0o555, ROOT),
    'proc',
  );
}

export interface PlacedProgram {
  readonly dentry: Dentry;
  readonly inode: RamFile;
}

/** What a program's file was made of: the same program again is the same file. */
const PROGRAM_BYTES = new WeakMap<RamFile, Uint8Array>();

/** The program that was asked for, under its path as seen from the root; `..` leads nowhere above it. */
export function placeProgram(root: Dentry, path: string, bytes: Uint8Array): PlacedProgram {
  const names: string[] = [];
  for (const name of path.split('/'))
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  const name = names.pop() ?? 'program';
  let at = root;
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

/** A file whose bytes are at hand; they take frames only as they are read. */
export function placeFile(parent: Dentry, name: string, bytes: Uint8Array, init: NewInode): Dentry {
  const { directory } = parent;
  invariant(directory instanceof RamDirectory, 'only a directory in memory takes a file from outside');
  const source = {
    readPage: (index: number, page: Uint8Array) => page.set(bytes.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE)),
  };
  const { fs } = directory;
  const path = `${parent.path().replace(/\/$/, '')}/${name}`;
  const file = new RamFile(fs, init, new PageCache(fs.host.frames, path, source, bytes.length));
  directory.place(name, file);
  return parent.add(name, file);
}

function made<T>(result: T | Errno): T {
  invariant(!(result instanceof Errno), 'the first files cannot be made');
  return result;
}
