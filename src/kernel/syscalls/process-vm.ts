/** process_vm_readv(2) and process_vm_writev(2): mm/process_vm_access.c. */
import { EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { copyInSome, copyOutSome } from '../mm/user-memory.ts';
import { INIT_PID, type Task } from '../task/task.ts';
import type { IoPiece } from '../vfs/user-stream.ts';
import { inIovec, outIovec } from './args/memory.ts';
import { size } from './args/numbers.ts';
import { pid } from './args/processes.ts';
import { syscall } from './define.ts';
import { readIovec } from './iovec.ts';

/** Bytes moved at a time. */
const CHUNK = 65536;

/**
 * process_vm_readv(2). EINVAL: flags, too many pieces, or lengths that overflow. ESRCH. EPERM: another user's process.
 * EFAULT: nothing could be moved; what could be counts.
 */
export const processVmReadv = syscall({
  number: 310,
  name: 'process_vm_readv',
  args: { pid, local: outIovec, localCount: size, remote: inIovec, remoteCount: size, flags: size },
  support: 'full',
  run: (task, { pid, local, localCount, remote, remoteCount, flags }) =>
    flags !== 0n ? EINVAL : transfer(task, pid, { local, localCount, remote, remoteCount }, 'read'),
});

/** process_vm_writev(2). As process_vm_readv(2). */
export const processVmWritev = syscall({
  number: 311,
  name: 'process_vm_writev',
  args: { pid, local: inIovec, localCount: size, remote: inIovec, remoteCount: size, flags: size },
  support: 'full',
  run: (task, { pid, local, localCount, remote, remoteCount, flags }) =>
    flags !== 0n ? EINVAL : transfer(task, pid, { local, localCount, remote, remoteCount }, 'write'),
});

interface Lists {
  readonly local: bigint;
  readonly localCount: bigint;
  readonly remote: bigint;
  readonly remoteCount: bigint;
}

function transfer(task: Task, pid: number, lists: Lists, direction: 'read' | 'write'): number | Errno {
  const local = readIovec(task.mm, lists.local, lists.localCount);
  if (local instanceof Errno) return local;
  const wanted = local.reduce((sum, { length }) => sum + length, 0n);
  if (wanted === 0n) return 0;
  const remote = readIovec(task.mm, lists.remote, lists.remoteCount);
  if (remote instanceof Errno) return remote;
  if (remote.every(({ length }) => length === 0n)) return 0;
  if (pid === INIT_PID) return EPERM;
  const other = task.kernel.findTask(pid);
  if (other === undefined || pid <= 0 || !other.hasMemory()) return ESRCH;
  if (!mayAccess(task, other)) return EPERM;
  const [from, to] = direction === 'read' ? [remote, local] : [local, remote];
  const [source, target] = direction === 'read' ? [other.mm, task.mm] : [task.mm, other.mm];
  const moved = move(source, from, target, to);
  return moved === 0 ? EFAULT : moved;
}

/** PTRACE_MODE_ATTACH_REALCREDS: the same ids throughout, or the same process. */
function mayAccess(task: Task, other: Task): boolean {
  if (other.process === task.process) return true;
  const [a, b] = [task.credentials, other.credentials];
  const uids = a.uid === b.euid && a.uid === b.suid && a.uid === b.uid;
  const gids = a.gid === b.egid && a.gid === b.sgid && a.gid === b.gid;
  return uids && gids && other.process.dumpable === 1;
}

/** Bytes moved from one list of pieces to another, up to the first that cannot be reached. */
function move(source: AddressSpace, from: readonly IoPiece[], target: AddressSpace, to: readonly IoPiece[]): number {
  let total = 0;
  const input = [...from];
  const output = [...to];
  for (;;) {
    while (input.length > 0 && input[0].length === 0n) input.shift();
    while (output.length > 0 && output[0].length === 0n) output.shift();
    if (input.length === 0 || output.length === 0) return total;
    const shorter = input[0].length < output[0].length ? input[0].length : output[0].length;
    const count = Math.min(CHUNK, Number(shorter));
    const bytes = copyInSome(source, input[0].base, count);
    const done = copyOutSome(target, output[0].base, bytes);
    total += done;
    if (done < count) return total;
    const step = BigInt(count);
    input[0] = { base: input[0].base + step, length: input[0].length - step };
    output[0] = { base: output[0].base + step, length: output[0].length - step };
  }
}
