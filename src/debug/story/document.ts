/** A story put into order for readers: what Markdown, HTML and other views render, each block in its own way. */
import type { RunResult } from '../../machine/result.ts';
import type { PageEvent, PagePicture } from '../page-events.ts';
import { compare } from './comparison.ts';
import { describeEnding } from './endings.ts';
import { type Overview, overviewOf } from './overview.ts';
import { tellPageItem } from './prose.ts';
import type { CallItem, Chapter, LikesItem, PageItem, SignalItem, Story, StoryItem } from './story.ts';
import {
  address,
  Cast,
  capital,
  code,
  count,
  list,
  type Prose,
  plainText,
  plural,
  prose,
  type SourceLine,
} from './words.ts';

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: Prose; readonly note?: string }
  /** A sentence or two on each line. */
  | { readonly kind: 'text'; readonly lines: readonly Prose[] }
  | { readonly kind: 'list'; readonly items: readonly Prose[] }
  /** What a program printed, as it is. */
  | { readonly kind: 'output'; readonly text: string }
  /** The chapters that follow, with the lanes of processes. */
  | { readonly kind: 'overview'; readonly overview: Overview; readonly titles: readonly string[] }
  | { readonly kind: 'event'; readonly event: PageEvent }
  | { readonly kind: 'picture'; readonly picture: PagePicture; readonly title: string }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Prose[])[] };

export function composeDocument(story: Story, sourceLine?: SourceLine): Block[] {
  const cast = new Cast(story.processes, sourceLine);
  const blocks: Block[] = [
    { kind: 'heading', level: 1, text: prose`What happened in the page tables of ${code(commandOf(story))}` },
    { kind: 'text', lines: introduce(story, cast) },
  ];
  const titles = story.chapters.map((chapter, i) => prose`${i + 1}. ${titleOf(chapter, story, cast)}`);
  const overview = overviewOf(story);
  if (overview !== undefined) blocks.push({ kind: 'overview', overview, titles: titles.map(plainText) });
  story.chapters.forEach((chapter, i) => {
    const note = `from instruction ${count(chapter.instructions)} on`;
    blocks.push({ kind: 'heading', level: 2, text: titles[i], note });
    blocks.push(...composeItems(chapter.items, cast));
  });
  blocks.push({ kind: 'heading', level: 2, text: prose`${story.chapters.length + 1}. How it ended` });
  blocks.push({ kind: 'text', lines: describeEnd(story, cast) });
  if (story.comparison !== undefined) {
    const title = prose`${story.chapters.length + 2}. What a private mapping would have done`;
    blocks.push({ kind: 'heading', level: 2, text: title }, ...compare(story, story.comparison, cast));
  }
  const left = describeLeftOut(story);
  if (left.length > 0)
    blocks.push({ kind: 'heading', level: 2, text: prose`What this story leaves out` }, { kind: 'list', items: left });
  return blocks;
}

const commandOf = ({ program, args }: Story): string => [program, ...args].join(' ');

function introduce({ processes, result, pageEvents, calls }: Story, cast: Cast): Prose[] {
  const own = processes.filter(({ pid, process }) => pid === process);
  const threads = processes.length - own.length;
  const who =
    own.length === 1
      ? prose`one process, number ${String(own[0].pid)}`
      : own.length === 2
        ? prose`two processes, ${cast.name(own[0].pid)} (${String(own[0].pid)}) and ${cast.name(own[1].pid)} (${String(own[1].pid)})`
        : prose`${plural(own.length, 'process', 'processes')}, numbers ${String(own[0]?.pid)} to ${String(own.at(-1)?.pid)}`;
  return [
    prose`The run took ${plural(result.instructions, 'instruction')} in ${who}${threads > 0 ? ` with ${plural(threads, 'more thread')}` : ''}, and ${plural(calls, 'system call')}. The page tables changed, or something was seen in them, ${count(pageEvents)} ${pageEvents === 1 ? 'time' : 'times'}.`,
    prose`A page is virtual, a frame is physical; the walk PML4, PDPT, PD, PT leads from one to the other. Every entry, frame and byte below was read from the machine when it happened.`,
  ];
}

function titleOf({ kind, pid, child }: Chapter, story: Story, cast: Cast): Prose {
  const who = cast.name(pid);
  const copies = story.chapters.filter((chapter) => chapter.kind === 'fork').length;
  switch (kind) {
    case 'start':
      return copies > 0 ? prose`Before the fork` : prose`The program starts`;
    case 'exec':
      return capital(prose`${who} runs another program`);
    case 'fork':
      return copies === 1 ? prose`After the fork` : prose`After the fork of process ${String(child)}`;
    case 'thread':
      return prose`Another thread, ${String(child)}`;
    case 'copy':
      return capital(prose`${who} writes to a page in common: copy-on-write`);
    case 'store':
      return prose`After ${who} writes`;
    case 'load':
      return capital(prose`${who} reads`);
    case 'wait':
      return capital(prose`${who} waits for a child`);
    case 'unmap':
      return prose`After munmap`;
    case 'exit':
      return capital(prose`${who} ends`);
    case 'rest':
      return prose`What follows, in short`;
  }
}

// ---- items
function composeItems(items: readonly StoryItem[], cast: Cast): Block[] {
  const blocks: Block[] = [];
  let lines: Prose[] = [];
  const flush = () => {
    if (lines.length > 0) blocks.push({ kind: 'list', items: lines });
    lines = [];
  };
  for (const item of items) {
    if (item.kind === 'page') {
      flush();
      blocks.push(...composeEvent(item, cast));
      continue;
    }
    lines.push(describeItem(item, cast));
    const printed = item.kind === 'call' ? item.output + item.moreOutput : '';
    if (printed !== '') {
      flush();
      blocks.push({ kind: 'output', text: printed });
    }
  }
  flush();
  return blocks;
}

function composeEvent(item: PageItem, cast: Cast): Block[] {
  const { event } = item;
  const isCall = event.occasion.kind === 'mapping' || event.occasion.kind === 'fork';
  const title = isCall ? prose`${code(event.title)}` : headingOf(event, cast);
  const note = `event ${count(event.number)}, instruction ${count(event.instructions)}, pid ${event.pid}`;
  const hasPicture = event.pictures.length > 0;
  return [
    { kind: 'heading', level: 3, text: title, note },
    { kind: 'text', lines: tellPageItem(item, cast) },
    ...(hasPicture ? [{ kind: 'event', event } as const] : []),
  ];
}

function headingOf({ occasion, title, pid }: PageEvent, cast: Cast): Prose {
  if (occasion.kind === 'exec') return prose`${code(occasion.path)} is loaded`;
  if (occasion.kind === 'exit') return capital(prose`${cast.name(pid)} ${describeEnding(occasion.ending)}`);
  return capital(prose`${title}`);
}

function describeItem(item: LikesItem | CallItem | SignalItem, cast: Cast): Prose {
  switch (item.kind) {
    case 'likes':
      return describeLikes(item, cast);
    case 'call':
      return describeCall(item, cast);
    case 'signal': {
      const who = cast.name(item.pid);
      const more = item.more > 0 ? prose`, and ${plural(item.more, 'more time')}` : '';
      const ways = { killed: 'which kills it', ignored: 'which it ignores', stopped: 'which stops it', handled: 'for which it has a handler' }; // biome-ignore format: one line
      return capital(prose`${who} gets a signal, ${ways[item.action]}: ${code(item.text)}${more}.`);
    }
  }
}

function describeLikes({ first, last, count: times, lowest, highest, frames, pids }: LikesItem, cast: Cast): Prose {
  const own = first.pictures[0]?.walks.find(({ pid }) => pid === first.process);
  const isCall = first.occasion.kind === 'mapping';
  const what = isCall
    ? prose`${plural(times, 'more call')}${times === 1 ? ':' : ' such as'} ${code(first.title)}`
    : prose`${count(times)} more of "${first.title}"`;
  const area = !isCall && own?.area ? prose`, in ${code(own.area)}` : '';
  const range =
    lowest === highest ? prose`, at ${address(lowest)}` : prose`, from ${address(lowest)} to ${address(highest)}`;
  const brought = frames === undefined || frames.size === 0 ? '' : `, ${plural(frames.size, 'frame')}`;
  const when =
    times === 1
      ? `instruction ${count(first.instructions)}`
      : `instructions ${count(first.instructions)} to ${count(last.instructions)}`;
  return capital(
    prose`${cast.names([...pids])}: ${what}${pids.size === 1 ? area : ''}${lowest === 0n ? '' : range}${brought} (${when}).`,
  );
}

function describeCall({ pid, text, sleeps, more, name, output }: CallItem, cast: Cast): Prose {
  const others = more > 0 ? prose`; then ${plural(more, 'more call')} of ${code(name)}` : '';
  const prints = output === '' ? '' : ', and this is printed';
  return capital(
    sleeps
      ? prose`${cast.name(pid)} begins to wait in ${code(text)}${others}${prints}.`
      : prose`${cast.name(pid)}: ${code(text)}${prints}${others}.`,
  );
}

// ---- the end
function describeEnd({ processes, result }: Story, cast: Cast): Prose[] {
  const own = processes.filter(({ pid, process }) => pid === process);
  const ended = own.filter(({ ending }) => ending !== undefined);
  const shown = ended.slice(0, 8).map(({ pid, ending }) => prose`${cast.name(pid)} ${describeEnding(ending!)}`);
  const rest = ended.length - shown.length;
  const lines = [prose`${describeOutcome(result)}.`];
  if (shown.length > 0)
    lines.push(
      capital(prose`${list(rest > 0 ? [...shown, `${plural(rest, 'more process', 'more processes')}`] : shown)}.`),
    );
  for (const wait of result.waiting) lines.push(prose`${wait}.`);
  return lines;
}

export function describeOutcome(result: RunResult): string {
  switch (result.outcome) {
    case 'exited':
      return `The first process has exited with status ${result.exitCode}, and no process is left`;
    case 'killed':
      return `The first process was killed by ${result.signal}, and no process is left`;
    case 'limit':
      return `It did not end by itself: the story stops after ${plural(result.instructions, 'instruction')}, at the limit that was given`;
    case 'timeout':
      return `It did not end by itself: the story stops after ${plural(result.instructions, 'instruction')}, when the time was up`;
    case 'deadlock':
      return 'It did not end: every process that is left waits, and nothing can wake one';
  }
}

function describeLeftOut({ leftOut, calls, pageEvents }: Story): Prose[] {
  const { events, calls: folded, items, outputBytes, processes } = leftOut;
  const lines: Prose[] = [];
  if (events > 0)
    lines.push(
      prose`${plural(events, 'page event')} of ${count(pageEvents)} without a picture: they are like others that are shown, and are counted in a line where they happen.`,
    );
  if (folded > 0) lines.push(prose`${plural(folded, 'system call')} of ${count(calls)}, which are counted only.`);
  if (items > 0) lines.push(prose`${plural(items, 'line')} of chapters that were full.`);
  if (outputBytes > 0) lines.push(prose`${plural(outputBytes, 'byte')} of what was printed.`);
  if (processes > 0) lines.push(prose`The names of ${plural(processes, 'process', 'processes')}.`);
  if (lines.length > 0) lines.push(prose`All of it is there with ${code('pml4 run --pages=FILE --strace=FILE')}.`);
  return lines;
}
