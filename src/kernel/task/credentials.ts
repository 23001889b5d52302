/**
 * Who a thread acts for: credentials(7), capabilities(7), kernel/cred.c. A value that is replaced as a whole, so that
 * threads and their children share it. The machine has one user, without privilege; set*id(2) moves between the ids he has.
 */
import type { Task } from './task.ts';

/** The fixed user and his group. */
export const USER_ID = 1000;
export const GROUP_ID = 1000;

/** Capability sets, a bit for each CAP_. */
export interface Capabilities {
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly bounding: bigint;
  readonly ambient: bigint;
}

export interface Credentials {
  readonly uid: number;
  readonly euid: number;
  readonly suid: number;
  /** Of access to files. */
  readonly fsuid: number;
  readonly gid: number;
  readonly egid: number;
  readonly sgid: number;
  readonly fsgid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  readonly capabilities: Capabilities;
}

/** CAP_CHECKPOINT_RESTORE is the last: 41 of them. */
export const ALL_CAPABILITIES: bigint = (1n << 41n) - 1n;

export const DEFAULT_CREDENTIALS: Credentials = {
  uid: USER_ID,
  euid: USER_ID,
  suid: USER_ID,
  fsuid: USER_ID,
  gid: GROUP_ID,
  egid: GROUP_ID,
  sgid: GROUP_ID,
  fsgid: GROUP_ID,
  groups: [],
  capabilities: { effective: 0n, permitted: 0n, inheritable: 0n, bounding: ALL_CAPABILITIES, ambient: 0n },
};

/** Whether one of the bits of CAP_ `capability` is effective. */
export const hasCapability = ({ capabilities }: Credentials, capability: number): boolean =>
  (capabilities.effective & (1n << BigInt(capability))) !== 0n;

/** Whether files of this group count as the group's (`in_group_p`). */
export const isInGroup = ({ fsgid, groups }: Credentials, gid: number): boolean =>
  gid === fsgid || groups.includes(gid);

/** Whether one thread may look into another, as a debugger would (`ptrace_may_access`). */
export function mayInspect(task: Task, target: Task): boolean {
  if (task.process === target.process || hasCapability(task.credentials, CAP_SYS_PTRACE)) return true;
  const { fsuid, fsgid } = task.credentials;
  const { uid, euid, suid, gid, egid, sgid } = target.credentials;
  return [uid, euid, suid].every((id) => id === fsuid) && [gid, egid, sgid].every((id) => id === fsgid);
}

/** Capabilities by their number: linux/capability.h. */
export const CAP_KILL = 5;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_SETPCAP = 8;
export const CAP_SYS_PTRACE = 19;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;
