/**
 * An event in words, a sentence or two for each of: who did what, and where in the code; what the walk through the tables
 * found; what follows for the frames. Every number is one of the event's.
 */
import { hex, PAGE_SIZE } from '../../base/ints.ts';
import { PTE_COW } from '../../mem/pte.ts';
import type { Occasion, PageEvent } from '../page-events.ts';
import { describeEnding } from './endings.ts';
import { calledAt, instruction, isSharedArea, leafOf, ownWalk, whereWalkEnds } from './pieces.ts';
import { tellFault, tellRefused } from './prose-faults.ts';
import type { PageItem } from './story.ts';
import { address, bytesText, type Cast, capital, code, frame, list, type Prose, plural, prose } from './words.ts';

type Of<Kind extends Occasion['kind']> = Extract<Occasion, { kind: Kind }>;

export function tellPageItem(item: PageItem, cast: Cast): Prose[] {
  const { event } = item;
  const { occasion } = event;
  return told(occasion, item, event, cast).map(capital);
}

function told(occasion: Occasion, item: PageItem, event: PageEvent, cast: Cast): Prose[] {
  switch (occasion.kind) {
    case 'exec':
      return tellExec(occasion, event, cast);
    case 'fault':
      return tellFault(occasion, item, cast);
    case 'fork':
      return tellFork(occasion, item, cast);
    case 'mapping':
      return tellMapping(occasion, item, cast);
    case 'store':
      return tellStore(occasion, item, cast);
    case 'load':
      return tellLoad(occasion, item, cast);
    case 'exit':
      return tellExit(occasion, event, cast);
    case 'refused':
      return tellRefused(occasion, item, cast);
  }
}

// ---- exec
function tellExec({ path, isFirst }: Of<'exec'>, event: PageEvent, cast: Cast): Prose[] {
  const who = cast.name(event.pid);
  const areas = event.notes.length;
  const pages = event.pictures.reduce((sum, { more }) => sum + 1 + more, 0);
  const [first] = event.pictures;
  const cr3 = first?.walks[0].cr3;
  const root = cr3 === undefined ? '' : prose` Its page tables begin at ${code(hex(cr3, 8))}, which CR3 holds.`;
  return [
    isFirst
      ? prose`the kernel makes process ${String(event.process)} and maps ${code(path)} into its new address space: ${plural(areas, 'area')}, listed below.${root}`
      : prose`${who} replaces its program by ${code(path)}: what it had mapped is gone, and there are ${plural(areas, 'area')}, listed below.${root}`,
    pages === 0
      ? prose`No page has an entry yet.`
      : prose`Only ${plural(pages, 'page')} ${pages === 1 ? 'has an entry' : 'have entries'} so far: ${pages === 1 ? 'the one' : 'those'} that the kernel itself has written to while it loaded the program.`,
    prose`Everything else is a promise: an entry comes with the first access to a page.`,
  ];
}

// ---- fork
function tellFork({ call, child, memory }: Of<'fork'>, item: PageItem, cast: Cast): Prose[] {
  const { event } = item;
  const who = cast.name(event.pid);
  const does = prose`${who} calls ${code(`${call}()`)}${calledAt(item.place, cast)}`;
  if (memory === 'thread')
    return [
      prose`${does}: thread ${String(child)} begins, in the same process.`,
      prose`It has registers and a stack of its own, and the page table of the process: CR3 is the same, nothing was copied.`,
    ];
  if (memory === 'shared')
    return [
      prose`${does}: process ${String(child)} begins, ${cast.name(child)}.`,
      prose`Nothing was copied, not even tables: both run on one page table, with the same CR3, until the new process ends or executes another program.`,
    ];
  const roots = event.pictures[0]?.walks.map(({ cr3 }) => code(hex(cr3, 8))) ?? [];
  const leaves = event.pictures.flatMap(({ walks }) => walks.map(leafOf));
  const isCow = leaves.some((leaf) => leaf & PTE_COW);
  const shared = event.pictures.filter(isSharedArea);
  const tables =
    roots.length === 2 ? prose` with page tables of its own: CR3 is ${roots[0]} here and ${roots[1]} there` : '';
  return [
    prose`${does}: process ${String(child)} begins, a copy of its maker${tables}.`,
    prose`The tables were copied, the frames were not: below, both walks end in the same frame for each area.${isCow ? ' Private pages that may be written are now read-only in both, and marked COW: whoever writes first gets a copy.' : ''}`,
    shared.length === 0
      ? prose`There is no shared area with a page in use: what either writes from now on, the other does not see.`
      : prose`The entries of ${list(shared.map(({ address: at }) => address(at)))} ${shared.length === 1 ? 'stay writable in both, since the area is' : 'stay writable in both, since these areas are'} shared: what one writes there, the other finds, for good.`,
  ];
}

// ---- calls that change mappings
function tellMapping(occasion: Of<'mapping'>, item: PageItem, cast: Cast): Prose[] {
  const { cause, call, start, end, entries } = occasion;
  const { event } = item;
  const who = cast.name(event.pid);
  const pages = Number((end - start) / BigInt(PAGE_SIZE));
  const area = ownWalk(event)?.area;
  const range = pages === 0 ? prose`${address(start)}` : prose`${plural(pages, 'page')} from ${address(start)} on`;
  const what = prose`${who} calls ${code(call)}${calledAt(item.place, cast)}.`;
  const changed = plural(entries, 'entry', 'entries');
  switch (cause) {
    case 'mmap':
      return [
        what,
        prose`The address space now has ${range}${area === undefined ? '' : prose`: ${code(area)}`}.`,
        entries === 0
          ? prose`That is a note of the kernel's, no more: no entry of a page table has changed${whereWalkEnds(event)}. A frame comes with the first access.`
          : prose`${changed} ${entries === 1 ? 'was' : 'were'} changed with it.`,
      ];
    case 'munmap':
      return [
        what,
        prose`The address space no longer has ${range}, and the TLB has forgotten ${pages === 1 ? 'it' : 'them'}.`,
        entries === 0 ? prose`No page of it was in use: no entry has changed.` : tellCleared(event, entries),
      ];
    case 'mprotect':
      return [
        what,
        prose`${capital(range)} now ${pages === 1 ? 'has' : 'have'} the rights ${code(area ?? 'none')}.`,
        entries === 0
          ? prose`No entry has changed: none of the pages was in use, or the entries were right already.`
          : prose`${changed} ${entries === 1 ? 'was' : 'were'} rewritten to match.`,
      ];
    case 'brk':
    case 'mremap':
      return [
        what,
        cause === 'brk'
          ? prose`The end of the heap has moved; the change concerns ${range}.`
          : prose`The area has moved or has another size; it is now at ${range}.`,
        entries === 0
          ? prose`No entry has changed. Frames come with the first access.`
          : prose`${changed} ${entries === 1 ? 'was' : 'were'} changed with it.`,
      ];
    case 'exec':
      return [what];
  }
}

function tellCleared(event: PageEvent, entries: number): Prose {
  const counts = (event.counts ?? []).filter(({ before, after }) => after < before);
  const free = counts.filter(({ after }) => after === 0);
  const kept = counts.filter(({ after }) => after > 0);
  const cleared = prose`${plural(entries, 'entry was', 'entries were')} cleared.`;
  if (entries !== 1 || counts.length !== 1)
    return prose`${cleared} ${plural(free.length, 'frame has', 'frames have')} no entry that leads to ${free.length === 1 ? 'it' : 'them'} any more${kept.length === 0 ? '' : `; ${kept.length} ${kept.length === 1 ? 'is' : 'are'} still mapped elsewhere`}.`;
  const [{ pfn, before, after }] = counts;
  return prose`${cleared} Frame ${frame(pfn)} had ${plural(before, 'mapping')} and has ${after === 0 ? 'none now' : plural(after, 'mapping')}${after === 0 ? '' : ': its bytes stay'}.`;
}

// ---- shared memory at work
function tellStore(_: Of<'store'>, item: PageItem, cast: Cast): Prose[] {
  const { event, cause } = item;
  const who = cast.name(event.pid);
  const [picture] = event.pictures;
  const [shown] = picture.frames;
  const others = picture.walks.filter(({ pid }) => pid !== event.process).map(({ pid }) => pid);
  const where = prose`the shared page at ${address(picture.address)}`;
  return [
    cause === undefined
      ? prose`${who} has stored to ${where}. (Seen when ${seenWhen(item)}.)`
      : cause.byKernel
        ? prose`the kernel has stored to ${where} for a system call of ${who}${calledAt(cause.place, cast)}.`
        : prose`${who} stores to ${where}, with ${instruction(cause.text, cause.place, cast)}.`,
    prose`No page fault, no copy, no system call: its entry allows the write. The bytes of frame ${frame(shown.pfn)} change from ${bytesText(shown.bytesBefore ?? [])} to ${bytesText(shown.bytes)}.`,
    others.length === 0
      ? prose`${plural(shown.mappings, 'entry leads', 'entries lead')} to the frame.`
      : prose`${cast.names(others)} ${others.length === 1 ? 'has' : 'have'} an entry that leads to the same frame, and will find them there.`,
  ];
}

function tellLoad(_: Of<'load'>, item: PageItem, cast: Cast): Prose[] {
  const { event, cause } = item;
  const who = cast.name(event.pid);
  const [picture] = event.pictures;
  const [shown] = picture.frames;
  const where = prose`the shared page at ${address(picture.address)}`;
  return [
    cause === undefined
      ? prose`${who} has read ${where} for the first time. (Seen when ${seenWhen(item)}.)`
      : cause.byKernel
        ? prose`the kernel has read ${where} for a system call of ${who}${calledAt(cause.place, cast)}.`
        : prose`${who} reads ${where} for the first time, with ${instruction(cause.text, cause.place, cast)}.`,
    prose`No page fault, no system call: the walk through its own tables ends in frame ${frame(shown.pfn)}, and has set A in the entry on its way.`,
    prose`It finds the bytes that are there: ${bytesText(shown.bytes)}.`,
  ];
}

const seenWhen = ({ event: { occasion } }: PageItem): string => ('seenWhen' in occasion ? occasion.seenWhen : '');

// ---- the end
function tellExit({ ending, isThread, tables, frames, kept }: Of<'exit'>, event: PageEvent, cast: Cast): Prose[] {
  const who = cast.name(event.pid);
  if (isThread)
    return [
      prose`${who} ${describeEnding(ending)}.`,
      prose`Its process goes on with the threads that are left, and so do its page tables.`,
    ];
  return [
    prose`${who} ${describeEnding(ending)}.`,
    tables === 0
      ? prose`Its page tables stay: another process runs on them.`
      : prose`The kernel takes back ${plural(tables, 'page table')} and unmaps ${plural(frames, 'frame')}.`,
    ...(tables === 0 || frames === 0
      ? []
      : [
          kept === 0
            ? prose`Nobody else maps ${frames === 1 ? 'it' : 'them'}.`
            : prose`${kept === frames ? (kept === 1 ? 'It is' : 'All of them are') : `${plural(kept, 'of them is', 'of them are')}`} mapped by others still, and ${kept === 1 ? 'stays' : 'stay'} as ${kept === 1 ? 'it is' : 'they are'}.`,
        ]),
  ];
}
