/**
 * Turns what the kernel tells into page events: at each occurrence the entries of every process are read and compared with
 * what they were at the one before. It reads, and changes nothing. What the guest does without the kernel (A and D bits,
 * a store to shared memory) shows at the next occurrence: a page fault, a system call, an exit.
 */
import { EFAULT } from '../abi/errno.ts';
import { SIGBUS } from '../abi/signal.ts';
import { hex, PAGE_SIZE, type Pfn, pageDown, vaddrOf, vpnOf } from '../base/ints.ts';
import type { ElfImage } from '../elf/image.ts';
import { readSections } from '../elf/sections.ts';
import type { AddressSpace } from '../kernel/mm/address-space.ts';
import type { PageRange, Vma } from '../kernel/mm/vma.ts';
import type { ExecEvent, ExitEvent, FaultEvent, ForkEvent, KernelObserver, MappingEvent, Moment, SignalEvent, SwitchEvent, SyscallEvent, SyscallExitEvent } from '../kernel/observer.ts'; // biome-ignore format: one line
import type { Task } from '../kernel/task/task.ts';
import type { Inode } from '../kernel/vfs/inode.ts';
import { walk } from '../mem/page-table.ts';
import { type Pte, ptePfn } from '../mem/pte.ts';
import { describeInstruction } from './instruction.ts';
import type { EntryChange, Occasion, PageEvent, PagePicture, PageWalk } from './page-events.ts';
import {
  count,
  countsOf,
  describeFrameCounts,
  describeKept,
  foldLikes,
  MAX_LISTED,
  REFUSALS,
  REFUSED,
  TITLES,
  withBefore,
} from './page-notes.ts';
import { findLeaf, PagePainter, SHOWN_BYTES } from './page-picture.ts';
import {
  compareEntries,
  EMPTY_SNAPSHOT,
  framesOf,
  framesWithOtherCount,
  leavesWithin,
  readEntries,
  type Snapshot,
  withChange,
} from './page-snapshot.ts';
import { SharedPages } from './shared-pages.ts';

/** Areas of which a fork draws a page. */
const MAX_AREAS = 12;

/** A moment at which the story looks around. */
type Seen = Omit<Moment, 'rip'> & { readonly rip: bigint | undefined };

export class PageStory implements KernelObserver {
  private readonly _imageOf: () => ElfImage;
  private readonly _emit: (event: PageEvent) => void;
  private readonly _painter: PagePainter;
  /** The living processes, oldest first. */
  private readonly _tasks = new Map<number, Task>();
  /** Ranges that a call in progress has worked on, by pid. */
  private readonly _changedRanges = new Map<number, { cause: MappingEvent['cause']; range: PageRange }>();
  /** The walk of the page that the latest call names, before the call did anything. */
  private _asked: { task: Task; address: bigint; steps: PageWalk['steps'] } | undefined;
  /** How many tables an address space had at its last event: a fault that adds some has found no entry for them. */
  private readonly _tables = new WeakMap<AddressSpace, number>();
  private readonly _shared = new SharedPages(this._tasks);
  /** A fork's event, until its call has a result or sleeps: the picture follows the line of strace. */
  private _held: (() => void) | undefined;
  private _last: Snapshot = EMPTY_SNAPSHOT;
  private _number = 0;
  /** The file of the first program, and where address spaces have it: what was added to the addresses in the file. */
  private _program: Inode | undefined;
  private readonly _bases = new WeakMap<AddressSpace, bigint>();

  /** `emit` hears of each event while the machine stands still. The image is asked for once the program runs. */
  constructor(image: ElfImage | (() => ElfImage), emit: (event: PageEvent) => void) {
    this._imageOf = typeof image === 'function' ? image : () => image;
    this._emit = emit;
    let sections: ReturnType<typeof readSections> | undefined;
    this._painter = new PagePainter((mm, start, end) => {
      const base = this._bases.get(mm);
      if (base === undefined) return '';
      return (sections ??= readSections(this._imageOf().bytes))
        .filter(({ address, sizeBytes }) => base + address < end && base + address + BigInt(sizeBytes) > start)
        .map(({ name }) => name)
        .join(' ');
    });
  }

  onExec(event: ExecEvent): void {
    this._tasks.set(event.pid, event.task);
    this._findBase(event);
    const { changes, after } = this._compare();
    const notes = [...event.task.mm.vmas].map((vma) => this._describeVma(event.task, vma));
    const touched = changes.filter(({ pid }) => pid === event.pid);
    const pictures = touched.map(({ address }) => this._painter.picture([event.task], address, 'walk', after));
    this._countTables(event.task);
    const { path, isFirst } = event;
    this._tell(event, {
      title: `${path} is loaded`,
      occasion: { kind: 'exec', path, isFirst },
      notes,
      pictures: foldLikes(pictures),
    });
  }

  /** Of the program that the story knows the sections of; the dynamic linker is entered first, and has others. */
  private _findBase({ task, isFirst }: ExecEvent): void {
    const inode = task.process.exe?.inode;
    if (isFirst) this._program = inode;
    if (inode === undefined || inode !== this._program) return;
    for (const { start, file } of task.mm.vmas) {
      if (file?.dentry?.inode !== inode) continue;
      this._bases.set(task.mm, vaddrOf(start) - pageDown(this._imageOf().segments[0].address));
      return;
    }
  }

  onFirstTouch(event: FaultEvent): void {
    this._fault(event, 'walk');
  }

  onCopyOnWrite(event: FaultEvent): void {
    this._fault(event, 'leaf');
  }

  onFork(event: ForkEvent): void {
    const { task, child } = event;
    const title = `${event.call}() = ${child.tid}`;
    const memory = event.isThread ? 'thread' : child.mm === task.mm ? 'shared' : 'copy';
    const occasion: Occasion = { kind: 'fork', call: event.call, child: child.tid, memory };
    if (!event.isThread) this._tasks.set(child.pid, child);
    const { after } = this._compare();
    if (memory !== 'copy') {
      const cr3 = `Both run on the page table at CR3 ${hex(task.mm.cr3, 8)}`;
      const notes = [event.isThread ? `${cr3}: two threads of process ${task.pid}.` : `${cr3} until the child exits.`];
      this._held = () => this._tell(event, { title, occasion, notes });
      return;
    }
    this._countTables(child);
    const base = this._bases.get(task.mm);
    if (base !== undefined) this._bases.set(child.mm, base);
    // What is shared for good comes first: it is what a fork is looked at for.
    const areas = [...task.mm.vmas]
      .filter((vma) => leavesWithin(after, task.pid, vma).length > 0)
      .sort((a, b) => Number(b.shared) - Number(a.shared));
    const pictures = areas.slice(0, MAX_AREAS).map((vma) => {
      const pages = leavesWithin(after, task.pid, vma);
      const detail = vma.shared ? 'walk' : 'leaf';
      return { ...this._painter.picture([task, child], vaddrOf(pages[0]), detail, after), more: pages.length - 1 };
    });
    const notes = areas.length > MAX_AREAS ? [`${areas.length - MAX_AREAS} more areas`] : [];
    this._held = () => this._tell(event, { title, occasion, notes, pictures });
  }

  onMapping({ pid, cause, range }: MappingEvent): void {
    if (cause !== 'exec') this._changedRanges.set(pid, { cause, range });
  }

  onSyscallEnter(event: SyscallEvent): void {
    const { addr } = event.args;
    const { task } = event;
    if (typeof addr === 'bigint' && task.hasMemory())
      this._asked = { task, address: pageDown(addr), steps: walk(task.mm.frames, task.mm.cr3, pageDown(addr)) };
    this._lookForUse(event, `pid ${event.pid} calls ${event.name}`);
  }

  onSyscallBlocked(): void {
    this._tellHeld();
  }

  /** A fault that nothing could resolve. It may have made tables, too. */
  onSignal(event: SignalEvent): void {
    const { task, info, action, rip } = event;
    if (!task.hasMemory()) return;
    this._countTables(task);
    const why = REFUSALS[info.signal]?.[info.code];
    if (why === undefined || info.address === undefined) return;
    this._lookForUse(event, `pid ${event.pid} meets a page fault`);
    const signal = info.signal === SIGBUS ? 'SIGBUS' : 'SIGSEGV';
    const page = pageDown(info.address);
    const { after } = this._compare();
    this._tell(event, {
      title: `a page fault ${REFUSED[why]}: ${signal}`,
      occasion: { kind: 'refused', signal, why, address: info.address, action },
      cause: { rip, text: describeInstruction(task, rip) },
      pictures: [this._painter.picture([task], page, 'walk', after)],
    });
  }

  onSwitch({ from, instructions }: SwitchEvent): void {
    if (from?.hasMemory())
      this._lookForUse({ task: from, pid: from.tid, instructions, rip: undefined }, 'its slice ends');
  }

  onSyscallExit(event: SyscallExitEvent): void {
    this._tellHeld();
    if (event.error === EFAULT && event.task.hasMemory()) this._countTables(event.task);
    const changed = this._changedRanges.get(event.pid);
    if (changed === undefined) return;
    this._changedRanges.delete(event.pid);
    const { cause, range } = changed;
    const title = `${event.entryText()}${event.exitText()} ${event.resultText()}`;
    const { before, after, changes } = this._compare();
    const frames = framesWithOtherCount(changes, before, after);
    const notes = describeFrameCounts(frames, before, after);
    if (changes.length > MAX_LISTED) notes.push(`and ${changes.length - MAX_LISTED} more entries`);
    const address = vaddrOf(range.start);
    const processes = this._sharers(event.task, address, undefined);
    let picture = this._painter.picture(processes, address, 'walk', after);
    const asked = this._asked;
    if (asked?.task === event.task && asked.address === address)
      picture = withBefore(picture, event.task.pid, asked.steps);
    this._countTables(event.task);
    this._tell(event, {
      title,
      occasion: {
        kind: 'mapping',
        cause,
        call: title,
        start: address,
        end: vaddrOf(range.end),
        entries: changes.length,
      },
      notes,
      changes: changes.slice(0, MAX_LISTED),
      counts: countsOf(frames, before, after),
      pictures: [picture],
    });
  }

  onExit(event: ExitEvent): void {
    const { task } = event;
    this._lookForUse(event, `pid ${event.pid} ends`);
    const { after: before } = this._compare();
    const title = event.text().replaceAll(/^\+\+\+ | \+\+\+$/g, '');
    const { ending } = event;
    const others = task.process.threads.filter((thread) => thread !== task && thread.isAlive());
    if (others.length > 0) {
      if (this._tasks.get(task.pid) === task) this._tasks.set(task.pid, others[0]);
      const occasion: Occasion = { kind: 'exit', ending, isThread: true, tables: 0, frames: 0, kept: 0 };
      this._tell(event, { title, occasion, notes: [`A thread: process ${task.pid} goes on.`] });
      return;
    }
    this._tasks.delete(task.pid);
    const { after } = this._compare();
    const notes: string[] = [];
    let given = { tables: 0, frames: 0, kept: 0 };
    if (task.mm.users > 1) notes.push('Its page table stays: another process runs on it.');
    else {
      const frames = [...new Set([...(before.leaves.get(task.pid)?.values() ?? [])].map(ptePfn))];
      const kept = frames.filter((pfn) => after.mappings.has(pfn));
      const tables = task.mm.pageTable.tableFrames();
      given = { tables, frames: frames.length, kept: kept.length };
      notes.push(
        `${count(tables, 'table')} freed, ${count(frames.length, 'frame')} unmapped${describeKept(frames.length, kept.length)}`,
        ...describeFrameCounts(kept, before, after),
      );
    }
    this._tell(event, { title, occasion: { kind: 'exit', ending, isThread: false, ...given }, notes });
  }

  private _fault(event: FaultEvent, detail: PagePicture['detail']): void {
    const { task, address, before: was, after: is, by } = event;
    this._tellHeld();
    this._lookForUse(event, `pid ${event.pid} meets a page fault`);
    this._shared.noteUse(task.pid, vpnOf(address)); // the access that faulted is no news
    const offset = Number(address & 0xfffn);
    if (ptePfn(is) !== task.mm.host.zeroFrame) this._painter.look(ptePfn(is), offset);
    if (was !== 0n && ptePfn(was) !== task.mm.host.zeroFrame) this._painter.look(ptePfn(was), offset);
    const page = pageDown(address);
    const change: EntryChange = { pid: task.pid, address: page, before: was, after: is };
    const before = { mappings: new Map(framesOf([change]).map((pfn) => [pfn, this._last.mappings.get(pfn) ?? 0])) };
    const users = [...this._tasks.values()].filter(({ mm }) => mm === task.mm);
    const after = withChange(this._last, users, change);
    const frames = framesWithOtherCount([change], before, after);
    const notes = describeFrameCounts(frames, before, after);
    if (by === 'kernel') notes.unshift('The kernel made the access for a system call.');
    let picture = this._painter.picture(this._sharers(task, page, change), page, detail, after);
    picture = withBefore(picture, task.pid, this._stepsBefore(task, page, was));
    if (event.resolution === 'copied') {
      const from =
        ptePfn(was) === task.mm.host.zeroFrame ? 'new, zeros' : `copied from ${hex(ptePfn(was) * PAGE_SIZE, 8)}`;
      const noted = picture.frames.map((frame) => (frame.pfn === ptePfn(is) ? { ...frame, note: from } : frame));
      picture = { ...picture, frames: noted };
    }
    const { resolution, access } = event;
    this._tell(event, {
      title: TITLES[resolution],
      occasion: { kind: 'fault', resolution, access, by, address },
      ...(by === 'program' && { cause: { rip: event.rip, text: describeInstruction(task, event.rip) } }),
      notes,
      changes: [change],
      counts: countsOf(frames, before, after),
      pictures: [picture],
    });
  }

  private _tellHeld(): void {
    this._held?.();
    this._held = undefined;
  }

  /** What programs do to shared memory without the kernel; only `moment`'s process has run since the last look. */
  private _lookForUse(moment: Seen, seenWhen: string): void {
    this._lookForStores(moment, seenWhen);
    this._lookForLoads(moment, seenWhen);
  }

  /** Tells of shared pages that a process has read for the first time. */
  private _lookForLoads(moment: Seen, seenWhen: string): void {
    for (const vpn of this._shared.takeLoads(moment.task.pid)) {
      const sharers = this._sharers(moment.task, vaddrOf(vpn), undefined);
      const picture = this._painter.picture(sharers, vaddrOf(vpn), 'leaf', readEntries(this._tasks.values()));
      this._tell(moment, {
        title: 'a load from shared memory',
        occasion: { kind: 'load', seenWhen },
        notes: [`No page fault: the walk ends in the frame, and has set A on its way. Seen when ${seenWhen}.`],
        pictures: [picture],
      });
    }
  }

  /** Tells of shared frames whose bytes are others than at the last occurrence. */
  private _lookForStores(moment: Seen, seenWhen: string): void {
    for (const { pfn, vpn, tasks, before, first } of this._shared.takeStores()) {
      this._painter.look(pfn, first);
      const picture = this._painter.picture(tasks, vaddrOf(vpn), 'walk', readEntries(this._tasks.values()));
      const frames = picture.frames.map((frame) =>
        frame.pfn !== pfn
          ? frame
          : { ...frame, bytesBefore: [...before.subarray(frame.offset, frame.offset + SHOWN_BYTES)] },
      );
      this._tell(moment, {
        title: 'a store to shared memory',
        occasion: { kind: 'store', seenWhen },
        notes: [
          `No copy: the bytes are in the frame, and every walk that ends there finds them. Seen when ${seenWhen}.`,
        ],
        pictures: [{ ...picture, frames }],
      });
    }
  }

  private _tell(
    { task, pid, instructions, rip }: Seen,
    event: Pick<PageEvent, 'title' | 'occasion'> &
      Partial<Pick<PageEvent, 'cause' | 'notes' | 'changes' | 'counts' | 'pictures'>>,
  ): void {
    const number = ++this._number;
    const process = task.pid;
    this._emit({ number, instructions, pid, process, rip, notes: [], changes: [], pictures: [], ...event });
    this._shared.keepNew();
  }

  private _compare(): { before: Snapshot; after: Snapshot; changes: EntryChange[] } {
    const before = this._last;
    const after = readEntries(this._tasks.values());
    this._last = after;
    return { before, after, changes: compareEntries(before, after) };
  }

  /** The walk that has just faulted: up to the first entry that was not there, or to the leaf that did not allow it. */
  private _stepsBefore(task: Task, page: bigint, was: Pte): PageWalk['steps'] {
    const steps = walk(task.mm.frames, task.mm.cr3, page);
    const counted = this._countTables(task);
    const made = was === 0n ? counted : 0;
    const last = Math.max(0, steps.length - 1 - made);
    return [...steps.slice(0, last), { ...steps[last], entry: made > 0 ? 0n : was }];
  }

  /** How many tables the process has more than when they were counted last. */
  private _countTables({ mm }: Task): number {
    const now = mm.pageTable.tableFrames();
    const before = this._tables.get(mm) ?? now;
    this._tables.set(mm, now);
    return now - before;
  }

  /** Who is drawn beside a process: those that share its page, or shared it until this change. Oldest first. */
  private _sharers(task: Task, page: bigint, change: EntryChange | undefined): Task[] {
    const vpn = vpnOf(page);
    const area = task.mm.vmas.find(vpn);
    const frames = new Set<Pfn>();
    for (const entry of [change?.before, change?.after, findLeaf(task, vpn)]) if (entry) frames.add(ptePfn(entry));
    frames.delete(task.mm.host.zeroFrame);
    return [...this._tasks.values()].filter((other) => {
      const entry = findLeaf(other, vpn);
      const hasArea = area?.shared === true && other.mm.vmas.find(vpn)?.backing === area.backing;
      // The page of a file that many read is no relation worth drawing, unless one of them writes.
      const hasFrame =
        entry !== undefined && frames.has(ptePfn(entry)) && (change === undefined || change.before !== 0n);
      return other === task || hasArea || hasFrame;
    });
  }

  private _describeVma(task: Task, vma: Vma): string {
    const range = `${hex(vaddrOf(vma.start))} to ${hex(vaddrOf(vma.end))}`;
    return `${range.padEnd(32)} ${this._painter.describeArea(task, vma)}`;
  }
}
