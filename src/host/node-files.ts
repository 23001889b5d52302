/**
 * The host's directories in Node.js. On Linux each directory in use has a descriptor that was opened with O_PATH and
 * O_NOFOLLOW from that of its parent, and `/proc/self/fd/N/name` is how a name in it is said: nothing that happens to the
 * host's tree meanwhile can lead elsewhere. Files are opened the same way, and only once they are known to be regular.
 * Elsewhere paths are used, after a look at each directory on the way; whoever changes the tree in that moment can
 * cheat, so a guest should not share a directory with such programs there. Asks for Node's modules only when used.
 */
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../abi/stat.ts';
import type { Timestamp } from '../abi/time.ts';
import { invariant } from '../base/invariant.ts';
import type { HostChange, HostDirectory, HostEntry, HostFile, HostStat, HostUser } from './files.ts';
import { HostError, OfTheHost } from './host.ts';

/** Descriptors that are kept open; what has not been used for longest is opened again when it is needed. */
const OPEN_LIMIT = 400;
const O_PATH = 0o10000000;
/** Bytes that are read from a file at once. */
const CHUNK = 128 * 1024;

/** f_type of file systems that show the kernel: proc, sysfs, devpts, cgroup and cgroup2, debugfs, tracefs, securityfs, bpf, pstore, efivarfs, configfs, selinuxfs, binfmt_misc, mqueue, nsfs, fusectl. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, 0x62656572, 0x1cd1, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x6165676c, 0xde5e81e4,
  0x62656570, 0xf97cff8c, 0x42494e4d, 0x19800202, 0x6e736673, 0x65735543,
]); // biome-ignore format: a list

type Fs = typeof import('node:fs');
let loaded: Fs | undefined;
function fs(): Fs {
  return (loaded ??= process.getBuiltinModule('node:fs'));
}

/** A directory of the host by its path, links followed: what the user has named. */
export function openHostDirectory(path: string): HostDirectory | HostError {
  if (typeof process === 'undefined' || process.getBuiltinModule === undefined) return new HostError('ENOSYS');
  return attempt(() => {
    const { O_DIRECTORY, O_RDONLY } = fs().constants;
    const real = fs().realpathSync.native(path, { encoding: 'buffer' }) as Buffer;
    if (!isLinux()) {
      if (!fs().statSync(real).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
      return new NodeDirectory(undefined, real, statOf(fs().lstatSync(real, { bigint: true })), undefined);
    }
    const fd = fs().openSync(real, O_PATH | (O_DIRECTORY ?? 0) | O_RDONLY);
    return new NodeDirectory(undefined, real, statOf(fs().fstatSync(fd, { bigint: true })), fd);
  });
}

export const hostUser = (): HostUser => ({ uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 });

const isLinux = (): boolean => process.platform === 'linux';

function attempt<T>(run: () => T): T | HostError {
  try {
    return run();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) throw error;
    return new HostError(code);
  }
}

/** For what gives nothing. */
function tried(run: () => void): HostError | undefined {
  const failed = attempt(run);
  return failed instanceof HostError ? failed : undefined;
}

const NS_PER_SECOND = 1_000_000_000n;
function timestamp(ns: bigint): Timestamp {
  const nanoseconds = ((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  return { seconds: Number((ns - nanoseconds) / NS_PER_SECOND), nanoseconds: Number(nanoseconds) };
}

function statOf(stat: import('node:fs').BigIntStats): HostStat {
  return {
    identity: `${stat.dev}:${stat.ino}`,
    mode: Number(stat.mode),
    links: Number(stat.nlink),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    rdev: Number(stat.rdev),
    size: Number(stat.size),
    blocks: Number(stat.blocks ?? 0n),
    accessed: timestamp(stat.atimeNs),
    modified: timestamp(stat.mtimeNs),
    changed: timestamp(stat.ctimeNs),
  };
}

/** Something that has a descriptor while it is used. */
interface Descriptor {
  close(): void;
}

/** Those that are open, the one that was used last at the end. */
class OpenDescriptors {
  private readonly _open = new Set<Descriptor>();

  used(one: Descriptor): void {
    this._open.delete(one);
    this._open.add(one);
    if (this._open.size <= OPEN_LIMIT) return;
    const [oldest] = this._open;
    this._open.delete(oldest);
    oldest.close();
  }

  forget(one: Descriptor): void {
    this._open.delete(one);
  }
}
const open = new OpenDescriptors();

class NodeDirectory extends OfTheHost implements HostDirectory, Descriptor {
  /** Undefined for the one that the user has named, whose descriptor stays open. */
  private _parent: NodeDirectory | undefined;
  /** In the parent; of the first, its path. */
  private _name: Uint8Array;
  private readonly _identity: string;
  private _fd: number | undefined;

  constructor(parent: NodeDirectory | undefined, name: Uint8Array, stat: HostStat, fd: number | undefined) {
    super();
    this._parent = parent;
    this._name = name;
    this._identity = stat.identity;
    this._fd = fd;
  }

  // ---- names ----------------------------------------------------------------------------------------------------

  /** How a name in this directory is said. Throws what Node throws. */
  private _at(name: Uint8Array): Buffer {
    invariant(isName(name), 'a name has no slash and is not . or ..');
    if (!isLinux()) return Buffer.concat([this._checkedPath(), SLASH, name]);
    return Buffer.concat([Buffer.from(`/proc/self/fd/${this._descriptor()}/`), name]);
  }

  /** The directory itself. */
  private _self(): Buffer {
    return isLinux() ? Buffer.from(`/proc/self/fd/${this._descriptor()}`) : this._checkedPath();
  }

  private _descriptor(): number {
    if (this._parent === undefined) return this._fd!;
    if (this._fd === undefined) {
      const { O_DIRECTORY, O_NOFOLLOW } = fs().constants;
      const fd = fs().openSync(this._parent._at(this._name), O_PATH | O_DIRECTORY | O_NOFOLLOW);
      if (statOf(fs().fstatSync(fd, { bigint: true })).identity !== this._identity) {
        fs().closeSync(fd);
        throw Object.assign(new Error('the directory was replaced'), { code: 'ESTALE' });
      }
      this._fd = fd;
    }
    open.used(this);
    return this._fd;
  }

  /** Where there are no such descriptors: each directory on the way must still be the one it was. */
  private _checkedPath(): Buffer {
    const path =
      this._parent === undefined
        ? Buffer.from(this._name)
        : Buffer.concat([this._parent._checkedPath(), SLASH, this._name]);
    if (statOf(fs().lstatSync(path, { bigint: true })).identity !== this._identity)
      throw Object.assign(new Error('the directory was replaced'), { code: 'ESTALE' });
    return path;
  }

  close(): void {
    if (this._fd === undefined || this._parent === undefined) return;
    open.forget(this);
    fs().closeSync(this._fd);
    this._fd = undefined;
  }

  moved(parent: HostDirectory, name: Uint8Array): void {
    this._parent = parent as NodeDirectory;
    this._name = name;
  }

  // ---- looking --------------------------------------------------------------------------------------------------

  stat(): HostStat | HostError {
    return attempt(() => {
      if (isLinux()) return statOf(fs().fstatSync(this._descriptor(), { bigint: true }));
      return statOf(fs().lstatSync(this._checkedPath(), { bigint: true }));
    });
  }

  lookup(name: Uint8Array): HostStat | HostError | undefined {
    return attempt(() => {
      const stat = fs().lstatSync(this._at(name), { bigint: true, throwIfNoEntry: false });
      return stat && statOf(stat);
    });
  }

  list(): readonly HostEntry[] | HostError {
    return attempt(() =>
      fs()
        .readdirSync(this._self(), { encoding: 'buffer', withFileTypes: true })
        .map((entry) => ({ name: new Uint8Array(entry.name), kind: kindOf(entry) })),
    );
  }

  openDirectory(name: Uint8Array): HostDirectory | HostError | 'kernel' {
    return attempt(() => {
      const stat = statOf(fs().lstatSync(this._at(name), { bigint: true }));
      if ((stat.mode & S_IFMT) !== S_IFDIR) throw Object.assign(new Error(), { code: 'ENOTDIR' });
      const made = new NodeDirectory(this, name.slice(), stat, undefined);
      const isMount = deviceOf(stat.identity) !== deviceOf(this._identity);
      if (isMount && isLinux() && KERNEL_FILE_SYSTEMS.has(Number(fs().statfsSync(made._self()).type) >>> 0)) {
        made.close();
        return 'kernel';
      }
      return made;
    });
  }

  file(name: Uint8Array, identity: string): HostFile {
    return new NodeFile(() => this._at(name), identity);
  }

  readlink(name: Uint8Array): Uint8Array | HostError {
    return attempt(() => new Uint8Array(fs().readlinkSync(this._at(name), { encoding: 'buffer' })));
  }

  // ---- changing -------------------------------------------------------------------------------------------------

  createFile(name: Uint8Array, mode: number): HostStat | HostError {
    return attempt(() => {
      const { O_CREAT, O_EXCL, O_RDWR } = fs().constants;
      const fd = fs().openSync(this._at(name), O_CREAT | O_EXCL | O_RDWR | noFollow(), mode);
      try {
        fs().fchmodSync(fd, mode); // whatever our own umask says
        return statOf(fs().fstatSync(fd, { bigint: true }));
      } finally {
        fs().closeSync(fd);
      }
    });
  }

  makeDirectory(name: Uint8Array, mode: number): HostStat | HostError {
    return attempt(() => {
      fs().mkdirSync(this._at(name), { mode });
      const stat = statOf(fs().lstatSync(this._at(name), { bigint: true }));
      if ((stat.mode & S_IFMT) !== S_IFDIR) throw Object.assign(new Error(), { code: 'ESTALE' });
      const made = new NodeDirectory(this, name.slice(), stat, undefined);
      fs().chmodSync(made._self(), mode);
      made.close();
      return { ...stat, mode: S_IFDIR | mode };
    });
  }

  makeSymlink(name: Uint8Array, target: Uint8Array): HostStat | HostError {
    return attempt(() => {
      fs().symlinkSync(Buffer.from(target), this._at(name));
      return statOf(fs().lstatSync(this._at(name), { bigint: true }));
    });
  }

  link(name: Uint8Array, from: HostDirectory, fromName: Uint8Array): HostError | undefined {
    return tried(() => fs().linkSync((from as NodeDirectory)._at(fromName), this._at(name)));
  }

  unlink(name: Uint8Array): HostError | undefined {
    return tried(() => fs().unlinkSync(this._at(name)));
  }

  removeDirectory(name: Uint8Array): HostError | undefined {
    return tried(() => fs().rmdirSync(this._at(name)));
  }

  rename(name: Uint8Array, to: HostDirectory, toName: Uint8Array): HostError | undefined {
    return tried(() => fs().renameSync(this._at(name), (to as NodeDirectory)._at(toName)));
  }

  change(change: HostChange): HostError | undefined {
    return tried(() => changeFile(this._self(), change));
  }
}

class NodeFile extends OfTheHost implements HostFile, Descriptor {
  private readonly _path: () => Buffer;
  private readonly _identity: string;
  private _fd: number | undefined;
  private _isWritable = false;
  private _isPinned = false;
  /** The bytes around what was read last. */
  private _chunk: { readonly start: number; readonly bytes: Uint8Array } | undefined;

  constructor(path: () => Buffer, identity: string) {
    super();
    this._path = path;
    this._identity = identity;
  }

  /** Throws what Node throws. */
  private _descriptor(forWriting = false): number {
    if (this._fd !== undefined && forWriting && !this._isWritable) {
      // The descriptor itself says which file it is, whatever its name is now.
      const fd = isLinux() ? fs().openSync(`/proc/self/fd/${this._fd}`, fs().constants.O_RDWR) : this._openNew(true);
      fs().closeSync(this._fd);
      this._fd = fd;
      this._isWritable = true;
    }
    if (this._fd === undefined) {
      this._fd = this._openNew(forWriting);
      this._isWritable = forWriting;
    }
    if (!this._isPinned) open.used(this);
    return this._fd;
  }

  /** Only a regular file is opened at all, and only the one that was meant. */
  private _openNew(forWriting: boolean): number {
    const { O_RDONLY, O_RDWR } = fs().constants;
    const flags = forWriting ? O_RDWR : O_RDONLY;
    if (!isLinux()) {
      this._check(statOf(fs().lstatSync(this._path(), { bigint: true })));
      const fd = fs().openSync(this._path(), flags | noFollow());
      return this._checked(fd);
    }
    const place = fs().openSync(this._path(), O_PATH | noFollow());
    try {
      this._check(statOf(fs().fstatSync(place, { bigint: true })));
      return fs().openSync(`/proc/self/fd/${place}`, flags);
    } finally {
      fs().closeSync(place);
    }
  }

  private _checked(fd: number): number {
    try {
      this._check(statOf(fs().fstatSync(fd, { bigint: true })));
      return fd;
    } catch (error) {
      fs().closeSync(fd);
      throw error;
    }
  }

  private _check(stat: HostStat): void {
    if ((stat.mode & S_IFMT) !== S_IFREG || stat.identity !== this._identity)
      throw Object.assign(new Error('the file was replaced'), { code: 'ESTALE' });
  }

  stat(): HostStat | HostError {
    return attempt(() => statOf(fs().fstatSync(this._descriptor(), { bigint: true })));
  }

  read(position: number, into: Uint8Array): number | HostError {
    const start = Math.floor(position / CHUNK) * CHUNK;
    if (this._chunk?.start !== start || position + into.length > start + CHUNK) {
      const bytes = attempt(() => readAll(this._descriptor(), start, new Uint8Array(CHUNK)));
      if (bytes instanceof HostError) return bytes;
      this._chunk = { start, bytes };
    }
    const bytes = this._chunk.bytes.subarray(position - start, position - start + into.length);
    into.set(bytes);
    return bytes.length;
  }

  write(position: number, bytes: Uint8Array): HostError | undefined {
    this._chunk = undefined;
    return attempt(() => {
      const fd = this._descriptor(true);
      for (let done = 0; done < bytes.length; )
        done += fs().writeSync(fd, bytes, done, bytes.length - done, position + done);
      return undefined;
    });
  }

  truncate(size: number): HostError | undefined {
    this._chunk = undefined;
    return tried(() => fs().ftruncateSync(this._descriptor(true), size));
  }

  change(change: HostChange): HostError | undefined {
    return tried(() => {
      const fd = this._descriptor();
      changeFile(isLinux() ? Buffer.from(`/proc/self/fd/${fd}`) : this._path(), change);
    });
  }

  sync(): HostError | undefined {
    return tried(() => fs().fsyncSync(this._descriptor(true)));
  }

  openForWriting(): HostError | undefined {
    return tried(() => void this._descriptor(true));
  }

  pin(): HostError | undefined {
    return attempt(() => {
      // For writing if that is allowed: the name will not be there to open it again.
      const fd = attempt(() => this._descriptor(true));
      if (fd instanceof HostError) this._descriptor();
      this._isPinned = true;
      open.forget(this);
      return undefined;
    });
  }

  close(): void {
    this._chunk = undefined;
    if (this._fd === undefined) return;
    open.forget(this);
    fs().closeSync(this._fd);
    this._fd = undefined;
  }
}

const SLASH = new Uint8Array([0x2f]);
const noFollow = (): number => fs().constants.O_NOFOLLOW ?? 0;
const deviceOf = (identity: string): string => identity.slice(0, identity.indexOf(':'));

function isName(name: Uint8Array): boolean {
  if (name.length === 0 || name.includes(0x2f) || name.includes(0)) return false;
  return !(name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e)));
}

/** The path must be one that names the file itself: of a descriptor, or one that was checked. */
function changeFile(path: Buffer, { mode, accessed, modified }: HostChange): void {
  if (mode !== undefined) fs().chmodSync(path, mode);
  if (accessed === undefined && modified === undefined) return;
  const now = fs().statSync(path);
  const seconds = (time: Timestamp | undefined, before: number) =>
    time === undefined ? before / 1000 : time.seconds + time.nanoseconds / 1e9;
  fs().utimesSync(path, seconds(accessed, now.atimeMs), seconds(modified, now.mtimeMs));
}

function readAll(fd: number, position: number, into: Uint8Array): Uint8Array {
  let done = 0;
  while (done < into.length) {
    const count = fs().readSync(fd, into, done, into.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return into.subarray(0, done);
}

function kindOf(entry: import('node:fs').Dirent<Buffer>): number {
  if (entry.isFile()) return S_IFREG;
  if (entry.isDirectory()) return S_IFDIR;
  if (entry.isSymbolicLink()) return S_IFLNK;
  if (entry.isFIFO()) return S_IFIFO;
  if (entry.isSocket()) return S_IFSOCK;
  if (entry.isCharacterDevice()) return S_IFCHR;
  if (entry.isBlockDevice()) return S_IFBLK;
  return 0;
}
