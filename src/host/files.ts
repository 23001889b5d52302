/**
 * Directories of the host as a guest may be given them. Everything is reached from a directory by one name, never by a
 * path, and no operation follows a symbolic link, so that nothing outside a directory can be reached from it. Names are
 * bytes, without `/`, and not `.` or `..`. Failures are values.
 */
import type { Timestamp } from '../abi/time.ts';
import type { HostError } from './host.ts';

export interface HostStat {
  /** The same for the same file, whatever it is called. */
  readonly identity: string;
  /** Kind and permissions, as st_mode of Linux. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  /** Of 512 bytes. */
  readonly blocks: number;
  readonly accessed: Timestamp;
  readonly modified: Timestamp;
  readonly changed: Timestamp;
}

export interface HostEntry {
  readonly name: Uint8Array;
  /** S_IFREG, S_IFDIR, ... */
  readonly kind: number;
}

/** What may be changed of a file: chmod(2), utimensat(2). */
export interface HostChange {
  readonly mode?: number | undefined;
  readonly accessed?: Timestamp | undefined;
  readonly modified?: Timestamp | undefined;
}

/** A regular file, opened when it is first needed. */
export interface HostFile {
  stat(): HostStat | HostError;
  /** Bytes from a place on, as many as the buffer takes and the file has. */
  read(position: number, into: Uint8Array): number | HostError;
  write(position: number, bytes: Uint8Array): HostError | undefined;
  truncate(size: number): HostError | undefined;
  change(change: HostChange): HostError | undefined;
  /** What was written is on the disk. */
  sync(): HostError | undefined;
  /** Opens it for writing now: the host may refuse. */
  openForWriting(): HostError | undefined;
  /** It can be used although its name goes. */
  pin(): HostError | undefined;
  close(): void;
}

export interface HostDirectory {
  stat(): HostStat | HostError;
  /** Undefined: there is no such name. */
  lookup(name: Uint8Array): HostStat | HostError | undefined;
  list(): readonly HostEntry[] | HostError;
  /** 'kernel': a file system that shows the host's kernel (/proc, /sys, ...); not for guests. */
  openDirectory(name: Uint8Array): HostDirectory | HostError | 'kernel';
  /** The file of that name and identity, a regular one. */
  file(name: Uint8Array, identity: string): HostFile;
  readlink(name: Uint8Array): Uint8Array | HostError;

  createFile(name: Uint8Array, mode: number): HostStat | HostError;
  makeDirectory(name: Uint8Array, mode: number): HostStat | HostError;
  makeSymlink(name: Uint8Array, target: Uint8Array): HostStat | HostError;
  /** Another name for a file of a directory of the same host. */
  link(name: Uint8Array, from: HostDirectory, fromName: Uint8Array): HostError | undefined;
  unlink(name: Uint8Array): HostError | undefined;
  removeDirectory(name: Uint8Array): HostError | undefined;
  rename(name: Uint8Array, to: HostDirectory, toName: Uint8Array): HostError | undefined;
  /** Of the directory itself. */
  change(change: HostChange): HostError | undefined;
  /** Its name has changed, by `rename`. */
  moved(parent: HostDirectory, name: Uint8Array): void;
  close(): void;
}

/** Who the host says we are: what is his is the guest's user's own. */
export interface HostUser {
  readonly uid: number;
  readonly gid: number;
}
