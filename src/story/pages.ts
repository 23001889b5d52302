/**
 * `--pages`: draws page events as text. Processes stand side by side; a frame is drawn once, and every walk that ends in
 * it leads there. From 80 columns on.
 */
import { hex } from '../base/ints.ts';
import type { EntryChange, FrameView, PageEvent, PagePicture, PageWalk } from '../debug/page-events.ts';
import type { WalkStep } from '../mem/page-table.ts';
import { describePteFlags, type Pte, ptePfn } from '../mem/pte.ts';

const MIN_WIDTH = 80;
/** Narrowest column a walk fits in, and from where on there is room for leading zeros and arrows. */
const MIN_COLUMN = 39;
const WIDE_COLUMN = 46;
/** Where the arrow from a leaf entry starts, counted from the column's start. */
const ARROW_AT = 16;

export function drawPageEvent(event: PageEvent, columns: number): string {
  const width = Math.max(columns, MIN_WIDTH);
  const lines = drawTitle(event, width);
  if (event.cause) lines.push(`   ${hex(event.cause.rip)}  ${event.cause.text}`);
  for (const note of event.notes) lines.push(...wrap(note, width, '   '));
  for (const change of event.changes) lines.push(...drawChange(change, width));
  lines.push(...drawPictures(event.pictures, width));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n\n`;
}

/** The event without its title and cause, for who tells them in words: the walk before where there is one, and now. */
export function drawEventPictures(event: PageEvent, columns: number): string {
  const width = Math.max(columns, MIN_WIDTH);
  const lines: string[] = [];
  if (event.occasion.kind === 'exec') for (const note of event.notes) lines.push(...wrap(note, width, '   '));
  const before = event.pictures.flatMap(({ walks, detail }) =>
    walks.flatMap(({ pid, before }) => (before === undefined || detail === 'leaf' ? [] : [{ pid, steps: before }])),
  );
  for (const { pid, steps } of before)
    lines.push(` before: pid ${pid}`, ...steps.map((step) => drawStep(step, true)), ' after:');
  // What the walk shows, the list of changed entries need not say again.
  const isShown = before.length > 0 && event.changes.length <= 1;
  if (!isShown) for (const change of event.changes) lines.push(...drawChange(change, width));
  lines.push(...drawPictures(event.pictures, width));
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** One page in its processes. */
export const drawPicture = (picture: PagePicture, columns: number): string =>
  drawPictures([picture], Math.max(columns, MIN_WIDTH))
    .map((line) => line.trimEnd())
    .join('\n');

function drawPictures(pictures: readonly PagePicture[], width: number): string[] {
  const lines: string[] = [];
  let heading = '';
  for (const picture of pictures) {
    const pids = picture.walks.map(({ pid, cr3 }) => `${pid} ${cr3}`).join();
    lines.push(...drawPage(picture, width, pids !== heading));
    heading = pids;
  }
  return lines;
}

/** What happened at the left; when and to whom at the right, or on the next line where there is no room. */
function drawTitle({ title, number, instructions, pid }: PageEvent, width: number): string[] {
  const left = `== ${title} `;
  const right = ` event ${number}, instruction ${instructions.toLocaleString('en')}, pid ${pid}`;
  if (left.length + 2 + right.length <= width) return [left + '='.repeat(width - left.length - right.length) + right];
  return [...wrap(left, width, ''), '='.repeat(width - right.length) + right];
}

/** Breaks at spaces; what follows the first line is indented by two more. */
function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.trim().split(/(?<= )/)) {
    if (line.length + word.trimEnd().length > width && line.trim() !== '') {
      lines.push(line);
      line = `${indent}  `;
    }
    line += word;
  }
  return [...lines, line];
}

function drawChange({ pid, address, before, after }: EntryChange, width: number): string[] {
  const was = `   pid ${pid}  ${hex(address)}  PT entry  ${describeEntry(before)}`;
  const is = `  ->  ${describeEntry(after)}`;
  return was.length + is.length <= width ? [was + is] : [was, `   ${is}`];
}

/** `0x0001a000 P RW US A D NX`; `nothing` for an entry that is zero. */
export function describeEntry(entry: Pte): string {
  return entry === 0n ? 'nothing' : `${frameAddress(ptePfn(entry), 8)} ${describePteFlags(entry)}`;
}

const frameAddress = (pfn: number, digits: number): string => hex(pfn * 4096, digits);

function drawPage(picture: PagePicture, width: number, withHeading: boolean): string[] {
  const { walks, frames, more } = picture;
  const perRow = walksPerRow(picture, width);
  const column = columnFor(perRow, width);
  const lines: string[] = [];
  for (let i = 0; i < walks.length; i += perRow) {
    const row = walks.slice(i, i + perRow);
    const heading = row.map(({ pid, cr3 }) => [`   pid ${pid}  CR3 ${hex(cr3, 8)}`]);
    if (withHeading || walks.length > perRow) lines.push(...beside(heading, column));
    lines.push(...beside(row.map((walk) => drawWalk(walk, picture, column)), column)); // biome-ignore format: one line
    if (walks.length <= perRow) lines.push(...drawFramesBelow(picture, column));
  }
  if (walks.length > perRow) for (const frame of frames) lines.push(...drawSharers(frame, picture));
  if (more > 0) lines.push(`   and ${more} more page${more === 1 ? '' : 's'} of this area likewise`);
  return lines;
}

const columnFor = (perRow: number, width: number): number =>
  perRow === 1 ? Math.min(width, 2 * WIDE_COLUMN) : Math.floor(width / perRow);

/** As many side by side as fit with a space between them. */
function walksPerRow(picture: PagePicture, width: number): number {
  for (let perRow = Math.min(picture.walks.length, Math.floor(width / MIN_COLUMN)); perRow > 1; perRow--) {
    const column = columnFor(perRow, width);
    if (picture.walks.every((walk) => drawWalk(walk, picture, column).every((line) => line.length < column)))
      return perRow;
  }
  return 1;
}

function drawWalk({ area, steps }: PageWalk, { address, detail }: PagePicture, column: number): string[] {
  const shown = detail === 'walk' ? steps : steps.slice(-1);
  const wide = column >= WIDE_COLUMN;
  const title = ` ${hex(address)} ${area ?? 'not mapped'}`;
  return [wide ? title : title.slice(0, column - 1), ...shown.map((step) => drawStep(step, wide))];
}

function drawStep({ level, index, entry }: WalkStep, wide: boolean): string {
  const place = `${level.padEnd(wide ? 5 : 4)}[${String(index).padStart(3)}]`;
  const target = entry === 0n ? 'nothing' : frameAddress(ptePfn(entry), wide ? 8 : 0);
  const flags = entry === 0n ? '' : describeFlags(level, entry);
  return wide ? `   ${place} -> ${target}  ${flags}` : ` ${place} ${target} ${flags}`;
}

/** D means something in a leaf only. */
const describeFlags = (level: WalkStep['level'], entry: Pte): string =>
  level === 'PT' ? describePteFlags(entry) : describePteFlags(entry).replace(/ -$/, '');

/** The frames of one row of walks: joined by one line where two walks share, else each below its own. */
function drawFramesBelow({ walks, frames }: PagePicture, column: number): string[] {
  const reaching = walks.map(({ pfn }) => frames.find((frame) => frame.pfn === pfn));
  const lines: string[] = [];
  for (const frame of frames) {
    const at = reaching.flatMap((reached, i) => (reached === frame ? [i] : []));
    if (at.length < 2) continue;
    const start = at[0] * column + ARROW_AT;
    const end = at[at.length - 1] * column + ARROW_AT;
    const bar = [...'_'.repeat(end - start - 1)];
    for (const i of at.slice(1, -1)) bar[i * column + ARROW_AT - start - 1] = '|';
    lines.push(`${' '.repeat(start)}\\${bar.join('')}/`);
    const text = drawFrame(frame, 16, column * walks.length);
    const middle = (start + end) >> 1;
    const indent = Math.max(1, middle - (Math.max(...text.map((line) => line.length)) >> 1));
    lines.push(...text.map((line) => ' '.repeat(indent) + line));
  }
  const own = walks.map((_, i) => {
    const frame = reaching[i];
    return frame && reaching.filter((reached) => reached === frame).length === 1 ? frame : undefined;
  });
  if (own.some((frame) => frame !== undefined)) {
    const alone = walks.length === 1;
    const indent = alone ? ARROW_AT : 4;
    const shown = own.map((frame) => {
      if (frame === undefined) return [];
      const text = drawFrame(frame, alone || column >= WIDE_COLUMN + 10 ? 16 : 8, column - indent - 1);
      return [`${' '.repeat(ARROW_AT)}|`, ...text.map((line) => ' '.repeat(indent) + line)];
    });
    lines.push(...beside(shown, column));
  }
  return lines;
}

/** What it is, in a line or two; then the bytes, before and now where that is what the event is about. */
function drawFrame(frame: FrameView, length: number, width: number): string[] {
  const { pfn, mappings, note, offset, bytes, bytesBefore } = frame;
  const title = `frame ${frameAddress(pfn, 8)}   ${mappings} mapping${mappings === 1 ? '' : 's'}`;
  const whole = `${title}, ${note}`;
  const place = offset === 0 ? '' : `+${hex(offset)}: `;
  const shown = (at: string): string[] =>
    bytesBefore
      ? [`${at}${drawBytes(bytesBefore, length)}   before`, `${at}${drawBytes(bytes, length)}   now`]
      : [at + drawBytes(bytes, length)];
  const fits = shown(place).every((line) => line.length <= width);
  return [
    ...(whole.length <= width ? [whole] : [title, `  ${note}`]),
    ...(fits ? shown(place) : [place.trimEnd(), ...shown('')]),
  ];
}

const drawBytes = (bytes: readonly number[], length: number): string =>
  bytes
    .slice(0, length)
    .map((byte, i) => (i === 8 ? ' ' : '') + byte.toString(16).toUpperCase().padStart(2, '0'))
    .join(' ');

/** Where the walks take more than one row, a frame stands below them with the processes that reach it. */
function drawSharers(frame: FrameView, { walks }: PagePicture): string[] {
  const pids = walks.filter(({ pfn }) => pfn === frame.pfn).map(({ pid }) => pid);
  const [first, ...rest] = drawFrame(frame, 16, MIN_WIDTH - 5);
  const arrow = `   ${first}   <- pid `;
  const perLine = Math.max(
    1,
    Math.floor((MIN_WIDTH - arrow.length) / Math.max(...pids.map((pid) => `${pid}, `.length))),
  );
  const lines: string[] = [];
  for (let i = 0; i < pids.length; i += perLine) {
    const some = pids.slice(i, i + perLine).join(', ') + (i + perLine < pids.length ? ',' : '');
    lines.push((i === 0 ? arrow : ' '.repeat(arrow.length)) + some);
  }
  return [...lines, ...rest.map((line) => `     ${line}`)];
}

/** Blocks of lines next to each other, each `column` wide. */
function beside(blocks: readonly (readonly string[])[], column: number): string[] {
  const height = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: height }, (_, i) => blocks.map((block) => (block[i] ?? '').padEnd(column)).join(''));
}
