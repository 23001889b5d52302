/** set_mempolicy(2), get_mempolicy(2), mbind(2) on a machine with one node: mm/mempolicy.c. */
import { EFAULT, EINVAL, ENOMEM, EPERM, Errno } from '../../abi/errno.ts';
import {
  MPOL_DEFAULT,
  MPOL_F_ADDR,
  MPOL_F_MEMS_ALLOWED,
  MPOL_F_NODE,
  MPOL_INTERLEAVE,
  MPOL_MF_MOVE,
  MPOL_MF_MOVE_ALL,
  MPOL_MF_STRICT,
  MPOL_WEIGHTED_INTERLEAVE,
} from '../../abi/mempolicy.ts';
import { isPageAligned, PAGE_SIZE, pageUp, U64_MAX, vpnOf } from '../../base/ints.ts';
import { checkMode, policyOf } from '../mm/policy.ts';
import { copyIn, copyOut, writeU32 } from '../mm/user-memory.ts';
import type { PageRange } from '../mm/vma.ts';
import type { Task } from '../task/task.ts';
import { bindFlags, inNodes, outInt, outNodes, policyFlags, policyMode } from './args/mempolicy.ts';
import { addr, size } from './args/numbers.ts';
import { syscall } from './define.ts';
import { userPages } from './pages.ts';

const NODE_0 = 1n;
/** MAX_NUMNODES of Debian's kernel: bits beyond it must be 0. */
const MAX_NODES = 1024n;

/** set_mempolicy(2). EINVAL: mode, flags and nodes that do not go together. EFAULT. */
export const setMempolicy = syscall({
  number: 238,
  name: 'set_mempolicy',
  args: { mode: policyMode, nodes: inNodes, maxNode: size },
  support: 'full',
  run(task, { mode, nodes, maxNode }) {
    const checked = checkMode(mode);
    if (checked instanceof Errno) return checked;
    const wanted = readNodes(task, nodes, maxNode);
    if (wanted instanceof Errno) return wanted;
    const policy = policyOf(mode, wanted);
    if (policy instanceof Errno) return policy;
    task.memoryPolicy = policy === 'none' ? undefined : policy;
    return 0;
  },
});

/** get_mempolicy(2). EINVAL: flags, or room for less than one node. EFAULT: no mapping at the address. */
export const getMempolicy = syscall({
  number: 239,
  name: 'get_mempolicy',
  args: { mode: outInt, nodes: outNodes, maxNode: size, addr, flags: policyFlags },
  support: 'full',
  run(task, { mode, nodes, maxNode, addr, flags }) {
    if (nodes !== 0n && maxNode < 1n) return EINVAL;
    if (flags & ~BigInt(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) return EINVAL;
    const has = (flag: number) => (flags & BigInt(flag)) !== 0n;
    let policy = task.memoryPolicy;
    let value = 0;
    let answer = 0n;
    if (has(MPOL_F_MEMS_ALLOWED)) {
      if (has(MPOL_F_NODE) || has(MPOL_F_ADDR)) return EINVAL;
      answer = NODE_0;
    } else {
      if (has(MPOL_F_ADDR)) {
        const vma = task.mm.vmas.find(vpnOf(addr));
        if (vma === undefined) return EFAULT;
        policy = vma.policy;
      } else if (addr !== 0n) return EINVAL;
      if (!has(MPOL_F_NODE)) value = policy === undefined ? MPOL_DEFAULT : policy.mode | policy.flags;
      else if (has(MPOL_F_ADDR)) {
        if (typeof task.mm.fault(addr, 'read') !== 'string') return EFAULT;
      } else if (policy?.mode !== MPOL_INTERLEAVE && policy?.mode !== MPOL_WEIGHTED_INTERLEAVE) return EINVAL;
      answer = policy?.nodes ?? 0n;
    }
    if (mode !== 0n && writeU32(task.mm, mode, value) !== undefined) return EFAULT;
    return nodes === 0n ? 0 : writeNodes(task, nodes, maxNode, answer);
  },
});

/** mbind(2). EINVAL: as set_mempolicy(2); addr unaligned. EPERM: MPOL_MF_MOVE_ALL. EFAULT: a hole in the range. */
export const mbind = syscall({
  number: 237,
  name: 'mbind',
  args: { addr, length: size, mode: policyMode, nodes: inNodes, maxNode: size, flags: bindFlags },
  support: 'full',
  run(task, { addr, length, mode, nodes, maxNode, flags }) {
    const checked = checkMode(mode);
    if (checked instanceof Errno) return checked;
    const wanted = readNodes(task, nodes, maxNode);
    if (wanted instanceof Errno) return wanted;
    if (flags & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) return EINVAL;
    if (flags & MPOL_MF_MOVE_ALL) return EPERM;
    if (!isPageAligned(addr)) return EINVAL;
    if (length > U64_MAX - 0xfffn || addr + pageUp(length) > U64_MAX) return EINVAL;
    if (length === 0n) return 0;
    const policy = policyOf(mode, wanted);
    if (policy instanceof Errno) return policy;
    const range = userPages(addr, length);
    if (range instanceof Errno) return EFAULT;
    const { mm } = task;
    const found = mm.vmas.pagesWithin(range.start, range.end);
    if (found === 0 || (policy !== 'none' && found < range.end - range.start)) return EFAULT;
    for (const vma of mm.vmas.within(range.start, range.end)) {
      const part = { start: Math.max(vma.start, range.start), end: Math.min(vma.end, range.end) } as PageRange;
      if (!mm.canSplit(vma, part.start, part.end)) return ENOMEM;
      mm.vmas.change(part.start, part.end, (area) => ({ ...area, policy: policy === 'none' ? undefined : policy }));
    }
    return 0;
  },
});

/** A nodemask of `maxNode` - 1 bits: `get_nodes`. EINVAL: too long, or nodes that cannot be. EFAULT. */
function readNodes(task: Task, address: bigint, maxNode: bigint): bigint | Errno {
  const bits = (maxNode - 1n) & U64_MAX;
  if (bits === 0n || address === 0n) return 0n;
  if (bits > BigInt(PAGE_SIZE * 8)) return EINVAL;
  const bytes = copyIn(task.mm, address, Math.ceil(Number(bits) / 64) * 8);
  if (bytes instanceof Errno) return bytes;
  let nodes = 0n;
  for (const byte of [...bytes].reverse()) nodes = (nodes << 8n) | BigInt(byte);
  nodes &= (1n << bits) - 1n;
  return nodes >> MAX_NODES === 0n ? nodes : EINVAL;
}

function writeNodes(task: Task, address: bigint, maxNode: bigint, nodes: bigint): number | Errno {
  const length = Math.ceil(Number(maxNode - 1n) / 64) * 8;
  if (length > PAGE_SIZE) return EINVAL;
  const bytes = new Uint8Array(length);
  if (length > 0) bytes[0] = Number(nodes);
  return copyOut(task.mm, address, bytes) ?? 0;
}
