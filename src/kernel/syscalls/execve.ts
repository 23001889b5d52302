/** execve(2) and execveat(2): fs/exec.c. */
import { E2BIG, EACCES, EFAULT, EINVAL, ELOOP, ENOENT, Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { copyInSome, readPath, readU64 } from '../mm/user-memory.ts';
import { execute } from '../task/execute.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from '../vfs/dentry.ts';
import { isSymlink } from '../vfs/inode.ts';
import { findFile } from '../vfs/path.ts';
import { atFlags, dirFd, inPath } from './args/files.ts';
import { argumentList, environmentList } from './args/processes.ts';
import { type SyscallResult, syscall } from './define.ts';

/** MAX_ARG_STRLEN and a bound on all of them: what is beyond fails later anyway. */
const MAX_STRING_BYTES = 32 * 4096;
const MAX_TOTAL_BYTES = 8 * 1024 * 1024;
const CHUNK = 4096n;

/** execve(2). E2BIG; EACCES; EFAULT; ENOENT; ENOEXEC; ELIBBAD; ELOOP; ENOMEM; ETXTBSY; what the path leads to says. */
export const execve = syscall({
  number: 59,
  name: 'execve',
  args: { path: inPath, args: argumentList, env: environmentList },
  support: { missing: 'set-user-ID and file capabilities, which are ignored; personalities' },
  run: (task, { path, args, env }) => run(task, AT_FDCWD, path, args, env, 0),
});

/** execveat(2). EINVAL: unknown flags. ELOOP: a link, with AT_SYMLINK_NOFOLLOW. */
export const execveat = syscall({
  number: 322,
  name: 'execveat',
  args: { fd: dirFd, path: inPath, args: argumentList, env: environmentList, flags: atFlags },
  support: { missing: 'set-user-ID and file capabilities, which are ignored' },
  run(task, { fd, path, args, env, flags }) {
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return EINVAL;
    return run(task, fd, path, args, env, flags);
  },
});

function run(task: Task, fd: number, address: bigint, argv: bigint, envp: bigint, flags: number): SyscallResult {
  const path = readPath(task.mm, address);
  if (path instanceof Errno) return path;
  const dentry = findExecutable(task, fd, path, flags);
  if (dentry instanceof Errno) return dentry;
  const args = readStrings(task.mm, argv);
  if (args instanceof Errno) return args;
  const env = readStrings(task.mm, envp);
  if (env instanceof Errno) return env;
  // A program always has a name: Linux adds an empty one since 5.18.
  const name = path.startsWith('/') || fd === AT_FDCWD ? path : `/dev/fd/${fd}${path === '' ? '' : `/${path}`}`;
  return execute(task, { dentry, path: name, args: args.length > 0 ? args : [new Uint8Array(0)], env });
}

function findExecutable(task: Task, fd: number, path: string, flags: number): Dentry | Errno {
  if (path === '' && flags & AT_EMPTY_PATH) return task.files.findRaw(fd)?.dentry ?? EACCES;
  if (path === '') return ENOENT;
  const follow = !(flags & AT_SYMLINK_NOFOLLOW);
  const found = findFile(task, path, { dirFd: fd, follow });
  return found instanceof Errno || !isSymlink(found.inode) ? found : ELOOP;
}

/** An array of pointers to strings that ends in NULL; NULL itself counts as empty. EFAULT, E2BIG. */
function readStrings(space: AddressSpace, list: bigint): Uint8Array[] | Errno {
  const strings: Uint8Array[] = [];
  if (list === 0n) return strings;
  let total = 0;
  for (let at = list; ; at += 8n) {
    const pointer = readU64(space, at);
    if (pointer instanceof Errno) return pointer;
    if (pointer === 0n) return strings;
    const text = readString(space, pointer);
    if (text instanceof Errno) return text;
    total += text.length + 9;
    if (total > MAX_TOTAL_BYTES) return E2BIG;
    strings.push(text);
  }
}

function readString(space: AddressSpace, address: bigint): Uint8Array | Errno {
  let all: Uint8Array = new Uint8Array(0);
  while (all.length < MAX_STRING_BYTES) {
    const from = address + BigInt(all.length);
    const bytes = copyInSome(space, from, Number(CHUNK - (from % CHUNK)));
    if (bytes.length === 0) return EFAULT;
    const end = bytes.indexOf(0);
    const piece = end < 0 ? bytes : bytes.subarray(0, end);
    if (all.length === 0) all = piece;
    else {
      const longer = new Uint8Array(all.length + piece.length);
      longer.set(all);
      longer.set(piece, all.length);
      all = longer;
    }
    if (end >= 0) return all.length < MAX_STRING_BYTES ? all : E2BIG;
  }
  return E2BIG;
}
