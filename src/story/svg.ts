/**
 * One page in its processes as SVG: a column for each walk, PML4 to PT downwards, and below them the frames, each once,
 * with an arrow from every entry that leads there. What an entry was stands beside what it is. Looks come from classes
 * (style.ts); every difference shows in shape or words, too, not in colour alone.
 */
import { hex } from '../base/ints.ts';
import type { FrameView, PagePicture, PageWalk } from '../debug/page-events.ts';
import type { WalkStep } from '../mem/page-table.ts';
import { describePteFlags, PTE_A, PTE_COW, PTE_D, PTE_NX, PTE_P, PTE_RW, PTE_US, type Pte, ptePfn } from '../mem/pte.ts'; // biome-ignore format: one line
import { escapeHtml } from './escape.ts';

const COLUMN = 218;
const GAP = 24;
const MARGIN = 6;
const HEADER = 80;
const ENTRY = 52;
const ENTRY_GAP = 16;
/** More of the last one, where it shows what it was. */
const WAS = 18;
const ARROWS = 56;
const FRAME_LINE = 17;
/** Processes drawn side by side; the others are named below. */
const MOST_COLUMNS = 4;

/** One column: a walk, or what it was. */
interface Column {
  readonly walk: PageWalk;
  readonly steps: readonly WalkStep[];
  readonly caption: string | undefined;
  /** The leaf before, where it is another one and has no column of its own. */
  readonly leafBefore: Pte | undefined;
  readonly leadsToFrame: boolean;
  readonly x: number;
}

/** `id` makes the names in the drawing unique on its page. */
export function drawSvg(picture: PagePicture, title: string, id: string): string {
  const columns = layColumns(picture);
  const width = columns.length * (COLUMN + GAP) - GAP + 2 * MARGIN;
  const parts = columns.map((column) => drawColumn(column, picture));
  const { boxes, arrows, bottom } = drawFrames(picture, columns, Math.max(...columns.map(bottomOf)));
  const left = picture.walks.slice(MOST_COLUMNS).map(({ pid }) => pid);
  const rest = left.length === 0 ? '' : text(MARGIN, bottom + 18, 'note', `and ${left.length} more: pid ${left.slice(0, 12).join(', ')}${left.length > 12 ? ', ...' : ''}`); // biome-ignore format: one line
  const height = bottom + (left.length > 0 ? 24 : 0) + MARGIN;
  return `<svg role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg"><title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(describe(picture))}</desc>${arrows}${parts.join('')}${boxes}${rest}</svg>`;
}

/** One process whose walk was another one before stands in two columns; several stand side by side. */
function layColumns({ walks, detail }: PagePicture): Column[] {
  const shown = (steps: readonly WalkStep[]): readonly WalkStep[] => (detail === 'leaf' ? steps.slice(-1) : steps);
  const at = (i: number): number => MARGIN + i * (COLUMN + GAP);
  const [only] = walks;
  if (walks.length === 1 && only.before !== undefined)
    return [
      {
        walk: only,
        steps: shown(only.before),
        caption: 'before',
        leafBefore: undefined,
        leadsToFrame: false,
        x: at(0),
      },
      { walk: only, steps: shown(only.steps), caption: 'after', leafBefore: undefined, leadsToFrame: true, x: at(1) },
    ];
  return walks.slice(0, MOST_COLUMNS).map((walk, i) => {
    const before = walk.before?.length === 4 ? walk.before[3].entry : walk.before === undefined ? undefined : 0n;
    return { walk, steps: shown(walk.steps), caption: undefined, leafBefore: before, leadsToFrame: true, x: at(i) };
  });
}

const hasWas = ({ leafBefore, steps }: Column): boolean =>
  leafBefore !== undefined && leafBefore !== steps[steps.length - 1]?.entry;

/** Where the arrow to the frame begins. */
const bottomOf = (column: Column): number =>
  MARGIN + HEADER + column.steps.length * (ENTRY + ENTRY_GAP) - ENTRY_GAP + (hasWas(column) ? WAS : 0);

function drawColumn(column: Column, { address }: PagePicture): string {
  const { walk, steps, caption, x } = column;
  const process = `pid ${walk.pid}${caption === undefined ? '' : `, ${caption}`}`;
  const area = clip(walk.area ?? 'not mapped', 32);
  const header =
    text(x, MARGIN + 14, 'process', process) +
    text(x, MARGIN + 33, 'mono soft', `CR3 ${hex(walk.cr3, 8)}`) +
    text(x, MARGIN + 51, 'mono', hex(address)) +
    text(x, MARGIN + 69, 'area', area);
  const entries = steps.map((step, i) => {
    const y = MARGIN + HEADER + i * (ENTRY + ENTRY_GAP);
    const isLast = i === steps.length - 1;
    const next = isLast ? '' : arrow(x + COLUMN / 2, y + ENTRY, x + COLUMN / 2, y + ENTRY + ENTRY_GAP, 'walk');
    return next + drawEntry(step, x, y, isLast ? column.leafBefore : undefined, walk.area?.charAt(3) === 's');
  });
  return `<g>${header}${entries.join('')}</g>`;
}

function drawEntry(
  { level, index, entry }: WalkStep,
  x: number,
  y: number,
  before: Pte | undefined,
  isShared: boolean,
): string {
  const isLeaf = level === 'PT';
  const kind = entry === 0n ? 'none' : !isLeaf ? 'table' : entry & PTE_COW ? 'cow' : isShared ? 'shared' : 'private';
  const target = entry === 0n ? 'nothing' : `→ ${hex(ptePfn(entry) * 4096, 8)}`;
  const was = before === undefined || before === entry ? '' : before === 0n ? 'was nothing' : `was ${hex(ptePfn(before) * 4096, 8)} ${describePteFlags(before)}`; // biome-ignore format: one line
  return (
    `<rect class="entry ${kind}" x="${x}" y="${y}" width="${COLUMN}" height="${ENTRY + (was === '' ? 0 : WAS)}" rx="5"/>` +
    text(x + 9, y + 19, 'level', level) +
    text(x + 58, y + 19, 'mono', `[${index}]`) +
    text(x + COLUMN - 9, y + 19, 'mono end', target) +
    (entry === 0n ? '' : drawBits(entry, isLeaf, x + 9, y + 28)) +
    (was === '' ? '' : text(x + 9, y + ENTRY + 11, 'was', was))
  );
}

const BITS: readonly (readonly [Pte, string, number])[] = [
  [PTE_P, 'P', 19], [PTE_RW, 'RW', 28], [PTE_US, 'US', 27], [PTE_A, 'A', 19], [PTE_D, 'D', 19], [PTE_NX, 'NX', 27], [PTE_COW, 'COW', 38],
]; // biome-ignore format: a table

/** A box for each bit: filled when set. D means something in a leaf only; NX and COW are shown when they are set. */
function drawBits(entry: Pte, isLeaf: boolean, x: number, y: number): string {
  let at = x;
  let drawn = '';
  for (const [bit, name, width] of BITS) {
    const isSet = (entry & bit) !== 0n;
    if (!isSet && (bit === PTE_NX || bit === PTE_COW)) continue;
    if (bit === PTE_D && !isLeaf) continue;
    const looks = isSet ? (bit === PTE_COW ? 'set mark' : 'set') : 'clear';
    drawn += `<rect class="bit ${looks}" x="${at}" y="${y}" width="${width}" height="17" rx="3"/>${text(at + width / 2, y + 13, `bitname ${looks} middle`, isSet ? name : '–')}`;
    at += width + 3;
  }
  return drawn;
}

/** A frame that several entries lead to stands between them, one that a single entry leads to below it. */
function drawFrames(
  picture: PagePicture,
  columns: readonly Column[],
  leafBottom: number,
): { boxes: string; arrows: string; bottom: number } {
  const users = picture.frames
    .map((frame) => ({ frame, of: columns.filter(({ walk, leadsToFrame }) => leadsToFrame && walk.pfn === frame.pfn) }))
    .filter(({ of }) => of.length > 0)
    .sort((a, b) => b.of.length - a.of.length);
  let boxes = '';
  let arrows = '';
  let bottom = leafBottom;
  let y = leafBottom + ARROWS;
  let previous: { end: number; shared: boolean } | undefined;
  const placed = new Map<number, { x: number; y: number }>();
  for (const { frame, of } of users) {
    const centres = of.map(({ x }) => x + COLUMN / 2);
    const centre = (Math.min(...centres) + Math.max(...centres)) / 2;
    const lines = frameLines(frame);
    const height = lines.length * FRAME_LINE + 16;
    const x = centre - COLUMN / 2;
    // Below one that many share there is a row for those with one user.
    if (previous?.shared && of.length === 1) y = previous.end + 26;
    const looks = frame.note === 'shared' ? 'shared' : frame.note === 'copy on write' ? 'cow' : 'private';
    boxes += `<rect class="frame ${looks}" x="${x}" y="${y}" width="${COLUMN}" height="${height}" rx="9"/>`;
    boxes += lines.map(({ kind, text: line }, i) => text(x + 12, y + 20 + i * FRAME_LINE, kind, line)).join('');
    of.forEach((from, i) => {
      const end = centre + (i - (of.length - 1) / 2) * Math.min(60, 160 / of.length);
      arrows += arrow(from.x + COLUMN / 2, bottomOf(from), end, y, looks);
    });
    placed.set(frame.pfn, { x: centre, y });
    bottom = Math.max(bottom, y + height);
    previous = { end: y + height, shared: of.length > 1 };
  }
  // Where an entry led before.
  for (const { x, leafBefore } of columns) {
    const old = leafBefore === undefined || leafBefore === 0n ? undefined : placed.get(ptePfn(leafBefore));
    const now = columns.find((column) => column.x === x)?.walk.pfn;
    if (old !== undefined && ptePfn(leafBefore!) !== now)
      arrows += arrow(x + COLUMN / 2 + 24, leafBottom, old.x - 60, old.y, 'old');
  }
  return { boxes, arrows, bottom };
}

function frameLines({ pfn, mappings, note, offset, bytes, bytesBefore }: FrameView): { kind: string; text: string }[] {
  const uses = `${mappings} mapping${mappings === 1 ? '' : 's'}`;
  const about = `${uses}, ${note}`.length <= 28 ? [`${uses}, ${note}`] : [`${uses},`, note];
  const row = (some: readonly number[], start: number): string =>
    some.slice(start, start + 8).map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' '); // biome-ignore format: one line
  const now = [row(bytes, 0), row(bytes, 8)].filter((line) => line !== '');
  const place = offset === 0 ? [] : [{ kind: 'small', text: `from byte ${hex(offset)} on` }];
  const before =
    bytesBefore === undefined
      ? []
      : [
          { kind: 'small', text: 'before' },
          { kind: 'bytes was', text: row(bytesBefore, 0) },
          { kind: 'small', text: 'now' },
        ];
  return [
    { kind: 'mono strong', text: `frame ${hex(pfn * 4096, 8)}` },
    ...about.map((line) => ({ kind: 'small', text: line })),
    ...place,
    ...before,
    ...(bytesBefore === undefined ? now : now.slice(0, 1)).map((line) => ({ kind: 'bytes', text: line })),
  ];
}

/** For who does not see the drawing. */
function describe({ address, walks, frames }: PagePicture): string {
  const ofWalk = ({ pid, area, steps, pfn, before }: PageWalk): string => {
    const path = steps
      .map(({ level, index, entry }) => `${level} entry ${index}${entry === 0n ? ': nothing' : ''}`)
      .join(', ');
    const leaf = steps[3]?.entry ?? 0n;
    const end = pfn === undefined ? '' : `, leads to frame ${hex(pfn * 4096, 8)} with ${describePteFlags(leaf)}`;
    const last = before?.[before.length - 1];
    const was = last === undefined ? '' : ` Before, ${last.level} entry ${last.index} held ${last.entry === 0n ? 'nothing' : `${hex(ptePfn(last.entry) * 4096, 8)} ${describePteFlags(last.entry)}`}.`; // biome-ignore format: one line
    return `Process ${pid} has ${hex(address)} as ${area ?? 'nothing'}: ${path}${end}.${was}`;
  };
  const ofFrame = ({ pfn, mappings, note }: FrameView): string =>
    `Frame ${hex(pfn * 4096, 8)} has ${mappings} mapping${mappings === 1 ? '' : 's'}: ${note}.`;
  return [...walks.map(ofWalk), ...frames.map(ofFrame)].join(' ');
}

// ---- pieces
const text = (x: number, y: number, classes: string, content: string): string =>
  `<text class="${classes}" x="${x}" y="${y}">${escapeHtml(content)}</text>`;

/** From a point down to another, with its head. */
function arrow(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  const tip = y2 - 1;
  const bend = (y2 - y1) / 2;
  return (
    `<path class="arrow ${kind}" d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${tip - 7 - bend} ${x2} ${tip - 7}"/>` +
    `<path class="head ${kind}" d="M${x2 - 5} ${tip - 8}L${x2} ${tip}L${x2 + 5} ${tip - 8}Z"/>`
  );
}

const clip = (given: string, most: number): string => (given.length > most ? `${given.slice(0, most - 3)}...` : given);
