/** personality(2), getcpu(2) and unshare(2). */
import { EFAULT, EINVAL, EPERM } from '../../abi/errno.ts';
import {
  CLONE_FILES,
  CLONE_FS,
  CLONE_NAMESPACES,
  CLONE_NEWTIME,
  CLONE_SIGHAND,
  CLONE_SYSVSEM,
  CLONE_THREAD,
  CLONE_VM,
} from '../../abi/sched.ts';
import { writeU32 } from '../mm/user-memory.ts';
import { addr } from './args/numbers.ts';
import { outNumber, personalityFlags, personalityText, unshareFlags } from './args/processes.ts';
import { syscall } from './define.ts';

const ASK = 0xffff_ffff;

/** personality(2): the result is what it was. */
export const personality = syscall({
  number: 135,
  name: 'personality',
  args: { persona: personalityFlags },
  support: { missing: 'an effect: addresses are not randomised anyway' },
  resultNote: (_args, result) =>
    `${result === 0n ? '0' : `0x${result.toString(16)}`} (${personalityText(Number(result))})`,
  run(task, { persona }) {
    const before = task.process.personality;
    if (persona !== ASK) task.process.personality = persona;
    return before;
  },
});

/** getcpu(2): there is one processor, and one node. EFAULT. */
export const getcpu = syscall({
  number: 309,
  name: 'getcpu',
  args: { cpu: outNumber, node: outNumber, cache: addr },
  support: 'full',
  run(task, { cpu, node }) {
    for (const address of [cpu, node]) if (address !== 0n && writeU32(task.mm, address, 0) !== undefined) return EFAULT;
    return 0;
  },
});

const KNOWN = CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | CLONE_NAMESPACES | CLONE_NEWTIME; // biome-ignore format: one line

/** unshare(2): a table of files and a directory of its own. EINVAL: what threads cannot stop to share. EPERM: namespaces. */
export const unshare = syscall({
  number: 272,
  name: 'unshare',
  args: { flags: unshareFlags },
  support: { missing: 'namespaces' },
  run(task, { flags }) {
    if (flags & ~KNOWN) return EINVAL;
    const isAlone = task.process.liveThreads().length === 1;
    if (flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM) && !isAlone) return EINVAL;
    if (flags & (CLONE_SIGHAND | CLONE_VM) && task.mm.users > 1) return EINVAL;
    if (flags & (CLONE_NAMESPACES | CLONE_NEWTIME)) return EPERM;
    if (flags & CLONE_FS) task.fs = task.fs.copy();
    if (flags & CLONE_FILES && task.files.isShared) {
      const own = task.files.copy();
      task.files.release();
      task.files = own;
    }
    return 0;
  },
});
