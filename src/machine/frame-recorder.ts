/**
 * Which processes had a page in one frame, up to when the first of them let go of it: at its exit, or before it unmaps
 * or replaces mappings. Right after a fork everything is shared; what still is at the end says which pages were meant to be.
 */
import type { Pfn, Vpn } from '../base/ints.ts';
import { PAGE_SIZE, vaddrOf } from '../base/ints.ts';
import { USER_END } from '../kernel/mm/limits.ts';
import type { ExitEvent, ForkEvent, KernelObserver, SyscallEvent } from '../kernel/observer.ts';
import type { Task } from '../kernel/task/task.ts';
import { PTE_COW, PTE_RW, type Pte, ptePfn } from '../mem/pte.ts';
import type { SharedFrame } from './result.ts';

/** Kept; later ones are left out. */
const MOST_FRAMES = 20_000;

export class FrameRecorder implements KernelObserver {
  readonly shared: SharedFrame[] = [];
  private readonly _tasks = new Set<Task>();

  onFork({ task, child }: ForkEvent): void {
    this._tasks.add(task);
    this._tasks.add(child);
  }

  onSyscallEnter({ task, name, args }: SyscallEvent): void {
    if (name === 'munmap' || (name === 'mmap' && args.addr !== 0n)) this._record(task);
  }

  onExit({ task }: ExitEvent): void {
    this._record(task);
    this._tasks.delete(task);
  }

  private _record(task: Task): void {
    if (this._tasks.size < 2 || this.shared.length >= MOST_FRAMES) return;
    const own = new Map<Pfn, { user: SharedFrame['users'][number]; entry: Pte }>();
    for (const { vpn, entry } of entriesOf(task))
      own.set(ptePfn(entry), { user: { pid: task.pid, address: vaddrOf(vpn) }, entry });
    own.delete(task.mm.host.zeroFrame);
    const users = new Map<Pfn, SharedFrame['users'][number][]>();
    for (const other of this._tasks) {
      if (other === task || !other.hasMemory() || other.mm === task.mm) continue;
      for (const { vpn, entry } of entriesOf(other)) {
        const pfn = ptePfn(entry);
        if (!own.has(pfn)) continue;
        const known = users.get(pfn) ?? [];
        users.set(pfn, known);
        known.push({ pid: other.pid, address: vaddrOf(vpn) });
      }
    }
    for (const [pfn, others] of users) {
      const { user, entry } = own.get(pfn)!;
      this.shared.push({
        frame: pfn * PAGE_SIZE,
        users: [user, ...others],
        copyOnWrite: (entry & PTE_COW) !== 0n,
        writable: (entry & PTE_RW) !== 0n,
      });
    }
  }
}

const entriesOf = (task: Task) => task.mm.pageTable.entries(0 as Vpn, USER_END);
