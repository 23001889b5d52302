/**
 * From a file to what can be run: fs/exec.c, fs/binfmt_script.c, fs/binfmt_elf.c. A script leads to its interpreter, a
 * dynamically linked program to its linker. Headers are parsed once for each content of a file.
 */
import { EACCES, ELIBBAD, ELOOP, ENOEXEC, Errno, ETXTBSY } from '../../abi/errno.ts';
import { bytesOfName, nameOfBytes } from '../../base/names.ts';
import { ElfError, type ElfImage, parseElf } from '../../elf/image.ts';
import type { Held } from '../outside.ts';
import { Blocked } from '../syscalls/define.ts';
import type { Dentry } from '../vfs/dentry.ts';
import { isRegular, type RegularFile } from '../vfs/inode.ts';
import { findFile } from '../vfs/path.ts';
import { identityOf, MAY_EXECUTE, mayAccess } from '../vfs/permissions.ts';
import type { Task } from './task.ts';

/** What the kernel looks at to find out what a file is: BINPRM_BUF_SIZE. */
const HEAD_BYTES = 256;
/** Scripts whose interpreters are scripts. */
const MAX_SCRIPTS = 5;

export interface Executable {
  readonly dentry: Dentry;
  readonly file: RegularFile;
  readonly image: ElfImage;
}

export interface Program extends Executable {
  readonly interpreter: Executable | undefined;
  readonly args: readonly Uint8Array[];
}

type Failure = Errno | Held;

/** What execve(2) of a file runs. EACCES, ENOEXEC, ELIBBAD, ELOOP, ETXTBSY, ENOENT: of an interpreter, too. */
export function findProgram(task: Task, dentry: Dentry, path: string, args: readonly Uint8Array[]): Program | Failure {
  let at = dentry;
  let given = args;
  let name = path;
  for (let scripts = 0; ; scripts++) {
    const file = executableFile(task, at);
    if (file instanceof Errno) return file;
    const head = file.cache.read(0, HEAD_BYTES);
    if (head === 'out of memory') return ENOEXEC;
    const script = parseScript(head);
    if (script instanceof Errno) return script;
    if (script === undefined) {
      const image = imageOf(task, file, ENOEXEC);
      if (image instanceof Errno || image instanceof Blocked) return image;
      const interpreter = image.interpreter === undefined ? undefined : findInterpreter(task, image.interpreter);
      if (interpreter instanceof Errno || interpreter instanceof Blocked) return interpreter;
      return { dentry: at, file, image, interpreter, args: given };
    }
    if (scripts >= MAX_SCRIPTS) return ELOOP;
    given = [script.interpreter, ...script.argument, bytesOfName(name), ...given.slice(1)];
    name = nameOfBytes(script.interpreter);
    const found = findFile(task, name, { follow: true });
    if (found instanceof Errno) return found;
    at = found;
  }
}

function executableFile(task: Task, { inode }: Dentry): RegularFile | Errno {
  if (!isRegular(inode)) return EACCES;
  const denied = mayAccess(identityOf(task), inode, MAY_EXECUTE);
  if (denied !== undefined) return denied;
  return inode.writers > 0 ? ETXTBSY : inode;
}

function findInterpreter(task: Task, path: string): Executable | Failure {
  const dentry = findFile(task, path, { follow: true });
  if (dentry instanceof Errno) return dentry;
  const file = executableFile(task, dentry);
  if (file instanceof Errno) return file;
  const image = imageOf(task, file, ELIBBAD);
  return image instanceof Errno || image instanceof Blocked ? image : { dentry, file, image };
}

/** `#! interpreter [argument]`: blanks around either, and one argument, which may have blanks inside. */
function parseScript(head: Uint8Array): { interpreter: Uint8Array; argument: Uint8Array[] } | Errno | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const newline = head.indexOf(10);
  const nul = head.indexOf(0);
  const isBlank = (byte: number): boolean => byte === 32 || byte === 9;
  let end = newline < 0 ? (nul < 0 ? head.length : nul) : nul < 0 ? newline : Math.min(nul, newline);
  const isCut = end === HEAD_BYTES;
  let start = 2;
  while (start < end && isBlank(head[start])) start++;
  while (end > start && isBlank(head[end - 1])) end--;
  if (start === end) return ENOEXEC;
  let stop = start;
  while (stop < end && !isBlank(head[stop])) stop++;
  if (isCut && stop === end) return ENOEXEC; // the name may go on
  let rest = stop;
  while (rest < end && isBlank(head[rest])) rest++;
  return { interpreter: head.slice(start, stop), argument: rest < end ? [head.slice(rest, end)] : [] };
}

interface KnownImage {
  /** Of the content that was parsed. */
  readonly version: string;
  result: ElfImage | ElfError | undefined;
}
const IMAGES = new WeakMap<RegularFile, KnownImage>();

/** Makes headers that have been parsed already known for a file. */
export function rememberImage(file: RegularFile, image: ElfImage): void {
  IMAGES.set(file, { version: versionOf(file), result: image });
}

/** Changes with the contents of a file. */
export const versionOf = ({ modified, sizeBytes }: RegularFile): string =>
  `${modified.seconds}.${modified.nanoseconds} ${sizeBytes}`;

/** The parsed headers; the first time the machine stands still while they are being parsed. */
function imageOf(task: Task, file: RegularFile, bad: Errno): ElfImage | Failure {
  const version = versionOf(file);
  let known = IMAGES.get(file);
  if (known?.version !== version) {
    const begun: KnownImage = { version, result: undefined };
    IMAGES.set(file, (known = begun));
    const { cache } = file;
    const source = {
      sizeBytes: file.sizeBytes,
      read: (offset: number, length: number) => cache.readAll(offset, length),
    };
    return task.kernel.outside.hold(
      parseElf(source).then((result) => {
        begun.result = result;
      }),
    );
  }
  if (known.result === undefined || known.result instanceof ElfError) return bad;
  return known.result;
}
