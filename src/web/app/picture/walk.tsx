/** The walk of the selected address in one process: CR3, then an entry of each level with its bits, down to the frame. */
import { hex } from '../../../base/ints.ts';
import { type Pte, ptePfn } from '../../../mem/pte.ts';
import type { Level, ProcessModel } from '../../protocol.ts';
import { hidesFuture } from '../future.ts';
import { BITS, describeBit, describeEntry, flagsOf, frameAddress } from './bits.ts';
import { Part } from './part.tsx';
import { ENTRY, ENTRY_GAP, WALK_TOP, WAS, type WalkBox } from './scene-model.ts';
import { describeEnd, describeWrite } from './words.ts';

const INSET = 8;

interface WalkProps {
  readonly box: WalkBox;
  readonly process: ProcessModel;
  /** What is just happening to its last entry. */
  readonly remark: Remark | undefined;
}

export interface Remark {
  readonly text: string;
  readonly isFault: boolean;
}

export function Walk({ box, process, remark }: WalkProps) {
  const { space } = process;
  if (space?.walk === undefined) return null;
  const { walk } = space;
  const tellsFuture = !hidesFuture.value;
  const [x, width] = [box.x + INSET, box.width - 2 * INSET];
  const end = walk.steps.length === 4 && walk.pfn !== undefined ? [] : describeEnd(walk, tellsFuture);
  const isWhole = end.length === 0;
  const foot = remark ?? footOf(isWhole && tellsFuture ? describeWrite(walk) : undefined);
  const endY = box.y + WALK_TOP + walk.steps.length * (ENTRY + ENTRY_GAP);
  return (
    <g class="walk" data-walk={process.pid}>
      <text class="mono small soft" x={x} y={box.y + 10}>
        CR3
      </text>
      <text class="mono small" x={x + 26} y={box.y + 10}>
        {hex(space.cr3, 8)}
      </text>
      {walk.isCanonical && <path class="link" d={`M${x + 14} ${box.y + 14}V${box.y + WALK_TOP}`} />}
      {box.steps.map(({ level, index, entry, at, y, change }, i) => (
        <g key={level}>
          {i > 0 && <path class="link" d={`M${x + 14} ${y - ENTRY_GAP}V${y}`} />}
          <Entry
            x={x}
            y={y}
            width={width}
            level={level}
            index={index}
            entry={entry}
            at={at}
            isShared={walk.area?.charAt(3) === 's'}
            before={change?.before}
            pid={process.pid}
          />
        </g>
      ))}
      {foot !== undefined && (
        <text class={`small walk-foot ${foot.isFault ? 'strong error' : 'soft'}`} x={x} y={box.y + box.height - 7}>
          {foot.text}
        </text>
      )}
      {end.length > 0 && (
        <g class="walk-end" data-walk-end={process.pid}>
          {walk.steps.length > 0 && walk.steps.length < 4 && (
            <path class="link broken" d={`M${x + 14} ${endY - ENTRY_GAP}v${ENTRY_GAP + 4}`} />
          )}
          {end.map((line, i) => (
            <text
              key={line}
              class={`small ${i === 0 ? 'strong error' : 'soft'}`}
              x={x}
              y={endOf(box, walk.steps.length) + 14 + i * 14}
            >
              {line}
            </text>
          ))}
        </g>
      )}
    </g>
  );
}

const footOf = (text: string | undefined): Remark | undefined =>
  text === undefined ? undefined : { text, isFault: false };

const endOf = (box: WalkBox, steps: number): number =>
  steps === 4 ? box.y + WALK_TOP + 4 * ENTRY + 3 * ENTRY_GAP - 4 : box.y + WALK_TOP + steps * (ENTRY + ENTRY_GAP);

interface EntryProps {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly level: Level;
  readonly index: number;
  readonly entry: Pte;
  /** Its own physical address. */
  readonly at: number;
  readonly isShared: boolean;
  readonly before: Pte | undefined;
  readonly pid: number;
}

export const entryKind = (level: Level, entry: Pte, isShared: boolean): string =>
  (entry & 1n) === 0n
    ? 'none'
    : level !== 'PT'
      ? 'table'
      : entry & (1n << 9n)
        ? 'cow'
        : isShared
          ? 'shared'
          : 'private';

function Entry({ x, y, width, level, index, entry, at, isShared, before, pid }: EntryProps) {
  const kind = entryKind(level, entry, isShared);
  const isChanged = before !== undefined && before !== entry;
  const height = ENTRY + (isChanged ? WAS : 0);
  const was = isChanged
    ? before === 0n
      ? 'was empty'
      : `was ${frameAddress(ptePfn(before))} ${flagsOf(before)}`
    : undefined;
  const label = `Process ${pid}: ${describeEntry(level, index, entry)}${was === undefined ? '' : `; ${was}`}. The entry itself is at ${hex(at, 8)}`;
  return (
    <g class={`entry ${kind}${isChanged ? ' altered' : ''}`} data-entry={`${pid}:${level}`}>
      <rect class="entry-box" x={x} y={y} width={width} height={height} rx={5} />
      <Part class="entry-line" group={`walk${pid}`} label={label} isFirst={level === 'PML4'}>
        <rect class="hit" x={x + 2} y={y + 2} width={width - 4} height={16} rx={4} />
        <text class="mono level" x={x + 7} y={y + 14}>
          {level}
        </text>
        <text class="mono small" x={x + 40} y={y + 14}>
          [{index}]
        </text>
        <text class="mono small end" x={x + width - 7} y={y + 14}>
          {entry === 0n ? 'empty' : width < 175 ? `→${hex(ptePfn(entry) * 4096)}` : `→ ${frameAddress(ptePfn(entry))}`}
        </text>
      </Part>
      <Bits x={x + 7} y={y + 20} width={width - 14} level={level} entry={entry} before={before} pid={pid} />
      {was !== undefined && (
        <text
          class="mono tiny was"
          x={x + 7}
          y={y + ENTRY + 8}
          textLength={was.length * 5 > width - 14 ? width - 14 : undefined}
          lengthAdjust="spacingAndGlyphs"
        >
          {was}
        </text>
      )}
    </g>
  );
}

const WIDTHS: Readonly<Record<string, number>> = { P: 17, RW: 23, US: 23, A: 17, D: 17, NX: 23, COW: 31 };
const GAP = 3;
const NATURAL = Object.values(WIDTHS).reduce((a, b) => a + b + GAP, -GAP);

/** A box for each: filled when it is set, its outline dashed and its name pale when clear. */
function Bits({
  x,
  y,
  width,
  level,
  entry,
  before,
  pid,
}: Pick<EntryProps, 'x' | 'y' | 'width' | 'level' | 'entry' | 'before' | 'pid'>) {
  const scale = Math.min(1.25, width / NATURAL);
  let at = x;
  return (
    <g class="bits">
      {BITS.map((bit) => {
        const own = WIDTHS[bit.name] * scale;
        const left = at;
        at += own + GAP * scale;
        const isSet = (entry & bit.mask) !== 0n;
        const isOther = before !== undefined && before !== 0n && ((before ^ entry) & bit.mask) !== 0n;
        const isIgnored = level !== 'PT' && (bit.name === 'D' || bit.name === 'COW');
        const label = describeBit(bit, entry, level) + (isOther ? `; it was ${isSet ? 'clear' : 'set'}` : '');
        return (
          <Part
            key={bit.name}
            class={`entry-bit ${isSet ? 'set' : 'clear'}${bit.name === 'COW' && isSet ? ' mark' : ''}${isOther ? ' altered' : ''}${isIgnored && !isSet ? ' ignored' : ''}`}
            group={`walk${pid}`}
            label={label}
            isFirst={false}
            data={{ 'data-bit': bit.name }}
          >
            <rect x={left} y={y} width={own} height={15} rx={3} />
            <text class="mono bit-name" x={left + own / 2} y={y + 11}>
              {bit.name}
            </text>
          </Part>
        );
      })}
    </g>
  );
}
