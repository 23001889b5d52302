/**
 * What an access would meet if it were made now, and nothing is changed by asking: what the entries allow, else what
 * kernel/mm/fault.ts would do. Tests hold it against what happens then. Not looked at: whether memory suffices.
 */
import { PROT_EXEC, PROT_WRITE } from '../../abi/mman.ts';
import { vpnOf } from '../../base/ints.ts';
import { USER_END } from '../../kernel/mm/limits.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Access } from '../../mem/mmu.ts';
import type { FaultCause } from '../timeline.ts';
import { walkSpace } from './walk.ts';

export type Foreseen =
  /** The entries allow it: no page fault. */
  | 'allowed'
  | FaultCause
  /** No area is there. */
  | 'not mapped'
  /** The area does not allow it. */
  | 'forbidden'
  /** The area goes beyond the last page of its file: SIGBUS. */
  | 'past the end'
  /** Not an address at all: #GP, which is SIGSEGV as well. */
  | 'not canonical';

/** Undefined for a task that has ended. */
export function foreseeAccess(task: Task, address: bigint, access: Access): Foreseen | undefined {
  if (!task.hasMemory()) return undefined;
  const { mm } = task;
  const { isCanonical, rights, pfn, vma: found } = walkSpace(mm, address);
  if (!isCanonical) return 'not canonical';
  if (rights[access]) return 'allowed';
  const vpn = vpnOf(address);
  if (vpn >= USER_END) return 'not mapped';
  const above = found ?? mm.vmas.findNext(vpn);
  const vma = found ?? (above !== undefined && mm.canGrowStack(vpn) ? above : undefined);
  if (vma === undefined) return 'not mapped';
  const needed = access === 'write' ? vma.prot & PROT_WRITE : access === 'execute' ? vma.prot & PROT_EXEC : vma.prot;
  if (needed === 0) return 'forbidden';
  if (pfn !== undefined) return 'copy-on-write break';
  return firstTouch(vma, vpn, access === 'write');
}

function firstTouch({ backing, offset, start, shared }: Vma, vpn: number, isWrite: boolean): Foreseen {
  if (backing === undefined) return isWrite ? 'demand zero' : 'zero page';
  const index = offset + (vpn - start);
  const isKnown = backing.findPage(index) !== undefined;
  if (!isKnown && !backing.holds(index)) return 'past the end';
  if (!shared) return isWrite ? 'copy-on-write break' : 'file page';
  return isKnown ? 'shared page' : 'demand zero';
}
