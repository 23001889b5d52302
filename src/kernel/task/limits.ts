/** Resource limits, by their RLIMIT_ number: getrlimit(2). RLIMIT_NOFILE alone is enforced. */
import { RLIM_INFINITY, RLIMIT_COUNT, RLIMIT_NOFILE } from '../../abi/resource.ts';
import type { Task } from './task.ts';

export interface ResourceLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}
export type ResourceLimits = ResourceLimit[];

const KIB = 1024n;
const UNLIMITED: ResourceLimit = { soft: RLIM_INFINITY, hard: RLIM_INFINITY };
const both = (value: bigint): ResourceLimit => ({ soft: value, hard: value });

/** INIT_RLIMITS: asm-generic/resource.h; those that depend on the machine's memory as for 8 GiB. */
const SET: Readonly<Record<number, ResourceLimit>> = {
  3: { soft: 8192n * KIB, hard: RLIM_INFINITY }, // RLIMIT_STACK
  4: { soft: 0n, hard: RLIM_INFINITY }, // RLIMIT_CORE
  6: both(31_000n), // RLIMIT_NPROC
  [RLIMIT_NOFILE]: { soft: 1024n, hard: 4096n },
  8: both(8192n * KIB), // RLIMIT_MEMLOCK
  11: both(31_000n), // RLIMIT_SIGPENDING
  12: both(800n * KIB), // RLIMIT_MSGQUEUE
  13: both(0n), // RLIMIT_NICE
  14: both(0n), // RLIMIT_RTPRIO
};
export const DEFAULT_LIMITS: readonly ResourceLimit[] = Array.from(
  { length: RLIMIT_COUNT },
  (_, resource) => SET[resource] ?? UNLIMITED,
);

/** One more than the largest descriptor that may be made. */
export const descriptorLimit = (task: Task): number => Number(task.process.limits[RLIMIT_NOFILE].soft);
