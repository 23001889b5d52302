/**
 * What programs do to shared memory without the kernel: it shows only in the bytes of frames, and in the A bits of entries
 * that nobody had used. Compared from look to look.
 */
import type { Pfn, Vpn } from '../base/ints.ts';
import type { Task } from '../kernel/task/task.ts';
import { PTE_A, PTE_D, ptePfn } from '../mem/pte.ts';

/** A shared frame whose bytes are others than at the last look. */
export interface SharedStore {
  readonly pfn: Pfn;
  /** Where it is mapped, and by whom. */
  readonly vpn: Vpn;
  readonly tasks: readonly Task[];
  /** All of its bytes before, and the first that is another one. */
  readonly before: Uint8Array;
  readonly first: number;
}

export class SharedPages {
  /** The living processes. */
  private readonly _tasks: ReadonlyMap<number, Task>;
  /** Contents of shared frames, as last seen. */
  private readonly _contents = new Map<Pfn, Uint8Array>();
  /** Pages of shared areas that a process has mapped and not used yet, by pid and page, with their frames. */
  private _unused = new Map<string, Pfn>();

  constructor(tasks: ReadonlyMap<number, Task>) {
    this._tasks = tasks;
  }

  /** Pages that the process, which alone has run since the last look, has read for the first time. */
  takeLoads(runner: number): Vpn[] {
    const used: Vpn[] = [];
    const unused = new Map<string, Pfn>();
    for (const { pid, mm } of this._tasks.values())
      for (const { start, end, shared } of mm.vmas)
        for (const { vpn, entry } of shared ? mm.pageTable.entries(start, end) : []) {
          const page = usedBy(pid, vpn);
          if (!(entry & PTE_A)) unused.set(page, ptePfn(entry));
          else if (pid === runner && !(entry & PTE_D) && this._unused.get(page) === ptePfn(entry)) used.push(vpn);
        }
    this._unused = unused;
    return used;
  }

  /** An access to the page is told in another way. */
  noteUse(pid: number, vpn: Vpn): void {
    this._unused.delete(usedBy(pid, vpn));
  }

  /** One after the other: each is seen when it is asked for. */
  *takeStores(): Generator<SharedStore> {
    for (const [pfn, { vpn, tasks }] of this._frames()) {
      const bytes = tasks[0].mm.frames.bytes(pfn);
      const before = this._contents.get(pfn);
      const first = before ? firstDifference(bytes, before) : -1;
      if (!before || first < 0) continue;
      this._contents.set(pfn, bytes.slice());
      yield { pfn, vpn, tasks, before, first };
    }
  }

  /** Frames that are shared now and were not: from here on their bytes are compared. */
  keepNew(): void {
    for (const [pfn, { tasks }] of this._frames())
      if (!this._contents.has(pfn)) this._contents.set(pfn, tasks[0].mm.frames.bytes(pfn).slice());
  }

  /** Frames of shared areas: where one is mapped, and who has it there. */
  private _frames(): Map<Pfn, { vpn: Vpn; tasks: Task[] }> {
    const found = new Map<Pfn, { vpn: Vpn; tasks: Task[] }>();
    for (const task of this._tasks.values())
      for (const { start, end, shared } of task.mm.vmas)
        for (const { vpn, entry } of shared ? task.mm.pageTable.entries(start, end) : []) {
          const known = found.get(ptePfn(entry));
          if (!known) found.set(ptePfn(entry), { vpn, tasks: [task] });
          else if (known.vpn === vpn) known.tasks.push(task);
        }
    return found;
  }
}

const usedBy = (pid: number, vpn: Vpn): string => `${pid} ${vpn}`;

/** Index of the first byte in which two frames differ, or -1. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const words = [a, b].map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length >> 2));
  const [wordsA, wordsB] = words;
  let i = 0;
  while (i < wordsA.length && wordsA[i] === wordsB[i]) i++;
  for (i *= 4; i < a.length; i++) if (a[i] !== b[i]) return i;
  return -1;
}
