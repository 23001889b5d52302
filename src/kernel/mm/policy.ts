/**
 * Where memory should come from on a machine with several nodes: set_mempolicy(2), mbind(2). This machine has node 0
 * alone, so a policy changes nothing but what get_mempolicy(2) and /proc/PID/numa_maps say, and which areas are one.
 */
import { EINVAL, type Errno } from '../../abi/errno.ts';
import {
  MPOL_BIND,
  MPOL_DEFAULT,
  MPOL_F_NUMA_BALANCING,
  MPOL_F_RELATIVE_NODES,
  MPOL_F_STATIC_NODES,
  MPOL_LOCAL,
  MPOL_MODE_FLAGS,
  MPOL_PREFERRED,
  MPOL_PREFERRED_MANY,
  MPOL_WEIGHTED_INTERLEAVE,
} from '../../abi/mempolicy.ts';

/** Equal policies are the same object. */
export interface MemoryPolicy {
  /** MPOL_ number. */
  readonly mode: number;
  /** MPOL_F_STATIC_NODES and the like. */
  readonly flags: number;
  /** Bit 0 is node 0. */
  readonly nodes: bigint;
}

const POLICIES = new Map<string, MemoryPolicy>();
const NODE_0 = 1n;

/** The policy that set_mempolicy(2) describes; `none` is the default one. EINVAL: mode, flags and nodes do not go together. */
export function policyOf(modeAndFlags: number, nodes: bigint): MemoryPolicy | 'none' | Errno {
  const mode = checkMode(modeAndFlags);
  if (typeof mode !== 'number') return mode;
  const flags = modeAndFlags & MPOL_MODE_FLAGS;
  const isMapped = (flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) !== 0;
  if (mode === MPOL_DEFAULT) return nodes === 0n ? 'none' : EINVAL;
  if (mode === MPOL_LOCAL || (mode === MPOL_PREFERRED && nodes === 0n))
    return nodes === 0n && !isMapped ? intern(MPOL_LOCAL, flags, 0n) : EINVAL;
  // Relative nodes are counted among those there are: all of them are node 0.
  const allowed = flags & MPOL_F_RELATIVE_NODES && nodes !== 0n ? NODE_0 : nodes & NODE_0;
  return allowed === 0n ? EINVAL : intern(mode, flags, allowed);
}

/** The number without its flags: `sanitize_mpol_flags`. EINVAL: no such mode, or flags that contradict each other. */
export function checkMode(modeAndFlags: number): number | Errno {
  const mode = (modeAndFlags & ~MPOL_MODE_FLAGS) >>> 0;
  const both = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
  if (mode > MPOL_WEIGHTED_INTERLEAVE || (modeAndFlags & both) === both) return EINVAL;
  const balances = mode === MPOL_BIND || mode === MPOL_PREFERRED_MANY;
  return modeAndFlags & MPOL_F_NUMA_BALANCING && !balances ? EINVAL : mode;
}

function intern(mode: number, flags: number, nodes: bigint): MemoryPolicy {
  const key = `${mode} ${flags} ${nodes}`;
  let policy = POLICIES.get(key);
  if (policy === undefined) POLICIES.set(key, (policy = { mode, flags, nodes }));
  return policy;
}
