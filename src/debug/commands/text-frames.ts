/**
 * Page walks side by side, ending in frames that are drawn once, and one frame with everybody who has it. The words are
 * those of `--pages`: P RW US A D NX COW. Used by the text of commands and by the terminal view.
 */
import { hex, PAGE_SIZE } from '../../base/ints.ts';
import { describePteFlags, type Pte, ptePfn } from '../../mem/pte.ts';
import type { FrameHolder, FrameMapping, FrameView } from '../inspect/frames.ts';
import type { AddressWalk } from '../inspect/walk.ts';
import type { WalkOutput } from './output.ts';

/** Narrowest column that a walk fits in, and what is left of a line for two of them. */
const MIN_COLUMN = 39;
const DEFAULT_WIDTH = 100;
/** Where the arrow from a leaf entry starts, counted from the column's start. */
const ARROW_AT = 16;
const SHOWN_BYTES = 16;

export const describeWalks = (walks: readonly WalkOutput[], width = DEFAULT_WIDTH): string =>
  drawWalks(walks, width)
    .map((line) => `${line}\n`)
    .join('');

/** As many side by side as fit; the others below them. Entries that are others than in `before` have a `*`. */
export function drawWalks(walks: readonly WalkOutput[], width: number, before: readonly WalkOutput[] = []): string[] {
  const most = Math.max(1, Math.floor(width / MIN_COLUMN));
  const perRow = Math.min(walks.length, most);
  const column = perRow === 1 ? width : Math.floor(width / perRow);
  const lines: string[] = [];
  for (let i = 0; i < walks.length; i += perRow) {
    const row = walks.slice(i, i + perRow);
    lines.push(
      ...beside(
        row.map((output) => drawWalk(output, column, previousOf(output, before))),
        column,
      ),
    );
    lines.push(...drawEnds(row, column));
  }
  return lines.map((line) => line.trimEnd());
}

/** The walk of the same address by the same process. */
const previousOf = ({ pid, walk }: WalkOutput, before: readonly WalkOutput[]): AddressWalk | undefined =>
  before.find((other) => other.pid === pid && other.walk.address === walk.address)?.walk;

function drawWalk({ pid, walk, area }: WalkOutput, column: number, before: AddressWalk | undefined): string[] {
  const { address, cr3, steps } = walk;
  return [
    ` pid ${pid}  CR3 ${hex(cr3, 8)}`,
    ` ${hex(address)} ${area}`.slice(0, column - 1),
    ...steps.map(({ level, index, entry }) => {
      const target = entry === 0n ? 'nothing' : hex(ptePfn(entry) * PAGE_SIZE);
      const flags =
        entry === 0n ? '' : level === 'PT' ? describePteFlags(entry) : describePteFlags(entry).replace(/ -$/, '');
      const isChanged = before !== undefined && before.steps.find((step) => step.level === level)?.entry !== entry;
      return ` ${level.padEnd(4)}[${String(index).padStart(3)}] ${target} ${flags}${isChanged ? ' *' : ''}`;
    }),
  ];
}

const describeArea = (vma: NonNullable<WalkOutput['walk']['vma']>): string =>
  [vma.prot & 1 ? 'r' : '-', vma.prot & 2 ? 'w' : '-', vma.prot & 4 ? 'x' : '-', vma.shared ? 's' : 'p'].join('');

/** The frames that a row of walks ends in: where several end in one, one line joins them. */
function drawEnds(row: readonly WalkOutput[], column: number): string[] {
  const lines: string[] = [];
  const alone: string[][] = row.map(() => []);
  const frames = [...new Set(row.map(({ walk }) => walk.pfn))].filter((pfn) => pfn !== undefined);
  for (const pfn of frames) {
    const at = row.flatMap(({ walk }, i) => (walk.pfn === pfn ? [i] : []));
    const text = drawEnd(row[at[0]]);
    if (at.length === 1) {
      alone[at[0]] = [`${' '.repeat(ARROW_AT)}|`, ...text.map((line) => `    ${line}`)];
      continue;
    }
    const start = at[0] * column + ARROW_AT;
    const end = at.at(-1)! * column + ARROW_AT;
    const bar = [...'_'.repeat(end - start - 1)];
    for (const i of at.slice(1, -1)) bar[i * column + ARROW_AT - start - 1] = '|';
    lines.push(`${' '.repeat(start)}\\${bar.join('')}/`);
    const indent = Math.max(1, ((start + end) >> 1) - (Math.max(...text.map((line) => line.length)) >> 1));
    lines.push(...text.map((line) => ' '.repeat(indent) + line));
  }
  return alone.some((block) => block.length > 0) ? [...lines, ...beside(alone, column)] : lines;
}

function drawEnd({ walk, mappings, references, bytes }: WalkOutput): string[] {
  const offset = Number(walk.address & 0xfffn);
  const title = `frame ${hex(walk.pfn! * PAGE_SIZE, 8)}   ${count(mappings, 'mapping')}, ${count(references, 'reference')}`;
  if (bytes === undefined) return [title];
  const place = offset === 0 ? '' : `+${hex(offset)}: `;
  return [title, place + bytesText(bytes.subarray(0, place === '' ? SHOWN_BYTES : SHOWN_BYTES / 2))];
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const bytesText = (bytes: Uint8Array): string =>
  [...bytes].map((byte, i) => (i === 8 ? ' ' : '') + byte.toString(16).padStart(2, '0')).join(' ');

function beside(blocks: readonly (readonly string[])[], column: number): string[] {
  const height = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: height }, (_, i) => blocks.map((block) => (block[i] ?? '').padEnd(column)).join(''));
}

/** Who has a frame, and what is in it. */
export function describeFrame(frame: FrameView): string {
  const { pfn, paddr, state, references, mappings, holders, otherReferences, bytes } = frame;
  const lines = [`frame ${hex(pfn)} at ${hex(paddr, 8)}: ${state}, ${count(references, 'reference')}`];
  lines.push(...mappings.map(describeMapping), ...holders.map(describeHolder));
  if (otherReferences > 0)
    lines.push(`  ${count(otherReferences, 'other reference')}: checkpoints, files that nobody has open`);
  for (const row of dump(bytes)) lines.push(`  ${row}`);
  return `${lines.join('\n')}\n`;
}

function describeMapping({ processes, address, entry, vma }: FrameMapping): string {
  const pids = processes.map(({ pid }) => pid).join(', ');
  const area = vma === undefined ? '' : `  ${describeArea(vma)}`;
  return `  pid ${pids}  ${hex(address)}${area}  PT ${describeEntry(entry)}`;
}

/** `0x0001a000 P RW US A D NX`; `nothing` for an entry that is zero. */
export const describeEntry = (entry: Pte): string =>
  entry === 0n ? 'nothing' : `${hex(ptePfn(entry) * PAGE_SIZE, 8)} ${describePteFlags(entry)}`;

function describeHolder(holder: FrameHolder): string {
  switch (holder.kind) {
    case 'page cache':
      return `  page cache: page ${holder.index} of ${holder.name}`;
    case 'page table':
      return `  page table (${holder.level}) of pid ${holder.processes.map(({ pid }) => pid).join(', ')}, for ${hex(holder.address)} on`;
    case 'zero frame':
      return '  the frame of zeros, which all pages that were only read have in common';
  }
}

/** Rows of sixteen bytes with their characters; equal rows are folded to `*`. */
export function dump(bytes: Uint8Array, base = 0): string[] {
  const rows: string[] = [];
  let last = '';
  let folded = false;
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const text = `${bytesText(row).padEnd(48)}  ${[...row].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')}`;
    if (text === last && at + 16 < bytes.length) {
      if (!folded) rows.push('*');
      folded = true;
      continue;
    }
    folded = false;
    last = text;
    rows.push(`${hex(base + at, 3)}  ${text}`);
  }
  return rows;
}
