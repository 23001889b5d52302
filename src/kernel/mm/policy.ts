/**
 * Where memory should come from on a machine with several nodes: set_mempolicy(2), mbind(2). This machine has node 0
 * alone, so a policy changes nothing but what get_mempolicy(2) and /proc/PID/numa_maps say, and which areas are one.
 */
export interface MemoryPolicy {
  /** MPOL_ number with its flags. */
  readonly mode: number;
  /** Bit 0 is node 0. */
  readonly nodes: bigint;
}
