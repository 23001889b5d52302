/** The areas of a process, as /proc/PID/maps and smaps tell of them, and what is behind each. */
import { PAGE, vaddrOf } from '../../base/ints.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import { SharedAnonymous } from '../../kernel/mm/backing.ts';
import { rights, vmaName, vmaPlace } from '../../kernel/mm/describe.ts';
import { type AreaUsage, areaUsage } from '../../kernel/mm/usage.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import type { Task } from '../../kernel/task/task.ts';

/** Where pages come from at their first touch. `shared memory`: a file in memory, with a name or without. */
export type AreaBacking = 'private anonymous' | 'shared anonymous' | 'file' | 'shared memory';

export interface AreaView {
  readonly vma: Vma;
  readonly start: bigint;
  readonly end: bigint;
  readonly sizeBytes: number;
  /** `rw-p`. */
  readonly rights: string;
  /** Of the first byte in the file, device and inode number: zeros without a file. */
  readonly offset: bigint;
  readonly device: number;
  readonly inode: number;
  /** The path, `[heap]`, `[stack]`, or nothing. */
  readonly name: string;
  /** What every view calls it: the name, but `shared, anonymous` or `private, anonymous` where there is none worth the name. */
  readonly title: string;
  readonly backing: AreaBacking;
  /** A touch below it extends it. */
  readonly growsDown: boolean;
  /** Pages with an entry in use, and with whom they are shared. Counted when asked for. */
  usage(): AreaUsage;
}

/** By address; none for a task that has ended. */
export const viewAreas = (task: Task): AreaView[] =>
  task.hasMemory() ? [...task.mm.vmas].map((vma) => viewArea(task, vma)) : [];

export function viewArea(task: Task, vma: Vma): AreaView {
  const { mm } = task;
  return {
    vma,
    start: vaddrOf(vma.start),
    end: vaddrOf(vma.end),
    sizeBytes: Number(BigInt(vma.end - vma.start) * PAGE),
    rights: rights(vma),
    ...vmaPlace(vma),
    name: vmaName(mm, vma),
    title: titleOf(mm, vma),
    backing: backingOf(vma),
    growsDown: vma.growsDown,
    usage: () => areaUsage(mm, vma),
  };
}

/** Shared anonymous memory has the name of a file that nobody has made. */
export function titleOf(space: AddressSpace, vma: Vma): string {
  if (vma.backing instanceof SharedAnonymous) return 'shared, anonymous';
  return vmaName(space, vma) || 'private, anonymous';
}

export function backingOf({ backing }: Vma): AreaBacking {
  if (backing === undefined) return 'private anonymous';
  if (backing instanceof SharedAnonymous) return 'shared anonymous';
  return backing.isFile ? 'file' : 'shared memory';
}
