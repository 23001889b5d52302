/**
 * Watches a run and keeps its story. Everything that it keeps has a limit: pictures in all and of each sort, lines of a
 * chapter, chapters, output. What comes after a limit is counted, and the story says so.
 */
import type { ElfImage } from '../../elf/image.ts';
import type {
  ExecEvent,
  ExitEvent,
  FaultEvent,
  ForkEvent,
  KernelObserver,
  MappingEvent,
  SignalEvent,
  SwitchEvent,
  SyscallEvent,
  SyscallExitEvent,
} from '../../kernel/observer.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { RunResult } from '../../machine/result.ts';
import { ptePfn } from '../../mem/pte.ts';
import type { Occasion, PageEvent } from '../page-events.ts';
import { PageStory } from '../page-story.ts';
import { placeOf } from './places.ts';
import { addressOf, areaOf, chapterOf, sortOf } from './sorts.ts';
import type { CallItem, Chapter, LeftOut, LikesItem, PageItem, SignalItem, Story, StoryItem, StoryProcess } from './story.ts'; // biome-ignore format: one line

export const LIMITS = {
  /** Pictures in all; of one sort of event; of one sort in one chapter. */
  pictures: 48,
  picturesOfSort: 6,
  picturesOfSortInChapter: 3,
  /** Events without a picture, of one sort. */
  plainOfSort: 16,
  chapters: 20,
  /** Chapters that begin with the same sort of event of the same process. */
  chaptersOfSort: 2,
  /** Those of any process. */
  chaptersOfKind: 4,
  itemsOfChapter: 80,
  /** Calls of one name that a chapter lists. */
  callsOfName: 3,
  outputOfCall: 400,
  output: 20_000,
  processes: 2000,
  framesOfFold: 10_000,
} as const;

/** Calls that wait for a child. */
const WAITS = ['wait4', 'waitid'];

export class StoryCollector implements KernelObserver {
  private readonly _pages: PageStory;
  private readonly _tasks = new Map<number, Task>();
  private readonly _chapters: Chapter[] = [];
  private readonly _processes = new Map<number, StoryProcess>();
  private readonly _leftOut: LeftOut = { events: 0, calls: 0, items: 0, outputBytes: 0, processes: 0 };
  private _pageEvents = 0;
  private _lastTold: Occasion['kind'] | undefined;
  private _calls = 0;
  private _pictures = 0;
  private _outputLength = 0;
  /** Pictures and chapters so far, by sort. */
  private readonly _ofSort = new Map<string, number>();
  /** What is folded in the current chapter, by what it is like. */
  private readonly _likes = new Map<string, LikesItem>();
  private readonly _callsByName = new Map<string, { count: number; last: CallItem }>();
  private readonly _signals = new Map<string, SignalItem>();
  /** What calls in progress have shown of themselves, by thread. */
  private readonly _begun = new Map<number, string>();
  /** The thread whose call has just been told as a page event. */
  private _told: number | undefined;
  private _output = '';
  private readonly _decoders = { 1: new TextDecoder(), 2: new TextDecoder() };

  /** The image is asked for once the program runs. */
  constructor(imageOf: () => ElfImage) {
    this._pages = new PageStory(imageOf, (event) => this._onPage(event));
  }

  /** What the program prints, as it does so. */
  onOutput(fd: 1 | 2, bytes: Uint8Array): void {
    const room = Math.max(0, LIMITS.output - this._outputLength);
    this._output += this._decoders[fd].decode(bytes.subarray(0, room), { stream: true });
    this._outputLength += Math.min(room, bytes.length);
    this._leftOut.outputBytes += Math.max(0, bytes.length - room);
  }

  finish(program: string, args: readonly string[], result: RunResult): Story {
    return {
      program,
      args,
      chapters: this._chapters,
      processes: [...this._processes.values()],
      pageEvents: this._pageEvents,
      calls: this._calls,
      leftOut: this._leftOut,
      result,
    };
  }

  // ---- from the kernel
  onExec(event: ExecEvent): void {
    this._tasks.set(event.pid, event.task);
    if (event.isFirst) {
      this._addProcess({
        pid: event.pid,
        process: event.task.pid,
        parent: undefined,
        born: event.instructions,
        ended: undefined,
        ending: undefined,
      });
    }
    this._pages.onExec(event);
  }

  onFork(event: ForkEvent): void {
    const { child, task } = event;
    this._tasks.set(child.tid, child);
    this._addProcess({
      pid: child.tid,
      process: child.pid,
      parent: task.pid,
      born: event.instructions,
      ended: undefined,
      ending: undefined,
    });
    this._pages.onFork(event);
  }

  onFirstTouch(event: FaultEvent): void {
    this._pages.onFirstTouch(event);
  }

  onCopyOnWrite(event: FaultEvent): void {
    this._pages.onCopyOnWrite(event);
  }

  onMapping(event: MappingEvent): void {
    this._pages.onMapping(event);
  }

  onSwitch(event: SwitchEvent): void {
    this._pages.onSwitch(event);
  }

  onSyscallEnter(event: SyscallEvent): void {
    this._pages.onSyscallEnter(event);
    this._begun.set(event.pid, event.entryText());
    this._told = undefined;
    this._calls++;
  }

  onSyscallBlocked(event: SyscallEvent): void {
    this._pages.onSyscallBlocked();
    const { pid, name, instructions } = event;
    if (WAITS.includes(name)) this._begin({ kind: 'wait', pid, instructions });
    const text = `${this._begun.get(pid) ?? name}`.trimEnd();
    this._addCall({
      kind: 'call',
      pid,
      name,
      text: `${text} ...`,
      sleeps: true,
      output: this._takeOutput(),
      more: 0,
      moreOutput: '',
    });
  }

  onSyscallExit(event: SyscallExitEvent): void {
    this._pages.onSyscallExit(event);
    const { pid, name } = event;
    const text = `${this._begun.get(pid) ?? event.entryText()}${event.exitText()} ${event.resultText()}`;
    this._begun.delete(pid);
    const output = this._takeOutput();
    if (this._told === pid && output === '') return;
    this._addCall({ kind: 'call', pid, name, text, sleeps: false, output, more: 0, moreOutput: '' });
  }

  onSignal(event: SignalEvent): void {
    const told = this._pageEvents;
    this._pages.onSignal(event);
    // A fault has been told with its page.
    if (this._pageEvents > told && this._lastTold === 'refused') return;
    const { pid } = event;
    const key = `${pid} ${event.info.signal} ${event.action}`;
    const known = this._signals.get(key);
    if (known !== undefined) {
      known.more++;
      return;
    }
    const item: SignalItem = { kind: 'signal', pid, text: event.text(), action: event.action, more: 0 };
    if (this._add(item)) this._signals.set(key, item);
  }

  onExit(event: ExitEvent): void {
    this._pages.onExit(event);
    const process = this._processes.get(event.pid);
    if (process !== undefined) {
      process.ending = event.ending;
      process.ended = event.instructions;
    }
    this._tasks.delete(event.pid);
  }

  // ---- from the pages
  private _onPage(event: PageEvent): void {
    this._pageEvents++;
    this._lastTold = event.occasion.kind;
    const { occasion, pid, instructions } = event;
    if (occasion.kind === 'mapping' || occasion.kind === 'fork') this._told = pid;
    const chapter = chapterOf(event);
    // Alone, a copy is one of the page cache's frames or of zeros.
    if (chapter !== undefined && (chapter !== 'copy' || this._processes.size > 1))
      this._begin({ kind: chapter, pid, instructions, child: occasion.kind === 'fork' ? occasion.child : undefined });
    const sort = sortOf(event);
    const chapterSort = `${this._chapters.length} ${sort}`;
    const isPlain = event.pictures.length === 0;
    const hasRoom = isPlain
      ? this._countOf(sort) < LIMITS.plainOfSort
      : this._pictures < LIMITS.pictures &&
        this._countOf(sort) < LIMITS.picturesOfSort &&
        this._countOf(chapterSort) < LIMITS.picturesOfSortInChapter;
    if (!hasRoom) {
      this._fold(event, sort);
      return;
    }
    const task = this._tasks.get(pid);
    const place = task && event.rip !== undefined ? placeOf(task, event.rip) : undefined;
    const item: PageItem = { kind: 'page', event, place };
    if (!this._add(item)) return;
    if (!isPlain) this._pictures++;
    this._count(sort);
    this._count(chapterSort);
  }

  /** One more of a sort that has been shown. */
  private _fold(event: PageEvent, sort: string): void {
    this._leftOut.events++;
    const address = addressOf(event);
    const key = this._isRest ? sort : `${event.process} ${sort} ${areaOf(event) ?? ''}`;
    let item = this._likes.get(key);
    if (item === undefined) {
      item = {
        kind: 'likes',
        first: event,
        last: event,
        count: 0,
        lowest: address,
        highest: address,
        frames: new Set(),
        pids: new Set(),
      };
      if (!this._add(item)) return;
      this._likes.set(key, item);
    }
    item.count++;
    item.last = event;
    if (item.pids.size < LIMITS.processes) item.pids.add(event.pid);
    if (address < item.lowest) item.lowest = address;
    if (address > item.highest) item.highest = address;
    for (const { after } of event.changes) if (after !== 0n) item.frames?.add(ptePfn(after));
    if (item.frames !== undefined && item.frames.size > LIMITS.framesOfFold) item.frames = undefined;
  }

  // ---- keeping
  /** A chapter begins, unless there are many like it. */
  private _begin(chapter: Omit<Chapter, 'items'>): void {
    const { kind, pid } = chapter;
    const sorts = [`chapter ${kind} ${pid}`, `chapter ${kind}`];
    if (this._countOf(sorts[0]) >= LIMITS.chaptersOfSort || this._countOf(sorts[1]) >= LIMITS.chaptersOfKind) return;
    if (this._chapters.length >= LIMITS.chapters) return;
    for (const sort of sorts) this._count(sort);
    // The last one holds whatever is left, in short.
    const isLast = this._chapters.length === LIMITS.chapters - 1;
    this._chapters.push(isLast ? { ...chapter, kind: 'rest', items: [] } : { ...chapter, items: [] });
    this._likes.clear();
    this._callsByName.clear();
    this._signals.clear();
  }

  private get _isRest(): boolean {
    return this._chapters.at(-1)?.kind === 'rest';
  }

  private _add(item: StoryItem): boolean {
    if (this._chapters.length === 0) this._begin({ kind: 'start', pid: 0, instructions: 0 });
    const { items } = this._chapters[this._chapters.length - 1];
    if (items.length >= LIMITS.itemsOfChapter) {
      this._leftOut.items++;
      return false;
    }
    items.push(item);
    return true;
  }

  private _addCall(item: CallItem): void {
    const key = this._isRest ? item.name : `${item.pid} ${item.name} ${item.sleeps}`;
    const known = this._callsByName.get(key);
    if (known !== undefined && known.count >= (this._isRest ? 1 : LIMITS.callsOfName)) {
      known.last.more++;
      known.last.moreOutput = (known.last.moreOutput + item.output).slice(0, LIMITS.outputOfCall);
      this._leftOut.calls++;
      return;
    }
    if (!this._add(item)) return;
    this._callsByName.set(key, { count: (known?.count ?? 0) + 1, last: item });
  }

  private _addProcess(process: StoryProcess): void {
    if (this._processes.size < LIMITS.processes) this._processes.set(process.pid, process);
    else this._leftOut.processes++;
  }

  private _takeOutput(): string {
    const output = this._output;
    this._output = '';
    return output;
  }

  private _countOf(sort: string): number {
    return this._ofSort.get(sort) ?? 0;
  }

  private _count(sort: string): void {
    this._ofSort.set(sort, this._countOf(sort) + 1);
  }
}
