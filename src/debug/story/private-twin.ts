/**
 * What a private mapping would have done: the same program runs again, and each mmap(2) in which it asks for
 * MAP_SHARED|MAP_ANONYMOUS asks for MAP_PRIVATE|MAP_ANONYMOUS instead. Nothing else is changed; what differs then follows.
 * Both runs are watched in the same way, so that the comparison is one of two measurements.
 */
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, MAP_TYPE } from '../../abi/mman.ts';
import { PAGE_SIZE, type Pfn, type Vpn, vaddrOf, vpnOf } from '../../base/ints.ts';
import type { Exit } from '../../cpu/exit.ts';
import type { ExecEvent, ExitEvent, FaultEvent, ForkEvent, KernelObserver, SyscallEvent, SyscallExitEvent } from '../../kernel/observer.ts'; // biome-ignore format: one line
import { mmap } from '../../kernel/syscalls/mmap.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type BelowKernel, CpuBetween } from '../../machine/cpu-between.ts';
import { PTE_P, ptePfn } from '../../mem/pte.ts';
import type { PagePicture } from '../page-events.ts';
import { findLeaf, PagePainter } from '../page-picture.ts';
import { readEntries } from '../page-snapshot.ts';

const RAX = 0;
const R10 = 10;

/** The arguments ask for shared memory without a file. */
export const asksForShared = (flags: number): boolean =>
  (flags & MAP_TYPE) === MAP_SHARED && (flags & MAP_ANONYMOUS) !== 0;

/** Stands between the kernel and the CPU, and changes that one flag. */
export class PrivateMappings extends CpuBetween<BelowKernel> {
  private readonly _current: () => Task | undefined;
  /** What the program has in R10, which a system call does not change. */
  private readonly _flags = new Map<Task, bigint>();

  /** `current`: the task that runs. */
  constructor(cpu: BelowKernel, current: () => Task | undefined) {
    super(cpu);
    this._current = current;
  }

  run(budget: number): Exit {
    const task = this._current();
    const flags = task && this._flags.get(task);
    if (task !== undefined && flags !== undefined) {
      this.state.setReg(R10, flags);
      this._flags.delete(task);
    }
    const exit = this.cpu.run(budget);
    if (exit.kind !== 'syscall' || this.state.reg(RAX) !== BigInt(mmap.number) || task === undefined) return exit;
    const asked = this.state.reg(R10);
    if (!asksForShared(Number(asked & 0xffff_ffffn))) return exit;
    this._flags.set(task, asked);
    this.state.setReg(R10, (asked & ~BigInt(MAP_TYPE)) | BigInt(MAP_PRIVATE));
    return exit;
  }

  override get remembered(): readonly object[] {
    return [this._flags];
  }

  /** Whether the call that the task is in is one that was changed. */
  hasChanged(task: Task): boolean {
    return this._flags.has(task);
  }
}

/** What became of the memory that the program asked to share. */
export interface SharedMemoryFacts {
  /** Calls of mmap(2) that were granted. */
  readonly mappings: number;
  /** Pages of these areas that were copied when somebody wrote to them. */
  readonly copies: number;
  /** Areas in the moment before the first of several processes let go of them; those without such a moment are not here. */
  readonly ends: readonly AreaEnd[];
}

export interface AreaEnd {
  readonly start: bigint;
  readonly pages: number;
  /** Frames that hold these pages, over all processes. */
  readonly frames: number;
  /** The first page in use. */
  readonly picture: PagePicture;
}

/** Areas looked at one by one. */
const MOST_AREAS = 8;
/** Processes drawn. */
const MOST_WALKS = 6;

interface Area {
  readonly start: Vpn;
  readonly end: Vpn;
  /** Who has it; by process. */
  readonly users: Map<number, Task>;
  result: AreaEnd | undefined;
}

export class SharedMemoryWatch implements KernelObserver {
  private readonly _isOne: (event: SyscallExitEvent) => boolean;
  private readonly _painter = new PagePainter(() => '');
  private readonly _areas: Area[] = [];
  private _mappings = 0;
  private _copies = 0;

  /** `isOne`: a mapping that the program wanted to be shared. */
  constructor(isOne: (event: SyscallExitEvent) => boolean) {
    this._isOne = isOne;
  }

  facts(): SharedMemoryFacts {
    const ends = this._areas.flatMap(({ result }) => (result === undefined ? [] : [result]));
    return { mappings: this._mappings, copies: this._copies, ends };
  }

  /** Whether the address is in such memory of the process. */
  covers(pid: number, address: bigint): boolean {
    const vpn = vpnOf(address);
    return this._areas.some(({ start, end, users }) => vpn >= start && vpn < end && users.has(pid));
  }

  onSyscallExit(event: SyscallExitEvent): void {
    if (event.name !== 'mmap' || event.error !== undefined || event.result === undefined || !this._isOne(event)) return;
    this._mappings++;
    if (this._areas.length >= MOST_AREAS) return;
    const start = vpnOf(BigInt.asUintN(64, event.result));
    const pages = Math.ceil(Number(event.args.length) / PAGE_SIZE);
    const users = new Map([[event.task.pid, event.task]]);
    this._areas.push({ start, end: (start + pages) as Vpn, users, result: undefined });
  }

  onFork({ task, child, isThread }: ForkEvent): void {
    if (isThread || child.mm === task.mm) return;
    for (const { users } of this._areas) if (users.has(task.pid)) users.set(child.pid, child);
  }

  onCopyOnWrite({ address, resolution, task }: FaultEvent): void {
    if (resolution === 'copied' && this.covers(task.pid, address)) this._copies++;
  }

  onSyscallEnter({ task, name, args }: SyscallEvent): void {
    const { addr } = args;
    if (name !== 'munmap' || typeof addr !== 'bigint') return;
    const from = vpnOf(addr);
    for (const area of this._areas)
      if (area.users.has(task.pid) && from <= area.start && BigInt(area.start - from) * 4096n < BigInt(args.length))
        this._leave(area, task);
  }

  onExec({ task }: ExecEvent): void {
    for (const { users } of this._areas) users.delete(task.pid);
  }

  onExit({ task }: ExitEvent): void {
    if (task.process.threads.some((thread) => thread !== task && thread.isAlive())) return;
    for (const area of this._areas) this._leave(area, task);
  }

  private _leave(area: Area, task: Task): void {
    if (area.users.has(task.pid) && area.users.size > 1) area.result ??= this._look(area);
    area.users.delete(task.pid);
  }

  private _look({ start, end, users }: Area): AreaEnd | undefined {
    const tasks = [...users.values()].filter((task) => task.hasMemory());
    const frames = new Set<Pfn>();
    let first: Vpn | undefined;
    for (const { mm } of tasks)
      for (const { vpn, entry } of mm.pageTable.entries(start, end)) {
        if (!(entry & PTE_P)) continue;
        if (first === undefined || vpn < first) first = vpn;
        if (ptePfn(entry) !== mm.host.zeroFrame) frames.add(ptePfn(entry));
      }
    if (first === undefined) return undefined;
    const page = first;
    const drawn = tasks.slice(0, MOST_WALKS);
    // The same bytes of each, so that they can be compared: from the first on that is not zero in one of them.
    const own = drawn.flatMap((task) => {
      const leaf = findLeaf(task, page);
      return leaf === undefined || !(leaf & PTE_P)
        ? []
        : [{ pfn: ptePfn(leaf), bytes: task.mm.frames.bytes(ptePfn(leaf)) }];
    });
    const places = own.map(({ bytes }) => bytes.findIndex((byte) => byte !== 0)).filter((place) => place >= 0);
    for (const { pfn } of own) this._painter.look(pfn, Math.min(...places, PAGE_SIZE - 1) % PAGE_SIZE);
    if (places.length === 0) for (const { pfn } of own) this._painter.look(pfn, 0);
    const picture = this._painter.picture(drawn, vaddrOf(page), 'leaf', readEntries(tasks));
    return { start: vaddrOf(start), pages: end - start, frames: frames.size, picture };
  }
}
