/** Names of scheduling policies, as strace(1) prints them. */
import { named } from './text.ts';

const POLICY_NAMES = [
  'SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', 'SCHED_ISO', 'SCHED_IDLE', 'SCHED_DEADLINE',
] as const; // biome-ignore format: a list by number

export const policyName = (policy: number): string => named(policy, POLICY_NAMES, 'SCHED_???');
