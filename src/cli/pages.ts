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
  for (const change of event.changes) lines.push(...drawChange(change));
  let heading = '';
  for (const picture of event.pictures) {
    const pids = picture.walks.map(({ pid, cr3 }) => `${pid} ${cr3}`).join();
    lines.push(...drawPicture(picture, width, pids !== heading));
    heading = pids;
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n\n`;
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

function drawChange({ pid, address, before, after }: EntryChange): string[] {
  return [`   pid ${pid}  ${hex(address)}  PT entry  ${describeEntry(before)}  ->  ${describeEntry(after)}`];
}

/** `0x0001a000 P RW US A D NX`; `nothing` for an entry that is zero. */
export function describeEntry(entry: Pte): string {
  return entry === 0n ? 'nothing' : `${frameAddress(ptePfn(entry), 8)} ${describePteFlags(entry)}`;
}

const frameAddress = (pfn: number, digits: number): string => hex(pfn * 4096, digits);

function drawPicture(picture: PagePicture, width: number, withHeading: boolean): string[] {
  const perRow = Math.max(1, Math.min(picture.walks.length, Math.floor(width / MIN_COLUMN)));
  const column = perRow === 1 ? Math.min(width, 2 * WIDE_COLUMN) : Math.floor(width / perRow);
  const lines: string[] = [];
  for (let i = 0; i < picture.walks.length; i += perRow) {
    const row = picture.walks.slice(i, i + perRow);
    if (withHeading || picture.walks.length > perRow)
      lines.push(
        beside(
          row.map(({ pid, cr3 }) => [`   pid ${pid}  CR3 ${hex(cr3, 8)}`]),
          column,
        )[0],
      );
    lines.push(
      ...beside(
        row.map((walk) => drawWalk(walk, picture, column)),
        column,
      ),
    );
    if (picture.walks.length <= perRow) lines.push(...drawFramesBelow(picture, column));
  }
  if (picture.walks.length > perRow) for (const frame of picture.frames) lines.push(...drawSharers(frame, picture));
  if (picture.more > 0)
    lines.push(`   and ${picture.more} more page${picture.more === 1 ? '' : 's'} of this area likewise`);
  return lines;
}

function drawWalk({ area, steps }: PageWalk, { address, detail }: PagePicture, column: number): string[] {
  const shown = detail === 'walk' ? steps : steps.slice(-1);
  return [` ${hex(address)} ${area ?? 'not mapped'}`, ...shown.map((step) => drawStep(step, column >= WIDE_COLUMN))];
}

function drawStep({ level, index, entry }: WalkStep, wide: boolean): string {
  const place = `   ${level.padEnd(4)} [${String(index).padStart(3)}]`;
  if (entry === 0n) return `${place} ${wide ? '-> ' : ''}nothing`;
  const target = frameAddress(ptePfn(entry), wide ? 8 : 0);
  return `${place} ${wide ? '-> ' : ''}${target}${wide ? '  ' : ' '}${describeFlags(level, entry)}`;
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
    const text = drawFrame(frame, 16);
    const middle = (start + end) >> 1;
    const indent = Math.max(1, middle - (Math.max(...text.map((line) => line.length)) >> 1));
    lines.push(...text.map((line) => ' '.repeat(indent) + line));
  }
  const own = walks.map((_, i) => {
    const frame = reaching[i];
    return frame && reaching.filter((reached) => reached === frame).length === 1 ? frame : undefined;
  });
  if (own.some((frame) => frame !== undefined)) {
    const indent = ' '.repeat(walks.length === 1 ? ARROW_AT : 4);
    const shown = own.map((frame) =>
      frame === undefined
        ? []
        : [
            ' '.repeat(ARROW_AT) + '|',
            ...drawFrame(frame, walks.length === 1 || column >= 54 ? 16 : 8).map((line) => indent + line),
          ],
    );
    lines.push(...beside(shown, column));
  }
  return lines;
}

function drawFrame({ pfn, mappings, note, offset, bytes, bytesBefore }: FrameView, length: number): string[] {
  const what = [`${mappings} mapping${mappings === 1 ? '' : 's'}`, ...(note === '' ? [] : [note])].join(', ');
  const at = offset === 0 ? '' : `+${hex(offset)}: `;
  return [
    `frame ${frameAddress(pfn, 8)}   ${what}`,
    ...(bytesBefore
      ? [`${at}${drawBytes(bytesBefore, length)}   before`, `${at}${drawBytes(bytes, length)}   now`]
      : [at + drawBytes(bytes, length)]),
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
  const [first, ...rest] = drawFrame(frame, 16);
  return [`   ${first}   <- pid ${pids.join(', ')}`, ...rest.map((line) => `     ${line}`)];
}

/** Blocks of lines next to each other, each `column` wide. */
function beside(blocks: readonly (readonly string[])[], column: number): string[] {
  const height = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: height }, (_, i) => blocks.map((block) => (block[i] ?? '').padEnd(column)).join(''));
}
