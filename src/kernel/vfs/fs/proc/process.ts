/** /proc/PID and /proc/PID/task/TID: what proc_pid(5) and the pages beside it tell. fs/proc/base.c. */
import { EINVAL, ENOENT, EPERM, type Errno, ESRCH } from '../../../../abi/errno.ts';
import { O_CLOEXEC } from '../../../../abi/fcntl.ts';
import { deviceMajor, deviceMinor } from '../../../../abi/stat.ts';
import { bytesOfName, nameOfBytes } from '../../../../base/names.ts';
import type { AddressSpace } from '../../../mm/address-space.ts';
import { describeMaps } from '../../../mm/describe.ts';
import { describeNumaMaps, describeRollup, describeSmaps } from '../../../mm/smaps.ts';
import { peek } from '../../../mm/user-memory.ts';
import type { Process } from '../../../task/process.ts';
import type { Task } from '../../../task/task.ts';
import { Dentry } from '../../dentry.ts';
import { type LockOwner, OFFSET_MAX, type RangeLock } from '../../file-locks.ts';
import type { FileSystem } from '../../file-system.ts';
import type { Inode } from '../../inode.ts';
import type { OpenFile } from '../../open-file.ts';
import { MemoryFile, readMemory, readPagemap, writeMemory } from './memory-files.ts';
import { describeMountInfo, describeMountStats, describeMounts } from './mounts.ts';
import {
  type Content,
  Link,
  NumberedDirectory,
  OpenedInode,
  type Owner,
  ProcDirectory,
  ProcFile,
  type Store,
} from './nodes.ts';
import { describeIo, describeLimits, describeStat, describeStatm, describeStatus } from './status.ts';

const COMM_BYTES = 15;
const OVERFLOW_ID = 0xffff_ffff;
/** Numbers of the first namespaces: PROC_IPC_INIT_INO and its neighbours. */
const NAMESPACES = {
  cgroup: 4026531835, ipc: 4026531839, mnt: 4026531832, net: 4026531833, pid: 4026531836, pid_for_children: 4026531836,
  time: 4026531834, time_for_children: 4026531834, user: 4026531837, uts: 4026531838,
} as const; // biome-ignore format: a table

export const ownerOf = (task: Task): Owner => ({ uid: task.credentials.euid, gid: task.credentials.egid });

/** The directory of a process, or with `thread` that of one of its threads. */
export function processDirectory(fs: FileSystem, process: Process, thread?: Task): ProcDirectory {
  const subject = (): Task => thread ?? process.leader;
  const owner = ownerOf(subject());
  const isGone = (): boolean => subject().state === 'gone';
  const mm = (): AddressSpace | undefined => (subject().hasMemory() ? subject().mm : undefined);
  const text = (permissions: number, content: Content, store?: Store): ProcFile =>
    new ProcFile(fs, permissions, (reader) => (isGone() ? ESRCH : content(reader)), store, owner);
  const ofMemory = (permissions: number, content: (space: AddressSpace) => string | Uint8Array): ProcFile =>
    text(permissions, () => {
      const space = mm();
      return space === undefined ? '' : content(space);
    });
  const link = (target: (task: Task) => string | Dentry | Errno): Link =>
    new Link(fs, (task) => (isGone() ? ENOENT : target(task)), { owner });

  const files = (): Record<string, Inode> => ({
    ...(thread === undefined ? { task: taskDirectory(fs, process, owner) } : {}),
    fd: fdDirectory(fs, subject, owner),
    fdinfo: fdInfoDirectory(fs, subject, owner),
    ns: namespaceDirectory(fs, owner),
    environ: ofMemory(0o400, (space) => argumentBytes(space, 'environment')),
    auxv: ofMemory(0o400, (space) => space.arguments?.auxv ?? new Uint8Array(0)),
    status: text(0o444, () => describeStatus(subject())),
    personality: text(0o400, () => `${process.personality.toString(16).padStart(8, '0')}\n`),
    limits: text(0o444, () => describeLimits(process)),
    comm: text(
      0o644,
      () => `${subject().comm}\n`,
      (name, writer) => setComm(subject(), name, writer),
    ),
    syscall: text(0o400, () => describeCall(subject())),
    cmdline: ofMemory(0o444, commandLine),
    stat: text(0o444, () => describeStat(subject(), thread === undefined)),
    statm: text(0o444, () => describeStatm(subject())),
    maps: ofMemory(0o444, (space) => lines(describeMaps(space))),
    numa_maps: ofMemory(0o444, (space) => describeNumaMaps(space, subject().memoryPolicy)),
    mem: new MemoryFile(fs, owner, 0o600, mm, readMemory, writeMemory),
    cwd: link(() => subject().fs.cwd),
    root: link(() => subject().fs.root),
    exe: link(() => (subject().hasMemory() ? (process.exe ?? ENOENT) : ENOENT)),
    mounts: text(0o444, () => describeMounts(subject())),
    mountinfo: text(0o444, () => describeMountInfo(subject())),
    ...(thread === undefined ? { mountstats: text(0o400, () => describeMountStats(subject())) } : {}),
    smaps: ofMemory(0o444, describeSmaps),
    smaps_rollup: ofMemory(0o444, describeRollup),
    pagemap: new MemoryFile(fs, owner, 0o400, mm, readPagemap),
    wchan: text(0o444, () => '0'),
    stack: text(0o400, () => EPERM),
    cpuset: text(0o444, () => '/\n'),
    cgroup: text(0o444, () => '0::/\n'),
    oom_score: text(0o444, () => '666\n'),
    oom_score_adj: text(
      0o644,
      () => `${process.oomScoreAdjustment}\n`,
      (value) => setOomAdjustment(process, value),
    ),
    loginuid: text(
      0o644,
      () => String(OVERFLOW_ID),
      () => EPERM,
    ),
    sessionid: text(0o444, () => String(OVERFLOW_ID)),
    coredump_filter: text(
      0o644,
      () => '00000033\n',
      () => undefined,
    ),
    io: text(0o400, () => describeIo(process)),
    uid_map: text(0o644, () => idMap),
    gid_map: text(0o644, () => idMap),
    projid_map: text(0o644, () => idMap),
    setgroups: text(0o644, () => 'allow\n'),
    timerslack_ns: text(0o666, () => '50000\n'),
  });
  return new ProcDirectory(fs, files, owner);
}

const idMap = `${'0'.padStart(10)} ${'0'.padStart(10)} ${String(OVERFLOW_ID).padStart(10)}\n`;
const lines = (text: string): string => (text === '' ? '' : `${text}\n`);

function argumentBytes(space: AddressSpace, what: 'args' | 'environment'): Uint8Array {
  const place = space.arguments?.[what];
  return (place && peek(space, place.start, Number(place.end - place.start))) ?? new Uint8Array(0);
}

/** The arguments; a program that has written over their end shows what it wrote, into the environment if need be. */
function commandLine(space: AddressSpace): Uint8Array {
  const args = argumentBytes(space, 'args');
  if (args.length === 0 || args.at(-1) === 0) return args;
  const all = nameOfBytes(args) + nameOfBytes(argumentBytes(space, 'environment'));
  const bytes = bytesOfName(all);
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function setComm(task: Task, name: string, writer: Task): Errno | undefined {
  if (writer.process !== task.process) return EINVAL;
  // As it is: the line's end that echo(1) writes becomes part of the name.
  const [text] = name.split('\0', 1);
  task.comm = nameOfBytes(bytesOfName(text).subarray(0, COMM_BYTES));
  return undefined;
}

/** EINVAL: no number from -1000 to 1000. EACCES is for those who lower it below what root has set: nobody has. */
function setOomAdjustment(process: Process, text: string): Errno | undefined {
  const value = Number(text.trim());
  if (!/^[+-]?\d+$/.test(text.trim()) || value < -1000 || value > 1000) return EINVAL;
  process.oomScoreAdjustment = value;
  return undefined;
}

/** Number and arguments of the call it sleeps in. */
function describeCall(task: Task): string {
  const { call } = task;
  if (call === undefined) return 'running\n';
  const values = Object.values(call.args).map((value) => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`);
  while (values.length < 8) values.push('0x0');
  return `${call.number} ${values.join(' ')}\n`;
}

function taskDirectory(fs: FileSystem, process: Process, owner: Owner): Inode {
  const numbers = (): number[] => process.threads.map(({ tid }) => tid);
  return new NumberedDirectory(fs, owner, 0o555, numbers, (tid) => {
    const thread = process.threads.find((task) => task.tid === tid);
    return thread && { subject: thread, make: () => processDirectory(fs, process, thread) };
  });
}

function fdDirectory(fs: FileSystem, subject: () => Task, owner: Owner): Inode {
  return new NumberedDirectory(
    fs,
    owner,
    0o500,
    () => subject().files.numbers(),
    (fd) => {
      const file = subject().files.findRaw(fd);
      if (file === undefined) return undefined;
      const permissions = (file.isReadable ? 0o500 : 0) | (file.isWritable ? 0o300 : 0) || 0o100;
      const target = (): Dentry | Errno => placeOf(fs, subject().files.findRaw(fd));
      return { subject: file, make: () => new Link(fs, target, { owner, permissions, size: 64 }) };
    },
  );
}

/** What has no name in any directory gets one for whoever follows the link: it can be looked at and, perhaps, opened again. */
function placeOf(fs: FileSystem, file: OpenFile | undefined): Dentry | Errno {
  if (file === undefined) return ENOENT;
  const place = file.place();
  return place instanceof Dentry ? place : Dentry.nameless(place, new OpenedInode(fs, file));
}

function fdInfoDirectory(fs: FileSystem, subject: () => Task, owner: Owner): Inode {
  return new NumberedDirectory(
    fs,
    owner,
    0o555,
    () => subject().files.numbers(),
    (fd) => {
      const file = subject().files.findRaw(fd);
      const text = (): string | Errno => describeDescriptor(subject(), fd);
      return file && { subject: file, make: () => new ProcFile(fs, 0o444, text, undefined, owner) };
    },
  );
}

function describeDescriptor(task: Task, fd: number): string | Errno {
  const descriptor = task.files.findDescriptor(fd);
  if (descriptor === undefined) return ENOENT;
  const { file, closeOnExec } = descriptor;
  const flags = (file.flags | (closeOnExec ? O_CLOEXEC : 0)).toString(8);
  const mount = file.dentry && task.kernel.vfs.mountOf(file.dentry);
  const locks = [...(file.dentry?.inode.locks?.describe() ?? [])]
    .filter(({ owner }) => owner === file || owner === task.files)
    .map((lock, i) => `lock:\t${lockLine(i + 1, lock, file)}`);
  return `pos:\t${file.offset}\nflags:\t0${flags}\nmnt_id:\t${mount?.id ?? 15}\nino:\t${file.stat().inode}\n${locks.join('')}${file.describe()}`;
}

type ListedLock = Omit<RangeLock, 'owner'> & { readonly kind: string; readonly owner: LockOwner };

/** `1: POSIX  ADVISORY  WRITE 100 00:10:5 0 EOF`: fs/locks.c (`lock_get_status`). */
export function lockLine(number: number, { kind, type, pid, start, end }: ListedLock, file: OpenFile): string {
  const { device, inode } = file.stat();
  const hex = (part: number): string => part.toString(16).padStart(2, '0');
  const where = `${hex(deviceMajor(device))}:${hex(deviceMinor(device))}:${inode}`;
  const range = `${start} ${end === OFFSET_MAX ? 'EOF' : end}`;
  return `${number}: ${kind.padEnd(6)} ADVISORY  ${type === 'read' ? 'READ ' : 'WRITE'} ${pid} ${where} ${range}\n`;
}

function namespaceDirectory(fs: FileSystem, owner: Owner): Inode {
  const links = Object.entries(NAMESPACES).map(([name, number]) => {
    const text = `${name.replace('_for_children', '')}:[${number}]`;
    const target = (): Dentry => Dentry.nameless(text, new ProcFile(fs, 0o444, () => EINVAL));
    return [name, new Link(fs, target, { owner })] as const;
  });
  return new ProcDirectory(fs, () => Object.fromEntries(links), owner, 0o511);
}
