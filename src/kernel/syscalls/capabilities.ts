/** capget(2) and capset(2): kernel/capability.c. */

import { CAP_HEADER_BYTES, CAP_VERSION_3, capabilityBytes } from '../../abi/credentials.ts';
import { EFAULT, EINVAL, EPERM, Errno, ESRCH } from '../../abi/errno.ts';
import { copyIn, copyOut, writeU32 } from '../mm/user-memory.ts';
import { INIT_PID } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import { inCapData, inCapHeader, outCapData } from './args/credentials.ts';
import { viewOf } from './args/kind.ts';
import { syscall } from './define.ts';

const WORD = 0xffff_ffffn;

/** capget(2). EINVAL: no such version; the header then says which there is. ESRCH: no such thread. EFAULT. */
export const capget = syscall({
  number: 125,
  name: 'capget',
  args: { header: inCapHeader, data: outCapData },
  support: 'full',
  run(task, { header, data }) {
    const asked = readHeader(task, header);
    // Without a place for data, the question was which version there is.
    if (asked instanceof Errno) return asked === EINVAL && data === 0n ? 0 : asked;
    if (asked.pid < 0) return EINVAL;
    const target = asked.pid === 0 || asked.pid === INIT_PID ? task : task.kernel.findTask(asked.pid);
    if (target === undefined) return ESRCH;
    const { effective, permitted, inheritable } = target.credentials.capabilities;
    const words = [0n, 32n].flatMap((by) =>
      [effective, permitted, inheritable].map((set) => Number((set >> by) & WORD)),
    );
    const bytes = new Uint8Array(Uint32Array.from(words).buffer).subarray(0, asked.length);
    return copyOut(task.mm, data, bytes) ?? 0;
  },
});

/** capset(2): of the caller alone. EPERM: more than is permitted, another thread. EINVAL; EFAULT. */
export const capset = syscall({
  number: 126,
  name: 'capset',
  args: { header: inCapHeader, data: inCapData },
  support: 'full',
  run(task, { header, data }) {
    const asked = readHeader(task, header);
    if (asked instanceof Errno) return asked;
    if (asked.pid !== 0 && asked.pid !== task.tid) return EPERM;
    const bytes = copyIn(task.mm, data, asked.length);
    if (bytes instanceof Errno) return EFAULT;
    const set = (index: number): bigint => {
      const high = asked.length > 12 ? viewOf(bytes).getUint32(12 + 4 * index, true) : 0;
      return BigInt(viewOf(bytes).getUint32(4 * index, true)) | (BigInt(high) << 32n);
    };
    const [effective, permitted, inheritable] = [set(0), set(1), set(2)];
    const before = task.credentials.capabilities;
    if (inheritable & ~(before.inheritable | before.permitted)) return EPERM;
    if (inheritable & ~(before.inheritable | before.bounding)) return EPERM;
    if (permitted & ~before.permitted || effective & ~permitted) return EPERM;
    const ambient = before.ambient & permitted & inheritable;
    task.credentials = { ...task.credentials, capabilities: { ...before, effective, permitted, inheritable, ambient } };
    return 0;
  },
});

function readHeader(task: Task, address: bigint): { pid: number; length: number } | Errno {
  const bytes = copyIn(task.mm, address, CAP_HEADER_BYTES);
  if (bytes instanceof Errno) return bytes;
  const length = capabilityBytes(viewOf(bytes).getUint32(0, true));
  if (length === undefined) return writeU32(task.mm, address, CAP_VERSION_3) ?? EINVAL;
  return { pid: viewOf(bytes).getInt32(4, true), length };
}
